import { describe, expect, it } from 'vitest';
import { beginWindowedCall, windowedResult } from './calls.js';
import { CALLINC, EPC1, PHYSICAL, PS, VECBASE, WINDOWBASE, WINDOWSTART } from './slots.js';
import { CODE, HOST, machineWith, STACK_TOP } from './testing/machine.js';

/** sum(n) = n + sum(n - 1), called by `call`, which hands `argument` over. Every register of its own holds n. */
const recursion = (call: string, argument: string): string => `
sum:
  entry a1, 64
  ${Array.from({ length: Number(argument.slice(1)) - 6 }, (_, i) => `mov.n a${4 + i}, a2`).join('\n')}
  beqz a2, done
  addi ${argument}, a2, -1
  ${call} sum
  add a2, a2, ${argument}
done:
  retw
`;

/** Window handlers as the Xtensa System Software Reference gives them, at VECBASE. */
const HANDLERS = `
  .org 0x40082000
  s32e a0, a5, -16
  s32e a1, a5, -12
  s32e a2, a5, -8
  s32e a3, a5, -4
  rfwo
  .org 0x40082040
  l32e a0, a5, -16
  l32e a1, a5, -12
  l32e a2, a5, -8
  l32e a3, a5, -4
  rfwu
  .org 0x40082080
  s32e a0, a9, -16
  l32e a0, a1, -12
  s32e a1, a9, -12
  s32e a2, a9, -8
  s32e a3, a9, -4
  s32e a4, a0, -32
  s32e a5, a0, -28
  s32e a6, a0, -24
  s32e a7, a0, -20
  rfwo
  .org 0x400820c0
  l32e a0, a9, -16
  l32e a1, a9, -12
  l32e a2, a9, -8
  l32e a7, a1, -12
  l32e a3, a9, -4
  l32e a4, a7, -32
  l32e a5, a7, -28
  l32e a6, a7, -24
  l32e a7, a7, -20
  rfwu
  .org 0x40082100
  s32e a0, a13, -16
  l32e a0, a1, -12
  s32e a1, a13, -12
  s32e a2, a13, -8
  s32e a3, a13, -4
  s32e a4, a0, -48
  s32e a5, a0, -44
  s32e a6, a0, -40
  s32e a7, a0, -36
  s32e a8, a0, -32
  s32e a9, a0, -28
  s32e a10, a0, -24
  s32e a11, a0, -20
  rfwo
  .org 0x40082140
  l32e a0, a13, -16
  l32e a1, a13, -12
  l32e a2, a13, -8
  l32e a11, a1, -12
  l32e a3, a13, -4
  l32e a4, a11, -48
  l32e a5, a11, -44
  l32e a6, a11, -40
  l32e a7, a11, -36
  l32e a8, a11, -32
  l32e a9, a11, -28
  l32e a10, a11, -24
  l32e a11, a11, -20
  rfwu
`;

const CALLS = [
  ['call4', 'a6'],
  ['call8', 'a10'],
  ['call12', 'a14'],
] as const;

