import { thumb } from '@loadstone/cpu-thumb';
import { describe, expect, it } from 'vitest';
import { CrashBoard, gpio, relocated } from '../testing/crash.js';

/*
 * What each report says was derived by hand: addresses of code from crash.c and its listing, register values by following the
 * instructions up to the crash, stack addresses from the board's stack (0x20001000 downwards) and the frames in the listing, heap
 * addresses from tos_mmheap's layout (pool start + 4, then a red zone of 16 bytes). The listing of objdump and addr2line is compared with
 * every instruction and every `address symbol+offset at file:line` of a report: see CrashBoard.text.
 */
describe('fault reports on a TencentOS_tiny_EVB_MX_Plus', () => {
  it('a write through a null pointer, which is flash on this board', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('void null_write(void)'),
    ).toBe(`write of 4 bytes at 0x00000000 (a null pointer) in flash alias: the memory is read-only
  at 0x30000050  crash.o: null_write+0x4 at crash.c:19
  0x00000000 is in flash alias (0x00000000-0x0003ffff), offset 0x0
Code
    3000004c  movs r3, #0x0
    3000004e  movs r2, #0x7
  > 30000050  str r2, [r3]
    30000052  bx lr
Backtrace
  #0 0x30000050  crash.o: null_write+0x4 at crash.c:19
Registers
    r0 00000000    r1 00000000    r2 00000007    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 30000050  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a read where no memory is', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int bad_read(void)')).toBe(`read of 4 bytes at 0x60000010: no memory is there
  at 0x30000058  crash.o: bad_read+0x4 at crash.c:20
Code
    30000054  ldr r3, [pc, #0x4]
    30000056  ldr r3, [r3]
  > 30000058  ldr r0, [r3]
    3000005a  bx lr
    3000005c  .word 0x300002bc
Backtrace
  #0 0x30000058  crash.o: bad_read+0x4 at crash.c:20
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 60000010
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 30000058  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a write to a constant in flash', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('void write_at(void *)', [0x0800_0010]),
    ).toBe(`write of 1 byte at 0x08000010 in flash: the memory is read-only
  at 0x30000062  crash.o: write_at+0x2 at crash.c:21
  0x08000010 is in flash (0x08000000-0x0803ffff), offset 0x10
Code
    30000060  movs r3, #0x1
  > 30000062  strb r3, [r0]
    30000064  bx lr
Backtrace
  #0 0x30000062  crash.o: write_at+0x2 at crash.c:21
Registers
    r0 08000010    r1 00000000    r2 00000000    r3 00000001
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 30000062  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a call of a null function pointer', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int call_pointer(void *)', [0]),
    ).toBe(`jump to 0x00000000 (a null pointer), which has bit 0 clear: this CPU runs Thumb code only
  at 0x3000007a  crash.o: call_pointer+0x6 at crash.c:25
Code
    30000074  push {r3, lr}
    30000076  mov r3, r0
    30000078  movs r0, #0x3
  > 3000007a  blx r3
    3000007c  adds r0, #0x1
    3000007e  pop {r3, pc}
Backtrace
  #0 0x3000007a  crash.o: call_pointer+0x6 at crash.c:25
Registers
    r0 00000003    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30100001  fpscr 00000000
    pc 3000007a  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a call of a function address without Thumb bit', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int call_pointer(void *)', [0x3000_0070]),
    ).toBe(`jump to 0x30000070, which has bit 0 clear: this CPU runs Thumb code only
  at 0x3000007a  crash.o: call_pointer+0x6 at crash.c:25
Code
    30000074  push {r3, lr}
    30000076  mov r3, r0
    30000078  movs r0, #0x3
  > 3000007a  blx r3
    3000007c  adds r0, #0x1
    3000007e  pop {r3, pc}
Backtrace
  #0 0x3000007a  crash.o: call_pointer+0x6 at crash.c:25
Registers
    r0 00000003    r1 00000000    r2 00000000    r3 30000070
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30100001  fpscr 00000000
    pc 3000007a  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a call of an address without memory', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int call_pointer(void *)', [0x6000_0001])).toBe(`execution at 0x60000000: no memory is there
  at 0x60000000
Code of the caller
    30000074  push {r3, lr}
    30000076  mov r3, r0
    30000078  movs r0, #0x3
  > 3000007a  blx r3
    3000007c  adds r0, #0x1
    3000007e  pop {r3, pc}
Backtrace
  #0 0x60000000
  #1 0x3000007c  crash.o: call_pointer+0x8 at crash.c:25
Registers
    r0 00000003    r1 00000000    r2 00000000    r3 60000001
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 3000007d  fpscr 00000000
    pc 60000000  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a jump into the registers of a device', () => {
    const crash = new CrashBoard('arm', { regions: [gpio] });
    expect(
      crash.text('int call_pointer(void *)', [0x4800_0001]),
    ).toBe(`execution at 0x48000000 in GPIOA: the memory is not executable
  at 0x48000000
  0x48000000 is in GPIOA (0x48000000-0x480003ff), offset 0x0
Code of the caller
    30000074  push {r3, lr}
    30000076  mov r3, r0
    30000078  movs r0, #0x3
  > 3000007a  blx r3
    3000007c  adds r0, #0x1
    3000007e  pop {r3, pc}
Backtrace
  #0 0x48000000
  #1 0x3000007c  crash.o: call_pointer+0x8 at crash.c:25
Registers
    r0 00000003    r1 00000000    r2 00000000    r3 48000001
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 3000007d  fpscr 00000000
    pc 48000000  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a call of a firmware address where no function is', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int call_pointer(void *)', [0x3010_3001]),
    ).toBe(`the guest called 0x30103000, where no host function is
  at 0x30103000  no host function
Code of the caller
    30000074  push {r3, lr}
    30000076  mov r3, r0
    30000078  movs r0, #0x3
  > 3000007a  blx r3
    3000007c  adds r0, #0x1
    3000007e  pop {r3, pc}
Backtrace
  #0 0x30103000  no host function
  #1 0x3000007c  crash.o: call_pointer+0x8 at crash.c:25
Registers
    r0 00000003    r1 00000000    r2 00000000    r3 30103001
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 3000007d  fpscr 00000000
    pc 30103000  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('endless recursion', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int recurse(void *, int)', [0x2000_2000, 0]),
    ).toBe(`stack overflow of main: write of 4 bytes at 0x1fffffe8, 24 bytes below the lowest address of the stack
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
  ... 101 more of the same
Registers
    r0 20002000    r1 00000066    r2 00000000    r3 00000000
    r4 20002000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 1fffffe8    lr 3000008f  fpscr 00000000
    pc 30000086  apsr 00000000
Stack of main (0x20000000-0x20000fff): the stack pointer 0x1fffffe8 lies outside of it, 4088 at the most so far
`);
  });

  it('a frame larger than the stack', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int large_frame(int)', [5]),
    ).toBe(`stack overflow of main: write of 1 byte at 0x1fffc1e0, 15904 bytes below the lowest address of the stack
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
Stack of main (0x20000000-0x20000fff): the stack pointer 0x1fffc1e0 lies outside of it, 0 at the most so far
`);
  });

  it('recursion on a stack with a limit', () => {
    const crash = new CrashBoard('arm', { limits: { stackBytes: 256 } });
    expect(
      crash.text('int recurse(void *, int)', [0x2000_2000, 0]),
    ).toBe(`stack overflow of main: write of 4 bytes at 0x20000f10, in the lowest 32 bytes of the stack, which are kept free
  at 0x30000086  crash.o: recurse+0x6 at crash.c:26
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
  ... 4 more of the same
Registers, after that instruction
    r0 20002000    r1 00000005    r2 00000000    r3 00000000
    r4 20002000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000f10    lr 3000008f  fpscr 00000000
    pc 30000088  apsr 00000000
Stack of main (0x20000f00-0x20000fff): 240 of 256 bytes in use, 240 at the most so far
`);
  });

  it('an endless loop, out of fuel', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int spin(void)', [], { fuel: 1000 }),
    ).toBe(`the guest was stopped: its fuel of 1000 instructions is used up
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
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a bad read below two host functions', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int back(int)', [2])).toBe(`read of 4 bytes at 0x70000000: no memory is there
  at 0x30000000  crash.o: touch at crash.c:17
Code
  > 30000000  ldr r0, [r0]
    30000002  adds r0, #0x1
    30000004  bx lr
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
Stack of main (0x20000000-0x20000fff): 24 of 4096 bytes in use, 24 at the most so far
`);
  });

  it('a bad read in a function with a variable-length array on its stack', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int dynamic(int)', [100])).toBe(`read of 4 bytes at 0x70000000: no memory is there
  at 0x30000000  crash.o: touch at crash.c:17
Code
  > 30000000  ldr r0, [r0]
    30000002  adds r0, #0x1
    30000004  bx lr
Backtrace
  #0 0x30000000  crash.o: touch at crash.c:17
  #1 0x3000020e  crash.o: dynamic+0x22 at crash.c:46
Registers
    r0 70000000    r1 00000000    r2 00000000    r3 00000001
    r4 00000000    r5 00000000    r6 00000000    r7 20000ff8
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000f90    lr 3000020f  fpscr 00000000
    pc 30000000  apsr 20000000
Stack of main (0x20000000-0x20000fff): 112 of 4096 bytes in use, 112 at the most so far
`);
  });

  it('a host function that throws', () => {
    const crash = new CrashBoard('arm');
    crash.replace(
      'visit',
      crash.board.host('int read_sensor(int id, void *)', () => {
        throw new RangeError('no sensor 6');
      }),
    );
    expect(crash.text('int recover(int)', [6])).toBe(`host function read_sensor failed: no sensor 6
  at 0x30100144  host function read_sensor
Code of the caller
    300001b6  ldr r3, [pc, #0xc]
    300001b8  ldr r3, [r3]
    300001ba  ldr r1, [pc, #0xc]
  > 300001bc  blx r3
    300001be  adds r0, #0x1
    300001c0  pop {r3, pc}
    300001c2  nop
    300001c4  .word 0x300002c4
    300001c8  .word 0x30000007
Backtrace
  #0 0x30100144  host function read_sensor
  #1 0x300001be  crash.o: recover+0xa at crash.c:39
Registers
    r0 00000006    r1 30000007    r2 00000000    r3 30100145
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 300001bf  fpscr 00000000
    pc 30100144  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('abort', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void give_up(void)')).toBe(`the guest called abort()
  at 0x30100128  host function abort
Code of the caller
    300000e4  push {r3, lr}
    300000e6  ldr r3, [pc, #0x8]
    300000e8  ldr r3, [r3, #0x10]
  > 300000ea  blx r3
    300000ec  pop {r3, pc}
    300000ee  nop
    300000f0  .word 0x300002c4
Backtrace
  #0 0x30100128  host function abort
  #1 0x300000ec  crash.o: give_up+0x8 at crash.c:31
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 30100129
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 300000ed  fpscr 00000000
    pc 30100128  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a failed assertion', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void check(int)', [5])).toBe(`assertion "n <= 3" failed: file "crash.c", line 38, function: check
  at 0x3010012c  host function __assert_func
Code of the caller
    30000100  ldr r2, [pc, #0x10]
    30000102  movs r1, #0x26
    30000104  ldr r0, [pc, #0x10]
  > 30000106  blx r4
    30000108  pop {r4, pc}
    3000010a  bx lr
    3000010c  .word 0x300002c4
    30000110  .word 0x30000298
    30000114  .word 0x300002a0
Backtrace
  #0 0x3010012c  host function __assert_func
  #1 0x30000108  crash.o: check+0x14 at crash.c:32
Registers
    r0 300002a8    r1 00000026    r2 300002a0    r3 30000298
    r4 3010012d    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30000109  fpscr 00000000
    pc 3010012c  apsr 20000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a bad string given to a host function', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int bad_string(void)')).toBe(`strlen failed: read of 1 byte at 0x70000004: no memory is there
  at 0x3010004c  host function strlen
Code of the caller
    30000182  ldr r3, [pc, #0xc]
    30000184  ldr r3, [r3, #0xc]
    30000186  ldr r0, [pc, #0xc]
  > 30000188  blx r3
    3000018a  adds r0, #0x1
    3000018c  pop {r3, pc}
    3000018e  nop
    30000190  .word 0x300002c4
    30000194  .word 0x70000004
Backtrace
  #0 0x3010004c  host function strlen
  #1 0x3000018a  crash.o: bad_string+0xa at crash.c:36
Registers
    r0 70000004    r1 00000000    r2 00000000    r3 3010004d
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 3000018b  fpscr 00000000
    pc 3010004c  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('more console output than allowed', () => {
    const crash = new CrashBoard('arm', { limits: { consoleBytes: 20 } });
    expect(
      crash.text('int chatter(const char *, int)', ['line %d\n', 5]),
    ).toBe(`the guest was stopped: the console limit of 20 bytes is reached
  at 0x301000b4  host function printf
Code of the caller
    30000224  ldr r3, [r7, #0x18]
    30000226  mov r1, r4
    30000228  mov r0, r6
  > 3000022a  blx r3
    3000022c  adds r4, #0x1
    3000022e  cmp r5, r4
    30000230  bne 0x30000224
    30000232  mov r0, r5
    30000234  pop {r3, r4, r5, r6, r7, pc}
Backtrace
  #0 0x301000b4  host function printf
  #1 0x3000022c  crash.o: chatter+0x14 at crash.c:50
Registers
    r0 0803bff4    r1 00000002    r2 00000000    r3 301000b5
    r4 00000002    r5 00000005    r6 0803bff4    r7 300002c4
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000fe8    lr 3000022d  fpscr 00000000
    pc 301000b4  apsr 20000000
Stack of main (0x20000000-0x20000fff): 24 of 4096 bytes in use, 24 at the most so far
`);
  });

  it('a smashed return address', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int smash_stack(int)', [12]),
    ).toBe(`execution at 0x41414140: no memory is there, and no call led there: a return address on the stack may have been overwritten
  at 0x41414140
Code of the caller (guessed)
    3000019e  movs r3, #0x1
    300001a0  str r3, [sp]
    300001a2  mov r0, sp
  > 300001a4  bl 0x30000028
    300001a8  ldr r0, [sp]
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
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 16 at the most so far
`);
  });

  it('an undefined instruction', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('int undefined(void)')).toBe(`undefined instruction 0xde07
  at 0x300001cc  crash.o: undefined at crash.c:41
Code
  > 300001cc  udf #0x7
    300001ce  ldr r3, [pc, #0x4]
    300001d0  ldr r0, [r3, #0x4]
    300001d2  bx lr
    300001d4  .word 0x300002bc
Backtrace
  #0 0x300001cc  crash.o: undefined at crash.c:41
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001cc  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a supervisor call', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void supervisor(void)')).toBe(`supervisor call #5, which nobody handles
  at 0x300001d8  crash.o: supervisor at crash.c:42
Code
  > 300001d8  svc #0x5
    300001da  bx lr
Backtrace
  #0 0x300001d8  crash.o: supervisor at crash.c:42
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001d8  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a breakpoint instruction', () => {
    const crash = new CrashBoard('arm');
    expect(crash.text('void breakpoint(void)')).toBe(`breakpoint instruction #1
  at 0x300001dc  crash.o: breakpoint at crash.c:43
Code
  > 300001dc  bkpt #0x1
    300001de  bx lr
Backtrace
  #0 0x300001dc  crash.o: breakpoint at crash.c:43
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001dc  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('an unaligned LDRD', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int unaligned_double(void *)', [0x2000_2001]),
    ).toBe(`read of 4 bytes at 0x20002001 in SRAM1: the address is no multiple of 4
  at 0x300001e0  crash.o: unaligned_double at crash.c:44
  0x20002001 is in SRAM1 (0x20000000-0x2000bfff), offset 0x2001
Code
  > 300001e0  ldrd r0, r3, [r0]
    300001e4  add r0, r3
    300001e6  bx lr
Backtrace
  #0 0x300001e0  crash.o: unaligned_double at crash.c:44
Registers
    r0 20002001    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300001e0  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a division by zero with CCR.DIV_0_TRP set', () => {
    const crash = new CrashBoard('arm');
    crash.call('int divide(int, int)', [1, 1]);
    crash.board.cpu.set(thumb.slots.indexOf('ccr'), 0x10);
    expect(crash.text('int divide(int, int)', [1, 0])).toBe(`integer division by zero
  at 0x300000c0  crash.o: divide at crash.c:28
Code
  > 300000c0  sdiv r0, r0, r1
    300000c4  bx lr
Backtrace
  #0 0x300000c0  crash.o: divide at crash.c:28
Registers
    r0 00000001    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 300000c0  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a function that loses its stack pointer', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('void drop_stack(void)'),
    ).toBe(`crash.o: drop_stack at crash.c:45 returned with the stack pointer 8 bytes too low: 0x20000ff8 instead of 0x20001000
  at 0x30100000  return to the host
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000000
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30100001  fpscr 00000000
    pc 30100000  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a pointer that a relocation wrote', () => {
    const crash = new CrashBoard('arm');
    const word = crash.address('bad_pointer') - 1;
    crash.board.addModule(relocated(word, 'R_ARM_ABS32', 'device_registers'));
    expect(crash.text('int bad_read(void)')).toBe(`read of 4 bytes at 0x60000010: no memory is there
  at 0x30000058  crash.o: bad_read+0x4 at crash.c:20
  R_ARM_ABS32 to device_registers wrote the pointer 0x60000010 at 0x300002bc in linked.o
Code
    30000054  ldr r3, [pc, #0x4]
    30000056  ldr r3, [r3]
  > 30000058  ldr r0, [r3]
    3000005a  bx lr
    3000005c  .word 0x300002bc
Backtrace
  #0 0x30000058  crash.o: bad_read+0x4 at crash.c:20
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 60000010
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20001000    lr 30100001  fpscr 00000000
    pc 30000058  apsr 00000000
Stack of main (0x20000000-0x20000fff): 0 of 4096 bytes in use, 0 at the most so far
`);
  });

  it('a write through the null pointer of a full heap', () => {
    const crash = new CrashBoard('arm');
    expect(
      crash.text('int exhaust(unsigned)', [40_000]),
    ).toBe(`write of 4 bytes at 0x00000004 (a null pointer) in flash alias: the memory is read-only
  at 0x3000024a  crash.o: exhaust+0xa at crash.c:51
  0x00000004 is in flash alias (0x00000000-0x0003ffff), offset 0x4
Code
    30000242  ldr r3, [pc, #0xc]
    30000244  ldr r3, [r3, #0x4]
    30000246  blx r3
    30000248  movs r3, #0x7
  > 3000024a  str r3, [r0, #0x4]
    3000024c  ldr r0, [r0, #0x4]
    3000024e  pop {r3, pc}
    30000250  .word 0x300002c4
Backtrace
  #0 0x3000024a  crash.o: exhaust+0xa at crash.c:51
Registers
    r0 00000000    r1 00000000    r2 00000000    r3 00000007
    r4 00000000    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30000249  fpscr 00000000
    pc 3000024a  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
Heap: the latest allocation, 40000 bytes for 0x30000248 (crash.o: exhaust+0x8 at crash.c:51), was refused; the largest free block has 32760 bytes
`);
  });

  it('a heap limit', () => {
    const crash = new CrashBoard('arm', { limits: { heapBytes: 100 } });
    expect(
      crash.text('void leak(int)', [10]),
    ).toBe(`the guest was stopped: 24 bytes more would pass the heap limit of 100 bytes (96 in use)
  at 0x301000dc  host function malloc
Code of the caller
    3000025e  movs r5, #0x18
    30000260  ldr r3, [r6, #0x4]
    30000262  mov r0, r5
  > 30000264  blx r3
    30000266  subs r4, #0x1
    30000268  cmp.w r4, #0xffffffff
    3000026c  bne 0x30000260
    3000026e  ldr r3, [pc, #0x8]
    30000270  ldr r3, [r3, #0x4]
Backtrace
  #0 0x301000dc  host function malloc
  #1 0x30000266  crash.o: leak+0x12 at crash.c:52
Registers
    r0 00000018    r1 00000000    r2 00000000    r3 301000dd
    r4 00000005    r5 00000018    r6 300002c4    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff0    lr 30000267  fpscr 00000000
    pc 301000dc  apsr 00000000
Stack of main (0x20000000-0x20000fff): 16 of 4096 bytes in use, 16 at the most so far
`);
  });

  it('a write behind a heap block', () => {
    const crash = new CrashBoard('arm', { heapChecks: true });
    expect(
      crash.text('void overrun(int)', [17]),
    ).toBe(`write of 1 byte at 0x20006024: out of bounds, just behind the end of a block of 16 bytes that 0x30000128 (crash.o: overrun+0xc at crash.c:33) allocated
  at 0x30000134  crash.o: overrun+0x18 at crash.c:33
Code
    3000012c  subs r3, r0, #0x1
    3000012e  subs r2, r4, #0x1
    30000130  add r2, r0
    30000132  movs r1, #0x78
  > 30000134  strb r1, [r3, #1]!
    30000138  cmp r3, r2
    3000013a  bne 0x30000134
    3000013c  ldr r3, [pc, #0x4]
    3000013e  ldr r3, [r3, #0x8]
Backtrace
  #0 0x30000134  crash.o: overrun+0x18 at crash.c:33
Registers, after that instruction
    r0 20006014    r1 00000078    r2 20006024    r3 20006024
    r4 00000011    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30000129  fpscr 00000000
    pc 30000138  apsr 80000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a write before a heap block', () => {
    const crash = new CrashBoard('arm', { heapChecks: true });
    expect(
      crash.text('void underrun(void)'),
    ).toBe(`write of 4 bytes at 0x20006010: out of bounds, 4 bytes before a block of 16 bytes that 0x30000286 (crash.o: underrun+0xa at crash.c:53) allocated
  at 0x30000288  crash.o: underrun+0xc at crash.c:53
Code
    30000280  ldr r3, [r4, #0x4]
    30000282  movs r0, #0x10
    30000284  blx r3
    30000286  movs r2, #0x7
  > 30000288  str r2, [r0, #-4]
    3000028c  ldr r3, [r4, #0x8]
    3000028e  blx r3
    30000290  pop {r4, pc}
    30000292  nop
Backtrace
  #0 0x30000288  crash.o: underrun+0xc at crash.c:53
Registers, after that instruction
    r0 20006014    r1 00000000    r2 00000007    r3 301000dd
    r4 300002c4    r5 00000000    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff8    lr 30000287  fpscr 00000000
    pc 3000028c  apsr 00000000
Stack of main (0x20000000-0x20000fff): 8 of 4096 bytes in use, 8 at the most so far
`);
  });

  it('a read of freed memory', () => {
    const crash = new CrashBoard('arm', { heapChecks: true });
    expect(
      crash.text('int after_free(void)'),
    ).toBe(`read of 4 bytes at 0x20006018: use after free, 4 bytes into a block of 24 bytes that 0x30000152 (crash.o: after_free+0xa at crash.c:34) allocated and 0x3000015c (crash.o: after_free+0x14 at crash.c:34) freed
  at 0x3000015c  crash.o: after_free+0x14 at crash.c:34
Code
    30000154  movs r3, #0x4
    30000156  str r3, [r0, #0x4]
    30000158  ldr r3, [r5, #0x8]
    3000015a  blx r3
  > 3000015c  ldr r0, [r4, #0x4]
    3000015e  pop {r3, r4, r5, pc}
    30000160  .word 0x300002c4
Backtrace
  #0 0x3000015c  crash.o: after_free+0x14 at crash.c:34
Registers, after that instruction
    r0 dddddddd    r1 00000000    r2 00000000    r3 301000e9
    r4 20006014    r5 300002c4    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff0    lr 3000015d  fpscr 00000000
    pc 3000015e  apsr 00000000
Stack of main (0x20000000-0x20000fff): 16 of 4096 bytes in use, 16 at the most so far
`);
  });

  it('a double free', () => {
    const crash = new CrashBoard('arm', { heapChecks: true });
    expect(
      crash.text('void free_twice(void)'),
    ).toBe(`free: double free of 0x20006014 (8 bytes): 0x3000016e (crash.o: free_twice+0xa at crash.c:35) allocated it, 0x30000174 (crash.o: free_twice+0x10 at crash.c:35) freed it before
  at 0x301000e8  host function free
Code of the caller
    30000172  blx r3
    30000174  ldr r3, [r5, #0x8]
    30000176  mov r0, r4
  > 30000178  blx r3
    3000017a  pop {r3, r4, r5, pc}
    3000017c  .word 0x300002c4
Backtrace
  #0 0x301000e8  host function free
  #1 0x3000017a  crash.o: free_twice+0x16 at crash.c:35
Registers
    r0 20006014    r1 00000000    r2 00000000    r3 301000e9
    r4 20006014    r5 300002c4    r6 00000000    r7 00000000
    r8 00000000    r9 00000000   r10 00000000   r11 00000000
   r12 00000000    sp 20000ff0    lr 3000017b  fpscr 00000000
    pc 301000e8  apsr 00000000
Stack of main (0x20000000-0x20000fff): 16 of 4096 bytes in use, 16 at the most so far
`);
  });

  it('names the wall time limit', () => {
    const { fault, status } = new CrashBoard('arm').call('int spin(void)', [], { time: 3 });
    expect(status).toBe('time');
    expect(fault).toMatchObject({ kind: 'limit', message: 'the guest was stopped: its time limit of 3 ms is reached' });
    expect(fault?.location).toMatchObject({ module: 'crash.o', symbol: 'spin', file: 'crash.c', line: 29 });
  });

  it('says nothing of a division by zero that the CPU lets pass', () => {
    expect(new CrashBoard('arm').call('int divide(int, int)', [1, 0])).toMatchObject({
      status: 'returned',
      returnValue: 0,
    });
  });

  it('tells leaks by the code that allocated them', () => {
    const crash = new CrashBoard('arm');
    const mark = crash.board.guestHeap.mark;
    expect(crash.board.guestHeap.leakText(mark)).toBe('');
    expect(crash.call('void leak(int)', [3]).status).toBe('returned');
    expect(crash.board.guestHeap.leakText(mark)).toBe(
      `4 blocks, 172 bytes in all, were not freed:
  100 bytes in 1 block allocated by 0x30000276 (crash.o: leak+0x22 at crash.c:52)
  72 bytes in 3 blocks allocated by 0x30000266 (crash.o: leak+0x12 at crash.c:52)
`,
    );
  });
});
