;; An index walks through an array of words: the four copies of the body share one range check.
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
    (local i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          i64.const 844424930197504
          local.set 2
          local.get 0
          i32.const 13
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
              i64.const 281474976776192
              local.set 2
              local.get 5
              local.get 6
              i32.const 2
              i32.shl
              i32.add
              i32.const -131072
              i32.add
              local.tee 9
              i32.const 4080
              i32.gt_u
              br_if 3 (;@2;)
              local.get 9
              i32.load offset=65536 align=1
              local.set 10
              local.get 4
              local.get 10
              i32.add
              local.set 11
              local.get 6
              i32.const 1
              i32.add
              local.set 12
              local.get 12
              local.get 7
              i32.ne
              if  ;; label = @6
                local.get 9
                i32.load offset=65540 align=1
                local.set 13
                local.get 11
                local.get 13
                i32.add
                local.set 14
                local.get 6
                i32.const 2
                i32.add
                local.set 15
                local.get 15
                local.get 7
                i32.ne
                if  ;; label = @7
                  local.get 9
                  i32.load offset=65544 align=1
                  local.set 16
                  local.get 14
                  local.get 16
                  i32.add
                  local.set 17
                  local.get 6
                  i32.const 3
                  i32.add
                  local.set 18
                  local.get 18
                  local.get 7
                  i32.ne
                  if  ;; label = @8
                    local.get 9
                    i32.load offset=65548 align=1
                    local.set 19
                    local.get 17
                    local.get 19
                    i32.add
                    local.set 20
                    local.get 6
                    i32.const 4
                    i32.add
                    local.set 21
                    local.get 21
                    local.get 7
                    i32.ne
                    if  ;; label = @9
                      local.get 20
                      local.get 21
                      local.set 6
                      local.set 4
                      local.get 0
                      i32.const 12
                      i32.sub
                      local.set 0
                      i64.const 844424930197504
                      local.set 2
                      local.get 0
                      i32.const 13
                      i32.lt_s
                      br_if 7 (;@2;)
                      br 5 (;@4;)
                    else
                      local.get 20
                      local.get 21
                      local.set 6
                      local.set 4
                      br 4 (;@5;)
                    end
                    unreachable
                  else
                    local.get 17
                    local.get 18
                    local.set 6
                    local.set 4
                    local.get 0
                    i32.const -3
                    i32.sub
                    local.set 0
                    br 3 (;@5;)
                  end
                  unreachable
                else
                  local.get 14
                  local.get 15
                  local.set 6
                  local.set 4
                  local.get 0
                  i32.const -6
                  i32.sub
                  local.set 0
                  br 2 (;@5;)
                end
                unreachable
              else
                local.get 11
                local.get 12
                local.set 6
                local.set 4
                local.get 0
                i32.const -9
                i32.sub
                local.set 0
                br 1 (;@5;)
              end
              unreachable
            end
            i32.const 0
            local.get 4
            i32.store
            i32.const 0
            local.get 6
            i32.store offset=8
            i32.const 0
            local.get 8
            i32.store offset=356
            local.get 8
            local.get 0
            i32.const 13
            i32.sub
            return
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
      local.get 6
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
