import { describe, expect, it } from 'vitest';
import { skipInstruction } from './skip-instruction.js';
import { SLOT } from './slots.js';
import { bench, CODE, DATA, DATA_END, engines, place, ROM, setRegisters, snapshot, stopAt } from './testing/bench.js';

const BKPT = 0xbe00;

describe.each(engines)('memory faults on %s', (engine) => {
  /** Each faults at its first instruction, with every register as before. */
  it.each([
    [
      'ldr r0, [r1]',
      [0x6808],
      { r1: 0x4000_0000 },
      { kind: 'unmapped', access: 'read', address: 0x4000_0000, width: 4 },
    ],
    [
      'ldrb r0, [r1, r2]',
      [0x5c88],
      { r1: DATA, r2: 0x1000 },
      { kind: 'unmapped', access: 'read', address: DATA_END, width: 1 },
    ],
    ['ldr r0, [r1], #4', [0xf851, 0x0b04], { r1: 0 }, { kind: 'unmapped', access: 'read', address: 0, width: 4 }],
    [
      'strh r0, [r1, #2]!',
      [0xf821, 0x0f02],
      { r1: ROM },
      { kind: 'read-only', access: 'write', address: ROM + 2, width: 2 },
    ],
    ['str r0, [r1]', [0x6008], { r1: 0 }, { kind: 'unmapped', access: 'write', address: 0, width: 4 }],
    ['push {r4, lr}', [0xb510], { sp: DATA + 4 }, { kind: 'unmapped', access: 'write', address: DATA - 4, width: 4 }],
    [
      'pop {r0, r1, pc}',
      [0xbd03],
      { sp: DATA_END - 8 },
      { kind: 'unmapped', access: 'read', address: DATA_END, width: 4 },
    ],
    [
      'ldm r1!, {r0, r2}',
      [0xc905],
      { r1: DATA_END - 4 },
      { kind: 'unmapped', access: 'read', address: DATA_END, width: 4 },
    ],
    [
      'ldm r1, {r0, r1, r2}',
      [0xc907],
      { r1: DATA_END - 8 },
      { kind: 'unmapped', access: 'read', address: DATA_END, width: 4 },
    ],
    [
      'ldrd r2, r3, [r1, #-4]!',
      [0xe971, 0x2301],
      { r1: DATA },
      { kind: 'unmapped', access: 'read', address: DATA - 4, width: 4 },
    ],
    ['vldr s0, [r1]', [0xed91, 0x0a00], { r1: 8 }, { kind: 'unmapped', access: 'read', address: 8, width: 4 }],
    ['vpush {s0}', [0xed2d, 0x0a01], { sp: DATA }, { kind: 'unmapped', access: 'write', address: DATA - 4, width: 4 }],
    ['tbb [r1, r2]', [0xe8d1, 0xf002], { r1: 0 }, { kind: 'unmapped', access: 'read', address: 0, width: 1 }],
    ['ldr pc, [r1]', [0xf8d1, 0xf000], { r1: 4 }, { kind: 'unmapped', access: 'read', address: 4, width: 4 }],
    [
      'ldm r1, {r0, r2}',
      [0xc905],
      { r1: DATA + 2 },
      { kind: 'unaligned', access: 'read', address: DATA + 2, width: 4 },
    ],
    [
      'strd r2, r3, [r1]',
      [0xe9c1, 0x2300],
      { r1: DATA + 1 },
      { kind: 'unaligned', access: 'write', address: DATA + 1, width: 4 },
    ],
    [
      'ldrex r0, [r1]',
      [0xe851, 0x0f00],
      { r1: DATA + 2 },
      { kind: 'unaligned', access: 'read', address: DATA + 2, width: 4 },
    ],
    [
      'ldrexh r0, [r1]',
      [0xe8d1, 0x0f5f],
      { r1: DATA + 1 },
      { kind: 'unaligned', access: 'read', address: DATA + 1, width: 2 },
    ],
    [
      'vstr s0, [r1]',
      [0xed81, 0x0a00],
      { r1: DATA + 2 },
      { kind: 'unaligned', access: 'write', address: DATA + 2, width: 4 },
    ],
  ] as const)('%s', (_text, code, registers, fault) => {
    const cpu = bench(engine, [...code, BKPT], { r0: 7, r2: 0, ...registers });
    const before = snapshot(cpu);
    expect(stopAt(cpu, 0)).toMatchObject({ kind: 'memory-fault', fault });
    expect(snapshot(cpu)).toEqual(before);
    expect(cpu.instructions).toBe(0);
  });

  it('goes on once the cause is gone', () => {
    const cpu = bench(engine, [0x2005, 0x600a, 0x3001, BKPT], { r1: 0, r2: 9 });
    expect(stopAt(cpu, 2)).toMatchObject({ kind: 'memory-fault' });
    setRegisters(cpu, { r1: DATA });
    expect(stopAt(cpu, 6)).toMatchObject({ kind: 'exception', name: 'breakpoint' });
    expect([cpu.get(SLOT.R0), cpu.memory.load(DATA, 4), cpu.instructions]).toEqual([6, 9, 3]);
  });

  it('fetches only executable memory', () => {
    const cpu = bench(engine, [0x4708], { r1: DATA | 1 });
    expect(cpu.run()).toMatchObject({
      kind: 'memory-fault',
      pc: DATA,
      fault: { kind: 'not-executable', access: 'fetch' },
    });
    expect(cpu.pc).toBe(DATA);
  });

  it('lets words and half-words be unaligned unless CCR.UNALIGN_TRP is set', () => {
    // ldr r0, [r1]; ldrh r2, [r1]; str r0, [r1, #4]
    const code = [0x6808, 0x880a, 0x6048, BKPT];
    const cpu = bench(engine, code, { r1: DATA + 1 });
    cpu.memory.write(DATA, Uint8Array.of(1, 2, 3, 4, 5));
    expect(stopAt(cpu, 6)).toMatchObject({ name: 'breakpoint' });
    expect([cpu.get(SLOT.R0), cpu.get(SLOT.R2), cpu.memory.load(DATA + 5, 4)]).toEqual([
      0x0504_0302, 0x0302, 0x0504_0302,
    ]);
    const trapping = bench(engine, code, { r1: DATA + 1, ccr: 8 });
    expect(stopAt(trapping, 0)).toMatchObject({ fault: { kind: 'unaligned', address: DATA + 1, width: 4 } });
  });
});

