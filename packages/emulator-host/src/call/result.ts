import type { AbiName } from '../abi/convention.js';
import { HostError } from '../error.js';
import { type FaultReport, GuestFault } from '../fault/report.js';
import type { GuestValue } from '../memory/value.js';
import type { ThreadExit } from './thread-exit.js';

/** Limits of one call. All stop cleanly, and the call can go on with `resume`. */
export interface Limits {
  /** Most guest instructions, nested calls included. */
  readonly fuel?: number;
  /** Most milliseconds of wall time; asynchronous host functions' waiting counts. */
  readonly time?: number;
}

export interface CallOptions extends Limits {
  /** Calling convention, when it is not the board's (a soft-float module on a hard-float board). */
  readonly abi?: AbiName;
}

/** How a call ended. */
export type CallStatus =
  | 'returned'
  /** A host function ended the thread with `ThreadExit`; `returnValue` is its value. */
  | 'exited'
  /** The guest or a host function failed: see `fault`. */
  | 'fault'
  /** A limit: instructions, wall time, stack bytes, heap bytes, console bytes. */
  | 'fuel'
  | 'time'
  | 'stack'
  | 'heap'
  | 'console'
  /** A breakpoint, a watchpoint or `board.stop()`. */
  | 'stopped';

export interface CallResult {
  readonly status: CallStatus;
  /** Absent unless returned or exited, and for `void`. */
  readonly returnValue?: GuestValue;
  /** Guest instructions this call completed, nested calls included; over all resumptions. */
  readonly instructions: number;
  readonly seconds: number;
  readonly engine: 'interpreter' | 'wasm' | 'unicorn';
  /** What happened, unless returned or exited. */
  readonly fault?: FaultReport;
  /** What ended the thread. */
  readonly exit?: ThreadExit;
  /** Goes on where a limit or stop ended the call, with new limits. Absent when that is impossible. */
  readonly resume?: (limits?: Limits) => CallResult;
  readonly resumeAsync?: (limits?: Limits) => Promise<CallResult>;
}

/** A returned call's value. @throws GuestFault, ThreadExit for every other result */
export function resultValue(result: CallResult): GuestValue | undefined {
  if (result.status === 'returned') return result.returnValue;
  if (result.exit) throw result.exit;
  if (result.fault) throw new GuestFault(result.fault, result.status);
  throw new HostError('STATE', `a call ended as ${result.status} without a report`);
}
