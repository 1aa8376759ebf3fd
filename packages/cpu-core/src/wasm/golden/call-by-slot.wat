;; A function of another module is called by way of link, with its slot from an imported global; the host function by way of host.
(module
  (type (;0;) (func (param i32) (result i32)))
  (type (;1;) (func (param i32 i32 i32 i32) (result i32)))
  (type (;2;) (func (result i32)))
  (type (;3;) (func (param i32 i32) (result i32 i32)))
  (type (;4;) (func (param i32) (result i32 i32)))
  (import "e" "m" (memory (;0;) 1))
  (import "e" "host" (func (;0;) (type 0)))
  (import "e" "helper" (func (;1;) (type 1)))
  (import "e" "action" (func (;2;) (type 1)))
  (import "e" "resolve" (func (;3;) (type 0)))
  (import "e" "room" (func (;4;) (type 2)))
  (import "e" "leave" (func (;5;) (type 2)))
  (import "e" "link" (func (;6;) (type 3)))
  (import "e" "s0" (global (;0;) i32))
  (func (;7;) (type 4) (param i32) (result i32 i32)
    (local i32 i64 i32)
    block  ;; label = @1
      block  ;; label = @2
        i64.const 844424930197504
        local.set 2
        local.get 0
        i32.const 1
        i32.lt_s
        br_if 0 (;@2;)
        i32.const 0
        i32.const 65540
        i32.store offset=56
        i32.const 0
        i32.const 65696
        i32.store offset=356
        local.get 0
        i32.const 1
        i32.sub
        local.set 0
        i32.const 0
        local.get 0
        i32.store offset=360
        local.get 0
        global.get 0
        call 6
        local.set 0
        local.set 3
        local.get 3
        i32.const 65540
        i32.ne
        if  ;; label = @3
          local.get 3
          local.get 0
          return
        end
        i64.const 844424930197508
        local.set 2
        local.get 0
        i32.const 1
        i32.lt_s
        br_if 0 (;@2;)
        i32.const 0
        i32.const 65544
        i32.store offset=56
        i32.const 0
        i32.const -268435456
        i32.store offset=356
        local.get 0
        i32.const 1
        i32.sub
        local.set 0
        i32.const 0
        local.get 0
        i32.store offset=360
        i32.const -268435456
        call 0
        local.set 3
        i32.const 0
        i32.load offset=360
        local.set 0
        local.get 3
        i32.const 65544
        i32.ne
        if  ;; label = @3
          local.get 3
          local.get 0
          return
        end
        i64.const 844424930197512
        local.set 2
        local.get 0
        i32.const 1
        i32.lt_s
        br_if 0 (;@2;)
        i64.const 1125899906908168
        local.set 2
        br 0 (;@2;)
        unreachable
      end
    end
    i32.const 0
    local.get 2
    i32.wrap_i64
    i32.store offset=356
    i32.const 0
    local.get 2
    i64.const 48
    i64.shr_u
    i32.wrap_i64
    i32.store offset=364
    i32.const -1
    local.get 0
    local.get 2
    i64.const 32
    i64.shr_u
    i32.wrap_i64
    i32.const 65535
    i32.and
    i32.sub)
  (export "f0" (func 7)))
