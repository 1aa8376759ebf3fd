import type {
  AddressSpace,
  Architecture,
  Cpu,
  CpuStats,
  RunOptions,
  StopReason,
  TrapResult,
} from '@loadstone/cpu-core';
import { UnicornError } from './error.js';
import { Execution } from './execution.js';
import { RunControl } from './run-control.js';
import type { UnicornModule } from './unicorn-api.js';

/** Unicorn does not tell. */
const NO_STATS: CpuStats = {
  blocks: 0,
  functions: 0,
  modules: 0,
  bytes: 0,
  compiledInstructions: 0,
  compileMilliseconds: 0,
  recompiled: 0,
  exits: { code: 0, memory: 0, float: 0, fuel: 0, interpret: 0, host: 0, computed: 0, stack: 0 },
};

/**
 * Creates a CPU that runs Thumb code on unicorn.js.
 * @param uc what unicorn.js gives: `await MUnicorn()`
 * @throws UnicornError ARCHITECTURE for an architecture without Thumb state, ENGINE when Unicorn cannot be opened
 */
export function createUnicornCpu(uc: UnicornModule, architecture: Architecture, memory: AddressSpace): Cpu {
  return new UnicornCpu(uc, architecture, memory);
}

class UnicornCpu implements Cpu {
  readonly engine = 'unicorn';
  readonly engineReason = 'Unicorn runs the code';
  onTrap: ((address: number) => TrapResult) | undefined;

  readonly #control = new RunControl();
  readonly #execution: Execution;
  /** Breakpoint that ended the last run, if the pc was not set since: the next run starts behind it. */
  #passed = -1;

  constructor(
    uc: UnicornModule,
    readonly architecture: Architecture,
    readonly memory: AddressSpace,
  ) {
    this.#execution = new Execution(uc, architecture, memory, this.#control);
    this.reset();
  }

  get pc(): number {
    return this.#execution.current ?? this.#execution.pc;
  }

  set pc(value: number) {
    this.#requireIdle();
    this.#execution.pc = value >>> 0;
    this.#passed = -1;
  }

  get instructions(): number {
    return this.#control.completed;
  }

  get(slot: number): number {
    return this.#execution.get(this.#slot(slot));
  }

  set(slot: number, value: number): void {
    this.#execution.set(this.#slot(slot), value);
  }

  run(options: RunOptions = {}): StopReason {
    const { fuel = Number.POSITIVE_INFINITY } = options;
    if (!(fuel >= 0)) throw new UnicornError('BAD_ARGUMENT', `fuel ${fuel} is negative`, { fuel });
    this.#requireIdle();
    const passed = this.#passed;
    this.#passed = -1;
    const stop = this.#control.nested(Math.floor(fuel), () => this.#loop(passed));
    if (stop.kind === 'breakpoint') this.#passed = stop.pc;
    return stop;
  }

  step(): StopReason | undefined {
    this.#requireIdle();
    this.#passed = -1;
    const stop = this.#control.nested(1, () => this.#loop(this.#execution.pc));
    return stop.kind === 'fuel' ? undefined : stop;
  }

  requestStop(): void {
    this.#control.stopRequested = true;
  }

  addBreakpoint(address: number): void {
    this.#control.breakpoints.add(address >>> 0);
  }

  removeBreakpoint(address: number): void {
    this.#control.breakpoints.delete(address >>> 0);
  }

  addWatchpoint(address: number, length: number, access: 'read' | 'write' | 'both'): void {
    if (!(length > 0)) throw new UnicornError('BAD_ARGUMENT', `watchpoint of ${length} bytes`, { length });
    this.#control.watches.add(address, length, access);
    if (access !== 'write') this.#execution.checkReads(address >>> 0, (address >>> 0) + length - 1);
  }

  removeWatchpoint(address: number, length: number): void {
    this.#control.watches.remove(address, length);
  }

  reset(): void {
    this.#requireIdle();
    this.#execution.reset();
    this.pc = 0;
  }

  stats(): CpuStats {
    return NO_STATS;
  }

  /** @param passed address whose breakpoint does not count for the first instruction */
  #loop(passed: number): StopReason {
    const control = this.#control;
    const execution = this.#execution;
    let ignored = passed;
    for (;;) {
      if (control.stopRequested) return { kind: 'requested', pc: execution.pc };
      if (control.completed >= control.limit) return { kind: 'fuel', pc: execution.pc };
      if (this.memory.regionAt(execution.pc)?.kind === 'trap') {
        const address = execution.pc;
        const result = this.onTrap?.(address) ?? 'stop';
        if (result === 'stop' || execution.pc === address) return { kind: 'trap', pc: execution.pc };
        ignored = -1;
        continue;
      }
      if (control.breakpoints.has(execution.pc) && ignored !== execution.pc)
        return { kind: 'breakpoint', pc: execution.pc };
      control.passed = ignored === execution.pc ? execution.pc : -1;
      const stop = execution.start();
      if (stop) return stop;
      ignored = -1;
    }
  }

  #requireIdle(): void {
    if (this.#execution.current !== undefined) {
      throw new UnicornError('BUSY', 'the CPU is in the middle of an instruction');
    }
  }

  #slot(slot: number): number {
    if (Number.isInteger(slot) && slot >= 0 && slot < this.architecture.slots.length) return slot;
    throw new UnicornError('BAD_ARGUMENT', `${this.architecture.name} has no slot ${slot}`, { slot });
  }
}
