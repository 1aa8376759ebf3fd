;; A computed jump to targets that were seen is a br_table; any other target leaves with the reason Computed.
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
    (local i32 i64 i32 i32 i32 i32)
    block  ;; label = @1
      block  ;; label = @2
        i64.const 844424930197504
        local.set 2
        local.get 0
        i32.const 3
        i32.lt_s
        br_if 0 (;@2;)
        i32.const 0
        i32.load
        local.set 4
        i32.const 0
        i32.load offset=4
        local.set 5
        i32.const 0
        i32.load offset=56
        local.set 6
        block  ;; label = @3
          block  ;; label = @4
            block  ;; label = @5
              block  ;; label = @6
                block  ;; label = @7
                  local.get 5
                  i32.const 65540
                  i32.sub
                  i32.const 1
                  i32.rotr
                  br_table 0 (;@7;) 2 (;@5;) 2 (;@5;) 2 (;@5;) 1 (;@6;) 2 (;@5;)
                end
                br 2 (;@4;)
              end
              br 2 (;@3;)
            end
            i32.const 0
            i32.const 6
            i32.store offset=364
            i32.const 0
            i32.const 65536
            i32.store offset=372
            i32.const 0
            local.get 5
            i32.store offset=356
            i32.const -1
            local.get 0
            i32.const 1
            i32.sub
            return
          end
          i32.const 0
          local.get 4
          i32.const 1
          i32.add
          i32.store
          i32.const 0
          local.get 6
          i32.store offset=356
          local.get 6
          local.get 0
          i32.const 3
          i32.sub
          return
        end
        i32.const 0
        local.get 4
        i32.const 2
        i32.add
        i32.store
        i32.const 0
        local.get 6
        i32.store offset=356
        local.get 6
        local.get 0
        i32.const 3
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
