import type { DecodeMode, HelperContext, WindowUnit } from '../architecture.js';
import { CpuError } from '../cpu-error.js';
import { CODE_GRANULE_SHIFT } from '../guest-memory.js';
import type { Companion, Machine } from '../interpreter/machine.js';
import { Exit } from '../interpreter/run.js';
import { BlockLifter } from '../lift-block.js';
import type { MemoryOracle } from './checks.js';
import { type Graph, GraphBuilder } from './graph.js';
import { Guards } from './guards.js';
import { CALL_CACHE_ENTRIES, EXIT, ExitReason, type StateLayout, stateLayout } from './layout.js';
import { Linker } from './linker.js';
import { compileModule } from './module.js';
import { MemoryProfile } from './profile.js';
import { FlagBit } from './slots.js';
import { WindowCopies } from './window-copies.js';

/** Most instructions of one compiled function, and of all functions of one module. */
const FUNCTION_INSTRUCTIONS = 1200;
const MODULE_INSTRUCTIONS = 4000;
/** Most guest functions in a module. */
const MODULE_FUNCTIONS = 48;

/**
 * Heat at which a place is compiled: one look at the interpreter adds SAMPLE_HEAT, one change from compiled code to the interpreter
 * adds 1.
 */
const HOT = 20;
const SAMPLE_HEAT = 10;

/** Exits at one place before its function is compiled anew with what was learnt since, and how often that is done. */
const RECOMPILE_EXITS = 24;
const MOST_RECOMPILES = 4;

const CODE_GRANULE = 1 << CODE_GRANULE_SHIFT;

/** A compiled guest function. */
export interface CompiledFunction {
  readonly pc: number;
  readonly mode: DecodeMode;
  readonly call: () => number;
  /** It returns at once when less fuel is left. */
  readonly leastFuel: number;
  readonly slot: number;
  readonly module: CompiledModule;
}

interface CompiledModule {
  readonly functions: CompiledFunction[];
  readonly graphs: readonly Graph[];
  readonly bytes: number;
  /** Host ranges of the code it was made from: pairs. */
  readonly code: readonly (readonly [number, number])[];
  /** Host bytes that it stores to without a check: first and end. */
  readonly stores: readonly (readonly [number, number])[];
}

/** What the run loop does for compiled code. */
export interface Host {
  /** The guest called the host function at `pc`: returns where to go on, or EXIT when the run ends. */
  call(pc: number): number;
}

/** Counters that `Cpu.stats` shows. */
export interface EngineCounts {
  modules: number;
  functions: number;
  bytes: number;
  instructions: number;
  compileMilliseconds: number;
  exits: number[];
  recompiled: number;
}

/** Compiles hot guest code to WebAssembly and runs it. */
export class WasmEngine implements Companion {
  readonly profile: MemoryProfile;
  readonly counts: EngineCounts = {
    modules: 0,
    functions: 0,
    bytes: 0,
    instructions: 0,
    compileMilliseconds: 0,
    exits: new Array<number>(8).fill(0),
    recompiled: 0,
  };
  /** Counts invalidations: compiled code that is on the stack then must not go on. */
  epoch = 0;
  /** Whether compiled code is on the host's stack. */
  depth = 0;

