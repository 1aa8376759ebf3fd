import type { AddressSpace } from './address-space.js';
import type { BlockBuilder } from './builder.js';
import type { MemoryFault } from './stop.js';

/** What a helper sees of the CPU while it runs. */
export interface HelperContext {
  /** The state words: named slots, then temporaries. Live view; do not keep it. */
  readonly state: Int32Array;
  readonly memory: AddressSpace;
  /** Address of the instruction that calls the helper. */
  readonly pc: number;
  /** Stops the run behind this helper with the architecture's exception; the pc stays at the instruction. */
  raise(exception: number, argument?: number): void;
  /** Stops the run behind this helper with a refused access (from `memory.load` or `store`); the pc stays at the instruction. */
  fault(fault: MemoryFault): void;
  /**
   * Code or decoding state changed: everything translated is looked up anew after this instruction. With addresses: only
   * translations that hold a byte of [start, end) need to go (an engine may drop more).
   */
  flushTranslations(start?: number, end?: number): void;
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
   * When (state[slot] & mask) === value, an operation on numbers is exactly the host's f32 operation with no visible flag change (round
   * to nearest, inexact already sticky) if its result is a normal number but the least one, which may have been rounded up, or if it is
   * a finite sum, difference or square root. The fast path of both engines.
   */
  readonly plain: { readonly slot: number; readonly mask: number; readonly value: number };
}

/** Register windows (Xtensa): slots 0 to 15 always hold the visible registers. */
export interface WindowUnit {
  /**
   * ENTRY: rotates by the caller's increment; the new frame's register 1 gets `stackPointer`. Returns the address to go on at
   * (behind the instruction, where the mode is the one `lift` returned; or a handler of the guest, where `mode` is asked), or -1
   * when it raised or faulted: nothing visible changed then.
   */
  enter(context: HelperContext, stackPointer: number): number;
  /** RETW: rotates back. Returns the address to go on at (`mode` is asked), or -1 when it raised or faulted. */
  leave(context: HelperContext): number;
  /**
   * Stores the registers of a live frame of `size` quads (1 to 3), which begins at quad `frame` (0 to 15), where `enter` would to make room.
   * Compiled code has all registers in the physical file then.
   * @returns false when that is not all there is to do, because the guest has a handler of its own or a store is refused: `enter` is asked
   */
  spill(context: HelperContext, frame: number, size: number): boolean;
  /**
   * Loads the registers of the caller, `size` quads below the current frame at quad `frame`, into the physical file, as `leave` would.
   * @returns false when that is not all there is to do: `leave` is asked, and the physical file is as it was
   */
  reload(context: HelperContext, frame: number, size: number): boolean;
  /**
   * Whether `spill` and `reload` are the common case (see `WindowLayout`) at every frame size, and stay it until a helper or the host has run.
   * Asked when compiled code has had to call one of them.
   */
  isPlain(context: HelperContext): boolean;
  /** Where the state lies, for a compiler that writes the common cases natively. */
  readonly layout: WindowLayout;
}

/**
 * Slots of a windowed register file. Visible register i (slot i, 0 to 15) is physical register (base * 4 + i) mod `physicalCount`.
 * The words of the physical file that are visible are stale; all others are current. Micro-ops do not name the slots `base` and `start`:
 * compiled code keeps them elsewhere. Impure helpers read and write them.
 *
 * Common case of `enter`, with n = state[increment] (1 to 3), B = state[base], S = state[start]: when none of the bits
 * B + 1 ... B + n + 3 (mod 16) of S is set,
 * - physical words of visible 0 ... 4n - 1 are written from slots 0 ... 4n - 1,
 * - slots 4n ... 15 move to 0 ... 15 - 4n, slots 16 - 4n ... 15 are read from the physical words (B + n) * 4 + 16 - 4n ... + 15,
 * - state[base] = (B + n) mod 16, its bit in S is set, slot 1 = the stack pointer value, the pc goes on behind the instruction.
 * With n = 0 only slot 1 and the bit of S change.
 *
 * Common case of `leave`, with n = slot 0 >> 30 (1 to 3): when of the bits B - 1 ... B - n of S exactly bit B - n is set,
 * the reverse: visible 16 - 4n ... 15 go to the physical file, slots 0 ... 15 - 4n move up by 4n, slots 0 ... 4n - 1 are read, bit B
 * of S is cleared, state[base] = (B - n) mod 16, and the pc = the upper 2 bits of this pc, the lower 30 of the old slot 0.
 * Every other case calls `enter` or `leave`.
 *
 * Common case of `spill` and `reload`: registers 0 to 3 of the frame have their save area from 16 bytes below the stack pointer (register 1)
 * of the frame it called on. Those of quad 1 and 2 follow each other from 16 * `size` bytes below the address that the word at 12 bytes
 * below the frame's own stack pointer holds.
 */
export interface WindowLayout {
  /** Slot of the window base, in units of four registers: 0 to 15. */
  readonly base: number;
  /** Slot of the window start bits, 16 of them. */
  readonly start: number;
  /** Slot of the caller's increment, 0 to 3, written by a windowed call. */
  readonly increment: number;
  /** Slot of physical register 0, a multiple of 4; the others follow. */
  readonly physical: number;
  readonly physicalCount: number;
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
  /**
   * Present when decoding depends on more than bytes and mode (loop ends the guest has announced): gives every CPU an
   * architecture object of its own, which that CPU uses instead of this one.
   */
  readonly forCpu?: () => Architecture;
  /** Puts the state words into their reset values. */
  reset(state: Int32Array): void;
  /**
   * The decoding mode now (IT state, loop end, ...). Asked where a run starts, after a JumpTo or WindowLeave, and behind a
   * block that `endBlock` ended. Everywhere else (fall-through, Jump, JumpIf, WindowEnter) the mode is the one that `lift`
   * returned for the instruction: an instruction that changes decoding state in another way ends its block by `endBlock`.
   * Keep the number of modes per address small: code is translated once for each.
   */
  mode(state: Int32Array): DecodeMode;
  /**
   * The slots that `mode` reads. With them the compiler links calls and returns of one mode directly; without, every computed jump
   * goes through the run loop. A row writes such a slot either by a Mov of a constant that the mode `lift` returns reflects, or in
   * an instruction that ends its block by `endBlock` or by a JumpTo.
   */
  readonly modeSlots?: readonly number[];
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
