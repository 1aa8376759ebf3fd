import type { Cpu } from '@loadstone/cpu-core';
import { Cause, handlerAt, Vector } from './exceptions.js';
import {
  CALLINC,
  EPC1,
  EPS2,
  EXCCAUSE,
  INTENABLE,
  INTERRUPT,
  PS,
  PS_CALLINC_SHIFT,
  PS_EXCM,
  PS_INTLEVEL,
  PS_UM,
  VECBASE,
} from './slots.js';

/** Interrupt level of each of the 32 lines, 7 for the NMI (esp32_v3_49_prod, core-isa.h, XCHAL_INTn_LEVEL). */
const LEVELS: readonly number[] = [
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 7, 3, 5, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 3, 4, 3, 4, 5,
];

/** Level below which PS.EXCM holds interrupts back (XCHAL_EXCM_LEVEL). */
const EXCM_LEVEL = 3;
const NMI_LEVEL = 7;

const LEVEL_VECTORS: readonly Vector[] = [
  Vector.User,
  Vector.User,
  Vector.Level2,
  Vector.Level3,
  Vector.Level4,
  Vector.Level5,
  Vector.Debug,
  Vector.Nmi,
];

/** Sets or clears an interrupt line, 0 to 31, in INTERRUPT. */
export function setInterruptLine(cpu: Cpu, line: number, active: boolean): void {
  const bit = 1 << (line & 31);
  cpu.set(INTERRUPT, active ? cpu.get(INTERRUPT) | bit : cpu.get(INTERRUPT) & ~bit);
}

/**
 * Takes the highest pending interrupt that INTENABLE and PS allow: EPCn, EPSn (level 1: EPC1 and EXCCAUSE) and PS are set and the
 * pc goes to the guest's vector. Call it between runs; the CPU does not take interrupts by itself.
 * @returns the level taken, 1 to 7; 0 when none is allowed or VECBASE points at no handler
 */
export function takeInterrupt(cpu: Cpu): number {
  const ps = cpu.get(PS);
  const threshold = Math.max(ps & PS_INTLEVEL, (ps & PS_EXCM) !== 0 ? EXCM_LEVEL : 0);
  const pending = cpu.get(INTERRUPT);
  const enabled = cpu.get(INTENABLE);
  let level = 0;
  for (let line = 0; line < 32; line++) {
    const bit = 1 << line;
    const of = LEVELS[line];
    if ((pending & bit) === 0 || of <= level) continue;
    if (of === NMI_LEVEL || ((enabled & bit) !== 0 && of > threshold)) level = of;
  }
  if (level === 0) return 0;
  const vector = level === 1 && (ps & PS_UM) === 0 ? Vector.Kernel : LEVEL_VECTORS[level];
  const state = new Int32Array(VECBASE + 1);
  state[VECBASE] = cpu.get(VECBASE);
  const handler = handlerAt({ state, memory: cpu.memory }, vector);
  if (handler === -1) return 0;
  cpu.set(EPC1 + level - 1, cpu.pc);
  if (level === 1) {
    cpu.set(EXCCAUSE, Cause.Level1Interrupt);
    cpu.set(PS, ps | PS_EXCM);
  } else {
    cpu.set(EPS2 + level - 2, ps | (cpu.get(CALLINC) << PS_CALLINC_SHIFT));
    cpu.set(PS, (ps & ~PS_INTLEVEL) | level | PS_EXCM);
  }
  cpu.pc = handler;
  return level;
}
