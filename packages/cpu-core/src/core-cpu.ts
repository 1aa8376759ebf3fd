import type { AddressSpace } from './address-space.js';
import type { Architecture } from './architecture.js';
import type { Cpu, RunOptions, TrapResult } from './cpu.js';
import { CpuError } from './cpu-error.js';
import { GuestMemory, type WatchedRange } from './guest-memory.js';
import { Machine } from './interpreter/machine.js';
import { Exit } from './interpreter/run.js';
import { MAX_BLOCK_INSTRUCTIONS } from './lift-block.js';
import type { StopReason } from './stop.js';

export interface CpuOptions {
  /** `auto` (default): the best engine that works here. */
  readonly engine?: 'auto' | 'interpreter' | 'wasm';
}

/** Most instructions of one slice of the interpreter, so that its fuel is a small integer. */
const SLICE = 0x2000_0000;

/** Memories that have a CPU. */
const taken = new WeakSet<GuestMemory>();

/**
 * Creates a CPU over `memory`, in reset state with pc 0. One memory takes one CPU: the CPU's state lies in it.
 * @throws CpuError BAD_MEMORY, ENGINE_UNAVAILABLE
 */
export function createCpu(architecture: Architecture, memory: AddressSpace, options: CpuOptions = {}): Cpu {
  if (!(memory instanceof GuestMemory)) throw new CpuError('BAD_MEMORY', 'memory is not from createAddressSpace');
  if (taken.has(memory)) throw new CpuError('BAD_MEMORY', 'another CPU uses this memory');
  if (options.engine === 'wasm') throw new CpuError('ENGINE_UNAVAILABLE', 'the WebAssembly engine does not exist yet');
  const cpu = new CoreCpu(architecture, memory);
  taken.add(memory);
  return cpu;
}

/** One `run` on the host's stack. */
interface Run {
  /** Instructions it may still run. */
  left: number;
  stopRequested: boolean;
  readonly outer: Run | undefined;
}

/** The run loop: slices of the interpreter between traps, breakpoints and the last instructions of the fuel. */
class CoreCpu implements Cpu {
  readonly engine = 'interpreter';
  onTrap: ((address: number) => TrapResult) | undefined;

  private readonly machine: Machine;
  private address = 0;
  private completed = 0;
  private current: Run | undefined;
  /** Breakpoint that ended the last run, if the pc was not set since: the next run starts behind it. */
  private passed = -1;
  private readonly watches: WatchedRange[] = [];

  constructor(
    readonly architecture: Architecture,
    readonly memory: GuestMemory,
  ) {
    this.machine = new Machine(architecture.forCpu?.() ?? architecture, memory);
    architecture.reset(this.machine.state);
  }

  get pc(): number {
    return this.machine.busy ? this.machine.currentPc() : this.address;
  }

  set pc(value: number) {
    if (this.machine.busy) throw new CpuError('BUSY', 'the pc cannot be set in the middle of an instruction');
    this.address = value >>> 0;
    this.passed = -1;
  }

  get instructions(): number {
    return this.machine.busy ? this.completed + this.machine.completed() : this.completed;
  }

  get(slot: number): number {
    return this.machine.state[this.slot(slot)] >>> 0;
  }

  set(slot: number, value: number): void {
    this.machine.state[this.slot(slot)] = value;
  }

  run(options: RunOptions = {}): StopReason {
    const { fuel = Number.POSITIVE_INFINITY } = options;
    if (!(fuel >= 0)) throw new CpuError('BAD_ARGUMENT', `fuel ${fuel} is negative`);
    this.requireIdle();
    const run: Run = {
      left: Math.min(Math.floor(fuel), this.current?.left ?? fuel),
      stopRequested: false,
      outer: this.current,
    };
    const passed = this.passed;
    this.passed = -1;
    this.current = run;
    try {
      const stop = this.loop(run, passed);
      if (stop.kind === 'breakpoint') this.passed = stop.pc;
      return stop;
    } finally {
      this.current = run.outer;
    }
  }

  step(): StopReason | undefined {
    this.requireIdle();
    const run: Run = { left: 1, stopRequested: false, outer: this.current };
    this.passed = -1;
    this.current = run;
    try {
      const stop = this.loop(run, this.address);
      return stop.kind === 'fuel' ? undefined : stop;
    } finally {
      this.current = run.outer;
    }
  }

