import type { Cpu } from '@loadstone/cpu-core';
import { A0, CALLINC, WINDOWBASE, WINDOWSTART } from './slots.js';

/** A call the host makes on an empty stack. */
export interface HostCall {
  /** Address of the function. */
  readonly entry: number;
  /** Address it returns to, by custom in a trap region; for the windowed ABI in the same GiB as the function. */
  readonly returnTo: number;
  /** End of the stack, a multiple of 16; at least 64 bytes below it are used for the caller's frame. */
  readonly stackTop: number;
  /** Argument words: six in registers, the others on the stack. */
  readonly args?: readonly number[];
}

const REGISTER_ARGUMENTS = 6;
/** Increment of CALL8, in quads. */
const CALL8 = 2;
/** Below the end of the stack: the extra save area of a frame called by CALL8. */
const EXTRA_SAVE_AREA = 32;

/** Writes the stack arguments; returns the stack pointer of the caller. */
function pushArguments(cpu: Cpu, top: number, args: readonly number[]): number {
  const onStack = args.slice(REGISTER_ARGUMENTS);
  const stackPointer = ((top - onStack.length * 4) & ~15) >>> 0;
  cpu.memory.write(stackPointer, new Uint8Array(Uint32Array.from(onStack).buffer));
  return stackPointer;
}

/**
 * Sets up a call by the windowed ABI, as a function that just executed `call8` leaves the registers: return address in a8,
 * arguments in a10 to a15. That function is the outermost frame; everything else in the register windows is forgotten.
 */
export function beginWindowedCall(cpu: Cpu, { entry, returnTo, stackTop, args = [] }: HostCall): void {
  const stackPointer = pushArguments(cpu, stackTop - EXTRA_SAVE_AREA, args);
  // Base save area of the frame below the outermost: its stack pointer, by which a4 to a7 are spilled.
  cpu.memory.write(stackPointer - 12, new Uint8Array(Uint32Array.of(stackTop).buffer));
  cpu.set(WINDOWSTART, 1 << cpu.get(WINDOWBASE));
  cpu.set(A0, 0);
  cpu.set(A0 + 1, stackPointer);
  cpu.set(A0 + 4 * CALL8, (CALL8 << 30) | (returnTo & 0x3fff_ffff));
  for (const [i, value] of args.slice(0, REGISTER_ARGUMENTS).entries()) cpu.set(A0 + 4 * CALL8 + 2 + i, value);
  cpu.set(CALLINC, CALL8);
  cpu.pc = entry;
}

/** Result words of a call by {@link beginWindowedCall}, once the pc has reached its return address. */
export function windowedResult(cpu: Cpu): readonly [number, number] {
  return [cpu.get(A0 + 4 * CALL8 + 2), cpu.get(A0 + 4 * CALL8 + 3)];
}

/** Sets up a call by the call0 ABI: return address in a0, arguments in a2 to a7. */
export function beginCall0(cpu: Cpu, { entry, returnTo, stackTop, args = [] }: HostCall): void {
  cpu.set(A0 + 1, pushArguments(cpu, stackTop, args));
  cpu.set(A0, returnTo);
  for (const [i, value] of args.slice(0, REGISTER_ARGUMENTS).entries()) cpu.set(A0 + 2 + i, value);
  cpu.pc = entry;
}

/** Result words of a call by {@link beginCall0}, once the pc has reached its return address. */
export function call0Result(cpu: Cpu): readonly [number, number] {
  return [cpu.get(A0 + 2), cpu.get(A0 + 3)];
}
