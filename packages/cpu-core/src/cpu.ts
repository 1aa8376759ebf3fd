import type { AddressSpace } from './address-space.js';
import type { Architecture } from './architecture.js';
import type { StopReason } from './stop.js';

/** What a trap handler tells the CPU: go on at the (perhaps changed) pc, or end the run. */
export type TrapResult = 'continue' | 'stop';

export interface RunOptions {
  /** Most guest instructions to run, 0 to 2^53 - 1; default: no limit. The run stops exactly there. */
  readonly fuel?: number;
}

/** How often compiled code gave way to the run loop, by reason. */
export interface CpuExits {
  /** To code that is not compiled. */
  readonly code: number;
  /** An access outside of the memory that was expected: other memory, a device, a fault. */
  readonly memory: number;
  /** A float operation whose operands, result or mode are not the simple case. */
  readonly float: number;
  /** Little fuel was left. */
  readonly fuel: number;
  /** An instruction that only the interpreter runs. */
  readonly interpret: number;
  /** A host function, device or helper asked for it. */
  readonly host: number;
  /** A computed jump or call to an address that was not expected. */
  readonly computed: number;
  /** A return to an unexpected address, or the host's stack ended. */
  readonly stack: number;
}

/** What a CPU's engines have done; all zero for an engine that does not tell. */
export interface CpuStats {
  /** Translated blocks the interpreter holds. */
  readonly blocks: number;
  /** Compiled guest functions, and the WebAssembly modules they are in, that are held. */
  readonly functions: number;
  readonly modules: number;
  /** Bytes of those modules. */
  readonly bytes: number;
  /** Guest instructions compiled since creation. */
  readonly compiledInstructions: number;
  /** Time spent compiling since creation. */
  readonly compileMilliseconds: number;
  /** Functions compiled again with what was learnt from their exits. */
  readonly recompiled: number;
  readonly exits: CpuExits;
}

/** A CPU that runs guest code. Engines: our interpreter and compiler, and unicorn.js. */
export interface Cpu {
  readonly architecture: Architecture;
  readonly memory: AddressSpace;
  /** Which engine runs the code. */
  readonly engine: 'interpreter' | 'wasm' | 'unicorn';
  /** Why the CPU does not compile guest code, in words; undefined when it does. */
  readonly engineReason: string | undefined;
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
  /** What the engines have done up to now: a copy. */
  stats(): CpuStats;
}
