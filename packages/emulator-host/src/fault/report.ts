import type { MemoryFault } from '@loadstone/cpu-core';
import type { CallStatus } from '../call/result.js';
import { HostError } from '../error.js';
import type { HeapBlock } from '../heap/heap.js';
import type { BacktraceFrame } from './backtrace.js';
import type { CodeLocation } from './locator.js';

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

/** One instruction of a report. */
export interface DisassembledLine {
  readonly address: number;
  /** Mnemonic and operands. */
  readonly text: string;
  /** The instruction the report is about. */
  readonly current: boolean;
}

/** A thread's stack when the report was made. Bytes. */
export interface StackUse {
  readonly thread: string;
  readonly start: number;
  readonly size: number;
  readonly pointer: number;
  /** In use now; more than `size` when the stack pointer has left the stack. */
  readonly used: number;
  /** Most that was ever in use: from the lowest byte that no longer has its initial value. */
  readonly highWaterMark: number;
}

/** The heap block an address lies in or beside. */
export interface HeapContext {
  /** The address asked about: that of the access, or one in a register. */
  readonly address: number;
  readonly block?: HeapBlock;
  /** Where the guest allocated it, when the board's malloc did. */
  readonly allocatedAt?: CodeLocation;
  /** The heap's own words are damaged: what the walk over the blocks found. */
  readonly damage?: string;
}

/** An allocation that gave the guest a null pointer. */
export interface RefusedAllocation {
  /** Bytes asked for. */
  readonly size: number;
  readonly by: CodeLocation;
  /** Bytes of the largest free block now. */
  readonly largestFree: number;
}

/** The relocation that wrote a pointer the fault came from. */
export interface PointerOrigin {
  readonly module: string;
  readonly typeName: string;
  readonly symbol: string;
  /** Where it was applied. */
  readonly place: number;
  /** The pointer. */
  readonly value: number;
}

/** What happened, in one object. Addresses are unsigned guest addresses. Only `cause` may not survive JSON. */
export interface FaultReport {
  readonly kind: FaultKind;
  /** One sentence a person understands. */
  readonly message: string;
  /** What plays the firmware and how true to the board it is, when the board was told (`board.firmware`). */
  readonly firmware?: string;
  /** The instruction that faulted, or made the access that stopped the guest; else the next one. */
  readonly pc: number;
  /** The pc in terms of module, section, symbol and source line. */
  readonly location?: CodeLocation;
  /** Register values by name, unsigned; behind the instruction when an access stopped the guest. */
  readonly registers: Readonly<Record<string, number>>;
  /** Instructions around the pc; where no code of a module is there (a jump to nowhere, a host function), around the call that led to it. */
  readonly disassembly?: readonly DisassembledLine[];
  /** Innermost first. */
  readonly backtrace?: readonly BacktraceFrame[];
  /** The backtrace has more frames than are told. */
  readonly backtraceCut?: boolean;
  /** The refused access, for memory faults. */
  readonly access?: MemoryFault;
  /** The region the access hit or nearly hit, in words. */
  readonly nearby?: string;
  readonly stack?: StackUse;
  readonly heap?: HeapContext;
  /** For an access through a null pointer: the latest allocation that the heap refused. */
  readonly refused?: RefusedAllocation;
  readonly relocation?: PointerOrigin;
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
