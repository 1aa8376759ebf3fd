import { MAX_TEMPORARIES } from '../builder.js';
import { SCRATCH_SLOTS } from '../interpreter/lower.js';

/** Entries of the table that finds compiled functions for computed calls: pc and slot of the function table each. */
export const CALL_CACHE_ENTRIES = 64;

/** Register windows move by quads of four registers; compiled code knows files of 16. */
export const QUADS = 16;

/** Words behind the slots, temporaries and the interpreter's scratch slots through which compiled code and host talk. */
const WORDS = 13 + 2 * CALL_CACHE_ENTRIES + QUADS * 4;

/** Byte offsets in the linear memory of what compiled code shares with the host. */
export interface StateLayout {
  /** Where the guest goes on after the exit sentinel was returned; written before every call. */
  readonly pc: number;
  /** Instructions that may still run in this slice; written before every call, and where compiled code is left. */
  readonly fuel: number;
  /** `ExitReason` of the last exit. */
  readonly reason: number;
  /** Not 0 when the host asked, in the middle of an instruction, to leave behind it. */
  readonly poll: number;
  readonly callCache: number;
  /** Address of the instruction behind an exit with `ExitReason.Computed`. */
  readonly site: number;
  /** Where the window begins in the physical file, in bytes: 16 for each quad. While compiled code runs, the slot of the base is old. */
  readonly windowBase: number;
  /** The last `windowBase` with a whole window below the oldest live frame. */
  readonly windowLast: number;
  /**
   * A word for each quad, 16 bytes apart: how many quads below a live frame that of its caller begins, 1 to 3, or `NO_CALLER`.
   * While compiled code runs, this stands for the start bits.
   */
  readonly windowFrames: number;
  /**
   * Three words: where frames may be spilled and reloaded without asking the host. From a guest address that lies less than the second
   * above the first (both unsigned), `SPACE` bytes are memory at the host offset that is the third above it, and hold no code.
   * The second is 0 when nothing is known.
   */
  readonly windowSpace: number;
  /** Three words: the slots of `PendingFlags`. */
  readonly pendingFlags: number;
}

export function stateLayout(slotCount: number): StateLayout {
  const first = (slotCount + MAX_TEMPORARIES + SCRATCH_SLOTS) * 4;
  return {
    pc: first,
    fuel: first + 4,
    reason: first + 8,
    poll: first + 12,
    site: first + 16,
    pendingFlags: first + 20,
    windowBase: first + 32,
    windowLast: first + 36,
    windowSpace: first + 40,
    callCache: first + 52,
    windowFrames: first + 52 + 8 * CALL_CACHE_ENTRIES,
  };
}

/** State words an architecture with `slotCount` slots needs for both engines. */
export function stateWords(slotCount: number): number {
  return slotCount + MAX_TEMPORARIES + SCRATCH_SLOTS + WORDS;
}

/** Bytes of the largest save area, in `windowSpace`. */
export const SPACE = 48;

/** In `windowFrames`: the caller's frame is not live, or not where a caller's would be. */
export const NO_CALLER = 4;

/** Returned by compiled code instead of a pc when everything up to the host must be left; the pc is in the state then. */
export const EXIT = -1;

/** Why compiled code went back to the run loop. */
export const enum ExitReason {
  /** To code that is not compiled. */
  Code = 0,
  /** An access outside of the window that was expected: other memory, a device, a fault. */
  Memory,
  /** A float operation whose result or mode is not the simple case. */
  Float,
  /** Little fuel is left. */
  Fuel,
  /** An instruction for the interpreter: it raises, or a helper stopped. */
  Interpret,
  /** A host function or helper asked for it. */
  Host,
  /** A computed jump or call to an address not in the call cache. */
  Computed,
  /** A return to somewhere else than expected. */
  Stack,
}
