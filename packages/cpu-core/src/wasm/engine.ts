import type { DecodeMode } from '../architecture.js';
import { CODE_GRANULE_SHIFT } from '../guest-memory.js';
import type { Companion, Machine } from '../interpreter/machine.js';
import { CodeStore, type CompiledFunction, type CompiledModule, type Ranges } from './code-store.js';
import { type Collected, GraphCollector } from './collect.js';
import { Guards } from './guards.js';
import { Heat } from './heat.js';
import { type Host, HostBridge } from './host-bridge.js';
import { JumpProfile } from './jump-profile.js';
import { EXIT, ExitReason, stateLayout } from './layout.js';
import { Linker } from './linker.js';
import { compileModule } from './module.js';
import { type SharedCode, type Surroundings, sharedCode } from './module-memo.js';
import { MemoryProfile } from './profile.js';
import { SharedState } from './shared-state.js';

const CODE_GRANULE = 1 << CODE_GRANULE_SHIFT;

/** What happened since the CPU was made, for `Cpu.stats`. */
export interface EngineCounts {
  instructions: number;
  compileMilliseconds: number;
  /** By `ExitReason`. */
  readonly exits: number[];
  recompiled: number;
}

/** Compiles hot guest code to WebAssembly and runs it. */
export class WasmEngine implements Companion {
  readonly counts: EngineCounts = {
    instructions: 0,
    compileMilliseconds: 0,
    exits: new Array<number>(8).fill(0),
    recompiled: 0,
  };
  readonly state: SharedState;
  readonly store: CodeStore;
  readonly heat: Heat;
  readonly bridge: HostBridge;
  /** Why the last `run` did not simply return. */
  reason: ExitReason | undefined;

  private readonly linker: Linker;
  private readonly profile: MemoryProfile;
  private readonly jumps = new JumpProfile();
  private readonly guards: Guards;
  private readonly collector: GraphCollector;
  /** How often compiled code is on the host's stack. */
  private depth = 0;

  /** @param mostCodeBytes most WebAssembly code that is held */
  constructor(
    private readonly machine: Machine,
    host: Host,
    mostCodeBytes: number,
  ) {
    const { architecture, memory } = machine;
    this.state = new SharedState(memory, stateLayout(architecture.slots.length));
    this.linker = new Linker(architecture, memory.memory, this.state.layout);
    this.store = new CodeStore(machine, this.state, this.linker, mostCodeBytes);
    this.heat = new Heat(
      (pc, mode) => this.store.at(pc, mode) !== undefined,
      (pc, mode) => this.compile(pc, mode),
    );
    this.bridge = new HostBridge(machine, this.state, this.store, host);
    this.profile = new MemoryProfile(memory, () => machine.state[architecture.stackPointer] >>> 0);
    this.guards = new Guards(memory, this.profile);
    this.collector = new GraphCollector(machine, this.store, this.jumps);
    this.state.clearCallCache();
  }

  /**
   * Runs compiled code with `fuel` instructions (below 2^31, at least its leastFuel). Afterwards the state tells what is left.
   * Returns the pc; `reason` is set when it did not simply return there.
   */
  run(f: CompiledFunction, fuel: number): number {
    const { state, bridge } = this;
    this.store.entered(f.module);
    state.give(fuel);
    state.pc = EXIT;
    // What a call of code that is not compiled leaves.
    state.setReason(ExitReason.Code);
    this.reason = undefined;
    this.depth++;
    const outer = bridge.enter();
    let pc: number;
    try {
      pc = this.linker.run(fuel, bridge.windowBase, f.slot);
    } catch (error) {
      // The host's stack ended at the start of a compiled function: all state is in memory.
      if (!(error instanceof RangeError) || error === bridge.thrown) throw error;
      state.setReason(ExitReason.Stack);
      pc = EXIT;
    } finally {
      this.depth--;
      bridge.left(outer);
    }
    if (pc !== EXIT) return pc >>> 0;
    const { reason, pc: to } = state;
    this.reason = reason;
    this.counts.exits[reason]++;
    if (reason === ExitReason.Memory) this.exited(to, f);
    const site = reason === ExitReason.Computed ? state.site : 0;
    if (site !== 0) {
      this.noteJump(site, to);
      this.exited(site, f);
    }
    return to;
  }

  /** Asks compiled code to leave behind the current instruction. */
  interrupt(): void {
    this.state.poll = true;
  }

  /** Notes a target of the computed jump at `pc`. */
  noteJump(pc: number, target: number): void {
    this.jumps.note(pc, target);
  }

  noteAccess(pc: number, address: number): void {
    this.profile.note(pc, address);
  }

