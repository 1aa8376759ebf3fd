import type { MemoryFault } from '@loadstone/cpu-core';
import { describe, expect, it } from 'vitest';
import { enterExceptionHandler, faultCause } from './exceptions.js';
import { setInterruptLine, takeInterrupt } from './interrupts.js';
import { CPENABLE, DEBUGCAUSE, DEPC, EPC1, EPS2, EXCCAUSE, EXCVADDR, INTENABLE, PS, VECBASE } from './slots.js';
import { CODE, machineWith, STACK_TOP } from './testing/machine.js';

const VECTORS = 0x4008_2000;

/** A machine whose user, double and debug vectors loop for ever, behind `source`. */
function withVectors(source: string) {
  const machine = machineWith(`${source}
  .org ${VECTORS + 0x180}
level2:
  rfi 2
  .org ${VECTORS + 0x280}
debug:
  rfi 6
  .org ${VECTORS + 0x340}
user:
  rfe
  .org ${VECTORS + 0x3c0}
double:
  rfde
`);
  machine.cpu.set(VECBASE, VECTORS);
  return machine;
}

describe('exceptions without handlers', () => {
  it.each([
    ['syscall', 'syscall', 0],
    ['ill', 'illegal-instruction', 0],
    ['ill.n', 'illegal-instruction', 0],
    ['break 3, 9', 'break', 0x39],
    ['break.n 5', 'break', 0x50],
    ['simcall', 'simcall', 77],
    ['rfdo', 'illegal-instruction', 0],
    ['quou a3, a2, a4', 'integer-divide-by-zero', 0],
    ['quos a3, a2, a4', 'integer-divide-by-zero', 0],
    ['remu a3, a2, a4', 'integer-divide-by-zero', 0],
    ['rems a3, a2, a4', 'integer-divide-by-zero', 0],
    ['waiti 2', 'wait-for-interrupt', 2],
  ])('%s stops as %s', (source, name, argument) => {
    const { cpu } = machineWith(source);
    cpu.set(2, 77);
    cpu.set(3, 33);
    expect(cpu.run()).toEqual({ kind: 'exception', pc: CODE, name, argument });
    expect(cpu.get(3)).toBe(33);
    expect(cpu.instructions).toBe(0);
  });

  it.each(['add.s f1, f2, f3', 'lsi f1, a2, 0', 'rfr a2, f3', 'rur a3, fcr', 'olt.s b1, f2, f3', 'const.s f1, 1'])(
    '%s needs coprocessor 0',
    (source) => {
      const { cpu } = machineWith(source);
      cpu.set(CPENABLE, 0xfe);
      expect(cpu.run()).toMatchObject({ kind: 'exception', pc: CODE, name: 'coprocessor0-disabled' });
      cpu.set(CPENABLE, 1);
      cpu.set(2, STACK_TOP - 64);
      expect(cpu.step()).toBeUndefined();
    },
  );

  it('goes on behind the instruction when the host steps over it', () => {
    const { cpu } = machineWith('syscall\nmovi a2, 5\nill');
    expect(cpu.run()).toMatchObject({ name: 'syscall' });
    cpu.pc += 3;
    expect(cpu.run()).toMatchObject({ name: 'illegal-instruction', pc: CODE + 6 });
    expect(cpu.get(2)).toBe(5);
  });
});

describe('exceptions with handlers', () => {
  it('enters the user vector and returns by RFE', () => {
    const { cpu, at } = withVectors('syscall');
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: at('user') });
    expect([cpu.get(EPC1), cpu.get(EXCCAUSE), cpu.get(PS) & 0x10]).toEqual([CODE, 1, 0x10]);
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: CODE });
    expect(cpu.get(PS) & 0x10).toBe(0);
  });

  it('enters the double exception vector while one is being handled', () => {
    const { cpu, at } = withVectors('syscall');
    cpu.set(PS, cpu.get(PS) | 0x10);
    cpu.set(EPC1, 0x1234);
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: at('double') });
    expect([cpu.get(DEPC), cpu.get(EPC1)]).toEqual([CODE, 0x1234]);
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: CODE });
  });

  it('takes BREAK at the debug level, and passes it there', () => {
    const { cpu, at } = withVectors('break 1, 2\nbreak.n 3');
    const ps = cpu.get(PS);
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: at('debug') });
    expect([cpu.get(EPC1 + 5), cpu.get(EPS2 + 4), cpu.get(DEBUGCAUSE)]).toEqual([CODE, ps, 8]);
    expect(cpu.get(PS) & 0x1f).toBe(0x16);
    cpu.pc = CODE;
    expect(cpu.run({ fuel: 2 })).toEqual({ kind: 'fuel', pc: CODE + 5 });
  });

  it('delivers a memory fault that stopped a run', () => {
    const { cpu, at } = withVectors('l32i a2, a3, 8');
    cpu.set(3, 0x10);
    const stop = cpu.run();
    expect(stop).toMatchObject({ kind: 'memory-fault', fault: { address: 0x18, access: 'read' } });
    if (stop.kind !== 'memory-fault') return;
    expect(enterExceptionHandler(cpu, faultCause(stop.fault), stop.fault.address)).toBe(true);
    expect(cpu.pc).toBe(at('user'));
    expect([cpu.get(EPC1), cpu.get(EXCCAUSE), cpu.get(EXCVADDR)]).toEqual([CODE, 28, 0x18]);
    cpu.set(VECBASE, 0x4000_0000);
    expect(enterExceptionHandler(cpu, 28)).toBe(false);
  });

  it('takes interrupts that are enabled and above the level', () => {
    const { cpu, at } = withVectors('nop\nnop');
    expect(takeInterrupt(cpu)).toBe(0);
    setInterruptLine(cpu, 19, true);
    setInterruptLine(cpu, 0, true);
    expect(takeInterrupt(cpu)).toBe(0);
    cpu.set(INTENABLE, (1 << 19) | 1);
    const ps = cpu.get(PS);
    expect(takeInterrupt(cpu)).toBe(2);
    expect([cpu.pc, cpu.get(EPC1 + 1), cpu.get(EPS2)]).toEqual([at('level2'), CODE, ps]);
    expect(cpu.get(PS) & 0x1f).toBe(0x12);
    // Level 1 waits for the end of level 2, which RFI 2 is.
    expect(takeInterrupt(cpu)).toBe(0);
    setInterruptLine(cpu, 19, false);
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: CODE });
    expect(takeInterrupt(cpu)).toBe(1);
    expect([cpu.pc, cpu.get(EPC1), cpu.get(EXCCAUSE)]).toEqual([at('user'), CODE, 4]);
  });
});

