import { describe, expect, it } from 'vitest';
import { CrashBoard } from '../testing/crash.js';

// What each report must say was read from the functions' source and their disassembly by arm-none-eabi-objdump and llvm-objdump.

describe('fault reports on a TencentOS_tiny_EVB_MX_Plus', () => {
  it('a write through a null pointer, which is flash on this board', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void null_write(void)', [])).toBe(
      `write of 4 bytes at 0x00000000 (a null pointer) in flash alias: the memory is read-only
  at 0x30000050  crash.o: null_write+0x4 at crash.c:19
  0x00000000 is in flash alias (0x00000000-0x0003ffff), offset 0x0
Code
    3000004c  movs r3, #0x0
    3000004e  movs r2, #0x7
  > 30000050  str r2, [r3]
    30000052  bx lr
    30000054  ldr r3, [pc, #0x4]
    30000056  ldr r3, [r3]
    30000058  ldr r0, [r3]
Backtrace
  #0 0x30000050  crash.o: null_write+0x4 at crash.c:19
Registers
    r0 00000000    r1 00000000    r2 00000007    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 30000050  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 0
`,
    );
  });

  it('a read where no memory is', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int bad_read(void)', [])).toBe(
      `read of 4 bytes at 0x60000010: no memory is there
  at 0x30000058  crash.o: bad_read+0x4 at crash.c:20
Code
    30000054  ldr r3, [pc, #0x4]
    30000056  ldr r3, [r3]
  > 30000058  ldr r0, [r3]
    3000005a  bx lr
    3000005c  lsls r4, r7, #0x8
    3000005e  adds r0, #0x0
    30000060  movs r3, #0x1
Backtrace
  #0 0x30000058  crash.o: bad_read+0x4 at crash.c:20
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 60000010
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 30000058  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 0
`,
    );
  });

  it('a write to a constant in flash', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void write_at(void *)', [0x8000010])).toBe(
      `write of 1 byte at 0x08000010 in flash: the memory is read-only
  at 0x30000062  crash.o: write_at+0x2 at crash.c:21
  0x08000010 is in flash (0x08000000-0x0803ffff), offset 0x10
Code
    30000060  movs r3, #0x1
  > 30000062  strb r3, [r0]
    30000064  bx lr
    30000066  ldrb r0, [r0]
    30000068  bx lr
    3000006a  ldrh r0, [r0]
Backtrace
  #0 0x30000062  crash.o: write_at+0x2 at crash.c:21
Registers
    r0 08000010    r1 00000000    r2 00000000    r3 00000001
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 30000062  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 0
`,
    );
  });

  it('a call of a null function pointer', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int call_pointer(void *)', [0])).toBe(
      `jump to 0x00000000, which has bit 0 clear: this CPU runs Thumb code only
  at 0x3000007a  crash.o: call_pointer+0x6 at crash.c:25
Code
    30000074  push {r3, lr}
    30000076  mov r3, r0
    30000078  movs r0, #0x3
  > 3000007a  blx r3
    3000007c  adds r0, #0x1
    3000007e  pop {r3, pc}
    30000080  push {r4, lr}
    30000082  sub sp, #0x20
Backtrace
  #0 0x3000007a  crash.o: call_pointer+0x6 at crash.c:25
Registers
    r0 00000003    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30100001  fpscr 00000000
    pc 3000007a  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('a call of an address without memory', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int call_pointer(void *)', [0x60000001])).toBe(
      `execution at 0x60000000: no memory is there
  at 0x60000000
Code
    30000074  push {r3, lr}
    30000076  mov r3, r0
    30000078  movs r0, #0x3
    3000007a  blx r3
  > 3000007c  adds r0, #0x1
    3000007e  pop {r3, pc}
    30000080  push {r4, lr}
    30000082  sub sp, #0x20
    30000084  mov r4, r0
Backtrace
  #0 0x60000000
  #1 0x3000007c  crash.o: call_pointer+0x8 at crash.c:25
Registers
    r0 00000003    r1 00000000    r2 00000000    r3 60000001
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 3000007d  fpscr 00000000
    pc 60000000  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('endless recursion', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int recurse(void *, int)', [0x20002000, 0])).toBe(
      `stack overflow of main: write of 4 bytes at 0x1fffffe8: no memory is there; the stack ends at 0x20000000
  at 0x30000086  crash.o: recurse+0x6 at crash.c:26
  0x1fffffe8 is 24 bytes before SRAM1 (0x20000000-0x2000bfff)
Code
    30000080  push {r4, lr}
    30000082  sub sp, #0x20
    30000084  mov r4, r0
  > 30000086  str r1, [sp]
    30000088  adds r1, #0x1
    3000008a  bl 0x30000080
    3000008e  ldr r2, [sp]
    30000090  ldr r3, [r4]
Backtrace
  #0 0x30000086  crash.o: recurse+0x6 at crash.c:26
  #1 0x3000008e  crash.o: recurse+0xe at crash.c:26
  ... 62 more of the same
Registers
    r0 20002000    r1 00000066    r2 00000000    r3 00000000
    r4 20002000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 1fffffe8    lr 3000008f  fpscr 00000000
    pc 30000086  apsr 00000000
Stack of main (0x20000000-0x20000fff): the stack pointer 0x1fffffe8 lies outside of it, at most 4088
`,
    );
  });

  it('a frame larger than the stack', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int large_frame(int)', [5])).toBe(
      `stack overflow of main: write of 1 byte at 0x1fffc1e0: no memory is there; the stack ends at 0x20000000
  at 0x300000a8  crash.o: large_frame+0xe at crash.c:27
  0x1fffc1e0 is 15904 bytes before SRAM1 (0x20000000-0x2000bfff)
Code
    300000a0  cmp r0, #0x0
    300000a2  ble 0x300000b2
    300000a4  movs r3, #0x0
    300000a6  uxtb r2, r3
  > 300000a8  strb.w r2, [sp, r3]
    300000ac  adds r3, #0x1
    300000ae  cmp r0, r3
    300000b0  bne 0x300000a6
    300000b2  subs r0, #0x1
Backtrace
  #0 0x300000a8  crash.o: large_frame+0xe at crash.c:27
Registers
    r0 00000005    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 1fffc1e0    lr 30100001  fpscr 00000000
    pc 300000a8  apsr 60000000
Stack of main (0x20000000-0x20000fff): the stack pointer 0x1fffc1e0 lies outside of it, at most 0
`,
    );
  });

  it('an endless loop, out of fuel', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int spin(void)', [], { fuel: 1000 })).toBe(
      `the guest was stopped: the fuel is used up
  at 0x300000da  crash.o: spin+0x14 at crash.c:29
Code
    300000d2  ldr r3, [sp, #0x4]
    300000d4  adds r3, #0x1
    300000d6  str r3, [sp, #0x4]
    300000d8  ldr r3, [sp, #0x4]
  > 300000da  cmp r3, #0x0
    300000dc  bge 0x300000d2
    300000de  ldr r0, [sp, #0x4]
    300000e0  add sp, #0x8
    300000e2  bx lr
Backtrace
  #0 0x300000da  crash.o: spin+0x14 at crash.c:29
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 000000a6
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30100001  fpscr 00000000
    pc 300000da  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('a bad read below two host functions', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int back(int)', [2])).toBe(
      `read of 4 bytes at 0x70000000: no memory is there
  at 0x30000000  crash.o: touch at crash.c:17
Code
  > 30000000  ldr r0, [r0]
    30000002  adds r0, #0x1
    30000004  bx lr
    30000006  push {r3, lr}
    30000008  cbz r0, 0x30000016
Backtrace
  #0 0x30000000  crash.o: touch at crash.c:17
  #1 0x3000001e  crash.o: back+0x18 at crash.c:30
  #2 0x30100140  host function visit
  #3 0x30000014  crash.o: back+0xe at crash.c:30
  #4 0x30100140  host function visit
  #5 0x30000014  crash.o: back+0xe at crash.c:30
Registers
    r0 70000000    r1 30000007    r2 30100141    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000fe8    lr 3000001f  fpscr 00000000
    pc 30000000  apsr 60000000
Stack of main (0x20000000-0x20000fff): 24 of 4096 bytes used, at most 24
`,
    );
  });

  it('a bad read in a function with a variable-length array on its stack', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int dynamic(int)', [100])).toBe(
      `read of 4 bytes at 0x70000000: no memory is there
  at 0x30000000  crash.o: touch at crash.c:17
Code
  > 30000000  ldr r0, [r0]
    30000002  adds r0, #0x1
    30000004  bx lr
    30000006  push {r3, lr}
    30000008  cbz r0, 0x30000016
Backtrace
  #0 0x30000000  crash.o: touch at crash.c:17
  #1 0x3000020e  crash.o: dynamic+0x22 at crash.c:46
Registers
    r0 70000000    r1 00000000    r2 00000000    r3 00000001
    r4 00000000    r5 00000000    r6 00000000    r7 20000ff8
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000f90    lr 3000020f  fpscr 00000000
    pc 30000000  apsr 20000000
Stack of main (0x20000000-0x20000fff): 112 of 4096 bytes used, at most 112
`,
    );
  });

  it('abort', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void give_up(void)', [])).toBe(
      `the guest called abort()
  at 0x30100128  host function abort
Code
    300000e4  push {r3, lr}
    300000e6  ldr r3, [pc, #0x8]
    300000e8  ldr r3, [r3, #0x10]
    300000ea  blx r3
  > 300000ec  pop {r3, pc}
    300000ee  nop
    300000f0  lsls r4, r0, #0x9
    300000f2  adds r0, #0x0
    300000f4  cmp r0, #0x3
Backtrace
  #0 0x30100128  host function abort
  #1 0x300000ec  crash.o: give_up+0x8 at crash.c:31
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 30100129
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 300000ed  fpscr 00000000
    pc 30100128  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('a failed assertion', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void check(int)', [5])).toBe(
      `assertion "n <= 3" failed: file "crash.c", line 38, function: check
  at 0x3010012c  host function __assert_func
Code
    30000100  ldr r2, [pc, #0x10]
    30000102  movs r1, #0x26
    30000104  ldr r0, [pc, #0x10]
    30000106  blx r4
  > 30000108  pop {r4, pc}
    3000010a  bx lr
    3000010c  lsls r4, r0, #0x9
    3000010e  adds r0, #0x0
    30000110  lsls r0, r3, #0x8
Backtrace
  #0 0x3010012c  host function __assert_func
  #1 0x30000108  crash.o: check+0x14 at crash.c:32
Registers
    r0 30000228    r1 00000026    r2 30000220    r3 30000218
    r4 3010012d    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30000109  fpscr 00000000
    pc 3010012c  apsr 20000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('a bad string given to a host function', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int bad_string(void)', [])).toBe(
      `strlen failed: read of 1 byte at 0x70000004: no memory is there
  at 0x3010004c  host function strlen
Code
    30000182  ldr r3, [pc, #0xc]
    30000184  ldr r3, [r3, #0xc]
    30000186  ldr r0, [pc, #0xc]
    30000188  blx r3
  > 3000018a  adds r0, #0x1
    3000018c  pop {r3, pc}
    3000018e  nop
    30000190  lsls r4, r0, #0x9
    30000192  adds r0, #0x0
Backtrace
  #0 0x3010004c  host function strlen
  #1 0x3000018a  crash.o: bad_string+0xa at crash.c:36
Registers
    r0 70000004    r1 00000000    r2 00000000    r3 3010004d
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 3000018b  fpscr 00000000
    pc 3010004c  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('a smashed return address', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int smash_stack(int)', [12])).toBe(
      `execution at 0x41414140: no memory is there
  at 0x41414140
Code
    3000019e  movs r3, #0x1
    300001a0  str r3, [sp]
    300001a2  mov r0, sp
    300001a4  bl 0x30000028
  > 300001a8  ldr r0, [sp]
    300001aa  ldr r3, [sp, #0x4]
    300001ac  add r0, r3
    300001ae  add sp, #0xc
    300001b0  ldr pc, [sp], #4
Backtrace
  #0 0x41414140
  #1 0x300001a8  crash.o: smash_stack+0x10 at crash.c:38  (guessed)
Registers
    r0 82828282    r1 0000000c    r2 41414141    r3 41414141
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 300001a9  fpscr 00000000
    pc 41414140  apsr 60000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 16
`,
    );
  });

  it('an undefined instruction', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int undefined(void)', [])).toBe(
      `undefined instruction 0xde07
  at 0x300001cc  crash.o: undefined at crash.c:41
Code
  > 300001cc  udf #0x7
    300001ce  ldr r3, [pc, #0x4]
    300001d0  ldr r0, [r3, #0x4]
    300001d2  bx lr
    300001d4  lsls r4, r7, #0x8
Backtrace
  #0 0x300001cc  crash.o: undefined at crash.c:41
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001cc  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 0
`,
    );
  });

  it('a supervisor call', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void supervisor(void)', [])).toBe(
      `supervisor call #5, which nobody handles
  at 0x300001d8  crash.o: supervisor at crash.c:42
Code
  > 300001d8  svc #0x5
    300001da  bx lr
    300001dc  bkpt #0x1
    300001de  bx lr
    300001e0  ldrd r0, r3, [r0]
Backtrace
  #0 0x300001d8  crash.o: supervisor at crash.c:42
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001d8  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 0
`,
    );
  });

  it('a breakpoint instruction', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void breakpoint(void)', [])).toBe(
      `breakpoint instruction #1
  at 0x300001dc  crash.o: breakpoint at crash.c:43
Code
  > 300001dc  bkpt #0x1
    300001de  bx lr
    300001e0  ldrd r0, r3, [r0]
    300001e4  add r0, r3
    300001e6  bx lr
Backtrace
  #0 0x300001dc  crash.o: breakpoint at crash.c:43
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001dc  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 0
`,
    );
  });

  it('an unaligned LDRD', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int unaligned_double(void *)', [0x20002001])).toBe(
      `read of 4 bytes at 0x20002001 in SRAM1: the address is no multiple of 4
  at 0x300001e0  crash.o: unaligned_double at crash.c:44
  0x20002001 is in SRAM1 (0x20000000-0x2000bfff), offset 0x2001
Code
  > 300001e0  ldrd r0, r3, [r0]
    300001e4  add r0, r3
    300001e6  bx lr
    300001e8  sub sp, #0x8
    300001ea  bx lr
Backtrace
  #0 0x300001e0  crash.o: unaligned_double at crash.c:44
Registers
    r0 20002001    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001e0  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes used, at most 0
`,
    );
  });

  it('a function that loses its stack pointer', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void drop_stack(void)', [])).toBe(
      `the function returned with stack pointer 0x20000ff8 instead of 0x20001000
  at 0x30100000  host function return to the host
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30100001  fpscr 00000000
    pc 30100000  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('a write behind a heap block', () => {
    const crash = new CrashBoard('arm', { heapChecks: true });
    expect(crash.text('void overrun(int)', [17])).toBe(
      `write of 1 byte at 0x20006024: out of bounds, 0 bytes behind the end of a block of 16 bytes that 0x30000128 (crash.o: overrun+0xc at crash.c:33) allocated
  at 0x30000138  crash.o: overrun+0x1c at crash.c:33
Code
    3000012e  subs r2, r4, #0x1
    30000130  add r2, r0
    30000132  movs r1, #0x78
    30000134  strb r1, [r3, #1]!
  > 30000138  cmp r3, r2
    3000013a  bne 0x30000134
    3000013c  ldr r3, [pc, #0x4]
    3000013e  ldr r3, [r3, #0x8]
    30000140  blx r3
Backtrace
  #0 0x30000138  crash.o: overrun+0x1c at crash.c:33
Registers
    r0 20006014    r1 00000078    r2 20006024    r3 20006024
    r4 00000011    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30000129  fpscr 00000000
    pc 30000138  apsr 80000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes used, at most 8
`,
    );
  });

  it('a read of freed memory', () => {
    const crash = new CrashBoard('arm', { heapChecks: true });
    expect(crash.text('int after_free(void)', [])).toBe(
      `read of 4 bytes at 0x20006018: use after free, 4 bytes into a block of 24 bytes that 0x30000152 (crash.o: after_free+0xa at crash.c:34) allocated and 0x3000015c (crash.o: after_free+0x14 at crash.c:34) freed
  at 0x3000015e  crash.o: after_free+0x16 at crash.c:34
Code
    30000156  str r3, [r0, #0x4]
    30000158  ldr r3, [r5, #0x8]
    3000015a  blx r3
    3000015c  ldr r0, [r4, #0x4]
  > 3000015e  pop {r3, r4, r5, pc}
    30000160  lsls r4, r0, #0x9
    30000162  adds r0, #0x0
    30000164  push {r3, r4, r5, lr}
    30000166  ldr r5, [pc, #0x14]
Backtrace
  #0 0x3000015e  crash.o: after_free+0x16 at crash.c:34
Registers
    r0 dddddddd    r1 00000000    r2 00000000    r3 301000e9
    r4 20006014    r5 30000244    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff0    lr 3000015d  fpscr 00000000
    pc 3000015e  apsr 00000000
Stack of main (0x20000000-0x20000fff): 16 of 4096 bytes used, at most 16
`,
    );
  });

  it('a double free', () => {
    const crash = new CrashBoard('arm', { heapChecks: true });
    expect(crash.text('void free_twice(void)', [])).toBe(
      `free: double free of 0x20006014 (8 bytes): 0x3000016e (crash.o: free_twice+0xa at crash.c:35) allocated it, 0x30000174 (crash.o: free_twice+0x10 at crash.c:35) freed it before
  at 0x301000e8  host function free
Code
    30000172  blx r3
    30000174  ldr r3, [r5, #0x8]
    30000176  mov r0, r4
    30000178  blx r3
  > 3000017a  pop {r3, r4, r5, pc}
    3000017c  lsls r4, r0, #0x9
    3000017e  adds r0, #0x0
    30000180  push {r3, lr}
    30000182  ldr r3, [pc, #0xc]
Backtrace
  #0 0x301000e8  host function free
  #1 0x3000017a  crash.o: free_twice+0x16 at crash.c:35
Registers
    r0 20006014    r1 00000000    r2 00000000    r3 301000e9
    r4 20006014    r5 30000244    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff0    lr 3000017b  fpscr 00000000
    pc 301000e8  apsr 00000000
Stack of main (0x20000000-0x20000fff): 16 of 4096 bytes used, at most 16
`,
    );
  });
});

describe('fault reports on an ESP32', () => {
  it('a read through a null pointer', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int null_read(void)', [])).toBe(
      `read of 4 bytes at 0x00000008 (a null pointer): no memory is there
  at 0x40090071  crash.o: touch+0x9
Code
    40090068  entry a1, 32
    4009006b  or a7, a1, a1
    4009006e  memw
  > 40090071  l32i a8, a2, 0
    40090074  addi a2, a8, 1
    40090077  retw.n
    40090079  nop
    4009007c  entry a1, 32
Backtrace
  #0 0x40090071  crash.o: touch+0x9
  #1 0x40090063  crash.o: null_read+0xf
Registers
    a0 80090063    a1 3ffb2da0    a2 00000008    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2da0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000004  windowstart 00000015    pc 40090071
Stack of main (0x3ffb0e00-0x3ffb2dff): 96 of 8192 bytes used, at most 96
`,
    );
  });

  it('a write to flash constants', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('void write_at(void *)', [0x3f400020])).toBe(
      `write of 1 byte at 0x3f400020 in DROM: the memory is read-only
  at 0x400900b0  crash.o: write_at+0xc
  0x3f400020 is in DROM (0x3f400000-0x3f7fffff), offset 0x20
Code
    400900a4  entry a1, 32
    400900a7  or a7, a1, a1
    400900aa  movi a8, 1
    400900ad  memw
  > 400900b0  s8i a8, a2, 0
    400900b3  retw.n
    400900b5  nop
    400900b8  entry a1, 32
    400900bb  or a7, a1, a1
Backtrace
  #0 0x400900b0  crash.o: write_at+0xc
Registers
    a0 800d0000    a1 3ffb2dc0    a2 3f400020    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000001    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 400900b0
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
`,
    );
  });

  it('a call of a null function pointer', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int call_pointer(void *)', [0])).toBe(
      `execution at 0x00000000 (a null pointer): no memory is there
  at 0x00000000
Code
    400900e8  entry a1, 32
    400900eb  or a7, a1, a1
    400900ee  movi a10, 3
    400900f1  callx8 a2
  > 400900f4  addi a2, a10, 1
    400900f7  retw.n
    400900f9  nop
    400900fc  entry a1, 48
    400900ff  or a7, a1, a1
Backtrace
  #0 0x00000000
  #1 0x400900f4  crash.o: call_pointer+0xc
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 800900f4    a9 00000000   a10 00000003   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 00000000
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
`,
    );
  });

  it('endless recursion', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int recurse(void *, int)', [0x20002000, 0])).toBe(
      `stack overflow of main: write of 4 bytes at 0x3ffb0dd0 in end of the main stack: no memory is there; the stack ends at 0x3ffb0e00
  at 0x40090105  crash.o: recurse+0x9
  0x3ffb0dd0 is in end of the main stack (0x3ffb0dc0-0x3ffb0dff), offset 0x10
Code
    400900fc  entry a1, 48
    400900ff  or a7, a1, a1
    40090102  memw
  > 40090105  s32i a3, a7, 0
    40090108  addi a11, a3, 1
    4009010b  l32r a8, 0x40090008
    4009010e  or a10, a2, a2
    40090111  callx8 a8
Backtrace
  #0 0x40090105  crash.o: recurse+0x9
  #1 0x40090114  crash.o: recurse+0x18
  ... 62 more of the same
Registers
    a0 80090114    a1 3ffb0dd0    a2 20002000    a3 000000aa
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb0dd0
    a8 80090114    a9 3ffb0f20   a10 20002000   a11 000000a3
   a12 00000000   a13 00000000   a14 00000000   a15 3ffb0f20
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000006  windowstart 00005455    pc 40090105
Stack of main (0x3ffb0e00-0x3ffb2dff): the stack pointer 0x3ffb0dd0 lies outside of it, at most 8192
`,
    );
  });

  it('a byte read in instruction memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int read_byte(void *)', [0x40090000])).toBe(
      `read of 1 byte at 0x40090000 in IRAM: the memory does not take accesses of 1 byte
  at 0x400900c1  crash.o: read_byte+0x9
  0x40090000 is in IRAM (0x40080000-0x4009ffff), offset 0x10000
Code
    400900b8  entry a1, 32
    400900bb  or a7, a1, a1
    400900be  memw
  > 400900c1  l8ui a2, a2, 0
    400900c4  retw.n
    400900c6  nop.n
    400900c8  entry a1, 32
    400900cb  or a7, a1, a1
Backtrace
  #0 0x400900c1  crash.o: read_byte+0x9
Registers
    a0 800d0000    a1 3ffb2dc0    a2 40090000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 400900c1
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
Heap: 0x40090000 lies 26696 bytes into a free block of 92228 bytes at 0x400897b8
`,
    );
  });

  it('a half-word read in instruction memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int read_half(void *)', [0x40090000])).toBe(
      `read of 2 bytes at 0x40090000 in IRAM: the memory does not take accesses of 2 bytes
  at 0x400900d1  crash.o: read_half+0x9
  0x40090000 is in IRAM (0x40080000-0x4009ffff), offset 0x10000
Code
    400900c8  entry a1, 32
    400900cb  or a7, a1, a1
    400900ce  memw
  > 400900d1  l16ui a2, a2, 0
    400900d4  retw.n
    400900d6  nop.n
    400900d8  entry a1, 32
    400900db  or a7, a1, a1
Backtrace
  #0 0x400900d1  crash.o: read_half+0x9
Registers
    a0 800d0000    a1 3ffb2dc0    a2 40090000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 400900d1
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
Heap: 0x40090000 lies 26696 bytes into a free block of 92228 bytes at 0x400897b8
`,
    );
  });

  it('an unaligned word in instruction memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int read_word(void *)', [0x40090002])).toBe(
      `read of 4 bytes at 0x40090002 in IRAM: the address is no multiple of 4
  at 0x400900e1  crash.o: read_word+0x9
  0x40090002 is in IRAM (0x40080000-0x4009ffff), offset 0x10002
Code
    400900d8  entry a1, 32
    400900db  or a7, a1, a1
    400900de  memw
  > 400900e1  l32i a2, a2, 0
    400900e4  retw.n
    400900e6  nop.n
    400900e8  entry a1, 32
    400900eb  or a7, a1, a1
Backtrace
  #0 0x400900e1  crash.o: read_word+0x9
Registers
    a0 800d0000    a1 3ffb2dc0    a2 40090002    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 400900e1
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
Heap: 0x40090002 lies 26698 bytes into a free block of 92228 bytes at 0x400897b8
`,
    );
  });

  it('a jump into data memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int call_pointer(void *)', [0x3ffb8000])).toBe(
      `execution at 0x3ffb8000 in DRAM (main stack, heap): the memory is not executable
  at 0x3ffb8000
  0x3ffb8000 is in DRAM (main stack, heap) (0x3ffb0e00-0x3ffdffff), offset 0x7200
Code
    400900e8  entry a1, 32
    400900eb  or a7, a1, a1
    400900ee  movi a10, 3
    400900f1  callx8 a2
  > 400900f4  addi a2, a10, 1
    400900f7  retw.n
    400900f9  nop
    400900fc  entry a1, 48
    400900ff  or a7, a1, a1
Backtrace
  #0 0x3ffb8000
  #1 0x400900f4  crash.o: call_pointer+0xc
Registers
    a0 800d0000    a1 3ffb2dc0    a2 3ffb8000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 800900f4    a9 00000000   a10 00000003   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 3ffb8000
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
Heap: 0x3ffb8000 lies 19848 bytes into a free block of 183684 bytes at 0x3ffb3278
`,
    );
  });

  it('division by zero', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int divide(int, int)', [1, 0])).toBe(
      `integer division by zero
  at 0x4009015e  crash.o: divide+0x6
Code
    40090158  entry a1, 32
    4009015b  or a7, a1, a1
  > 4009015e  quos a2, a2, a3
    40090161  retw.n
    40090163  .byte 0x00, 0x36, 0x61
    40090166  .byte 0x00, 0x10, 0x71
    40090169  addx4 a8, a2, a2
Backtrace
  #0 0x4009015e  crash.o: divide+0x6
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000001    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 4009015e
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
`,
    );
  });

  it('an illegal instruction', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int undefined(void)', [])).toBe(
      `illegal instruction
  at 0x400902f6  crash.o: undefined+0x6
Code
    400902f0  entry a1, 32
    400902f3  or a7, a1, a1
  > 400902f6  ill
    400902f9  retw.n
    400902fb  .byte 0x63, 0x6f, 0x6e
    400902fe  .byte 0x73, 0x74, 0x61
    40090301  .byte 0x6e, 0x74
Backtrace
  #0 0x400902f6  crash.o: undefined+0x6
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 400902f6
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
`,
    );
  });

  it('a string in instruction memory given to a host function', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('void check(int)', [5])).toBe(
      `__assert_func failed: read of 1 byte at 0x40090304 in IRAM: the memory does not take accesses of 1 byte
  at 0x400d0134  host function __assert_func
  0x40090304 is in IRAM (0x40080000-0x4009ffff), offset 0x10304
Code
    400901e2  movi a11, 38
    400901e5  l32r a12, 0x40090028
    400901e8  l32r a13, 0x4009002c
    400901eb  callx8 a8
  > 400901ee  retw.n
    400901f0  entry a1, 32
    400901f3  or a7, a1, a1
    400901f6  l32r a6, 0x40090030
    400901f9  l32i a8, a6, 4
Backtrace
  #0 0x400d0134  host function __assert_func
  #1 0x400901ee  crash.o: check+0x1e
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000005    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 800901ee    a9 00000000   a10 40090304   a11 00000026
   a12 4009030c   a13 40090312   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000002  windowstart 00000005    pc 400d0134
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes used, at most 64
Heap: 0x40090304 lies 27468 bytes into a free block of 92228 bytes at 0x400897b8
`,
    );
  });

  it('a bad read below two host functions', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int back(int)', [2])).toBe(
      `read of 4 bytes at 0x70000000: no memory is there
  at 0x40090071  crash.o: touch+0x9
Code
    40090068  entry a1, 32
    4009006b  or a7, a1, a1
    4009006e  memw
  > 40090071  l32i a8, a2, 0
    40090074  addi a2, a8, 1
    40090077  retw.n
    40090079  nop
    4009007c  entry a1, 32
Backtrace
  #0 0x40090071  crash.o: touch+0x9
  #1 0x400901b6  crash.o: back+0x26
  #2 0x400d0148  host function visit
  #3 0x400901a8  crash.o: back+0x18
  #4 0x400d0148  host function visit
  #5 0x400901a8  crash.o: back+0x18
Registers
    a0 800901b6    a1 3ffb2d40    a2 70000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2d40
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00040020  windowbase 00000008  windowstart 00000155    pc 40090071
Stack of main (0x3ffb0e00-0x3ffb2dff): 192 of 8192 bytes used, at most 192
`,
    );
  });
});
