import type { Cpu } from '@loadstone/cpu-core';
import { isWide } from './decoder.js';
import { advance } from './it-state.js';
import { SLOT } from './slots.js';

/**
 * Goes on behind the instruction at pc without running it: what a host does after it has served an SVC or BKPT. An IT block
 * goes on as well.
 * @throws MemoryError when pc lies in no ram or rom
 */
export function skipInstruction(cpu: Cpu): void {
  const code = new Uint8Array(2);
  cpu.memory.read(cpu.pc, code);
  cpu.set(SLOT.ITSTATE, advance(cpu.get(SLOT.ITSTATE)));
  cpu.pc += isWide(code[0] | (code[1] << 8)) ? 4 : 2;
}