describe('register windows', () => {
  it.each(CALLS)('spills and reloads frames of %s by itself', (call, argument) => {
    const { cpu } = machineWith(recursion(call, argument));
    beginWindowedCall(cpu, { entry: CODE, returnTo: HOST, stackTop: STACK_TOP, args: [100] });
    const stackPointer = cpu.get(1);
    expect(cpu.run()).toEqual({ kind: 'trap', pc: HOST });
    expect(windowedResult(cpu)[0]).toBe(5050);
    expect(cpu.get(1)).toBe(stackPointer);
    expect(cpu.get(WINDOWSTART)).toBe(1 << cpu.get(WINDOWBASE));
  });

  it.each(CALLS)('lets the guest handlers spill and reload frames of %s', (call, argument) => {
    const plain = machineWith(recursion(call, argument));
    const handled = machineWith(recursion(call, argument) + HANDLERS);
    handled.cpu.set(VECBASE, 0x4008_2000);
    for (const { cpu } of [plain, handled]) {
      beginWindowedCall(cpu, { entry: CODE, returnTo: HOST, stackTop: STACK_TOP, args: [90] });
      expect(cpu.run()).toEqual({ kind: 'trap', pc: HOST });
      expect(windowedResult(cpu)[0]).toBe(4095);
    }
    // The handlers' instructions count.
    expect(handled.cpu.instructions).toBeGreaterThan(plain.cpu.instructions + 70 * 10);
    expect(handled.cpu.get(PS) & 0x10).toBe(0);
    // Both left the same save areas.
    const stacks = [plain, handled].map(({ memory }) => {
      const bytes = new Uint8Array(0x7f00);
      memory.read(STACK_TOP - 0x7f00, bytes);
      return bytes;
    });
    expect(stacks[1]).toEqual(stacks[0]);
  });

  it('writes each frame below its callee and the rest below its caller', () => {
    const { cpu, memory } = machineWith(recursion('call8', 'a10'));
    beginWindowedCall(cpu, { entry: CODE, returnTo: HOST, stackTop: STACK_TOP, args: [20] });
    cpu.set(4, 0x44444444);
    cpu.set(7, 0x77777777);
    const outer = cpu.get(1);
    expect(cpu.run()).toEqual({ kind: 'trap', pc: HOST });
    const word = (address: number): number | object => memory.load(address, 4);
    // The outermost frame: a0 to a3 below its callee's stack pointer, a4 to a7 below the end of the stack.
    const callee = outer - 64;
    expect(word(callee - 16)).toBe(0);
    expect(word(callee - 12)).toBe(outer);
    expect(word(STACK_TOP - 32)).toBe(0x44444444);
    expect(word(STACK_TOP - 20)).toBe(0x77777777);
    expect(cpu.get(4)).toBe(0x44444444);
    expect(cpu.get(7)).toBe(0x77777777);
  });

  it('faults at ENTRY when a frame cannot be spilled, with the registers of before', () => {
    const { cpu, at } = machineWith(
      `
  entry a1, 64
  movi a2, 7
  entry_again:
  movi a1, 0x100       # a stack pointer into nowhere
  call8 deep
  .align 4
deep:
  entry a1, 32
  call8 deep
`
        .replace('0x100', '256')
        .replace(/#.*/, ''),
    );
    beginWindowedCall(cpu, { entry: CODE, returnTo: HOST, stackTop: STACK_TOP });
    const stop = cpu.run();
    expect(stop).toMatchObject({
      kind: 'memory-fault',
      pc: at('deep'),
      fault: { kind: 'unmapped', access: 'write', width: 4 },
    });
    expect(cpu.get(CALLINC)).toBe(2);
    const registers = Array.from({ length: 16 }, (_, i) => cpu.get(i));
    // It stays there, and nothing changes.
    expect(cpu.run()).toEqual(stop);
    expect(Array.from({ length: 16 }, (_, i) => cpu.get(i))).toEqual(registers);
  });

  it('faults at RETW when the caller cannot be reloaded', () => {
    const { cpu } = machineWith('retw');
    cpu.set(0, (2 << 30) | CODE);
    cpu.set(1, 0x20);
    expect(cpu.run()).toMatchObject({
      kind: 'memory-fault',
      pc: CODE,
      fault: { kind: 'unmapped', access: 'read', address: 0x10 },
    });
    expect(cpu.get(WINDOWBASE)).toBe(0);
  });

  it('finds ENTRY and RETW illegal without windows, in exceptions, and with a wrong size', () => {
    for (const [source, prepare] of [
      ['entry a1, 32', (ps: number) => ps & ~0x4_0000],
      ['retw', (ps: number) => ps | 0x10],
      ['retw.n', (ps: number) => ps],
    ] as const) {
      const { cpu } = machineWith(source);
      cpu.set(PS, prepare(cpu.get(PS)));
      cpu.set(0, CODE & 0x3fff_ffff);
      expect(cpu.run()).toEqual({ kind: 'exception', pc: CODE, name: 'illegal-instruction', argument: 0 });
    }
    const { cpu } = machineWith('retw');
    // The nearest live frame is one quad below, the return address says two.
    cpu.set(WINDOWBASE, 5);
    cpu.set(WINDOWSTART, (1 << 5) | (1 << 4));
    cpu.set(0, (2 << 30) | 0x80_0000);
    expect(cpu.run()).toMatchObject({ kind: 'exception', name: 'illegal-instruction' });
  });

  it('keeps the upper bits of the pc on return', () => {
    const { cpu } = machineWith('retw');
    cpu.set(WINDOWBASE, 4);
    cpu.set(WINDOWSTART, (1 << 4) | (1 << 2));
    cpu.set(0, (2 << 30) | 0x0008_0123);
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: 0x4008_0123 });
    expect(cpu.get(WINDOWBASE)).toBe(2);
    expect(cpu.get(WINDOWSTART)).toBe(1 << 2);
  });

  it('turns by ROTW and writes of WINDOWBASE, registers following', () => {
    const { cpu } = machineWith(`
  movi a12, 120
  rotw 3
  addi a0, a0, 1
  movi a4, 9
  wsr a4, windowbase
  movi a8, 88
  rotw -7
`);
    expect(cpu.run({ fuel: 7 })).toMatchObject({ kind: 'fuel' });
    expect(cpu.get(WINDOWBASE)).toBe(2);
    expect(cpu.get(4)).toBe(121);
    expect(cpu.get(PHYSICAL + 11 * 4)).toBe(88);
  });

  it('spills an older frame when an instruction names its registers', () => {
    const { cpu, memory } = machineWith(`
  movi a2, 1
  add a5, a2, a2
`);
    // A live frame one quad above, whose callee is this frame 15 quads further round.
    cpu.set(WINDOWSTART, 0b11 | (1 << 2));
    cpu.set(4 + 0, 0x1111);
    cpu.set(4 + 1, 0x2222);
    cpu.set(8 + 1, STACK_TOP - 256);
    expect(cpu.run({ fuel: 2 })).toMatchObject({ kind: 'fuel' });
    expect(cpu.get(5)).toBe(2);
    expect(cpu.get(WINDOWSTART)).toBe(0b101);
    expect(memory.load(STACK_TOP - 256 - 16, 4)).toBe(0x1111);
    expect(memory.load(STACK_TOP - 256 - 12, 4)).toBe(0x2222);
  });

  it('raises the overflow exception at the instruction when the guest has handlers', () => {
    const { cpu } = machineWith(`add a5, a2, a2\n${HANDLERS}`);
    cpu.set(VECBASE, 0x4008_2000);
    cpu.set(WINDOWSTART, 0b111);
    cpu.set(8 + 1, STACK_TOP - 256);
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: 0x4008_2000 });
    expect(cpu.get(EPC1)).toBe(CODE);
    expect(cpu.get(WINDOWBASE)).toBe(1);
    expect(cpu.get(PS) & 0xf10).toBe(0x010);
    expect(cpu.run({ fuel: 5 })).toEqual({ kind: 'fuel', pc: CODE });
    expect(cpu.get(WINDOWSTART)).toBe(0b101);
    expect(cpu.get(WINDOWBASE)).toBe(0);
  });
});

