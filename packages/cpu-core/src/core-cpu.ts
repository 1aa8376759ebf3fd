import type { AddressSpace } from './address-space.js';
import type { Architecture, DecodeMode } from './architecture.js';
import type { Cpu, CpuExits, CpuStats, RunOptions, TrapResult } from './cpu.js';
import { CpuError } from './cpu-error.js';
import { GuestMemory, type WatchedRange } from './guest-memory.js';
import { Machine } from './interpreter/machine.js';
import { Exit } from './interpreter/operations.js';
import { MAX_BLOCK_INSTRUCTIONS } from './lift-block.js';
import type { StopReason } from './stop.js';
import type { CompiledFunction } from './wasm/code-store.js';
import { compilationRefusal } from './wasm/compilation-refusal.js';
import { WasmEngine } from './wasm/engine.js';
import { EXIT, ExitReason } from './wasm/layout.js';

export interface CpuOptions {
  /** `auto` (default): the best engine that works here. */
  readonly engine?: 'auto' | 'interpreter' | 'wasm';
  /** What is compiled, the interpreter among it: what is `hot` (default), or everything before it runs, for tests. */
  readonly compile?: 'hot' | 'always';
  /** Most bytes of WebAssembly code that are held, above 0; default: 4 MiB. What was entered least recently goes, and may come again. */
  readonly maxCodeBytes?: number;
}

/**
 * Default of `maxCodeBytes`: the code of about 100,000 guest instructions at the measured 25 to 48 bytes each, a quarter of a guest program
 * of 1 MB.
 */
const MAX_CODE_BYTES = 4 << 20;

/** Instructions the interpreter runs between two looks at where it is, for the compiler. A prime. */
const SAMPLE = 1999;

/** Most instructions of one slice of compiled code, so that its fuel is a small integer. */
const SLICE = 0x2000_0000;

/**
 * The same while there is young compiled code. V8 does not replace a running function: a long loop goes on in unoptimised code until it
 * is entered anew. Where the slice ends must be compiled as a function of its own first, some 10 ms in a cold process: slices of 2 million
 * had half of the peak speed 15 ms later (sha256), and no earlier where a loop runs long.
 */
const YOUNG_SLICE = 8_000_000;
const YOUNG_SLICES = 12;

/**
 * Most instructions of one slice of the interpreter. V8's replacement of a running loop (OSR) gives code half as fast as what the
 * next call of the function gets.
 */
const INTERPRETER_SLICE = 16_381;

/** Memories that have a CPU. */
const taken = new WeakSet<GuestMemory>();

/**
 * Creates a CPU over `memory`, in reset state with pc 0. One memory takes one CPU: the CPU's state lies in it.
 * @throws CpuError BAD_MEMORY, BAD_ARGUMENT, ENGINE_UNAVAILABLE
 */
export function createCpu(architecture: Architecture, memory: AddressSpace, options: CpuOptions = {}): Cpu {
  if (!(memory instanceof GuestMemory)) throw new CpuError('BAD_MEMORY', 'memory is not from createAddressSpace');
  if (taken.has(memory)) throw new CpuError('BAD_MEMORY', 'another CPU uses this memory');
  const engine = options.engine ?? 'auto';
  const refusal = engine === 'interpreter' ? 'the interpreter was asked for' : compilationRefusal();
  if (engine === 'wasm' && refusal !== undefined) throw new CpuError('ENGINE_UNAVAILABLE', refusal);
  const { maxCodeBytes = MAX_CODE_BYTES } = options;
  if (!(maxCodeBytes > 0)) throw new CpuError('BAD_ARGUMENT', `maxCodeBytes ${maxCodeBytes} is not above 0`);
  const cpu = new CoreCpu(architecture, memory, refusal, options.compile === 'always', maxCodeBytes);
  taken.add(memory);
  return cpu;
}

const EXIT_REASONS: Readonly<Record<keyof CpuExits, ExitReason>> = {
  code: ExitReason.Code,
  memory: ExitReason.Memory,
  float: ExitReason.Float,
  fuel: ExitReason.Fuel,
  interpret: ExitReason.Interpret,
  host: ExitReason.Host,
  computed: ExitReason.Computed,
  stack: ExitReason.Stack,
};

/** One `run` on the host's stack. */
interface Run {
  /** Instructions it may still run. */
  left: number;
  stopRequested: boolean;
  readonly outer: Run | undefined;
}

/** The run loop: slices of the interpreter between traps, breakpoints and the last instructions of the fuel. */
class CoreCpu implements Cpu {
  readonly engine: 'interpreter' | 'wasm';
  onTrap: ((address: number) => TrapResult) | undefined;

  private readonly machine: Machine;
  private readonly compiler: WasmEngine | undefined;
  /** Address at which compiled code gave way to the interpreter. */
  private interpretAt = -1;
  /** Slices of compiled code that are still to be short. */
  private youngSlices = YOUNG_SLICES;
  /** Instructions that had been compiled when the last slice began: more of them make the code young again. */
  private compiledBefore = 0;
  /** Instructions of the interpreter until the compiler looks where it is. */
  private untilSample = SAMPLE;
  /** Why a host function of compiled code ended the run. */
  private hostStop: StopReason | undefined;
  private address = 0;
  private completed = 0;
  private current: Run | undefined;
  /** Breakpoint that ended the last run, if the pc was not set since: the next run starts behind it. */
  private passed = -1;
  private readonly watches: WatchedRange[] = [];

