import type { CallFrame, SavedState } from '../call/thread.js';
import type { FunctionTable } from '../host/function-table.js';
import type { CodeLocation, Locator } from './locator.js';
import { type Activation, activationOf, type UnwindContext, type Unwinder } from './unwind.js';
import { ThumbUnwinder } from './unwind-thumb.js';
import { Call0Unwinder, WindowedUnwinder } from './unwind-xtensa.js';

/** One line of a backtrace. */
export interface BacktraceFrame {
  /** The instruction: for callers the one behind their call. */
  readonly pc: number;
  readonly location: CodeLocation;
  /** False when the caller was guessed from words on the stack. */
  readonly sure: boolean;
  /** How many more frames of the same pc follow (recursion); absent for none. */
  readonly repeats?: number;
}

/** Callers, innermost first. */
export interface Backtrace {
  readonly frames: readonly BacktraceFrame[];
  /** There are more callers than a report holds. */
  readonly cut: boolean;
}

/** Most different frames of a backtrace, and most steps of unwinding. */
const FRAME_LIMIT = 64;
const STEP_LIMIT = 8192;

/** The unwinder for a calling convention. */
export function unwinderFor(convention: string, context: UnwindContext): Unwinder {
  const { windows } = context.architecture;
  if (convention === 'xtensa-windowed' && windows) return new WindowedUnwinder(context, windows.layout);
  return convention === 'xtensa-call0' ? new Call0Unwinder(context) : new ThumbUnwinder(context);
}

/**
 * Callers from the innermost on, through guest code and host functions, down to the host's outermost call.
 * @param stackPointer slot of the stack pointer
 * @param state registers now
 * @param entered false when the pc is a place the frame's function did not choose: a host function, a jump to nowhere
 * @param frames the thread's calls, outermost first
 */
export function backtrace(
  unwinder: Unwinder,
  stackPointer: number,
  state: SavedState,
  entered: boolean,
  frames: readonly CallFrame[],
  functions: FunctionTable,
  locator: Locator,
): Backtrace {
  const trace: BacktraceFrame[] = [];
  let activation: Activation = activationOf(state, entered);
  let depth = frames.length - 1;
  let sure = true;
  const seen = new Set<string>();
  for (let step = 0; step < STEP_LIMIT; step += 1) {
    const { pc } = activation;
    if (pc === functions.returnAddress) {
      const outer = frames[depth]?.outer;
      depth -= 1;
      if (!outer) return { frames: trace, cut: false };
      activation = activationOf(outer, functions.at(outer.pc) === undefined);
      continue;
    }
    const last = trace.at(-1);
    if (last?.pc === pc && last.sure === sure) trace[trace.length - 1] = { ...last, repeats: (last.repeats ?? 0) + 1 };
    else if (trace.length === FRAME_LIMIT) return { frames: trace, cut: true };
    else {
      const isCaller = last !== undefined && functions.at(pc) === undefined;
      trace.push({ pc, location: isCaller ? locator.locateCaller(pc) : locator.locate(pc), sure });
    }
    const key = `${pc}:${activation.slots[stackPointer]}`;
    if (seen.has(key)) return { frames: trace, cut: false };
    seen.add(key);
    const caller = unwinder.caller(activation);
    if (!caller) return { frames: trace, cut: false };
    activation = caller.activation;
    sure = caller.sure;
  }
  return { frames: trace, cut: true };
}
