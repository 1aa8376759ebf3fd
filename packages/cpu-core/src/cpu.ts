import type { AddressSpace } from './address-space.js';
import type { Architecture } from './architecture.js';
import type { StopReason } from './stop.js';

/** What a trap handler tells the CPU: go on at the (perhaps changed) pc, or end the run. */
export type TrapResult = 'continue' | 'stop';

export interface RunOptions {
  /** Most guest instructions to run, 0 to 2^53 - 1; default: no limit. The run stops exactly there. */
  readonly fuel?: number;
}

/** A CPU that runs guest code. Engines: our interpreter and compiler, and unicorn.js. */
export interface Cpu {
  readonly architecture: Architecture;
  readonly memory: AddressSpace;
  /** Which engine runs the code. */
  readonly engine: 'interpreter' | 'wasm' | 'unicorn';
  /** Address of the next instruction. */
  pc: number;
  /** Guest instructions completed since creation. A faulting instruction does not count. */
  readonly instructions: number;
  /** State word of slot `slot`, as an unsigned 32-bit number. */
  get(slot: number): number;
  set(slot: number, value: number): void;
  /** Runs until something stops it. May be called again from inside a trap handler (guest to host to guest). */
  run(options?: RunOptions): StopReason;
  /** Runs one instruction; breakpoints are ignored. Undefined when it completed. */
  step(): StopReason | undefined;
  /** Ends the current run at the next block boundary; usable from device and trap handlers. */
  requestStop(): void;
  addBreakpoint(address: number): void;
  removeBreakpoint(address: number): void;
  addWatchpoint(address: number, length: number, access: 'read' | 'write' | 'both'): void;
  removeWatchpoint(address: number, length: number): void;
  /** Called when the pc reaches a trap region: host functions live there. */
  onTrap: ((address: number) => TrapResult) | undefined;
  /** Puts all state into reset values (memory stays). */
  reset(): void;
}
