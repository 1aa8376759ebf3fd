import type { DecodeMode } from '../architecture.js';
import type { Machine } from '../interpreter/machine.js';
import type { Linker } from './linker.js';
import type { Place } from './module.js';
import type { SharedState } from './shared-state.js';

/**
 * Most modules of one CPU. Tens of thousands of live instances abort a process with V8, and there may be other CPUs in it.
 */
const MOST_MODULES = 512;

/** Parts of the bounds: of what is held above the first, what was entered least recently is put to the test until the second is left. */
const TRIAL_ABOVE = 3 / 4;
const TRIAL_DOWN_TO = 1 / 2;

/** A compiled guest function. */
export interface CompiledFunction extends Place {
  readonly code: CallableFunction;
  /** It returns at once when less fuel is left. */
  readonly leastFuel: number;
  /** Its place in the function table. */
  readonly slot: number;
  readonly module: CompiledModule;
}

/** Half-open ranges. */
export type Ranges = readonly (readonly [from: number, end: number])[];

/** A WebAssembly module and what it was made from. */
export interface CompiledModule {
  readonly functions: CompiledFunction[];
  /** Functions of other modules that it calls. */
  readonly callees: readonly Place[];
  /** Size of the WebAssembly code. */
  readonly bytes: number;
  /** Guest addresses of the code it was made from. */
  readonly source: Ranges;
  /** Host offsets of the same code. */
  readonly code: Ranges;
  /** Host offsets that it stores to without a check. */
  readonly stores: Ranges;
  /** Whether calls of other modules reach it without the run loop. */
  isLinked: boolean;
}

/**
 * The compiled modules of one CPU, by address and by when they were entered. When they take too much room, those entered least recently go.
 *
 * The run loop tells when it enters a module, but not when other modules call it through the function table. Modules that have not been
 * entered for long are therefore unlinked before they have to go: the next call comes by way of the run loop and links them again.
 */
export class CodeStore {
  /** Counts modules that were dropped: compiled code that is on the stack then must not go on. */
  epoch = 0;
  bytes = 0;
  functions = 0;

  private readonly byPc = new Map<number, CompiledFunction[]>();
  /** Least recently entered first. */
  private readonly modules = new Set<CompiledModule>();
  private latest: CompiledModule | undefined;
  private linkedBytes = 0;
  private linkedModules = 0;

  /** @param mostBytes most WebAssembly code that is held; one module is held in any case */
  constructor(
    private readonly machine: Machine,
    private readonly state: SharedState,
    private readonly linker: Linker,
    private readonly mostBytes: number,
  ) {}

  get count(): number {
    return this.modules.size;
  }

  /** All modules, least recently entered first. They may be dropped meanwhile. */
  all(): readonly CompiledModule[] {
    return [...this.modules];
  }

  /** The compiled function that starts at `pc`. */
  at(pc: number, mode: DecodeMode): CompiledFunction | undefined {
    const functions = this.byPc.get(pc);
    if (functions === undefined) return undefined;
    for (let i = 0; i < functions.length; i++) if (functions[i].mode === mode) return functions[i];
    return undefined;
  }

  add(module: CompiledModule): void {
    this.modules.add(module);
    this.bytes += module.bytes;
    this.functions += module.functions.length;
    this.link(module);
    for (const f of module.functions) {
      const list = this.byPc.get(f.pc);
      if (list === undefined) this.byPc.set(f.pc, [f]);
      else list.push(f);
      this.machine.addGate(f.pc, f.mode);
    }
    this.latest = module;
    this.shrink(module);
  }

  /** The run loop enters `module`. */
  entered(module: CompiledModule): void {
    if (!module.isLinked) this.link(module);
    if (module === this.latest) return;
    this.latest = module;
    this.modules.delete(module);
    this.modules.add(module);
  }

  drop(module: CompiledModule): void {
    if (!this.modules.delete(module)) return;
    this.epoch++;
    this.unlink(module);
    for (const { pc, mode } of module.functions) {
      const list = this.byPc.get(pc)?.filter((other) => other.module !== module) ?? [];
      if (list.length === 0) this.byPc.delete(pc);
      else this.byPc.set(pc, list);
      this.linker.release(pc, mode);
      this.machine.removeGate(pc, mode);
    }
    for (const { pc, mode } of module.callees) this.linker.release(pc, mode);
    this.bytes -= module.bytes;
    this.functions -= module.functions.length;
    if (this.latest === module) this.latest = undefined;
    // A slot in it may become another function's.
    this.state.clearCallCache();
  }

  private link(module: CompiledModule): void {
    module.isLinked = true;
    this.linkedBytes += module.bytes;
    this.linkedModules++;
    for (const { slot, code } of module.functions) this.linker.link(slot, code);
  }

  private unlink(module: CompiledModule): void {
    if (!module.isLinked) return;
    module.isLinked = false;
    this.linkedBytes -= module.bytes;
    this.linkedModules--;
    for (const { slot } of module.functions) this.linker.unlink(slot);
  }

  /** Drops and unlinks what was entered least recently, but not `fresh`. */
  private shrink(fresh: CompiledModule): void {
    const isOver = (bytes: number, modules: number, part: number): boolean =>
      bytes > this.mostBytes * part || modules > MOST_MODULES * part;
    for (const module of this.modules) {
      if (module === fresh || !isOver(this.bytes, this.modules.size, 1)) break;
      this.drop(module);
    }
    if (!isOver(this.linkedBytes, this.linkedModules, TRIAL_ABOVE)) return;
    for (const module of this.modules) {
      if (module === fresh || !isOver(this.linkedBytes, this.linkedModules, TRIAL_DOWN_TO)) break;
      this.unlink(module);
    }
  }
}
