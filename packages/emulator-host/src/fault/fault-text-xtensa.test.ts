import { describe, expect, it } from 'vitest';
import { CrashBoard, relocated } from '../testing/crash.js';

/*
 * What each report says was derived by hand: addresses of code from crash.c and its listing, register values by following the
 * instructions up to the crash. The main stack ends at 0x3ffb2e00; 32 bytes of save area stand above the outermost frame, every ENTRY takes
 * what the listing says, every frame moves the window by two quads (call8), and heap addresses follow from multi_heap's layout: 20 bytes
 * of counters, TLSF's control block, 4 bytes before each block. The listing of objdump is compared with every instruction and every
 * `address symbol+offset` of a report: see CrashBoard.text.
 */
describe('fault reports on an ESP32', () => {
  it('a read through a null pointer', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int null_read(void)')).toBe(`read of 4 bytes at 0x00000008 (a null pointer): no memory is there
  at 0x40090081  crash.o: touch+0x9
Code
    40090078  entry a1, 32
    4009007b  or a7, a1, a1
    4009007e  memw
  > 40090081  l32i a8, a2, 0
    40090084  addi a2, a8, 1
    40090087  retw.n
    40090089  nop
Backtrace
  #0 0x40090081  crash.o: touch+0x9
  #1 0x40090073  crash.o: null_read+0xf
Registers
    a0 80090073    a1 3ffb2da0    a2 00000008    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2da0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000004  windowstart 00000015    pc 40090081
Stack of main (0x3ffb0e00-0x3ffb2dff): 96 of 8192 bytes in use, 96 at the most so far
`);
  });

  it('a write through a null pointer', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('void null_write(void)'),
    ).toBe(`write of 4 bytes at 0x00000000 (a null pointer): no memory is there
  at 0x4009009b  crash.o: null_write+0xf
Code
    4009008f  or a7, a1, a1
    40090092  movi a8, 0
    40090095  movi a9, 7
    40090098  memw
  > 4009009b  s32i a9, a8, 0
    4009009e  retw.n
Backtrace
  #0 0x4009009b  crash.o: null_write+0xf
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000007   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 4009009b
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a read where no memory is', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int bad_read(void)')).toBe(`read of 4 bytes at 0x60000010: no memory is there
  at 0x400900af  crash.o: bad_read+0xf
Code
    400900a3  or a7, a1, a1
    400900a6  l32r a8, 0x40090004
    400900a9  l32i a8, a8, 0
    400900ac  memw
  > 400900af  l32i a2, a8, 0
    400900b2  retw.n
Backtrace
  #0 0x400900af  crash.o: bad_read+0xf
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 60000010    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400900af
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a write to flash constants', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('void write_at(void *)', [0x3f40_0020]),
    ).toBe(`write of 1 byte at 0x3f400020 in DROM: the memory is read-only
  at 0x400900c0  crash.o: write_at+0xc
  0x3f400020 is in DROM (0x3f400000-0x3f7fffff), offset 0x20
Code
    400900b4  entry a1, 32
    400900b7  or a7, a1, a1
    400900ba  movi a8, 1
    400900bd  memw
  > 400900c0  s8i a8, a2, 0
    400900c3  retw.n
    400900c5  nop
Backtrace
  #0 0x400900c0  crash.o: write_at+0xc
Registers
    a0 800d0000    a1 3ffb2dc0    a2 3f400020    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000001    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400900c0
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a call of a null function pointer', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int call_pointer(void *)', [0]),
    ).toBe(`execution at 0x00000000 (a null pointer): no memory is there
  at 0x00000000
Code of the caller
    400900f8  entry a1, 32
    400900fb  or a7, a1, a1
    400900fe  movi a10, 3
  > 40090101  callx8 a2
    40090104  addi a2, a10, 1
    40090107  retw.n
    40090109  nop
Backtrace
  #0 0x00000000
  #1 0x40090104  crash.o: call_pointer+0xc
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 80090104    a9 00000000   a10 00000003   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 00000000
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a jump into data memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int call_pointer(void *)', [0x3ffb_8000]),
    ).toBe(`execution at 0x3ffb8000 in DRAM (main stack, heap): the memory is not executable
  at 0x3ffb8000
  0x3ffb8000 is in DRAM (main stack, heap) (0x3ffb0e00-0x3ffdffff), offset 0x7200
Code of the caller
    400900f8  entry a1, 32
    400900fb  or a7, a1, a1
    400900fe  movi a10, 3
  > 40090101  callx8 a2
    40090104  addi a2, a10, 1
    40090107  retw.n
    40090109  nop
Backtrace
  #0 0x3ffb8000
  #1 0x40090104  crash.o: call_pointer+0xc
Registers
    a0 800d0000    a1 3ffb2dc0    a2 3ffb8000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 80090104    a9 00000000   a10 00000003   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 3ffb8000
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
Heap: 0x3ffb8000 lies 19848 bytes into a free block of 183684 bytes at 0x3ffb3278
`);
  });

  it('endless recursion', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int recurse(void *, int)', [0x3ffb_0000, 0]),
    ).toBe(`stack overflow of main: write of 4 bytes at 0x3ffb0dd0, 48 bytes below the lowest address of the stack
  at 0x40090115  crash.o: recurse+0x9
  0x3ffb0dd0 is in guard below the main stack (0x3ffb0dc0-0x3ffb0dff), offset 0x10
Code
    4009010c  entry a1, 48
    4009010f  or a7, a1, a1
    40090112  memw
  > 40090115  s32i a3, a7, 0
    40090118  addi a11, a3, 1
    4009011b  l32r a8, 0x40090008
    4009011e  or a10, a2, a2
    40090121  callx8 a8
Backtrace
  #0 0x40090115  crash.o: recurse+0x9
  #1 0x40090124  crash.o: recurse+0x18
  ... 169 more of the same
Registers
    a0 80090124    a1 3ffb0dd0    a2 3ffb0000    a3 000000aa
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb0dd0
    a8 80090124    a9 3ffb0f20   a10 3ffb0000   a11 000000a3
   a12 00000000   a13 00000000   a14 00000000   a15 3ffb0f20
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000006  windowstart 00005455    pc 40090115
Stack of main (0x3ffb0e00-0x3ffb2dff): the stack pointer 0x3ffb0dd0 lies outside of it, 8192 at the most so far
`);
  });

  it('a frame larger than the stack', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int large_frame(int)', [5]),
    ).toBe(`stack overflow of main: write of 1 byte at 0x3ffadf90, 11888 bytes below the lowest address of the stack
  at 0x4009014d  crash.o: large_frame+0x15
  0x3ffadf90 is 112 bytes before DRAM (0x3ffae000-0x3ffb0dbf)
Code
    40090141  movi a8, 0
    40090144  addi a9, a7, 0
    40090147  add a9, a9, a8
    4009014a  memw
  > 4009014d  s8i a8, a9, 0
    40090150  addi a8, a8, 1
    40090153  bne a2, a8, 0x40090144
    40090156  addi a8, a7, 0
    40090159  add a8, a8, a2
Backtrace
  #0 0x4009014d  crash.o: large_frame+0x15
Registers
    a0 800d0000    a1 3ffadf90    a2 00000005    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffadf90
    a8 00000000    a9 3ffadf90   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 4009014d
Stack of main (0x3ffb0e00-0x3ffb2dff): the stack pointer 0x3ffadf90 lies outside of it, 48 at the most so far
`);
  });

  it('an endless loop, out of fuel', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int spin(void)', [], { fuel: 1000 }),
    ).toBe(`the guest was stopped: its fuel of 1000 instructions is used up
  at 0x40090192  crash.o: spin+0x1e
Code
    40090186  l32i a8, a7, 0
    40090189  bltz a8, 0x40090198
    4009018c  memw
    4009018f  l32i a8, a7, 0
  > 40090192  addi a8, a8, 1
    40090195  j 0x4009017d
    40090198  memw
    4009019b  l32i a2, a7, 0
    4009019e  retw.n
Backtrace
  #0 0x40090192  crash.o: spin+0x1e
Registers
    a0 800d0000    a1 3ffb2db0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2db0
    a8 0000006e    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 40090192
Stack of main (0x3ffb0e00-0x3ffb2dff): 80 of 8192 bytes in use, 80 at the most so far
`);
  });

  it('a byte read in instruction memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int read_byte(void *)', [0x4009_0000]),
    ).toBe(`read of 1 byte at 0x40090000 in IRAM: the memory does not take accesses of 1 byte
  at 0x400900d1  crash.o: read_byte+0x9
  0x40090000 is in IRAM (0x40080000-0x4009ffff), offset 0x10000
Code
    400900c8  entry a1, 32
    400900cb  or a7, a1, a1
    400900ce  memw
  > 400900d1  l8ui a2, a2, 0
    400900d4  retw.n
    400900d6  nop.n
Backtrace
  #0 0x400900d1  crash.o: read_byte+0x9
Registers
    a0 800d0000    a1 3ffb2dc0    a2 40090000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400900d1
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
Heap: 0x40090000 lies 26696 bytes into a free block of 92228 bytes at 0x400897b8
`);
  });

  it('a half-word read in instruction memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int read_half(void *)', [0x4009_0000]),
    ).toBe(`read of 2 bytes at 0x40090000 in IRAM: the memory does not take accesses of 2 bytes
  at 0x400900e1  crash.o: read_half+0x9
  0x40090000 is in IRAM (0x40080000-0x4009ffff), offset 0x10000
Code
    400900d8  entry a1, 32
    400900db  or a7, a1, a1
    400900de  memw
  > 400900e1  l16ui a2, a2, 0
    400900e4  retw.n
    400900e6  nop.n
Backtrace
  #0 0x400900e1  crash.o: read_half+0x9
Registers
    a0 800d0000    a1 3ffb2dc0    a2 40090000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400900e1
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
Heap: 0x40090000 lies 26696 bytes into a free block of 92228 bytes at 0x400897b8
`);
  });

  it('an unaligned word in instruction memory', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int read_word(void *)', [0x4009_0002]),
    ).toBe(`read of 4 bytes at 0x40090002 in IRAM: the address is no multiple of 4
  at 0x400900f1  crash.o: read_word+0x9
  0x40090002 is in IRAM (0x40080000-0x4009ffff), offset 0x10002
Code
    400900e8  entry a1, 32
    400900eb  or a7, a1, a1
    400900ee  memw
  > 400900f1  l32i a2, a2, 0
    400900f4  retw.n
    400900f6  nop.n
Backtrace
  #0 0x400900f1  crash.o: read_word+0x9
Registers
    a0 800d0000    a1 3ffb2dc0    a2 40090002    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400900f1
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
Heap: 0x40090002 lies 26698 bytes into a free block of 92228 bytes at 0x400897b8
`);
  });

  it('division by zero', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int divide(int, int)', [1, 0])).toBe(`integer division by zero
  at 0x4009016e  crash.o: divide+0x6
Code
    40090168  entry a1, 32
    4009016b  or a7, a1, a1
  > 4009016e  quos a2, a2, a3
    40090171  retw.n
    40090173  .byte 0x00
Backtrace
  #0 0x4009016e  crash.o: divide+0x6
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000001    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 4009016e
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('an illegal instruction', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int undefined(void)')).toBe(`illegal instruction
  at 0x40090306  crash.o: undefined+0x6
Code
    40090300  entry a1, 32
    40090303  or a7, a1, a1
  > 40090306  ill
    40090309  retw.n
    4009030b  .byte 0x00
Backtrace
  #0 0x40090306  crash.o: undefined+0x6
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 40090306
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a bad read below two host functions', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('int back(int)', [2])).toBe(`read of 4 bytes at 0x70000000: no memory is there
  at 0x40090081  crash.o: touch+0x9
Code
    40090078  entry a1, 32
    4009007b  or a7, a1, a1
    4009007e  memw
  > 40090081  l32i a8, a2, 0
    40090084  addi a2, a8, 1
    40090087  retw.n
    40090089  nop
Backtrace
  #0 0x40090081  crash.o: touch+0x9
  #1 0x400901c6  crash.o: back+0x26
  #2 0x400d0148  host function visit
  #3 0x400901b8  crash.o: back+0x18
  #4 0x400d0148  host function visit
  #5 0x400901b8  crash.o: back+0x18
Registers
    a0 800901c6    a1 3ffb2d40    a2 70000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2d40
    a8 00000000    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000008  windowstart 00000155    pc 40090081
Stack of main (0x3ffb0e00-0x3ffb2dff): 192 of 8192 bytes in use, 192 at the most so far
`);
  });

  it('a host function that throws', () => {
    const crash = new CrashBoard('xtensa');
    crash.replace(
      'visit',
      crash.board.host('int read_sensor(int id, void *)', () => {
        throw new RangeError('no sensor 6');
      }),
    );
    expect(crash.text('int recover(int)', [6])).toBe(`host function read_sensor failed: no sensor 6
  at 0x400d014c  host function read_sensor
Code of the caller
    400902ed  l32r a8, 0x4009004c
    400902f0  l32i a8, a8, 0
    400902f3  l32r a11, 0x40090050
  > 400902f6  callx8 a8
    400902f9  addi a2, a10, 1
    400902fc  retw.n
    400902fe  nop.n
Backtrace
  #0 0x400d014c  host function read_sensor
  #1 0x400902f9  crash.o: recover+0x15
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000006    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 800902f9    a9 00000000   a10 00000006   a11 400901a0
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400d014c
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('abort', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.text('void give_up(void)')).toBe(`the guest called abort()
  at 0x400d0130  host function abort
Code of the caller
    400901cf  or a7, a1, a1
    400901d2  l32r a8, 0x4009001c
    400901d5  l32i a8, a8, 16
  > 400901d8  callx8 a8
    400901db  retw.n
    400901dd  nop
Backtrace
  #0 0x400d0130  host function abort
  #1 0x400901db  crash.o: give_up+0xf
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 800901db    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400d0130
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a string in instruction memory given to a host function', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('void check(int)', [5]),
    ).toBe(`__assert_func failed: read of 1 byte at 0x400903c3 in IRAM: the memory does not take accesses of 1 byte
  at 0x400d0134  host function __assert_func
  0x400903c3 is in IRAM (0x40080000-0x4009ffff), offset 0x103c3
Code of the caller
    400901f2  movi a11, 38
    400901f5  l32r a12, 0x40090028
    400901f8  l32r a13, 0x4009002c
  > 400901fb  callx8 a8
    400901fe  retw.n
Backtrace
  #0 0x400d0134  host function __assert_func
  #1 0x400901fe  crash.o: check+0x1e
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000005    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 800901fe    a9 00000000   a10 400903c3   a11 00000026
   a12 400903cb   a13 400903d1   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400d0134
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
Heap: 0x400903c3 lies 27659 bytes into a free block of 92228 bytes at 0x400897b8
`);
  });

  it('more console output than allowed', () => {
    const crash = new CrashBoard('xtensa', { limits: { consoleBytes: 20 } });
    expect(
      crash.text('int chatter(const char *, int)', ['line %d\n', 5]),
    ).toBe(`the guest was stopped: the console limit of 20 bytes is reached
  at 0x400d00b4  host function printf
Code of the caller
    4009031b  l32i a8, a5, 24
    4009031e  or a10, a2, a2
    40090321  or a11, a6, a6
  > 40090324  callx8 a8
    40090327  addi a6, a6, 1
    4009032a  bne a3, a6, 0x4009031b
    4009032d  or a2, a3, a3
    40090330  retw.n
    40090332  movi a3, 0
Backtrace
  #0 0x400d00b4  host function printf
  #1 0x40090327  crash.o: chatter+0x1b
Registers
    a0 800d0000    a1 3ffb2dc0    a2 3f410014    a3 00000005
    a4 00000000    a5 400903e0    a6 00000002    a7 3ffb2dc0
    a8 80090327    a9 00000000   a10 3f410014   a11 00000002
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400d00b4
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a pointer that a relocation wrote', () => {
    const crash = new CrashBoard('xtensa');
    const word = crash.address('bad_pointer');
    crash.board.addModule(relocated(word, 'R_XTENSA_32', 'device_registers'));
    expect(crash.text('int bad_read(void)')).toBe(`read of 4 bytes at 0x60000010: no memory is there
  at 0x400900af  crash.o: bad_read+0xf
  R_XTENSA_32 to device_registers wrote the pointer 0x60000010 at 0x400903dc in linked.o
Code
    400900a3  or a7, a1, a1
    400900a6  l32r a8, 0x40090004
    400900a9  l32i a8, a8, 0
    400900ac  memw
  > 400900af  l32i a2, a8, 0
    400900b2  retw.n
Backtrace
  #0 0x400900af  crash.o: bad_read+0xf
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 60000010    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400900af
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a write through the null pointer of a full heap', () => {
    const crash = new CrashBoard('xtensa');
    expect(
      crash.text('int exhaust(unsigned)', [250_000]),
    ).toBe(`write of 4 bytes at 0x00000004 (a null pointer): no memory is there
  at 0x40090354  crash.o: exhaust+0x18
Code
    40090348  l32i a8, a8, 4
    4009034b  callx8 a8
    4009034e  movi a8, 7
    40090351  memw
  > 40090354  s32i a8, a10, 4
    40090357  memw
    4009035a  l32i a2, a10, 4
    4009035d  retw.n
    4009035f  .byte 0x00
Backtrace
  #0 0x40090354  crash.o: exhaust+0x18
Registers
    a0 800d0000    a1 3ffb2dc0    a2 0003d090    a3 00000000
    a4 00000000    a5 00000000    a6 00000000    a7 3ffb2dc0
    a8 00000007    a9 00000000   a10 00000000   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 40090354
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
Heap: the latest allocation, 250000 bytes for 0x4009034e (crash.o: exhaust+0x12), was refused; the largest free block has 183684 bytes
`);
  });

  it('a heap limit', () => {
    const crash = new CrashBoard('xtensa', { limits: { heapBytes: 100 } });
    expect(
      crash.text('void leak(int)', [10]),
    ).toBe(`the guest was stopped: 24 bytes more would pass the heap limit of 100 bytes (96 in use)
  at 0x400d00dc  host function malloc
Code of the caller
    40090372  movi a3, 1
    40090375  l32i a8, a4, 4
    40090378  or a10, a6, a6
  > 4009037b  callx8 a8
    4009037e  addi a5, a5, -1
    40090381  blt a3, a5, 0x40090375
    40090384  l32r a8, 0x4009005c
    40090387  l32i a8, a8, 4
    4009038a  movi a10, 100
Backtrace
  #0 0x400d00dc  host function malloc
  #1 0x4009037e  crash.o: leak+0x1e
Registers
    a0 800d0000    a1 3ffb2dc0    a2 0000000a    a3 00000001
    a4 400903e0    a5 00000007    a6 00000018    a7 3ffb2dc0
    a8 8009037e    a9 00000000   a10 00000018   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400d00dc
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a write behind a heap block', () => {
    const crash = new CrashBoard('xtensa', { heapChecks: true });
    expect(
      crash.text('void overrun(int)', [17]),
    ).toBe(`write of 1 byte at 0x3ffae880: out of bounds, just behind the end of a block of 16 bytes that 0x40090212 (crash.o: overrun+0x12) allocated
  at 0x4009021b  crash.o: overrun+0x1b
Code
    4009020f  callx8 a8
    40090212  blti a2, 1, 0x40090227
    40090215  movi a8, 120
    40090218  or a9, a10, a10
  > 4009021b  s8i a8, a9, 0
    4009021e  addi a9, a9, 1
    40090221  addi a2, a2, -1
    40090224  bnez a2, 0x4009021b
    40090227  l32i a8, a6, 8
Backtrace
  #0 0x4009021b  crash.o: overrun+0x1b
Registers, after that instruction
    a0 800d0000    a1 3ffb2dc0    a2 00000001    a3 00000000
    a4 00000000    a5 00000000    a6 400903e0    a7 3ffb2dc0
    a8 00000078    a9 3ffae880   a10 3ffae870   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 4009021e
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a write before a heap block', () => {
    const crash = new CrashBoard('xtensa', { heapChecks: true });
    expect(
      crash.text('void underrun(void)'),
    ).toBe(`write of 4 bytes at 0x3ffae86c: out of bounds, 4 bytes before a block of 16 bytes that 0x400903a6 (crash.o: underrun+0x12) allocated
  at 0x400903af  crash.o: underrun+0x1b
Code
    400903a3  callx8 a8
    400903a6  addi a8, a10, -4
    400903a9  movi a9, 7
    400903ac  memw
  > 400903af  s32i a9, a8, 0
    400903b2  l32i a8, a6, 8
    400903b5  callx8 a8
    400903b8  retw.n
Backtrace
  #0 0x400903af  crash.o: underrun+0x1b
Registers, after that instruction
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 00000000    a6 400903e0    a7 3ffb2dc0
    a8 3ffae86c    a9 00000007   a10 3ffae870   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400903b2
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a read of freed memory', () => {
    const crash = new CrashBoard('xtensa', { heapChecks: true });
    expect(
      crash.text('int after_free(void)'),
    ).toBe(`read of 4 bytes at 0x3ffae874: use after free, 4 bytes into a block of 24 bytes that 0x40090242 (crash.o: after_free+0x12) allocated and 0x40090251 (crash.o: after_free+0x21) freed
  at 0x40090251  crash.o: after_free+0x21
Code
    40090245  movi a8, 4
    40090248  s32i a8, a6, 4
    4009024b  l32i a8, a5, 8
    4009024e  callx8 a8
  > 40090251  l32i a2, a6, 4
    40090254  retw.n
    40090256  nop.n
Backtrace
  #0 0x40090251  crash.o: after_free+0x21
Registers, after that instruction
    a0 800d0000    a1 3ffb2dc0    a2 dddddddd    a3 00000000
    a4 00000000    a5 400903e0    a6 3ffae870    a7 3ffb2dc0
    a8 80090251    a9 00000000   a10 3ffae870   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 40090254
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('a double free', () => {
    const crash = new CrashBoard('xtensa', { heapChecks: true });
    expect(
      crash.text('void free_twice(void)'),
    ).toBe(`free: double free of 0x3ffae870 (8 bytes): 0x4009026a (crash.o: free_twice+0x12) allocated it, 0x40090273 (crash.o: free_twice+0x1b) freed it before
  at 0x400d00e8  host function free
Code of the caller
    40090270  callx8 a8
    40090273  l32i a8, a5, 8
    40090276  or a10, a6, a6
  > 40090279  callx8 a8
    4009027c  retw.n
    4009027e  nop.n
Backtrace
  #0 0x400d00e8  host function free
  #1 0x4009027c  crash.o: free_twice+0x24
Registers
    a0 800d0000    a1 3ffb2dc0    a2 00000000    a3 00000000
    a4 00000000    a5 400903e0    a6 3ffae870    a7 3ffb2dc0
    a8 8009027c    a9 00000000   a10 3ffae870   a11 00000000
   a12 00000000   a13 00000000   a14 00000000   a15 00000000
   sar 00000000  lbeg 00000000  lend 00000000  lcount 00000000
    ps 00060020  windowbase 00000002  windowstart 00000005    pc 400d00e8
Stack of main (0x3ffb0e00-0x3ffb2dff): 64 of 8192 bytes in use, 64 at the most so far
`);
  });

  it('names the wall time limit', () => {
    const { fault, status } = new CrashBoard('xtensa').call('int spin(void)', [], { time: 3 });
    expect(status).toBe('time');
    expect(fault).toMatchObject({ kind: 'limit', message: 'the guest was stopped: its time limit of 3 ms is reached' });
    expect(fault?.location).toMatchObject({ module: 'crash.o', symbol: 'spin' });
  });

  it('tells leaks by the code that allocated them', () => {
    const crash = new CrashBoard('xtensa');
    expect(crash.call('void leak(int)', [3]).status).toBe('returned');
    expect(crash.board.guestHeap.leakText()).toBe(
      `4 blocks, 172 bytes in all, were not freed:
  100 bytes in 1 block allocated by 0x40090390 (crash.o: leak+0x30)
  72 bytes in 3 blocks allocated by 0x4009037e (crash.o: leak+0x1e)
`,
    );
  });
});
