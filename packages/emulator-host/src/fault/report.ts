import type { MemoryFault } from '@loadstone/cpu-core';
import type { CallStatus } from '../call/result.js';
import { HostError } from '../error.js';

/** Which kind of trouble ended a call. */
export type FaultKind =
  | 'memory'
  | 'exception'
  | 'bad-jump'
  | 'stack-overflow'
  | 'stack-imbalance'
  | 'host-function'
  | 'heap'
  /** The guest gave up itself: abort(), a failed assertion. */
  | 'abort'
  | 'task-returned'
  | 'limit'
  | 'stopped';

/** What happened, in one object. Addresses are unsigned guest addresses. */
export interface FaultReport {
  readonly kind: FaultKind;
  /** One sentence a person understands. */
  readonly message: string;
  readonly pc: number;
  /** Register values by name, unsigned. */
  readonly registers: Readonly<Record<string, number>>;
  /** The refused access, for memory faults. */
  readonly access?: MemoryFault;
  /** What a host function threw. */
  readonly cause?: unknown;
}

/** Thrown by the typed functions of a board when the guest does not return. */
export class GuestFault extends HostError {
  override readonly name = 'GuestFault';
  readonly report: FaultReport;
  /** The call's status: `fault`, or the limit that was met. */
  readonly status: CallStatus;

  constructor(report: FaultReport, status: CallStatus = 'fault') {
    super('GUEST_FAULT', report.message, { kind: report.kind, pc: report.pc }, { cause: report.cause });
    this.report = report;
    this.status = status;
  }
}
