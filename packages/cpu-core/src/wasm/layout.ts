import { MAX_TEMPORARIES } from '../builder.js';
import { SCRATCH_SLOTS } from '../interpreter/lower.js';

/** Entries of the table that finds compiled functions for computed calls: pc and slot of the function table each. */
export const CALL_CACHE_ENTRIES = 64;

/** Words behind the slots, temporaries and the interpreter's scratch slots through which compiled code and host talk. */
const WORDS = 9 + 2 * CALL_CACHE_ENTRIES + 2;

/** Byte offsets in the linear memory of what compiled code shares with the host. */
export interface StateLayout {
  /** Where the guest goes on after the exit sentinel was returned; written before every call. */
  readonly pc: number;
  /** Instructions that may still run in this slice. */
  readonly fuel: number;
  /** `ExitReason` of the last exit. */
  readonly reason: number;
  /** Not 0 when the host asked, in the middle of an instruction, to leave behind it. */
  readonly poll: number;
  readonly callCache: number;
  /** Address of the instruction behind an exit with `ExitReason.Computed`. */
  readonly site: number;
  /**
   * Counts moves of register windows other than ENTRY and the RETW behind it: window base and window slots in locals of compiled code may be
   * old then.
   */
  readonly windowChanges: number;
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
    windowChanges: first + 16,
    site: first + 20,
    pendingFlags: first + 24,
    callCache: first + 36,
  };
}

/** State words an architecture with `slotCount` slots needs for both engines. */
export function stateWords(slotCount: number): number {
  return slotCount + MAX_TEMPORARIES + SCRATCH_SLOTS + WORDS;
}

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