describe.each(engines)('exceptions on %s', (engine) => {
  it.each([
    ['a gap of the 16-bit table', [0xb600], 'undefined-instruction', 0xb600],
    ['an unallocated 32-bit word', [0xffff, 0xffff], 'undefined-instruction', 0xffff_ffff],
    ['udf #3', [0xde03], 'undefined-instruction', 0xde03],
    ['str r0, [pc, #4]', [0xf8cf, 0x0004], 'undefined-instruction', 0xf8cf_0004],
    ['ldr r1, [r1], #4', [0xf851, 0x1b04], 'unpredictable-instruction', 0xf851_1b04],
    ['and sp, r0, #1', [0xf000, 0x0d01], 'unpredictable-instruction', 0xf000_0d01],
    ['bx r0 with a should-be-zero bit', [0x4701], 'unpredictable-instruction', 0x4701],
    ['svc #42', [0xdf2a], 'supervisor-call', 42],
    ['bkpt #171', [0xbeab], 'breakpoint', 171],
    ['mrc p15, 0, r0, c1, c0, 0', [0xee11, 0x0f10], 'no-coprocessor', 15],
    ['bx r1', [0x4708], 'invalid-state', 0x2000],
    ['blx r1', [0x4788], 'invalid-state', 0x2000],
    ['pop {r0, pc}', [0xbd01], 'invalid-state', 0x4444_4444],
    ['ldr pc, [sp], #8', [0xf85d, 0xfb08], 'invalid-state', 0x4444_4444],
    ['ldm.w r2!, {r3, pc}', [0xe8b2, 0x8008], 'invalid-state', 0x4444_4444],
  ] as const)('%s', (_text, code, name, argument) => {
    const cpu = bench(engine, [...code, BKPT], { r1: 0x2000, r2: DATA, sp: DATA, lr: 0x77 });
    cpu.memory.write(DATA, new Uint8Array(16).fill(0x44));
    const before = snapshot(cpu);
    const stop = stopAt(cpu, 0);
    expect(stop).toMatchObject({ kind: 'exception', name });
    expect(stop.kind === 'exception' && stop.argument >>> 0).toBe(argument);
    expect(snapshot(cpu)).toEqual(before);
  });

  it('divides by zero to 0, or traps when CCR.DIV_0_TRP is set', () => {
    // sdiv r0, r1, r2; udiv r3, r1, r2
    const code = [0xfb91, 0xf0f2, 0xfbb1, 0xf3f2, BKPT];
    const cpu = bench(engine, code, { r0: 5, r1: 0x8000_0000, r2: 0, r3: 5 });
    stopAt(cpu, 8);
    expect([cpu.get(SLOT.R0), cpu.get(SLOT.R3)]).toEqual([0, 0]);
    const trapping = bench(engine, code, { r0: 5, r1: 9, r2: 0, ccr: 0x10 });
    expect(stopAt(trapping, 0)).toMatchObject({ name: 'divide-by-zero' });
    setRegisters(trapping, { r2: 2 });
    stopAt(trapping, 8);
    expect([trapping.get(SLOT.R0), trapping.get(SLOT.R3)]).toEqual([4, 4]);
  });

  it('moves pc and add pc ignore bit 0', () => {
    const cpu = bench(engine, [0x468f, BKPT, BKPT], { r1: CODE + 4 });
    expect(stopAt(cpu, 4)).toMatchObject({ name: 'breakpoint' });
  });
});

