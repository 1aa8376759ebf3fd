import type { Architecture, Cpu } from '@loadstone/cpu-core';
import type { CType, FunctionType } from '../c/c-type.js';
import { HostError } from '../error.js';
import type { GuestMemory } from '../memory/guest-memory.js';

/** Calling conventions by name. */
export type AbiName =
  /** AAPCS32 base standard: floats in core registers (soft and softfp). */
  | 'aapcs'
  /** AAPCS32 VFP variant: floats in s0 to s15 (hard float). */
  | 'aapcs-vfp'
  /** Xtensa windowed, as the ESP32's compilers use it: `call8`, `entry`, `retw`. */
  | 'xtensa-windowed'
  | 'xtensa-call0';

/** Where one argument is passed. */
export interface ArgumentPlace {
  /** `core`: integer argument register `at`; `float`: single register `at` (two for a double); `stack`: byte offset `at`. */
  readonly kind: 'core' | 'float' | 'stack';
  readonly at: number;
  readonly words: number;
  /** How many of the words, the last ones, lie at the start of the stack arguments instead (AAPCS32 rule C.5). */
  readonly spilled?: number;
}

/** Byte offset of an argument's word in the stack arguments; undefined when it lies in a register. */
export function stackOffset({ kind, at, words, spilled = 0 }: ArgumentPlace, word: number): number | undefined {
  if (kind === 'stack') return at + 4 * word;
  const beyond = word - (words - spilled);
  return beyond >= 0 ? 4 * beyond : undefined;
}

/** Where a result is passed. */
export interface ResultPlace {
  /** `memory`: where the hidden first argument points. */
  readonly kind: 'none' | 'core' | 'float' | 'memory';
  readonly words: number;
}

/** Assigns places to one call's arguments, in order; variable arguments go on where the fixed ones ended. */
export interface ArgumentAssigner {
  next(type: CType): ArgumentPlace;
  /** Where the address of the result is passed, when it is. */
  readonly resultPointer: ArgumentPlace | undefined;
  /** Bytes of stack arguments assigned so far. */
  readonly stackBytes: number;
}

/** A call the host is about to make. */
export interface CallSetup {
  /** Function address as a C pointer holds it (Thumb bit included). */
  readonly entry: number;
  /** Address the function returns to, without Thumb bit. */
  readonly returnTo: number;
  /** Stack pointer at the call: stack arguments begin here. */
  readonly stackPointer: number;
}

/** What the host must know of a calling convention. */
export interface CallingConvention {
  readonly name: AbiName;
  /** Bytes the stack pointer is a multiple of at a call. */
  readonly stackAlign: number;
  /** Bit that a code pointer carries besides the address: 1 for Thumb, else 0. */
  readonly codeBit: number;
  /** Places for the arguments of a function; its first one is the hidden pointer when the result is passed in memory. */
  assigner(type: FunctionType): ArgumentAssigner;
  resultPlace(type: FunctionType): ResultPlace;

  /** Host function: slot of integer argument register `index`, seen behind the call instruction. */
  argumentSlot(cpu: Cpu, index: number): number;
  floatSlot(index: number): number;
  /** Host function: address of the first stack argument. */
  stackArguments(cpu: Cpu): number;
  /** Host function: address the caller will go on at. */
  returnAddress(cpu: Cpu): number;
  /** Host function: stores the result words where the caller looks. */
  setResult(cpu: Cpu, place: ResultPlace, words: readonly number[]): void;

  /**
   * Host caller: highest address below which argument copies may lie, for a call from the present state (`top` undefined) or
   * on an unused stack that ends at `top`.
   */
  scratchTop(cpu: Cpu, top: number | undefined): number;
  /** Host caller: sets pc, stack pointer, return address and frame; arguments are already in their slots' order in `core`. */
  begin(cpu: Cpu, memory: GuestMemory, setup: CallSetup, top: number | undefined): void;
  /** Host caller: slot of integer argument register `index` behind `begin`. */
  outgoingSlot(index: number): number;
  /** Host caller: the stack pointer expected when the call has returned equals the one at `begin`. */
  stackPointer(cpu: Cpu): number;
  /** Host caller: result words behind the return. */
  result(cpu: Cpu, place: ResultPlace): number[];
}

/** Slot number of a named register. @throws HostError BOARD when the CPU has none */
export function slotOf(architecture: Architecture, name: string): number {
  const slot = architecture.slots.indexOf(name);
  if (slot < 0)
    throw new HostError('BOARD', `${architecture.name} has no register ${name}`, {
      architecture: architecture.name,
      name,
    });
  return slot;
}

/** The type of a hidden pointer to a result. */
export const RESULT_POINTER: CType = { kind: 'pointer', to: { kind: 'void' } };
