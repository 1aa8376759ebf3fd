import type { DecodeMode } from '../architecture.js';
import type { Machine } from '../interpreter/machine.js';
import { Exit } from '../interpreter/run.js';
import type { CodeStore } from './code-store.js';
import { isHostStackFull } from './host-stack.js';
import { EXIT, ExitReason } from './layout.js';
import type { SharedState } from './shared-state.js';
import { FlagBit } from './slots.js';
import { windowFunctions } from './window-module.js';
import { WindowState } from './window-state.js';

/** What the run loop does for compiled code. */
export interface Host {
  /** The guest called the host function at `pc`: returns where to go on, or EXIT when the run ends. */
  call(pc: number): number;
}

/** What compiled code calls: host functions, helpers, the rare cases of register windows, and computed calls. */
export class HostBridge {
  /** The last error that a host function or helper threw. */
  thrown: unknown;

  private readonly windows: WindowState;
  private made: Readonly<Record<string, CallableFunction>> | undefined;
  /** Guest stack pointer when compiled code was entered. */
  private entryStack = 0;
  /** Mode that the call cache was filled in. */
  private cachedMode: DecodeMode | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly state: SharedState,
    private readonly store: CodeStore,
    private readonly host: Host,
  ) {
    this.windows = new WindowState(machine, state.layout);
  }

  /** The imported functions, by the names that modules use. Made when the first module is: most CPUs of a process that makes many have none. */
  get imports(): Readonly<Record<string, CallableFunction>> {
    this.made ??= this.makeImports();
    return this.made;
  }

  private makeImports(): Readonly<Record<string, CallableFunction>> {
    const { memory, architecture } = this.machine;
    const rare = { room: () => this.makeRoom(), leave: () => this.leaveWindow() };
    return {
      ...windowFunctions(memory.memory, this.state.layout, architecture.windows?.layout, rare),
      host: (target: number) => this.callHost(target >>> 0),
      helper: (helper: number, a: number, b: number, c: number) => this.callHelper(helper, a, b, c),
      action: (helper: number, a: number, b: number, c: number) => this.callAction(helper, a, b, c),
      resolve: (target: number) => this.resolve(target >>> 0),
    };
  }

  /** Where the window is when compiled code starts. */
  get windowBase(): number {
    return this.windows.place;
  }

  /** Before compiled code is entered. Returns what `left` wants. */
  enter(): number {
    const outer = this.entryStack;
    this.entryStack = this.stackPointer;
    this.windows.toCompiled();
    return outer;
  }

  /** Behind compiled code. */
  left(outer: number): void {
    this.settle();
    this.entryStack = outer;
  }

  /** Brings the slots up to date: compiled code keeps window registers and flags in other places. */
  settle(): void {
    this.windows.toSlots();
    const { flags } = this.machine.architecture;
    if (flags === undefined) return;
    const { i32 } = this.machine.memory;
    const first = this.state.layout.pendingFlags >> 2;
    const which = i32[first + 2];
    if (which === 0) return;
    i32[first + 2] = 0;
    const a = i32[first];
    const b = i32[first + 1];
    const result = (a - b) | 0;
    if (which & FlagBit.N) i32[flags.n] = result;
    if (which & FlagBit.Z) i32[flags.z] = result;
    if (which & FlagBit.C) i32[flags.c] = a >>> 0 >= b >>> 0 ? 1 : 0;
    if (which & FlagBit.V) i32[flags.v] = (a ^ b) & (a ^ result);
  }

  /** Makes the state say that everything is left for `pc`. */
  leaveFor(pc: number, reason = ExitReason.Host): void {
    this.state.pc = pc;
    this.state.setReason(reason);
  }

  /** The guest's stack pointer, in settled state. */
  private get stackPointer(): number {
    return this.machine.state[this.machine.architecture.stackPointer];
  }

  /** Whether what the host wants to do must wait until compiled code is left; in settled state. */
  private get mustLeave(): boolean {
    return isHostStackFull((this.entryStack - this.stackPointer) | 0);
  }

  private callHost(pc: number): number {
    const { epoch } = this.store;
    this.settle();
    if (this.mustLeave) {
      this.leaveFor(pc, ExitReason.Stack);
      return EXIT;
    }
    try {
      const next = this.host.call(pc);
      this.windows.toCompiled();
      if (next === EXIT) return EXIT;
      if (epoch !== this.store.epoch) return this.leaveDropped(next);
      // A run inside of the call has left its own.
      this.state.setReason(ExitReason.Code);
      return next | 0;
    } catch (error) {
      this.thrown = error;
      throw error;
    }
  }

  /** Code that is on the stack was dropped meanwhile: it must not go on. */
  private leaveDropped(pc: number): number {
    this.leaveFor(pc);
    return EXIT;
  }

  private callHelper(helper: number, a: number, b: number, c: number): number {
    try {
      return this.machine.helpers[helper].run(this.machine.context, a, b, c);
    } catch (error) {
      // A pure helper can be run again when the host's stack has ended in it.
      if (!(error instanceof RangeError)) this.thrown = error;
      throw error;
    }
  }

  private callAction(helper: number, a: number, b: number, c: number): number {
    const { machine, state } = this;
    state.poll = false;
    machine.exit = Exit.None;
    this.settle();
    if (this.mustLeave) {
      state.setReason(ExitReason.Stack);
      return 0;
    }
    machine.begin(state.pc, state.completed);
    try {
      const result = machine.helpers[helper].run(machine.context, a, b, c);
      if (machine.exit !== Exit.None) state.setReason(ExitReason.Interpret);
      this.windows.toCompiled();
      return result;
    } catch (error) {
      this.thrown = error;
      throw error;
    } finally {
      machine.end();
    }
  }

  /** ENTRY has no room: 1 when it has now, 0 when everything is left for it. */
  private makeRoom(): number {
    const { epoch } = this.store;
    const isRoom = this.windows.makeRoom();
    if (isRoom && epoch === this.store.epoch) return 1;
    this.state.setReason(isRoom ? ExitReason.Host : ExitReason.Interpret);
    return 0;
  }

  /** RETW that is not the common case: the pc, or EXIT when everything is left for it. */
  private leaveWindow(): number {
    const { state } = this;
    const { epoch } = this.store;
    const caller = this.windows.leave(state.pc);
    if (caller === undefined) {
      state.setReason(ExitReason.Interpret);
      return EXIT;
    }
    state.fuel--;
    // A return to the sentinel's value must not find an old pc.
    state.pc = caller;
    return epoch === this.store.epoch ? caller : this.leaveDropped(caller);
  }

  /** A computed call missed the cache. */
  private resolve(pc: number): number {
    const { machine, state } = this;
    if (machine.memory.regionAt(pc)?.kind === 'trap') return this.callHost(pc);
    this.windows.settleFrames();
    const mode = machine.mode();
    if (this.cachedMode !== mode) state.clearCallCache();
    this.cachedMode = mode;
    const f = this.store.at(pc, mode);
    if (f !== undefined) state.cacheCall(pc, f.slot);
    state.setReason(ExitReason.Computed);
    state.site = 0;
    return EXIT;
  }
}
