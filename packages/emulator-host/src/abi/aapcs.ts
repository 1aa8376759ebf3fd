import type { Architecture, Cpu } from '@loadstone/cpu-core';
import type { CType } from '../c/c-type.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import {
  type ArgumentAssigner,
  type ArgumentPlace,
  type CallingConvention,
  type CallSetup,
  slotOf,
  wordsOf,
} from './convention.js';
import { StackArea } from './stack-area.js';

const CORE_REGISTERS = 4;
const FLOAT_REGISTERS = 16;

/** Argument assignment of AAPCS32 section 6.5 (stages C.1 to C.8). */
class AapcsAssigner implements ArgumentAssigner {
  readonly #stack = new StackArea();
  readonly #hard: boolean;
  #core = 0;
  /** Bit i: single register i is free. */
  #floats = 0xffff;

  constructor(hard: boolean) {
    this.#hard = hard;
  }

  get stackBytes(): number {
    return this.#stack.bytes;
  }

  next(type: CType): ArgumentPlace {
    const words = wordsOf(type);
    if (this.#hard && type.kind === 'float') return this.#float(words);
    if (words === 2) this.#core += this.#core & 1;
    if (this.#core + words <= CORE_REGISTERS) {
      const at = this.#core;
      this.#core += words;
      return { kind: 'core', at, words };
    }
    this.#core = CORE_REGISTERS;
    return this.#stack.place(words);
  }

  #float(words: 1 | 2): ArgumentPlace {
    const mask = words === 2 ? 3 : 1;
    for (let at = 0; at < FLOAT_REGISTERS; at += words) {
      if (((this.#floats >>> at) & mask) !== mask) continue;
      this.#floats &= ~(mask << at);
      return { kind: 'float', at, words };
    }
    this.#floats = 0;
    return this.#stack.place(words);
  }
}

/** AAPCS32 for Thumb code, base standard or (`hard`) the VFP variant; variadic functions always use the base standard. */
export class Aapcs implements CallingConvention {
  readonly name: 'aapcs' | 'aapcs-vfp';
  readonly stackAlign = 8;
  readonly codeBit = 1;
  readonly #hard: boolean;
  readonly #r0: number;
  readonly #sp: number;
  readonly #lr: number;
  readonly #s0: number;
  /** IT state; -1 on an architecture without. */
  readonly #itState: number;

  constructor(architecture: Architecture, hard: boolean) {
    this.name = hard ? 'aapcs-vfp' : 'aapcs';
    this.#hard = hard;
    this.#r0 = slotOf(architecture, 'r0');
    this.#sp = architecture.stackPointer;
    this.#lr = architecture.linkRegister;
    this.#s0 = hard ? slotOf(architecture, 's0') : -1;
    this.#itState = architecture.slots.indexOf('itstate');
  }

  assigner(variadic: boolean): ArgumentAssigner {
    return new AapcsAssigner(this.#hard && !variadic);
  }

  argumentSlot(_cpu: Cpu, index: number): number {
    return this.#r0 + index;
  }

  floatSlot(index: number): number {
    return this.#s0 + index;
  }

  stackArguments(cpu: Cpu): number {
    return cpu.get(this.#sp);
  }

  returnAddress(cpu: Cpu): number {
    return cpu.get(this.#lr);
  }

  setResult(cpu: Cpu, type: CType, variadic: boolean, low: number, high: number): void {
    if (type.kind === 'void') return;
    const slot = this.#resultSlot(type, variadic);
    cpu.set(slot, low);
    if (wordsOf(type) === 2) cpu.set(slot + 1, high);
  }

  scratchTop(cpu: Cpu, top: number | undefined): number {
    return top ?? cpu.get(this.#sp);
  }

  begin(cpu: Cpu, _memory: GuestMemory, setup: CallSetup): void {
    cpu.set(this.#sp, setup.stackPointer);
    cpu.set(this.#lr, setup.returnTo | 1);
    // A fault inside an IT block leaves its state behind; a new call starts outside any.
    if (this.#itState >= 0) cpu.set(this.#itState, 0);
    cpu.pc = (setup.entry & ~1) >>> 0;
  }

  outgoingSlot(index: number): number {
    return this.#r0 + index;
  }

  stackPointer(cpu: Cpu): number {
    return cpu.get(this.#sp);
  }

  result(cpu: Cpu, type: CType, variadic: boolean): [number, number] {
    const slot = this.#resultSlot(type, variadic);
    return [cpu.get(slot), cpu.get(slot + 1)];
  }

  #resultSlot(type: CType, variadic: boolean): number {
    return this.#hard && !variadic && type.kind === 'float' ? this.#s0 : this.#r0;
  }
}
