import type { Architecture, Disassembly } from '@loadstone/cpu-core';
import type { SavedState } from '../call/thread.js';
import type { GuestMemory } from '../memory/guest-memory.js';

/** One activation while unwinding: registers as that function has them. */
export interface Activation {
  /** Instruction being executed; for callers, the return address. */
  readonly pc: number;
  readonly slots: Uint32Array;
  /** The frame has not been set up: the pc stands at the function's first instruction, or at a host function. */
  readonly entered: boolean;
}

/** Finds callers. */
export interface Unwinder {
  /** The function that called this one, or undefined at the end of what can be followed. */
  caller(activation: Activation): { readonly activation: Activation; readonly sure: boolean } | undefined;
}

export interface UnwindContext {
  readonly architecture: Architecture;
  readonly memory: GuestMemory;
  /** An address of code: calls stay in its quarter of the address space (Xtensa windows). */
  readonly codeBase: number;
  /** Highest address of the stack. */
  readonly stackTop: number;
  /** Start of the function an address lies in, if a module knows. */
  readonly functionStart: (address: number) => number | undefined;
}

/** The instruction at an address, or undefined where no executable memory is. */
export function instructionAt(context: UnwindContext, address: number): Disassembly | undefined {
  const { architecture, memory } = context;
  const region = memory.space.regionAt(address);
  if (!region?.executable || (region.kind !== 'ram' && region.kind !== 'rom')) return undefined;
  const length = Math.min(architecture.maxLength, region.start + region.size - address);
  return architecture.disassemble(address, memory.bytes(address, length));
}

/** The word at an address, or undefined where no memory holds all of it: stack pointers of crashed code lead anywhere. */
export function wordAt({ memory }: UnwindContext, address: number): number | undefined {
  const region = memory.space.regionAt(address >>> 0);
  if (region?.kind !== 'ram' && region?.kind !== 'rom') return undefined;
  return (address >>> 0) + 4 <= region.start + region.size ? memory.read32(address >>> 0) : undefined;
}

/** Whether the bytes before `address` are a call instruction: `address` is where a call returns to. */
export function followsCall(context: UnwindContext, address: number, calls: RegExp): boolean {
  const { minLength, maxLength } = context.architecture;
  for (let length = minLength; length <= maxLength; length += 1) {
    const instruction = instructionAt(context, address - length);
    if (instruction?.length === length && calls.test(instruction.mnemonic)) return true;
  }
  return false;
}

export function activationOf(state: SavedState, entered = true): Activation {
  return { pc: state.pc, slots: state.slots, entered };
}