  constructor(
    readonly architecture: Architecture,
    readonly memory: GuestMemory,
    readonly engineReason: string | undefined,
    private readonly compileAlways: boolean,
    maxCodeBytes: number,
  ) {
    const whenAllowed = compileAlways ? 'at-once' : 'when-it-pays';
    const generation = compilationRefusal() === undefined ? whenAllowed : 'never';
    this.machine = new Machine(architecture.forCpu?.() ?? architecture, memory, generation);
    architecture.reset(this.machine.state);
    this.engine = engineReason === undefined ? 'wasm' : 'interpreter';
    if (engineReason === undefined) {
      this.compiler = new WasmEngine(this.machine, { call: (pc) => this.hostCall(pc) }, maxCodeBytes);
      this.machine.companion = this.compiler;
    }
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

  stats(): CpuStats {
    const { counts, store } = this.compiler ?? {};
    const exits = (reason: keyof CpuExits) => counts?.exits[EXIT_REASONS[reason]] ?? 0;
    return {
      blocks: this.machine.translatedBlocks,
      functions: store?.functions ?? 0,
      modules: store?.count ?? 0,
      bytes: store?.bytes ?? 0,
      compiledInstructions: counts?.instructions ?? 0,
      compileMilliseconds: counts?.compileMilliseconds ?? 0,
      recompiled: counts?.recompiled ?? 0,
      exits: {
        code: exits('code'),
        memory: exits('memory'),
        float: exits('float'),
        fuel: exits('fuel'),
        interpret: exits('interpret'),
        host: exits('host'),
        computed: exits('computed'),
        stack: exits('stack'),
      },
    };
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

  /** Runs until the engine returns: at most what is left, one instruction when little is left or `single`. */
  private slice(run: Run, single: boolean): StopReason | undefined {
    const { machine, compiler } = this;
    const mode = machine.mode();
    machine.watchHit = undefined;
    if (single || run.left < MAX_BLOCK_INSTRUCTIONS) return this.interpret(run, 0, true, mode);
    if (compiler === undefined) return this.interpret(run, Math.min(run.left, INTERPRETER_SLICE), true, mode);
    const plain = this.interpretAt === this.address;
    this.interpretAt = -1;
    if (this.compileAlways && !plain) compiler.heat.compileOnce(this.address, mode);
    const compiled = plain ? undefined : compiler.store.at(this.address, mode);
    if (compiled !== undefined && run.left >= compiled.leastFuel) return this.runCompiled(run, compiler, compiled);
    const before = this.completed;
    const stop = this.interpret(run, Math.min(run.left, this.untilSample), plain || compiled !== undefined, mode);
    this.untilSample -= this.completed - before;
    if (this.untilSample < MAX_BLOCK_INSTRUCTIONS) {
      this.untilSample = SAMPLE;
      if (machine.exit === Exit.Boundary) compiler.heat.sampled(this.address, machine.mode());
    }
    return stop;
  }

  /** @param fuel 0: one instruction, whatever breakpoint it has */
  private interpret(run: Run, fuel: number, plain: boolean, mode: DecodeMode): StopReason | undefined {
    const { machine } = this;
    try {
      if (fuel === 0) machine.step(this.address, mode);
      else machine.run(this.address, fuel, plain, mode);
    } finally {
      this.account(run, machine.completed());
      this.address = machine.currentPc();
    }
    return this.machineStop();
  }

  private account(run: Run | undefined, completed: number): void {
    this.completed += completed;
    for (let r = run; r !== undefined; r = r.outer) r.left -= completed;
  }

  /** The stop reason that the machine's exit stands for. */
  private machineStop(): StopReason | undefined {
    const { machine } = this;
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

  private runCompiled(run: Run, compiler: WasmEngine, compiled: CompiledFunction): StopReason | undefined {
    const { machine } = this;
    machine.exit = Exit.None;
    this.hostStop = undefined;
    if (this.compiledBefore !== compiler.counts.instructions) this.youngSlices = YOUNG_SLICES;
    this.compiledBefore = compiler.counts.instructions;
    const young = this.youngSlices > 0;
    try {
      this.address = compiler.run(compiled, Math.min(run.left, young ? YOUNG_SLICE : SLICE));
    } catch (error) {
      this.address = compiler.state.pc;
      throw error;
    } finally {
      this.account(run, compiler.state.completed);
    }
    if (this.hostStop !== undefined) return this.hostStop;
    switch (compiler.reason) {
      case ExitReason.Fuel:
        if (young) this.youngSlices--;
        return undefined;
      case ExitReason.Memory:
      case ExitReason.Float:
      case ExitReason.Interpret:
      case ExitReason.Stack:
        this.interpretAt = this.address;
        return this.machineStop();
      default:
        if (compiler.store.at(this.address, machine.mode()) === undefined)
          compiler.heat.landed(this.address, machine.mode());
        return undefined;
    }
  }

  /** Compiled code called the host function at `pc`. */
  private hostCall(pc: number): number {
    const { compiler, machine, current } = this;
    if (compiler === undefined || current === undefined) throw new CpuError('BUSY', 'no run');
    this.account(current, compiler.state.completed);
    compiler.state.give(0);
    this.address = pc;
    // The fuel may have ended with the call instruction itself.
    const mayCall = current.left > 0 && !current.stopRequested;
    const stop = mayCall ? this.trap() : undefined;
    // A run inside of the host function may have left its own.
    this.hostStop = stop;
    machine.exit = Exit.None;
    const fuel = Math.max(0, Math.min(current.left, SLICE));
    compiler.state.give(fuel);
    if (stop === undefined && !current.stopRequested && fuel > 0) return this.address;
    compiler.bridge.leaveFor(this.address);
    return EXIT;
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
    if (Number.isInteger(slot) && slot >= 0 && slot < this.architecture.slots.length) return slot;
    throw new CpuError('BAD_ARGUMENT', `${this.architecture.name} has no slot ${slot}`);
  }

  private requireIdle(): void {
    if (this.machine.busy) throw new CpuError('BUSY', 'a device or helper cannot run the CPU');
  }
}