describe.each(engines)('IT blocks on %s', (engine) => {
  it('keeps ITSTATE over a fault and goes on in the block', () => {
    // cmp r0, r0; itte eq; moveq r3, #1; ldreq r4, [r1]; movne r5, #2; movs r6, #3
    const cpu = bench(engine, [0x4280, 0xbf06, 0x2301, 0x680c, 0x2502, 0x2603, BKPT], { r1: 0, r5: 50 });
    expect(stopAt(cpu, 6)).toMatchObject({ kind: 'memory-fault' });
    expect([cpu.get(SLOT.ITSTATE), cpu.get(SLOT.R3)]).toEqual([0x0c, 1]);
    setRegisters(cpu, { r1: DATA });
    stopAt(cpu, 12);
    expect([cpu.get(SLOT.ITSTATE), cpu.get(5), cpu.get(6)]).toEqual([0, 50, 3]);
  });

  it('does not fault in an instruction whose condition fails', () => {
    // cmp r0, r0; itt ne; ldrne r4, [r1]; bxne r1; movs r6, #3
    const cpu = bench(engine, [0x4280, 0xbf1c, 0x680c, 0x4708, 0x2603, BKPT], { r1: 0 });
    expect(stopAt(cpu, 10)).toMatchObject({ name: 'breakpoint' });
    expect(cpu.get(6)).toBe(3);
  });

  it('skips an SVC in the middle of a block', () => {
    // cmp r0, r0; ittt eq; svceq #1; moveq r3, #1; movne... ; then movs r6, #3 sets flags again
    const cpu = bench(engine, [0x4280, 0xbf02, 0xdf01, 0x2301, 0x2400, 0x2600, BKPT], { r4: 9, r6: 9 });
    expect(stopAt(cpu, 4)).toMatchObject({ name: 'supervisor-call', argument: 1 });
    skipInstruction(cpu);
    stopAt(cpu, 12);
    expect([cpu.get(3), cpu.get(4), cpu.get(6), cpu.get(SLOT.ITSTATE)]).toEqual([1, 0, 0, 0]);
  });

  it.each([
    ['a branch that is not last', [0xbf04, 0xe7fe], 2],
    ['cbz', [0xbf08, 0xb100], 2],
    ['another it', [0xbf08, 0xbf08], 2],
    ['cpsid i', [0xbf08, 0xb672], 2],
  ] as const)('%s is unpredictable', (_text, code, offset) => {
    const cpu = bench(engine, [...code, BKPT, BKPT], { z: 0 });
    expect(stopAt(cpu, offset)).toMatchObject({ name: 'unpredictable-instruction' });
  });

  it('runs BKPT whatever its condition, and no undefined instruction whose condition fails', () => {
    // cmp r0, r0; itt ne; udfne; (undefined)ne; cmp r0, r0; it ne; bkpt #5
    const cpu = bench(engine, [0x4280, 0xbf1c, 0xde00, 0xb600, 0x4280, 0xbf18, 0xbe05, BKPT]);
    expect(stopAt(cpu, 12)).toMatchObject({ name: 'breakpoint', argument: 5 });
    expect(cpu.get(SLOT.ITSTATE)).toBe(0x18);
    skipInstruction(cpu);
    expect(stopAt(cpu, 14)).toMatchObject({ name: 'breakpoint', argument: 0 });
  });

  it('stops inside a block when the fuel is used up', () => {
    const cpu = bench(engine, [0xbf04, 0x2301, 0x2402, BKPT], { z: 0 });
    expect(cpu.run({ fuel: 2 })).toEqual({ kind: 'fuel', pc: CODE + 4 });
    expect(cpu.get(SLOT.ITSTATE)).toBe(0x08);
    expect(cpu.step()).toBeUndefined();
    expect([cpu.get(4), cpu.get(SLOT.ITSTATE)]).toEqual([2, 0]);
  });
});

