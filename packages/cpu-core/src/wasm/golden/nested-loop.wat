;; Two loops, one inside the other; registers stay in locals through both.
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
    (local i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          i64.const 844424930197504
          local.set 2
          local.get 0
          i32.const 16
          i32.lt_s
          br_if 0 (;@3;)
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
          loop  ;; label = @4
            local.get 6
            local.set 8
            local.get 0
            i32.const 1
            i32.sub
            local.set 0
            loop  ;; label = @5
              block  ;; label = @6
                local.get 4
                local.get 8
                i32.add
                local.set 9
                local.get 8
                i32.const -1
                i32.add
                local.set 10
                local.get 10
                i32.const 0
                i32.ne
                if  ;; label = @7
                  local.get 8
                  i32.const -2
                  i32.add
                  local.set 11
                  local.get 11
                  i32.const 0
                  i32.ne
                  if  ;; label = @8
                    local.get 8
                    i32.const -3
                    i32.add
                    local.set 12
                    local.get 12
                    i32.const 0
                    i32.ne
                    if  ;; label = @9
                      local.get 9
                      local.get 8
                      i32.add
                      local.tee 13
                      local.get 8
                      i32.add
                      local.tee 14
                      local.get 8
                      i32.add
                      i32.const -6
                      i32.add
                      local.set 15
                      local.get 8
                      i32.const -4
                      i32.add
                      local.set 16
                      local.get 16
                      i32.const 0
                      i32.ne
                      if  ;; label = @10
                        local.get 15
                        local.get 16
                        local.set 8
                        local.set 4
                        local.get 0
                        i32.const 12
                        i32.sub
                        local.set 0
                        i64.const 844424930197508
                        local.set 2
                        local.get 0
                        i32.const 16
                        i32.lt_s
                        br_if 8 (;@2;)
                        br 5 (;@5;)
                      else
                        local.get 15
                        local.get 16
                        local.set 8
                        local.set 4
                        br 4 (;@6;)
                      end
                      unreachable
                    else
                      local.get 9
                      local.get 8
                      i32.add
                      local.tee 13
                      local.get 8
                      i32.add
                      local.tee 14
                      i32.const -3
                      i32.add
                      local.get 12
                      local.set 8
                      local.set 4
                      local.get 0
                      i32.const -3
                      i32.sub
                      local.set 0
                      br 3 (;@6;)
                    end
                    unreachable
                  else
                    local.get 9
                    local.get 8
                    i32.add
                    local.tee 12
                    i32.const -1
                    i32.add
                    local.get 11
                    local.set 8
                    local.set 4
                    local.get 0
                    i32.const -6
                    i32.sub
                    local.set 0
                    br 2 (;@6;)
                  end
                  unreachable
                else
                  local.get 9
                  local.get 10
                  local.set 8
                  local.set 4
                  local.get 0
                  i32.const -9
                  i32.sub
                  local.set 0
                  br 1 (;@6;)
                end
                unreachable
              end
              local.get 5
              i32.const -1
              i32.add
              local.tee 9
              i32.const 0
              i32.ne
              if  ;; label = @6
                local.get 9
                local.set 5
                local.get 0
                i32.const 14
                i32.sub
                local.set 0
                i64.const 844424930197504
                local.set 2
                local.get 0
                i32.const 16
                i32.lt_s
                br_if 4 (;@2;)
                br 2 (;@4;)
              else
                i32.const 0
                local.get 4
                i32.store
                i32.const 0
                local.get 8
                i32.store offset=8
                i32.const 0
                local.get 9
                i32.store offset=4
                i32.const 0
                local.get 7
                i32.store offset=356
                local.get 7
                local.get 0
                i32.const 15
                i32.sub
                return
              end
              unreachable
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
      i32.const 0
      local.get 8
      i32.store offset=8
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
