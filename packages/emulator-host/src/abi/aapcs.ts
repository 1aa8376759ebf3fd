import type { Architecture, Cpu } from '@loadstone/cpu-core';
import type { CType, FunctionType } from '../c/c-type.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { type HomogeneousAggregate, homogeneousAggregate, shapeOf } from './composite.js';
import {
  type ArgumentAssigner,
  type ArgumentPlace,
  type CallingConvention,
  type CallSetup,
  RESULT_POINTER,
  type ResultPlace,
  slotOf,
} from './convention.js';
import { StackArea } from './stack-area.js';

const CORE_REGISTERS = 4;
const FLOAT_REGISTERS = 16;
const NO_RESULT: ResultPlace = { kind: 'none', words: 0 };

/** Argument assignment of AAPCS32 section 6.5 (stages C.1 to C.8). */
class AapcsAssigner implements ArgumentAssigner {
  readonly resultPointer: ArgumentPlace | undefined;
  readonly #stack = new StackArea();
  readonly #hard: boolean;
  #core = 0;
  /** Bit i: single register i is free. */
  #floats = 0xffff;

  constructor(hard: boolean, hidden: boolean) {
    this.#hard = hard;
    this.resultPointer = hidden ? this.next(RESULT_POINTER) : undefined;
  }

  get stackBytes(): number {
    return this.#stack.bytes;
  }

  next(type: CType): ArgumentPlace {
    const floats = this.#hard ? floatsOf(type) : undefined;
    if (floats) return this.#float(floats);
    const shape = shapeOf(type);
    const { words } = shape;
    if (shape.doubleAligned) this.#core += this.#core & 1;
    const at = this.#core;
    if (at + words <= CORE_REGISTERS) {
      this.#core += words;
      return { kind: 'core', at, words };
    }
    this.#core = CORE_REGISTERS;
    // C.5: what does not fit into the last registers goes on at the start of the stack arguments.
    if (at < CORE_REGISTERS && this.#stack.bytes === 0) {
      const spilled = words - (CORE_REGISTERS - at);
      this.#stack.place({ words: spilled, doubleAligned: false });
      return { kind: 'core', at, words, spilled };
    }
    return this.#stack.place(shape);
  }

  #float({ size, count }: HomogeneousAggregate): ArgumentPlace {
    const words = (size / 4) * count;
    const mask = 2 ** words - 1;
    for (let at = 0; at + words <= FLOAT_REGISTERS; at += size / 4) {
      if (((this.#floats >>> at) & mask) !== mask) continue;
      this.#floats &= ~(mask << at);
      return { kind: 'float', at, words };
    }
    this.#floats = 0;
    return this.#stack.place({ words, doubleAligned: size === 8 });
  }
}

/** What goes into float registers under the VFP variant: floats, and structs of them alone. */
function floatsOf(type: CType): HomogeneousAggregate | undefined {
  if (type.kind === 'float') return { size: type.size, count: 1 };
  return type.kind === 'struct' ? homogeneousAggregate(type) : undefined;
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

  assigner(type: FunctionType): ArgumentAssigner {
    return new AapcsAssigner(this.#hard && !type.variadic, this.resultPlace(type).kind === 'memory');
  }

  /** AAPCS32 section 6.4: structs of more than 4 bytes in memory; with VFP, floats and structs of them in s0 and up. */
  resultPlace({ returns, variadic }: FunctionType): ResultPlace {
    if (returns.kind === 'void') return NO_RESULT;
    const floats = this.#hard && !variadic ? floatsOf(returns) : undefined;
    if (floats) return { kind: 'float', words: (floats.size / 4) * floats.count };
    const { words } = shapeOf(returns);
    return returns.kind === 'struct' && words > 1 ? { kind: 'memory', words: 1 } : { kind: 'core', words };
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

  setResult(cpu: Cpu, place: ResultPlace, words: readonly number[]): void {
    const slot = this.#resultSlot(place);
    for (let word = 0; word < place.words; word += 1) cpu.set(slot + word, words[word]);
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

  result(cpu: Cpu, place: ResultPlace): number[] {
    const slot = this.#resultSlot(place);
    return Array.from({ length: place.words }, (_, word) => cpu.get(slot + word));
  }

  #resultSlot({ kind }: ResultPlace): number {
    return kind === 'float' ? this.#s0 : this.#r0;
  }
}