describe('causes of refused accesses', () => {
  const causes: readonly [string, MemoryFault, number][] = [
    ['null read', { kind: 'unmapped', access: 'read', address: 0, width: 4 }, 28],
    ['null write', { kind: 'unmapped', access: 'write', address: 0, width: 1 }, 29],
    ['read above 0x80000000', { kind: 'unmapped', access: 'read', address: 0x8000_0000, width: 4 }, 28],
    ['jump to data memory', { kind: 'not-executable', access: 'fetch', address: 0x3ffb_0000, width: 2 }, 20],
    ['jump to null', { kind: 'unmapped', access: 'fetch', address: 0, width: 2 }, 20],
    ['fetch where no bus answers', { kind: 'unmapped', access: 'fetch', address: 0x4500_0000, width: 2 }, 2],
    ['byte read of IRAM', { kind: 'width', access: 'read', address: 0x4008_0001, width: 1, region: 'iram' }, 3],
    [
      'unaligned read of IRAM',
      { kind: 'unaligned', access: 'read', address: 0x4008_0002, width: 4, region: 'iram' },
      3,
    ],
    ['write to flash', { kind: 'read-only', access: 'write', address: 0x3f40_0000, width: 4, region: 'drom' }, 3],
    ['unaligned atomic', { kind: 'unaligned', access: 'read', address: 0x3ffb_0002, width: 4, region: 'dram' }, 9],
    ['hole in data memory', { kind: 'unmapped', access: 'write', address: 0x3ff9_8000, width: 4 }, 15],
  ];
  it.each(causes)('%s', (_, fault, cause) => {
    expect(faultCause(fault)).toBe(cause);
  });
});

describe('access rules of the instructions', () => {
  const iram = { name: 'iram', start: 0x4009_0000, size: 0x100, kind: 'ram', executable: true } as const;

  it.each([
    ['l8ui a2, a3, 0', 'width', 1],
    ['l16ui a2, a3, 0', 'width', 2],
    ['s8i a2, a3, 0', 'width', 1],
    ['l32i a2, a4, 0', 'unaligned', 4],
  ])('%s in IRAM faults', (source, kind, width) => {
    const { cpu } = machineWith(source, [{ ...iram, widths: 4, alignedOnly: true }]);
    cpu.set(2, 5);
    cpu.set(3, 0x4009_0000);
    cpu.set(4, 0x4009_0002);
    const stop = cpu.run();
    expect(stop).toMatchObject({ kind: 'memory-fault', pc: CODE, fault: { kind, width } });
    if (stop.kind === 'memory-fault') expect(faultCause(stop.fault)).toBe(3);
    expect(cpu.get(2)).toBe(5);
  });

  it.each(['l32ai a2, a3, 0', 's32ri a2, a3, 0', 's32c1i a2, a3, 0'])('%s must be aligned', (source) => {
    const { cpu } = machineWith(source);
    cpu.set(3, STACK_TOP - 62);
    expect(cpu.run()).toMatchObject({ kind: 'memory-fault', fault: { kind: 'unaligned' } });
    cpu.set(3, STACK_TOP - 64);
    expect(cpu.step()).toBeUndefined();
  });

  it('loads and stores unaligned in data memory', () => {
    const { cpu, memory } = machineWith('s32i a2, a3, 0\nl16si a4, a3, 0');
    cpu.set(2, 0x1234_8765);
    cpu.set(3, STACK_TOP - 61);
    expect(cpu.run({ fuel: 2 })).toMatchObject({ kind: 'fuel' });
    expect(cpu.get(4)).toBe(0xffff_8765);
    expect(memory.load(STACK_TOP - 61, 4)).toBe(0x1234_8765);
  });
});