describe('MOVSP', () => {
  const source = `
  entry a1, 64
  addi a3, a1, -128
  movsp a1, a3
  mov.n a2, a0
  retw
`;

  it('moves the stack pointer while the caller is in registers', () => {
    const { cpu } = machineWith(source);
    beginWindowedCall(cpu, { entry: CODE, returnTo: HOST, stackTop: STACK_TOP });
    const outer = cpu.get(1);
    cpu.run({ fuel: 3 });
    expect(cpu.get(1)).toBe(outer - 64 - 128);
    expect(cpu.run()).toEqual({ kind: 'trap', pc: HOST });
    expect(cpu.get(1)).toBe(outer);
  });

  it('brings a spilled caller back first, or raises alloca when there is none', () => {
    const { cpu, memory } = machineWith('movsp a1, a3');
    cpu.set(WINDOWBASE, 6);
    cpu.set(WINDOWSTART, 1 << 6);
    cpu.set(0, (1 << 30) | 0x1234);
    cpu.set(1, STACK_TOP - 256);
    cpu.set(3, STACK_TOP - 512);
    memory.write(STACK_TOP - 256 - 16, new Uint8Array(Uint32Array.of(10, 11, 12, 13).buffer));
    expect(cpu.step()).toBeUndefined();
    expect(cpu.get(1)).toBe(STACK_TOP - 512);
    expect(cpu.get(WINDOWSTART)).toBe((1 << 6) | (1 << 5));
    expect([0, 1, 2, 3].map((i) => cpu.get(PHYSICAL + 20 + i))).toEqual([10, 11, 12, 13]);

    const outermost = machineWith('movsp a1, a3').cpu;
    outermost.set(0, 0);
    expect(outermost.run()).toMatchObject({ kind: 'exception', name: 'alloca', pc: CODE });
  });
});