describe.each(engines)('changing code on %s', (engine) => {
  it('runs what it wrote over itself', () => {
    // loop: movs r0, #1 (becomes movs r0, #2); strh r2, [r1]; isb; adds r3, #1; cmp r3, #2; bne loop
    const code = [0x2001, 0x800a, 0xf3bf, 0x8f6f, 0x3301, 0x2b02, 0xd1f8, BKPT];
    const cpu = bench(engine, code, { r1: CODE, r2: 0x2002, r3: 0 });
    stopAt(cpu, 14);
    expect([cpu.get(SLOT.R0), cpu.get(3)]).toEqual([2, 2]);
  });

  it('runs the second of two modules loaded at one address', () => {
    const cpu = bench(engine, [0x4788, BKPT], { r1: ROM | 1 });
    for (const [value, length] of [
      [11, 1],
      [22, 40],
    ]) {
      place(cpu, ROM, [...Array.from({ length }, () => 0x2000 | value), 0x4770]);
      for (let i = 0; i < 200; i++) {
        cpu.pc = CODE;
        stopAt(cpu, 2);
      }
      expect(cpu.get(SLOT.R0)).toBe(value);
    }
  });
});

describe.each(engines)('exclusives on %s', (engine) => {
  it('stores once behind a load, and not without one', () => {
    // ldrex r0, [r1]; strex r2, r3, [r1]; strex r4, r5, [r1]; ldrex r0, [r1]; clrex; strex r6, r5, [r1]
    const code = [0xe851, 0x0f00, 0xe841, 0x3200, 0xe841, 0x5400, 0xe851, 0x0f00, 0xf3bf, 0x8f2f, 0xe841, 0x5600, BKPT];
    const cpu = bench(engine, code, { r1: DATA, r3: 33, r5: 55 });
    stopAt(cpu, 24);
    expect([cpu.get(2), cpu.get(4), cpu.get(6), cpu.get(0), cpu.memory.load(DATA, 4)]).toEqual([0, 1, 1, 33, 33]);
  });
});
