import type { MemoryFault, StopReason } from '@loadstone/cpu-core';
import { type FaultReport, GuestFault } from '../fault/report.js';
import { HeapMisuse } from '../heap/guest-heap.js';
import type { BoundFunction } from '../host/function-table.js';
import { AccessFault } from '../memory/guest-access.js';
import { LimitReached } from './limit.js';
import type { CallStatus } from './result.js';
import type { GuestThread } from './thread.js';
import { GuestAbort, ThreadExit } from './thread-exit.js';

/** Why a run slice ended. */
export type Ending =
  | { readonly kind: 'returned' }
  | { readonly kind: 'exited'; readonly exit: ThreadExit }
  | { readonly kind: 'pending'; readonly promise: PromiseLike<unknown>; readonly bound: BoundFunction }
  | {
      readonly kind: 'limit';
      readonly limit: Exclude<CallStatus, 'returned' | 'exited' | 'fault' | 'stopped'>;
      readonly detail: string;
    }
  | { readonly kind: 'stop'; readonly reason: StopReason }
  | { readonly kind: 'host-error'; readonly bound: BoundFunction; readonly error: unknown }
  /** `pc`: the accessing instruction; absent when a host function found it. */
  | { readonly kind: 'heap'; readonly message: string; readonly pc?: number }
  | { readonly kind: 'abort'; readonly abort: GuestAbort }
  | { readonly kind: 'host-access'; readonly bound: BoundFunction; readonly fault: MemoryFault }
  | { readonly kind: 'device-error'; readonly error: unknown }
  | { readonly kind: 'imbalance'; readonly expected: number; readonly actual: number }
  | { readonly kind: 'report'; readonly report: FaultReport; readonly status: CallStatus };

/** The ending that something thrown by a host function means. */
export function endingOfError(bound: BoundFunction, error: unknown): Ending {
  if (error instanceof ThreadExit) return { kind: 'exited', exit: error };
  if (error instanceof LimitReached) return { kind: 'limit', limit: error.limit, detail: error.message };
  if (error instanceof GuestFault) return { kind: 'report', report: error.report, status: error.status };
  if (error instanceof HeapMisuse) return { kind: 'heap', message: `${bound.function.name}: ${error.message}` };
  if (error instanceof GuestAbort) return { kind: 'abort', abort: error };
  if (error instanceof AccessFault) return { kind: 'host-access', bound, fault: error.fault };
  return { kind: 'host-error', bound, error };
}

/** How a call that ended so is reported. */
export function statusOf(thread: GuestThread, ending: Ending): CallStatus {
  switch (ending.kind) {
    case 'limit':
      return ending.limit;
    case 'report':
      return ending.status;
    case 'stop':
      if (overran(thread, ending.reason)) return thread.limited ? 'stack' : 'fault';
      return ['breakpoint', 'watchpoint', 'requested'].includes(ending.reason.kind) ? 'stopped' : 'fault';
    default:
      return 'fault';
  }
}

/** Whether a watchpoint stop is a write into the closed end of the thread's stack. */
export function overran(thread: GuestThread, reason: StopReason): boolean {
  const { guard, stack } = thread;
  return (
    reason.kind === 'watchpoint' && reason.address < stack.start + guard && reason.address + reason.width > stack.start
  );
}