  requestStop(): void {
    if (this.current === undefined) return;
    this.current.stopRequested = true;
    if (this.machine.busy) this.machine.interrupt();
  }

  addBreakpoint(address: number): void {
    this.machine.breakpoints.add(address >>> 0);
    this.machine.flush();
  }

  removeBreakpoint(address: number): void {
    if (this.machine.breakpoints.delete(address >>> 0)) this.machine.flush();
  }

  addWatchpoint(address: number, length: number, access: 'read' | 'write' | 'both'): void {
    if (!(length > 0)) throw new CpuError('BAD_ARGUMENT', `watchpoint of ${length} bytes`);
    const first = address >>> 0;
    this.watches.push({
      first,
      last: Math.min(first + length - 1, 0xffff_ffff),
      read: access !== 'write',
      write: access !== 'read',
    });
    this.machine.setWatched([...this.watches]);
  }

  removeWatchpoint(address: number, length: number): void {
    const first = address >>> 0;
    const last = Math.min(first + length - 1, 0xffff_ffff);
    const at = this.watches.findIndex((watch) => watch.first === first && watch.last === last);
    if (at < 0) return;
    this.watches.splice(at, 1);
    this.machine.setWatched([...this.watches]);
  }

  reset(): void {
    this.requireIdle();
    this.architecture.reset(this.machine.state);
    this.pc = 0;
  }

  /** @param passed address whose breakpoint does not count for the first instruction */
  private loop(run: Run, passed: number): StopReason {
    const { machine } = this;
    let ignored = passed;
    for (;;) {
      if (run.stopRequested) return { kind: 'requested', pc: this.address };
      if (run.left <= 0) return { kind: 'fuel', pc: this.address };
      if (this.memory.regionAt(this.address)?.kind === 'trap') {
        const stop = this.trap();
        if (stop !== undefined) return stop;
        ignored = -1;
        continue;
      }
      if (machine.breakpoints.has(this.address) && ignored !== this.address) {
        return { kind: 'breakpoint', pc: this.address };
      }
      const stop = this.slice(run, ignored === this.address);
      if (stop !== undefined) return stop;
      ignored = -1;
    }
  }

  /** Runs until the interpreter returns: at most what is left, one instruction when little is left or `single`. */
  private slice(run: Run, single: boolean): StopReason | undefined {
    const { machine } = this;
    machine.watchHit = undefined;
    try {
      if (single || run.left < MAX_BLOCK_INSTRUCTIONS) machine.step(this.address);
      else machine.run(this.address, Math.min(run.left, SLICE));
    } finally {
      const completed = machine.completed();
      this.completed += completed;
      this.address = machine.currentPc();
      for (let r: Run | undefined = run; r !== undefined; r = r.outer) r.left -= completed;
    }
    const pc = this.address;
    switch (machine.exit) {
      case Exit.Fault:
        // `machine.fault` is set wherever the exit is.
        return { kind: 'memory-fault', pc, fault: machine.fault! };
      case Exit.Fetch:
        return { kind: 'memory-fault', pc, fault: machine.fetchFault(pc) };
      case Exit.Exception: {
        const name = this.architecture.exceptions[machine.exception] ?? `exception ${machine.exception}`;
        return { kind: 'exception', pc, name, argument: machine.argument };
      }
      default:
        return this.watchStop();
    }
  }

  private watchStop(): StopReason | undefined {
    const hit = this.machine.watchHit;
    return hit && { kind: 'watchpoint', ...hit };
  }

  private trap(): StopReason | undefined {
    const { address } = this;
    if (this.onTrap === undefined) return { kind: 'trap', pc: address };
    const result = this.onTrap(address);
    if (result === 'stop' || this.address === address) return { kind: 'trap', pc: this.address };
    return undefined;
  }

  private slot(slot: number): number {
    if (slot >= 0 && slot < this.architecture.slots.length) return slot;
    throw new CpuError('BAD_ARGUMENT', `${this.architecture.name} has no slot ${slot}`);
  }

  private requireIdle(): void {
    if (this.machine.busy) throw new CpuError('BUSY', 'a device or helper cannot run the CPU');
  }
}
