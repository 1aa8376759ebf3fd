;; Float operations in a row: f32 operations on f32 locals, the control word looked at once, registers written as bits behind the last.
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
  (func (;7;) (type 4) (param i32) (result i32 i32)
    (local i32 i64 i32 i32 i32 i32 i32 i32 f32 f32 f32 i32 f32 f32 f32 i32)
    block  ;; label = @1
      block  ;; label = @2
        i64.const 844424930197504
        local.set 2
        local.get 0
        i32.const 4
        i32.lt_s
        br_if 0 (;@2;)
        i32.const 0
        i32.load
        local.set 4
        i32.const 0
        i32.load offset=4
        local.set 5
        i32.const 0
        i32.load offset=12
        local.set 6
        i32.const 0
        i32.load offset=56
        local.set 7
        i32.const 0
        i32.load offset=60
        local.set 8
        i64.const 562949953486848
        local.set 2
        local.get 8
        i32.const 1
        i32.and
        i32.const 0
        i32.ne
        br_if 0 (;@2;)
        local.get 4
        f32.reinterpret_i32
        local.tee 9
        local.get 5
        f32.reinterpret_i32
        local.tee 10
        f32.mul
        local.tee 11
        i32.reinterpret_f32
        local.tee 12
        i32.const 1
        i32.shl
        i32.const 16777216
        i32.le_u
        if  ;; label = @3
          local.get 12
          i32.const 1
          i32.shl
          local.get 4
          i32.const 1
          i32.shl
          i32.eqz
          local.get 5
          i32.const 1
          i32.shl
          i32.eqz
          i32.or
          i32.eqz
          i32.or
          br_if 1 (;@2;)
        end
        local.get 11
        local.get 6
        f32.reinterpret_i32
        local.tee 13
        f32.add
        local.set 14
        local.get 14
        local.get 10
        f32.sub
        local.tee 15
        i32.reinterpret_f32
        local.tee 16
        i32.const 1
        i32.shl
        i32.const -16777216
        i32.ge_u
        br_if 0 (;@2;)
        i32.const 0
        local.get 12
        i32.store offset=8
        i32.const 0
        local.get 14
        i32.reinterpret_f32
        i32.store offset=16
        i32.const 0
        local.get 16
        i32.store offset=20
        i32.const 0
        local.get 7
        i32.store offset=356
        local.get 7
        local.get 0
        i32.const 4
        i32.sub
        return
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