  private readonly layout: StateLayout;
  private readonly guards: Guards;
  private readonly windows: WindowCopies;
  private readonly linker = new Linker();
  private readonly lifter: BlockLifter;
  private readonly byPc = new Map<number, CompiledFunction[]>();
  private readonly modules = new Set<CompiledModule>();
  /** Slots by pc and mode, also for functions that are not compiled yet. */
  private readonly slots = new Map<string, number>();
  private readonly heat = new Map<number, number>();
  private readonly refused = new Set<number>();
  private readonly exitCounts = new Map<number, number>();
  private readonly recompiles = new Map<number, number>();
  private readonly jumps = new Map<number, Set<number>>();
  /** Mode that the call cache was filled in. */
  private cachedMode: DecodeMode | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly host: Host,
  ) {
    const { architecture, memory } = machine;
    this.layout = stateLayout(architecture.slots.length);
    this.lifter = new BlockLifter(architecture, memory);
    this.profile = new MemoryProfile(memory, () => machine.state[architecture.stackPointer] >>> 0);
    this.windows = new WindowCopies(machine);
    this.guards = new Guards(memory, this.profile);
    this.clearCallCache();
  }

  /** The compiled function that starts at `pc`. */
  at(pc: number, mode: DecodeMode): CompiledFunction | undefined {
    return this.byPc.get(pc)?.find((f) => f.mode === mode);
  }

  /** Notes that the interpreter was seen at `pc`; compiles there when that is often so. */
  sample(pc: number, mode: DecodeMode): void {
    this.warm(pc, mode, SAMPLE_HEAT);
  }

  /** Notes that compiled code went on at `pc` in the interpreter. */
  landed(pc: number, mode: DecodeMode): void {
    this.warm(pc, mode, 1);
  }

  private warm(pc: number, mode: DecodeMode, by: number): void {
    if (this.refused.has(pc)) return;
    const heat = (this.heat.get(pc) ?? 0) + by;
    this.heat.set(pc, heat);
    if (heat < HOT || this.at(pc, mode) !== undefined) return;
    this.heat.delete(pc);
    if (!this.compile(pc, mode)) this.refused.add(pc);
  }

  /** Compiles what starts at `pc` if that was not tried yet. */
  compileOnce(pc: number, mode: DecodeMode): void {
    if (this.refused.has(pc) || this.at(pc, mode) !== undefined) return;
    if (!this.compile(pc, mode)) this.refused.add(pc);
  }

  /** Notes a target of the computed jump at `pc`. */
  noteJump(pc: number, target: number): void {
    const targets = this.jumps.get(pc);
    if (targets === undefined) this.jumps.set(pc, new Set([target]));
    else if (targets.size < 512) targets.add(target);
  }

  /**
   * Runs compiled code with `fuel` instructions (below 2^31, at least its leastFuel). Afterwards `fuelLeft` tells what is left.
   * Returns the pc; `reason` is set when it did not simply return there.
   */
  run(f: CompiledFunction, fuel: number): number {
    const { layout, machine } = this;
    const { i32 } = machine.memory;
    i32[layout.fuel >> 2] = fuel;
    this.entryFuel = fuel;
    i32[layout.pc >> 2] = EXIT;
    this.reason = undefined;
    this.depth++;
    this.windows.toFile();
    let pc: number;
    try {
      pc = f.call();
    } catch (error) {
      // The host's stack ended at the start of a compiled function: all state is in memory.
      if (!(error instanceof RangeError) || error === this.thrown) throw error;
      this.reason = ExitReason.Stack;
      pc = EXIT;
    } finally {
      this.depth--;
      this.settle();
    }
    const state = machine.memory.i32;
    if (pc !== EXIT) return pc >>> 0;
    const reason: ExitReason = this.reason ?? state[layout.reason >> 2];
    this.reason = reason;
    this.counts.exits[reason]++;
    const to = state[layout.pc >> 2] >>> 0;
    if (reason === ExitReason.Memory) this.noteExit(to, f);
    const site = reason === ExitReason.Computed ? state[layout.site >> 2] >>> 0 : 0;
    if (site !== 0) {
      this.noteJump(site, to);
      this.noteExit(site, f);
    }
    return to;
  }
  reason: ExitReason | undefined;
  /** Fuel the running code was given, or given anew by the host. */
  entryFuel = 0;
  private thrown: unknown;

  get fuelLeft(): number {
    return this.machine.memory.i32[this.layout.fuel >> 2];
  }

  set fuelLeft(fuel: number) {
    this.machine.memory.i32[this.layout.fuel >> 2] = fuel;
  }

  /** Address the state holds: of the instruction whose helper runs, or of the host function that is called. */
  get statePc(): number {
    return this.machine.memory.i32[this.layout.pc >> 2] >>> 0;
  }

  /** Asks compiled code to leave behind the current instruction. */
  interrupt(): void {
    this.machine.memory.i32[this.layout.poll >> 2] = 1;
  }

  /** Forgets code made from host bytes [from, to). */
  codeWritten(from: number, to: number): void {
    for (const module of [...this.modules]) {
      if (module.code.some(([first, end]) => first < to && end > from)) this.drop(module);
    }
  }

  /** Forgets code whose stores take host bytes [from, to) for free of code. */
  codeAppeared(from: number, to: number): void {
    const first = from & ~(CODE_GRANULE - 1);
    const end = (to + CODE_GRANULE - 1) & ~(CODE_GRANULE - 1);
    for (const module of [...this.modules]) {
      if (module.stores.some(([a, b]) => a < end && b > first)) this.drop(module);
    }
    this.guards.refresh();
  }

  noteAccess(pc: number, address: number): void {
    this.profile.note(pc, address);
  }

  /** The interpreter's translations are gone, and the marks of code with them. */
  cleared(everything: boolean): void {
    if (everything) {
      this.clear();
      return;
    }
    for (const module of this.modules) {
      for (const [from, to] of module.code) this.machine.markCode(from, to);
      for (const { pc, mode } of module.functions) this.machine.addGate(pc, mode);
    }
  }

  clear(): void {
    this.dropAll();
    this.refused.clear();
    this.heat.clear();
  }

  private dropAll(): void {
    for (const module of [...this.modules]) this.drop(module);
    this.guards.clear();
  }

  private drop(module: CompiledModule): void {
    this.modules.delete(module);
    this.epoch++;
    for (const f of module.functions) {
      const list = this.byPc.get(f.pc)?.filter((other) => other !== f) ?? [];
      if (list.length === 0) this.byPc.delete(f.pc);
      else this.byPc.set(f.pc, list);
      this.linker.clear(f.slot);
      this.machine.removeGate(f.pc, f.mode);
    }
    this.counts.modules--;
    this.counts.functions -= module.functions.length;
    this.counts.bytes -= module.bytes;
    this.clearCallCache();
    if (this.depth > 0) this.interrupt();
  }

  private noteExit(pc: number, f: CompiledFunction): void {
    const count = (this.exitCounts.get(pc) ?? 0) + 1;
    this.exitCounts.set(pc, count);
    if (count !== RECOMPILE_EXITS) return;
    this.exitCounts.delete(pc);
    // The function that holds the place: the one that was entered, or one that it called.
    const holder =
      [...this.modules].find((m) => m.graphs.some((g) => g.ranges.some(([a, b]) => pc >= a && pc < b))) ?? f.module;
    const entry = holder.functions[0];
    const times = (this.recompiles.get(entry.pc) ?? 0) + 1;
    if (times > MOST_RECOMPILES) return;
    this.recompiles.set(entry.pc, times);
    this.counts.recompiled++;
    const roots = holder.functions.map(({ pc: root, mode }) => ({ pc: root, mode }));
    this.drop(holder);
    for (const root of roots) if (this.at(root.pc, root.mode) === undefined) this.compile(root.pc, root.mode);
  }

  /** Compiles the function at `pc` and those it calls. Whether there is one now. */
  compile(pc: number, mode: DecodeMode): boolean {
    const begin = performance.now();
    const graphs = this.collect(pc, mode);
    if (graphs.length === 0) return false;
    const { machine } = this;
    const { memory, architecture } = machine;
    const code = graphs.flatMap((graph) =>
      graph.ranges.map(([from, to]): [number, number] => {
        const { hostFrom, hostTo } = memory.hostRange(from, to);
        return [hostFrom, hostTo];
      }),
    );
    for (const [from, to] of code) machine.markCode(from, to);
    if (this.guards.isFull) this.dropAll();
    const stores: [number, number][] = [];
    const { profile, guards } = this;
    const oracle: MemoryOracle = {
      ranges: (address, width: 1 | 2 | 4, access) => profile.ranges(address, width, access),
      rangeAt: (address, width: 1 | 2 | 4, access) => profile.rangeAt(address, width, access),
      noteStore: (host, size) => stores.push([host, host + size]),
      guard: (range, size, aligned) => guards.place(range, size, aligned),
    };
    const { bytes, functions } = compileModule(graphs, { architecture, layout: this.layout, oracle }, (target, m) => {
      if (memory.regionAt(target)?.kind === 'trap') return { kind: 'host' };
      return { kind: 'slot', slot: this.slot(target, m) };
    });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      e: {
        m: memory.memory,
        link: this.linker.call,
        enter: (stackPointer: number, link: number, m: number) => this.enterWindow(stackPointer, link, m),
        leave: (m: number) => this.leaveWindow(m),
        host: (target: number) => this.callHost(target >>> 0),
        helper: (helper: number, a: number, b: number, c: number) => this.callHelper(helper, a, b, c),
        action: (helper: number, a: number, b: number, c: number) => this.callAction(helper, a, b, c),
        resolve: (target: number) => this.resolve(target >>> 0),
      },
    });
    const module: CompiledModule = { functions: [], graphs, bytes: bytes.length, code, stores };
    for (const { graph, name, leastFuel } of functions) {
      const call = instance.exports[name] as () => number;
      const slot = this.slot(graph.pc, graph.mode);
      const f: CompiledFunction = { pc: graph.pc, mode: graph.mode, call, leastFuel, slot, module };
      module.functions.push(f);
      this.linker.set(slot, call);
      const list = this.byPc.get(graph.pc);
      if (list === undefined) this.byPc.set(graph.pc, [f]);
      else list.push(f);
      machine.addGate(graph.pc, graph.mode);
      this.counts.instructions += graph.instructions;
    }
    this.modules.add(module);
    this.counts.modules++;
    this.counts.functions += functions.length;
    this.counts.bytes += bytes.length;
    this.counts.compileMilliseconds += performance.now() - begin;
    return true;
  }

  /** The graph at `pc` and those of the functions it calls, as far as they have run and fit. */
  private collect(pc: number, mode: DecodeMode): Graph[] {
    const graphs: Graph[] = [];
    const wanted = new Set<string>();
    const work = [{ pc, mode }];
    let left = MODULE_INSTRUCTIONS;
    for (
      let item = work.shift();
      item !== undefined && graphs.length < MODULE_FUNCTIONS && left > 0;
      item = work.shift()
    ) {
      const key = `${item.pc}:${item.mode}`;
      if (wanted.has(key) || this.at(item.pc, item.mode) !== undefined) continue;
      wanted.add(key);
      const builder = new GraphBuilder(this.machine.architecture, this.lifter, {
        instructions: Math.min(FUNCTION_INSTRUCTIONS, left),
        stopBefore: (address) => this.machine.breakpoints.has(address),
        jumpTargets: (address) => [...(this.jumps.get(address) ?? [])],
      });
      const graph = builder.build(item.pc, item.mode);
      if (graph === undefined || graph.nodes[0].ending.kind === 'interpret') continue;
      graphs.push(graph);
      left -= graph.instructions;
      for (const { ending } of graph.nodes) {
        if (ending.kind !== 'call') continue;
        if (this.machine.memory.regionAt(ending.target)?.kind === 'trap') continue;
        if (this.machine.isTranslated(ending.target)) work.push({ pc: ending.target, mode: ending.mode });
      }
    }
    return graphs;
  }

  /** The table slot of a function; the stub stands in it until there is code. */
  private slot(pc: number, mode: DecodeMode): number {
    const key = `${pc}:${mode}`;
    let slot = this.slots.get(key);
    if (slot === undefined) {
      slot = this.linker.add();
      this.slots.set(key, slot);
    }
    return slot;
  }

  private callHost(pc: number): number {
    const { epoch } = this;
    this.settle();
    try {
      const next = this.host.call(pc);
      this.windows.toFile();
      this.windowsChanged();
      if (next === EXIT) return EXIT;
      if (epoch === this.epoch) return next | 0;
      // Code that is on the stack was dropped meanwhile.
      this.leaveFor(next);
      return EXIT;
    } catch (error) {
      this.thrown = error;
      throw error;
    }
  }

  /** Makes the state say that everything is left for `pc`. */
  leaveFor(pc: number): void {
    const state = this.machine.memory.i32;
    state[this.layout.pc >> 2] = pc;
    state[this.layout.reason >> 2] = ExitReason.Host;
  }

  private callHelper(helper: number, a: number, b: number, c: number): number {
    try {
      return this.machine.helpers[helper].run(this.machine.context, a, b, c);
    } catch (error) {
      this.thrown = error;
      throw error;
    }
  }

  private callAction(helper: number, a: number, b: number, c: number): number {
    const { machine, layout } = this;
    const state = machine.memory.i32;
    state[layout.poll >> 2] = 0;
    machine.exit = Exit.None;
    machine.begin(this.statePc, this.entryFuel - this.fuelLeft);
    this.settle();
    try {
      const result = machine.helpers[helper].run(machine.context, a, b, c);
      if (machine.exit !== Exit.None) machine.memory.i32[layout.reason >> 2] = ExitReason.Interpret;
      this.windows.toFile();
      this.windowsChanged();
      return result;
    } catch (error) {
      this.thrown = error;
      throw error;
    } finally {
      machine.end();
    }
  }

  /** Brings the slots up to date: compiled code keeps window registers and flags in other places. */
  private settle(): void {
    this.windows.toSlots();
    const { flags } = this.machine.architecture;
    if (flags === undefined) return;
    const { i32 } = this.machine.memory;
    const first = this.layout.pendingFlags >> 2;
    const which = i32[first + 2];
    if (which === 0) return;
    i32[first + 2] = 0;
    const [a, b] = [i32[first], i32[first + 1]];
    const result = (a - b) | 0;
    if (which & FlagBit.N) i32[flags.n] = result;
    if (which & FlagBit.Z) i32[flags.z] = result;
    if (which & FlagBit.C) i32[flags.c] = a >>> 0 >= b >>> 0 ? 1 : 0;
    if (which & FlagBit.V) i32[flags.v] = (a ^ b) & (a ^ result);
  }

  private windowsChanged(): void {
    this.machine.memory.i32[this.layout.windowChanges >> 2]++;
  }

  /** ENTRY that is not the common case: 1 when compiled code goes on at `link`. */
  private enterWindow(stackPointer: number, link: number, mode: DecodeMode): number {
    const pc = this.windowAction((unit, context) => unit.enter(context, stackPointer));
    if (pc === EXIT && this.machine.exit !== Exit.None) return 0;
    if ((pc | 0) === link && this.machine.mode() === mode) return 1;
    this.fuelLeft--;
    this.leaveFor(pc);
    return 0;
  }

  /** RETW that is not the common case: the pc, or EXIT. */
  private leaveWindow(mode: DecodeMode): number {
    const pc = this.windowAction((unit, context) => unit.leave(context));
    if (pc === EXIT && this.machine.exit !== Exit.None) return EXIT;
    this.fuelLeft--;
    if (this.machine.mode() === mode) return pc | 0;
    this.leaveFor(pc);
    return EXIT;
  }

  private windowAction(action: (unit: WindowUnit, context: HelperContext) => number): number {
    const { machine, layout } = this;
    const unit = machine.architecture.windows;
    if (unit === undefined) throw new CpuError('BAD_ARCHITECTURE', 'window micro-op without a WindowUnit');
    machine.exit = Exit.None;
    machine.begin(this.statePc, this.entryFuel - this.fuelLeft);
    this.settle();
    try {
      const pc = action(unit, machine.context);
      if (machine.exit !== Exit.None) machine.memory.i32[layout.reason >> 2] = ExitReason.Interpret;
      return pc;
    } catch (error) {
      this.thrown = error;
      throw error;
    } finally {
      machine.end();
      this.windows.toFile();
      this.windowsChanged();
    }
  }

  /** A computed call missed the cache. */
  private resolve(pc: number): number {
    if (this.machine.memory.regionAt(pc)?.kind === 'trap') return this.callHost(pc);
    const mode = this.machine.mode();
    if (this.cachedMode !== mode) this.clearCallCache();
    this.cachedMode = mode;
    const f = this.at(pc, mode);
    const state = this.machine.memory.i32;
    if (f !== undefined) {
      const entry = (this.layout.callCache >> 2) + (((pc >>> 1) & (CALL_CACHE_ENTRIES - 1)) << 1);
      state[entry] = pc;
      state[entry + 1] = f.slot;
    }
    state[this.layout.reason >> 2] = ExitReason.Computed;
    state[this.layout.site >> 2] = 0;
    return EXIT;
  }

  private clearCallCache(): void {
    const first = this.layout.callCache >> 2;
    this.machine.memory.i32.fill(0, first, first + 2 * CALL_CACHE_ENTRIES);
    for (let i = 0; i < CALL_CACHE_ENTRIES; i++) this.machine.memory.i32[first + 2 * i] = EXIT;
  }
}
