import type { Architecture, Cpu } from '@loadstone/cpu-core';
import type { CType, FunctionType } from '../c/c-type.js';
import { HostError } from '../error.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { shapeOf } from './composite.js';
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

const ARGUMENT_REGISTERS = 6;

/** Words of a struct result that are passed in registers at most (GCC's xtensa_return_in_memory). */
const RESULT_REGISTERS = 4;
const NO_RESULT: ResultPlace = { kind: 'none', words: 0 };

/**
 * Argument assignment of both Xtensa conventions (Xtensa ISA Reference Manual, section 8.1.4): an argument lies wholly in registers or
 * wholly on the stack.
 */
class XtensaAssigner implements ArgumentAssigner {
  readonly resultPointer: ArgumentPlace | undefined;
  readonly #stack = new StackArea();
  #core = 0;

  constructor(hidden: boolean) {
    this.resultPointer = hidden ? this.next(RESULT_POINTER) : undefined;
  }

  get stackBytes(): number {
    return this.#stack.bytes;
  }

  next(type: CType): ArgumentPlace {
    const shape = shapeOf(type);
    const { words } = shape;
    if (shape.doubleAligned) this.#core += this.#core & 1;
    if (this.#core + words <= ARGUMENT_REGISTERS) {
      const at = this.#core;
      this.#core += words;
      return { kind: 'core', at, words };
    }
    this.#core = ARGUMENT_REGISTERS;
    return this.#stack.place(shape);
  }
}

/** What both Xtensa conventions share: argument words in a2 to a7 of the callee, results in a2 and a3. */
abstract class Xtensa implements CallingConvention {
  abstract readonly name: 'xtensa-windowed' | 'xtensa-call0';
  readonly stackAlign = 16;
  readonly codeBit = 0;
  protected readonly a0: number;

  constructor(architecture: Architecture) {
    this.a0 = slotOf(architecture, 'a0');
  }

  assigner(type: FunctionType): ArgumentAssigner {
    return new XtensaAssigner(this.resultPlace(type).kind === 'memory');
  }

  resultPlace({ returns }: FunctionType): ResultPlace {
    if (returns.kind === 'void') return NO_RESULT;
    const { words } = shapeOf(returns);
    return words > RESULT_REGISTERS ? { kind: 'memory', words: 1 } : { kind: 'core', words };
  }

  floatSlot(): number {
    throw new HostError('UNSUPPORTED', 'Xtensa passes floats in integer registers');
  }

  stackArguments(cpu: Cpu): number {
    return cpu.get(this.a0 + 1);
  }

  stackPointer(cpu: Cpu): number {
    return cpu.get(this.a0 + 1);
  }

  setResult(cpu: Cpu, { words: count }: ResultPlace, words: readonly number[]): void {
    for (let word = 0; word < count; word += 1) {
      const slot = this.argumentSlot(cpu, word);
      if (slot > this.a0 + 15)
        throw new HostError('UNSUPPORTED', `the caller's call12 leaves no room for a result of ${count} words`);
      cpu.set(slot, words[word]);
    }
  }

  result(cpu: Cpu, { words }: ResultPlace): number[] {
    return Array.from({ length: words }, (_, word) => cpu.get(this.outgoingSlot(word)));
  }

  abstract argumentSlot(cpu: Cpu, index: number): number;
  abstract returnAddress(cpu: Cpu): number;
  abstract scratchTop(cpu: Cpu, top: number | undefined): number;
  abstract begin(cpu: Cpu, memory: GuestMemory, setup: CallSetup, top: number | undefined): void;
  abstract outgoingSlot(index: number): number;
}

/** Bytes below a frame's stack pointer where the caller's a0 to a3 are spilled. */
const BASE_SAVE_AREA = 16;
/** Bytes below the caller's caller's stack pointer where a4 to a7 are spilled, over its own base save area. */
const EXTRA_SAVE_AREA = 32;
const CALL8 = 2;

/**
 * Windowed ABI. The host calls as a function that executed `call8` would: return address with size 2 in a8, arguments in a10
 * to a15, PS.CALLINC 2; the callee's ENTRY rotates. A host function is reached before any ENTRY, so its caller's window is
 * still in place and PS.CALLINC tells where the arguments are.
 */
export class XtensaWindowed extends Xtensa {
  readonly name = 'xtensa-windowed';
  readonly #increment: number;

  constructor(architecture: Architecture) {
    super(architecture);
    if (!architecture.windows) throw new HostError('BOARD', `${architecture.name} has no register windows`);
    this.#increment = architecture.windows.layout.increment;
  }

  argumentSlot(cpu: Cpu, index: number): number {
    return this.a0 + 4 * cpu.get(this.#increment) + 2 + index;
  }

  returnAddress(cpu: Cpu): number {
    const word = cpu.get(this.a0 + 4 * cpu.get(this.#increment));
    return ((cpu.pc & 0xc000_0000) | (word & 0x3fff_ffff)) >>> 0;
  }

  scratchTop(cpu: Cpu, top: number | undefined): number {
    return top === undefined ? cpu.get(this.a0 + 1) - BASE_SAVE_AREA : top - EXTRA_SAVE_AREA;
  }

  begin(cpu: Cpu, memory: GuestMemory, setup: CallSetup, top: number | undefined): void {
    const { stackPointer } = setup;
    const save = new Uint8Array(BASE_SAVE_AREA);
    if (top === undefined) {
      // The caller's frame moves down, its base save area with it, as MOVSP does.
      memory.read(cpu.get(this.a0 + 1) - BASE_SAVE_AREA, save);
    } else {
      // The outermost frame: a caller with return address 0 whose stack pointer is the top.
      new DataView(save.buffer).setUint32(4, top, true);
      cpu.set(this.a0, 0);
    }
    memory.write(stackPointer - BASE_SAVE_AREA, save);
    cpu.set(this.a0 + 1, stackPointer);
    cpu.set(this.#increment, CALL8);
    cpu.set(this.a0 + 4 * CALL8, ((CALL8 << 30) | (setup.returnTo & 0x3fff_ffff)) >>> 0);
    cpu.pc = setup.entry >>> 0;
  }

  outgoingSlot(index: number): number {
    return this.a0 + 4 * CALL8 + 2 + index;
  }
}

/** Call0 ABI: return address in a0, arguments in a2 to a7. */
export class XtensaCall0 extends Xtensa {
  readonly name = 'xtensa-call0';

  argumentSlot(_cpu: Cpu, index: number): number {
    return this.a0 + 2 + index;
  }

  returnAddress(cpu: Cpu): number {
    return cpu.get(this.a0);
  }

  scratchTop(cpu: Cpu, top: number | undefined): number {
    return top ?? cpu.get(this.a0 + 1);
  }

  begin(cpu: Cpu, _memory: GuestMemory, setup: CallSetup): void {
    cpu.set(this.a0 + 1, setup.stackPointer);
    cpu.set(this.a0, setup.returnTo);
    cpu.pc = setup.entry >>> 0;
  }

  outgoingSlot(index: number): number {
    return this.a0 + 2 + index;
  }
}
