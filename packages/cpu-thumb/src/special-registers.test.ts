import { describe, expect, it } from 'vitest';
import { SLOT } from './slots.js';
import { bench, engines, stopAt } from './testing/bench.js';

const BKPT = 0xbe00;
const MSP = 8;
const PSP = 9;
const PRIMASK = 16;
const BASEPRI = 17;
const BASEPRI_MAX = 18;
const CONTROL = 20;
/** mrs r0..r7, special */
const mrs = (register: number, special: number): number[] => [0xf3ef, 0x8000 | (register << 8) | special];
/** msr special, r0..r7 */
const msr = (special: number, register: number): number[] => [0xf380 | register, 0x8800 | special];

describe.each(engines)('special registers on %s', (engine) => {
  const run = (code: readonly number[], registers: Record<string, number>) => {
    const cpu = bench(engine, [...code, BKPT], registers);
    stopAt(cpu, code.length * 2);
    return cpu;
  };

  it('has two stack pointers, chosen by CONTROL.SPSEL in thread mode', () => {
    const cpu = run([...msr(PSP, 1), ...msr(CONTROL, 2), ...mrs(3, MSP), ...mrs(4, PSP), ...msr(MSP, 5)], {
      sp: 0x2000_0800,
      r1: 0x2000_0403,
      r2: 2,
      r5: 0x2000_0600,
    });
    expect([cpu.get(3), cpu.get(4), cpu.get(SLOT.SP)]).toEqual([0x2000_0800, 0x2000_0400, 0x2000_0400]);
    expect([cpu.get(SLOT.MSP), cpu.get(SLOT.CONTROL)]).toEqual([0x2000_0600, 2]);
  });

  it('masks interrupts by CPS and MSR', () => {
    // cpsid i; mrs r0, primask; cpsie i; mrs r1, primask; cpsid f
    const cpu = run([0xb672, ...mrs(0, PRIMASK), 0xb662, ...mrs(1, PRIMASK), 0xb671], {});
    expect([cpu.get(0), cpu.get(1), cpu.get(SLOT.PRIMASK), cpu.get(SLOT.FAULTMASK)]).toEqual([1, 0, 0, 1]);
  });

  it('raises the priority only by BASEPRI_MAX', () => {
    const code = [
      ...msr(BASEPRI, 1),
      ...msr(BASEPRI_MAX, 2),
      ...mrs(4, BASEPRI),
      ...msr(BASEPRI_MAX, 3),
      ...mrs(5, BASEPRI),
    ];
    const cpu = run(code, { r1: 0x40, r2: 0x80, r3: 0x20 });
    expect([cpu.get(4), cpu.get(5)]).toEqual([0x40, 0x20]);
  });

  it('refuses unprivileged code all but APSR and CONTROL', () => {
    const code = [
      ...msr(CONTROL, 1),
      ...msr(PRIMASK, 1),
      0xb672,
      ...msr(CONTROL, 0),
      ...mrs(2, CONTROL),
      ...mrs(3, MSP),
      ...mrs(4, 0),
    ];
    const cpu = run(code, { r0: 0, r1: 1, r3: 5, n: 0x8000_0000 });
    expect([cpu.get(2), cpu.get(3), cpu.get(4), cpu.get(SLOT.PRIMASK)]).toEqual([1, 0, 0x8000_0000, 0]);
  });

  it('keeps bits 1 and 0 of sp clear', () => {
    // mov sp, r1; add sp, r2
    const cpu = run([0x468d, 0x4495], { r1: 0x2000_0103, r2: 0x42 });
    expect(cpu.get(SLOT.SP)).toBe(0x2000_0140);
  });
});