  /** Forgets code made from host bytes [from, to). */
  codeWritten(from: number, to: number): void {
    this.dropWhere(({ code }) => code.some(([first, end]) => first < to && end > from));
  }

  /** Forgets code whose stores take host bytes [from, to) for free of code. */
  codeAppeared(from: number, to: number): void {
    const first = from & ~(CODE_GRANULE - 1);
    const end = (to + CODE_GRANULE - 1) & ~(CODE_GRANULE - 1);
    this.dropWhere(({ stores }) => stores.some(([a, b]) => a < end && b > first));
    this.guards.refresh();
  }

  /** The interpreter's translations are gone, and the marks of code with them. */
  cleared(everything: boolean): void {
    if (everything) {
      this.dropAll();
      this.heat.clear();
      return;
    }
    for (const { code, functions } of this.store.all()) {
      for (const [from, to] of code) this.machine.markCode(from, to);
      for (const { pc, mode } of functions) this.machine.addGate(pc, mode);
    }
  }

  private dropAll(): void {
    this.dropWhere(() => true);
    this.guards.clear();
  }

  private dropWhere(matches: (module: CompiledModule) => boolean): void {
    for (const module of this.store.all()) {
      if (!matches(module)) continue;
      this.store.drop(module);
      if (this.depth > 0) this.interrupt();
    }
  }

  /** Compiled code that was entered at `f` was left at `pc` for something it did not expect. */
  private exited(pc: number, f: CompiledFunction): void {
    if (!this.heat.exited(pc)) return;
    // The module that holds the place: the one that was entered, or one that it called.
    const holder = this.store.all().find(({ source }) => source.some(([a, b]) => pc >= a && pc < b)) ?? f.module;
    if (!this.heat.mayRecompile(holder.functions[0].pc)) return;
    this.counts.recompiled++;
    this.dropWhere((module) => module === holder);
    for (const { pc: root, mode } of holder.functions) {
      if (this.store.at(root, mode) === undefined) this.compile(root, mode);
    }
  }

  /** Compiles the function at `pc` and those it calls. Whether there is one now. */
  private compile(pc: number, mode: DecodeMode): boolean {
    const begin = performance.now();
    const collected = this.collector.collect({ pc, mode });
    if (collected.length === 0) return false;
    const { memory } = this.machine;
    const source = collected.flatMap(({ code }) => code.ranges);
    const code = source.map(([from, to]): [number, number] => {
      const { hostFrom, hostTo } = memory.hostRange(from, to);
      return [hostFrom, hostTo];
    });
    for (const [from, to] of code) this.machine.markCode(from, to);
    if (this.guards.isFull) this.dropAll();
    this.add(this.generate(collected), source, code);
    for (const { code: f } of collected) this.counts.instructions += f.instructions;
    this.counts.compileMilliseconds += performance.now() - begin;
    return true;
  }

  private generate(collected: readonly Collected[]): SharedCode {
    const { machine, profile, guards, heat } = this;
    const { architecture, memory } = machine;
    const surroundings: Surroundings = {
      isHost: (pc) => memory.regionAt(pc)?.kind === 'trap',
      ranges: (pc, width: 1 | 2 | 4, access) => profile.ranges(pc, width, access),
      rangeAt: (address, width: 1 | 2 | 4, access) => profile.rangeAt(address, width, access),
      guard: (range, size, aligned) => guards.place(range, size, aligned),
      wasLeft: (pc) => heat.wasLeft(pc),
    };
    return sharedCode(
      collected.map(({ code }) => code),
      surroundings,
      (oracle) => {
        const graphs = collected.map(({ graph }) => graph());
        return compileModule(graphs, { architecture, layout: this.state.layout, oracle }, oracle.isHost);
      },
    );
  }

  /** Makes an instance for this CPU. */
  private add({ module, size, functions, callees, stores }: SharedCode, source: Ranges, code: Ranges): void {
    const { linker } = this;
    const slots: Record<string, number> = {};
    for (const { name, pc, mode } of callees) slots[name] = linker.acquire(pc, mode);
    const { exports } = new WebAssembly.Instance(module, {
      e: { m: this.machine.memory.memory, link: linker.call, ...this.bridge.imports, ...slots },
    });
    const added: CompiledModule = { functions: [], callees, bytes: size, source, code, stores, isLinked: false };
    for (const { pc, mode, name, leastFuel } of functions) {
      const code = exports[name] as CallableFunction;
      added.functions.push({ pc, mode, code, leastFuel, slot: linker.acquire(pc, mode), module: added });
    }
    const { epoch } = this.store;
    this.store.add(added);
    if (this.depth > 0 && epoch !== this.store.epoch) this.interrupt();
  }
}
