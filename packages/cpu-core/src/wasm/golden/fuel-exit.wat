;; A loop whose ways differ in length: what the shorter way did not use is given back or taken later, and the fuel is looked at once.
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
    (local i32 i64 i32 i32 i32 i32 i32 i32 i32)
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          i64.const 844424930197504
          local.set 2
          local.get 0
          i32.const 33
          i32.lt_s
          br_if 0 (;@3;)
          i32.const 0
          i32.load
          local.set 4
          i32.const 0
          i32.load offset=4
          local.set 5
          i32.const 0
          i32.load offset=8
          local.set 6
          i32.const 0
          i32.load offset=12
          local.set 7
          i32.const 0
          i32.load offset=56
          local.set 8
          loop  ;; label = @4
            block  ;; label = @5
              local.get 6
              i32.eqz
              if  ;; label = @6
                local.get 5
                i32.const -1
                i32.add
                local.tee 9
                local.set 5
                local.get 0
                i32.const -5
                i32.sub
                local.set 0
                br 1 (;@5;)
              else
                local.get 5
                i32.const -1
                i32.add
                local.tee 9
                local.get 7
                local.get 7
                local.get 7
                local.get 7
                local.get 7
                local.get 4
                i32.xor
                i32.xor
                i32.xor
                i32.xor
                i32.xor
                local.set 4
                local.set 5
                br 1 (;@5;)
              end
              unreachable
            end
            local.get 5
            i32.const 0
            i32.ne
            if  ;; label = @5
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 4
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              local.tee 9
              local.set 4
              local.get 0
              i32.const 32
              i32.sub
              local.set 0
              i64.const 844424930197504
              local.set 2
              local.get 0
              i32.const 33
              i32.lt_s
              br_if 3 (;@2;)
              br 1 (;@4;)
            else
              i32.const 0
              local.get 5
              i32.store offset=4
              i32.const 0
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 7
              local.get 4
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              i32.mul
              local.tee 9
              i32.store
              i32.const 0
              local.get 8
              i32.store offset=356
              local.get 8
              local.get 0
              i32.const 33
              i32.sub
              return
            end
            unreachable
          end
          unreachable
          unreachable
        end
        br 1 (;@1;)
      end
      i32.const 0
      local.get 4
      i32.store
      i32.const 0
      local.get 5
      i32.store offset=4
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
