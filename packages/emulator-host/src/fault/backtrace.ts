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
}

const FRAME_LIMIT = 64;

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
): BacktraceFrame[] {
  const trace: BacktraceFrame[] = [];
  let activation: Activation = activationOf(state, entered);
  let depth = frames.length - 1;
  let sure = true;
  const seen = new Set<string>();
  while (trace.length < FRAME_LIMIT) {
    const { pc } = activation;
    if (pc === functions.returnAddress) {
      const outer = frames[depth]?.outer;
      depth -= 1;
      if (!outer) break;
      activation = activationOf(outer, functions.at(outer.pc) === undefined);
      continue;
    }
    const inside = trace.length > 0 && functions.at(pc) === undefined ? pc - 1 : pc;
    trace.push({ pc, location: movedTo(locator.locate(inside), pc), sure });
    const key = `${pc}:${activation.slots[stackPointer]}`;
    if (seen.has(key)) break;
    seen.add(key);
    const caller = unwinder.caller(activation);
    if (!caller) break;
    activation = caller.activation;
    sure = caller.sure;
  }
  return trace;
}

/** A location found for the call, told for the address behind it. */
function movedTo(location: CodeLocation, address: number): CodeLocation {
  const by = address - location.address;
  const { offset, sectionOffset } = location;
  return {
    ...location,
    address,
    ...(offset !== undefined && { offset: offset + by }),
    ...(sectionOffset !== undefined && { sectionOffset: sectionOffset + by }),
  };
}
