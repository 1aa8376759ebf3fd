import { describe, expect, it } from 'vitest';
import { SLOT } from './slots.js';
import { bench, CODE, DATA, engines, stopAt } from './testing/bench.js';

const BKPT = 0xbe00;

describe.each(engines)('transfers that the vectors leave out, on %s', (engine) => {
  const run = (code: readonly number[], registers: Record<string, number> = {}) => {
    const cpu = bench(engine, [...code, BKPT], registers);
    cpu.memory.write(DATA, new Uint8Array(Uint32Array.of(0x101, 0x202, 0x303, 0x404, 0x2000_0107).buffer));
    stopAt(cpu, code.length * 2);
    return cpu;
  };

  it('loads the base with the others: ldm r1, {r0, r1, r2}', () => {
    const cpu = run([0xc907], { r1: DATA });
    expect([cpu.get(0), cpu.get(1), cpu.get(2)]).toEqual([0x101, 0x202, 0x303]);
  });

  it('writes the base back when it is not in the list: ldm r3!, {r0, r1}', () => {
    const cpu = run([0xcb03], { r3: DATA });
    expect([cpu.get(0), cpu.get(1), cpu.get(3)]).toEqual([0x101, 0x202, DATA + 8]);
  });

  it('stores the old base when it is the lowest register: stm r0!, {r0, r1}', () => {
    const cpu = run([0xc003], { r0: DATA + 8, r1: 7 });
    expect([cpu.memory.load(DATA + 8, 4), cpu.memory.load(DATA + 12, 4), cpu.get(0)]).toEqual([DATA + 8, 7, DATA + 16]);
  });

  it('keeps sp a multiple of 4 when it is loaded: ldr.w sp, [r1, #16]', () => {
    expect(run([0xf8d1, 0xd010], { r1: DATA }).get(SLOT.SP)).toBe(0x2000_0104);
  });

  it('loads a base that is also loaded: ldrd r1, r2, [r1]', () => {
    const cpu = run([0xe9d1, 0x1200], { r1: DATA });
    expect([cpu.get(1), cpu.get(2)]).toEqual([0x101, 0x202]);
  });

  it('moves halves of double registers: vmov.32 d1[1], r0; vmov.32 d1[0], r1; vmov.32 r2, d1[1]', () => {
    const cpu = run([0xee21, 0x0b10, 0xee01, 0x1b10, 0xee31, 0x2b10], { r0: 5, r1: 6 });
    expect([cpu.get(SLOT.S0 + 2), cpu.get(SLOT.S0 + 3), cpu.get(2)]).toEqual([6, 5, 5]);
  });

  it('reads pc as the address + 4: add r0, pc; mov r1, pc; adr r2, #4', () => {
    const cpu = run([0x4478, 0x4679, 0xa201], { r0: 1 });
    expect([cpu.get(0), cpu.get(1), cpu.get(2)]).toEqual([CODE + 5, CODE + 6, ((CODE + 8) & ~3) + 4]);
  });

  it('calls through lr: blx lr comes back behind itself', () => {
    const cpu = bench(engine, [0x47f0, BKPT, 0x2005, 0x4770], { lr: (CODE + 4) | 1 });
    stopAt(cpu, 2);
    expect([cpu.get(0), cpu.get(SLOT.LR)]).toEqual([5, (CODE + 2) | 1]);
  });
});
