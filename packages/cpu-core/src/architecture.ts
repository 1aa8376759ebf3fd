import type { AddressSpace } from './address-space.js';
import type { BlockBuilder } from './builder.js';

/** What a helper sees of the CPU while it runs. */
export interface HelperContext {
  /** The state words: named slots, then temporaries. Live view; do not keep it. */
  readonly state: Int32Array;
  readonly memory: AddressSpace;
  /** Address of the instruction that calls the helper. */
  readonly pc: number;
  /** Stops the run behind this helper with the architecture's exception; the pc stays at the instruction. */
  raise(exception: number, argument?: number): void;
  /** Code or decoding state changed: everything translated is looked up anew after this instruction. */
  flushTranslations(): void;
}

/** A meaning too rare or too long for micro-ops, written once in TypeScript and called by both back ends. */
export interface Helper {
  readonly name: string;
  /** Depends only on its operands and changes nothing but its result. */
  readonly pure: boolean;
  /** Operands and result are 32-bit words; give results as int32 (`| 0`). */
  readonly run: (context: HelperContext, a: number, b: number, c: number) => number;
}

/** Single-precision rules of one architecture over raw bits: rounding mode, NaN choice and sticky flags come from `state`. */
export interface FloatUnit {
  add(state: Int32Array, a: number, b: number): number;
  sub(state: Int32Array, a: number, b: number): number;
  mul(state: Int32Array, a: number, b: number): number;
  div(state: Int32Array, a: number, b: number): number;
  sqrt(state: Int32Array, a: number): number;
  /** c + a * b, one rounding */
  mulAdd(state: Int32Array, a: number, b: number, c: number): number;
  /** c - a * b, one rounding */
  mulSub(state: Int32Array, a: number, b: number, c: number): number;
  /**
   * When (state[slot] & mask) === value, an add, sub, mul, div or sqrt of numbers whose result is a normal number is
   * exactly the host's f32 operation with no visible flag change (round to nearest, inexact already sticky): the compiler's
   * fast path.
   */
  readonly plain: { readonly slot: number; readonly mask: number; readonly value: number };
}

/** Register windows (Xtensa): slots 0 to 15 always hold the visible registers. */
export interface WindowUnit {
  /**
   * ENTRY: rotates by the caller's increment; the new frame's register 1 gets `stackPointer`. Returns false when it raised
   * or faulted.
   */
  enter(context: HelperContext, stackPointer: number): boolean;
  /** RETW: rotates back. Returns the address to go on at, or -1 when it raised or faulted. */
  leave(context: HelperContext): number;
}

/** What decides how bytes decode besides the bytes themselves; part of a translation's key. */
export type DecodeMode = number;

/** A disassembled instruction. */
export interface Disassembly {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
  readonly mnemonic: string;
  /** Operand text as llvm-objdump prints it. */
  readonly operands: string;
}

/** Everything the core must know of a CPU. One constant object per architecture. */
export interface Architecture {
  readonly name: string;
  /** Names of the state slots, in order ("r0" ... or "a0" ...). */
  readonly slots: readonly string[];
  /** Slots of the four condition flags: N in bit 31, Z set when the word is 0, C 0 or 1, V in bit 31. Absent: no flag ops. */
  readonly flags?: { readonly n: number; readonly z: number; readonly c: number; readonly v: number };
  readonly stackPointer: number;
  /** Slot that holds the return address after a call, if a register does. */
  readonly linkRegister: number;
  readonly helpers: readonly Helper[];
  readonly float?: FloatUnit;
  readonly windows?: WindowUnit;
  /** Exception numbers used with Raise, by name ("undefined-instruction" ...). */
  readonly exceptions: readonly string[];
  /** Length in bytes of the shortest instruction, and of the longest. */
  readonly minLength: number;
  readonly maxLength: number;
  /** Puts the state words into their reset values. */
  reset(state: Int32Array): void;
  /** The decoding mode now (IT state, loop end, ...). */
  mode(state: Int32Array): DecodeMode;
  /**
   * Lifts the instruction at `address` into `builder` (which `begin` was not yet called on).
   * @param code bytes from `address` on, at least 1, up to `maxLength`; fewer only before the end of executable memory
   * @param mode mode at this instruction
   * @returns the mode for the next instruction, or -1 when `code` is too short for the instruction
   */
  lift(builder: BlockBuilder, address: number, code: Uint8Array, mode: DecodeMode): DecodeMode;
  /** Disassembles; bytes that are no instruction give `.short`/`.byte` data. */
  disassemble(address: number, code: Uint8Array, mode?: DecodeMode): Disassembly;
}
