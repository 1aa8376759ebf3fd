import type { Cpu } from '@loadstone/cpu-core';
import type { CallingConvention } from '../abi/convention.js';
import type { FunctionType } from '../c/c-type.js';
import type { FaultReport } from '../fault/report.js';
import type { GuestHeap } from '../heap/guest-heap.js';
import type { FunctionTable } from '../host/function-table.js';
import type { GuestAccess } from '../memory/guest-access.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import type { Ending } from './ending.js';
import type { CallOptions } from './result.js';
import type { GuestThread } from './thread.js';

/** What the executor needs of its board. */
export interface ExecutorHost {
  readonly cpu: Cpu;
  readonly memory: GuestMemory;
  readonly functions: FunctionTable;
  readonly convention: CallingConvention;
  readonly guestHeap: GuestHeap;
  readonly access: GuestAccess;
  conventionFor(options: CallOptions): CallingConvention;
  resolve(target: number | string): number;
  prototype(text: string | FunctionType): FunctionType;
  /** Writable memory outside the stack for a large argument. */
  allocate(size: number): number;
  release(address: number): void;
  /** Copies a constant; `release` with the mark taken before frees it. */
  constant(bytes: Uint8Array): number | undefined;
  constantMark(): number;
  constantRelease(mark: number): void;
  /** A string that stays: results of host functions. */
  permanentString(text: string): number;
  describe(thread: GuestThread, ending: Ending): FaultReport;
}
