import type { CallingConvention } from '../abi/convention.js';
import type { MemoryRange } from '../board/description.js';
import type { FunctionType } from '../c/c-type.js';
import type { CopyBack } from './arguments.js';
import type { Limits } from './result.js';

/** Registers of a thread that is not in the CPU. */
export interface SavedState {
  readonly slots: Uint32Array;
  readonly pc: number;
}

/** One call of the host into the guest. */
export interface CallFrame {
  readonly thread: GuestThread;
  readonly name: string;
  readonly entry: number;
  readonly type: FunctionType;
  readonly convention: CallingConvention;
  /** Stack pointer at the call. */
  readonly stackPointer: number;
  /** Where the function stores its result; undefined when it returns it in registers. */
  readonly resultAddress: number | undefined;
  readonly copyBacks: readonly CopyBack[];
  /** Gives temporary copies back. */
  readonly release: () => void;
  /** State to return to; absent for a thread's outermost call. */
  readonly outer: SavedState | undefined;
  /** Thread instructions when the call began. */
  readonly startedAt: number;
  /** Milliseconds of `performance.now()`. */
  readonly startTime: number;
  /** Thread instructions at which fuel ends; 2^53 - 1 without limit. */
  fuelEnd: number;
  /** `performance.now()` at which time ends. */
  timeEnd: number;
  /** The limits as they were given, for messages. */
  limits: Limits;
  /** `release` was called. */
  released: boolean;
  /** The next run starts behind a breakpoint. */
  stepFirst: boolean;
  /** Called when this frame is the topmost one again. */
  wake: (() => void) | undefined;
}

/** All of a thread that changes. */
export interface ThreadState {
  readonly registers: SavedState;
  /** The registers are left-overs. */
  readonly dirty: boolean;
  /** Unfinished calls, which only this process knows. */
  readonly frames: readonly CallFrame[];
  readonly consumed: number;
}

/** A stack and the registers that belong to it: the main program, or a task. */
export class GuestThread {
  readonly name: string;
  readonly stack: MemoryRange;
  /** Bytes at the end of the stack that no write may touch; 0 when nothing watches them. */
  readonly guard: number;
  /** The guard is a limit the user set, not the stack's end: touching it stops the call, which can go on. */
  readonly limited: boolean;
  /** Byte that unused stack holds. */
  readonly fill: number;
  readonly frames: CallFrame[] = [];
  /** Registers while another thread is in the CPU. */
  state: SavedState | undefined;
  /** The registers are left-overs of an abandoned call, or never set. */
  dirty = true;
  /** Instructions of finished run slices. */
  consumed = 0;
  /** The CPU's instruction count when the present slice began; -1 when not running. */
  sliceStart = -1;

  constructor(name: string, stack: MemoryRange, guard = 0, fill = 0, limited = false) {
    this.name = name;
    this.stack = stack;
    this.guard = guard;
    this.limited = limited;
    this.fill = fill;
  }

  get running(): boolean {
    return this.sliceStart >= 0;
  }

  get top(): number {
    return this.stack.start + this.stack.size;
  }
}

/** Sets a frame's limits anew, counted from now. */
export function setLimits(frame: CallFrame, limits: Limits, consumed: number, now: number): void {
  frame.limits = limits;
  frame.fuelEnd = limits.fuel === undefined ? Number.MAX_SAFE_INTEGER : consumed + limits.fuel;
  frame.timeEnd = limits.time === undefined ? Number.POSITIVE_INFINITY : now + limits.time;
}

/** The limit that ends at `fuelEnd`, in words. */
export function fuelDetail({ frames }: GuestThread, fuelEnd: number): string {
  const fuel = frames.find((frame) => frame.fuelEnd === fuelEnd)?.limits.fuel;
  return `its fuel of ${fuel} instructions is used up`;
}

/** The limit that ends at `timeEnd`, in words. */
export function timeDetail({ frames }: GuestThread, timeEnd: number): string {
  const time = frames.find((frame) => frame.timeEnd === timeEnd)?.limits.time;
  return `its time limit of ${time} ms is reached`;
}
