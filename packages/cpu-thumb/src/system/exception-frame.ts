import type { Cpu, MemoryFault } from '@loadstone/cpu-core';
import { readApsr, writeApsr } from '../helpers/special-registers.js';
import { SLOT, slots } from '../slots.js';

/* Stacking and unstacking (ARMv7-M ARM B1.5.6 to B1.5.8). */

const CONTROL_SPSEL = 2;
const CONTROL_NPRIV = 1;
const BASIC_WORDS = 8;
const EXTENDED_WORDS = 26;
const STACK_REALIGNED = 1 << 9;
const basicSlots = [SLOT.R0, SLOT.R1, SLOT.R2, SLOT.R3, SLOT.R12, SLOT.LR];

function state(cpu: Cpu): Int32Array {
  return Int32Array.from(slots, (_, slot) => cpu.get(slot));
}

/** xPSR: APSR, ITSTATE in bits 26..25 and 15..10, T, exception number. */
function readXpsr(cpu: Cpu): number {
  const itstate = cpu.get(SLOT.ITSTATE);
  const it = ((itstate & 3) << 25) | ((itstate & 0xfc) << 8);
  return (readApsr(state(cpu)) | it | (1 << 24) | cpu.get(SLOT.IPSR)) >>> 0;
}

function writeXpsr(cpu: Cpu, xpsr: number): void {
  const words = state(cpu);
  writeApsr(words, xpsr, true, true);
  for (const slot of [SLOT.N, SLOT.Z, SLOT.C, SLOT.V, SLOT.Q, SLOT.GE]) cpu.set(slot, words[slot]);
  cpu.set(SLOT.ITSTATE, ((xpsr >>> 25) & 3) | ((xpsr >>> 8) & 0xfc));
  cpu.set(SLOT.IPSR, xpsr & 0x1ff);
}

/** Pushes the frame on the current stack and enters handler mode; returns the fault when the stack cannot take it. */
export function stack(cpu: Cpu, exception: number, returnAddress: number): MemoryFault | undefined {
  const control = cpu.get(SLOT.CONTROL);
  const isHandler = cpu.get(SLOT.IPSR) !== 0;
  const isProcess = !isHandler && (control & CONTROL_SPSEL) !== 0;
  const isExtended = cpu.get(SLOT.FPCA) !== 0;
  const sp = cpu.get(SLOT.SP);
  const words = isExtended ? EXTENDED_WORDS : BASIC_WORDS;
  // CCR.STKALIGN is fixed at 1: frames are 8-byte aligned.
  const frame = ((sp - words * 4) & ~7) >>> 0;
  const xpsr = (readXpsr(cpu) & ~STACK_REALIGNED) | ((sp & 4) !== 0 ? STACK_REALIGNED : 0);
  const values = [...basicSlots.map((slot) => cpu.get(slot)), returnAddress, xpsr >>> 0];
  if (isExtended) {
    for (let i = 0; i < 16; i++) values.push(cpu.get(SLOT.S0 + i));
    values.push(cpu.get(SLOT.FPSCR));
  }
  for (let i = 0; i < values.length; i++) {
    const fault = cpu.memory.store(frame + i * 4, 4, values[i]);
    if (fault) return fault;
  }
  const floatBit = isExtended ? 0 : 0x10;
  cpu.set(SLOT.LR, 0xffff_ffe0 | floatBit | (isHandler ? 0x1 : isProcess ? 0xd : 0x9));
  // Handlers run on the main stack.
  cpu.set(SLOT.SP, isProcess ? cpu.get(SLOT.MSP) : frame);
  if (isProcess) cpu.set(SLOT.PSP, frame);
  cpu.set(SLOT.CONTROL, control & CONTROL_NPRIV);
  cpu.set(SLOT.FPCA, 0);
  cpu.set(SLOT.IPSR, exception);
  cpu.set(SLOT.ITSTATE, 0);
  cpu.set(SLOT.EXCLUSIVE, 0);
  return undefined;
}

/** Whether a branch target is an EXC_RETURN value (bit 0 cleared) with a meaning. */
export function isExceptionReturn(target: number): boolean {
  return [0xffff_fff0, 0xffff_fff8, 0xffff_fffc, 0xffff_ffe0, 0xffff_ffe8, 0xffff_ffec].includes(target >>> 0);
}

/** Pops the frame that EXC_RETURN value `target` names, and goes back; returns the fault when it cannot be read. */
export function unstack(cpu: Cpu, target: number): MemoryFault | undefined {
  const toHandler = (target & 0xc) === 0;
  const fromProcess = (target & 0xc) === 0xc;
  const isExtended = (target & 0x10) === 0;
  const sp = fromProcess ? cpu.get(SLOT.PSP) : cpu.get(SLOT.SP);
  const words: number[] = [];
  for (let i = 0; i < (isExtended ? EXTENDED_WORDS - 1 : BASIC_WORDS); i++) {
    const word = cpu.memory.load(sp + i * 4, 4);
    if (typeof word !== 'number') return word;
    words.push(word);
  }
  basicSlots.forEach((slot, i) => {
    cpu.set(slot, words[i]);
  });
  const xpsr = words[7];
  if (isExtended) {
    for (let i = 0; i < 16; i++) cpu.set(SLOT.S0 + i, words[8 + i]);
    cpu.set(SLOT.FPSCR, words[24]);
  }
  const behind = (sp + (isExtended ? EXTENDED_WORDS : BASIC_WORDS) * 4) | ((xpsr & STACK_REALIGNED) !== 0 ? 4 : 0);
  const privilege = cpu.get(SLOT.CONTROL) & CONTROL_NPRIV;
  if (fromProcess) cpu.set(SLOT.MSP, cpu.get(SLOT.SP));
  cpu.set(SLOT.SP, behind >>> 0);
  cpu.set(SLOT.CONTROL, privilege | (fromProcess ? CONTROL_SPSEL : 0));
  cpu.set(SLOT.FPCA, isExtended ? 1 : 0);
  writeXpsr(cpu, toHandler ? xpsr : xpsr & ~0x1ff);
  cpu.set(SLOT.EXCLUSIVE, 0);
  cpu.pc = (words[6] & ~1) >>> 0;
  return undefined;
}
