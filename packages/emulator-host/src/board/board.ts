import { type Cpu, type CpuStats, createAddressSpace, createCpu, type Region } from '@loadstone/cpu-core';
import type { CallingConvention } from '../abi/convention.js';
import type { CType, FunctionType } from '../c/c-type.js';
import { parseType, TypeScope } from '../c/parser.js';
import type { Ending } from '../call/ending.js';
import { Executor } from '../call/executor.js';
import type { ExecutorHost } from '../call/executor-host.js';
import { type CallOptions, type CallResult, resultValue } from '../call/result.js';
import { GuestThread, type ThreadState } from '../call/thread.js';
import { BoardConsole } from '../console.js';
import { HostError, hex } from '../error.js';
import { buildReport } from '../fault/build-report.js';
import { Locator, locationText } from '../fault/locator.js';
import type { ModuleInfo } from '../fault/module-info.js';
import type { FaultReport } from '../fault/report.js';
import { GuestHeap } from '../heap/guest-heap.js';
import type { Heap } from '../heap/heap.js';
import { FunctionTable } from '../host/function-table.js';
import { type BoardSymbol, type HostImplementation, host, type SharedVariable, variable } from '../host/symbol.js';
import { GuestAccess } from '../memory/guest-access.js';
import { GuestMemory } from '../memory/guest-memory.js';
import { type GuestValue, structView } from '../memory/value.js';
import { hashMemory } from '../snapshot/pages.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { Snapshots } from '../snapshot/snapshots.js';
import type { StateKeeper } from '../snapshot/state-keeper.js';
import { CallTypes } from './call-types.js';
import type { AllocationPurpose, BoardDescription, MemoryRange } from './description.js';
import { FirmwareSymbols } from './firmware-symbols.js';
import { mainThread, STACK_FILL } from './main-thread.js';
import { cutWindow } from './map.js';
import { type BoardOptions, functionWindow, type GuestFunction, type ThreadOptions } from './options.js';

const CONSOLE_LIMIT = 16 * 1024 * 1024;

/** An emulated board: CPU, memory, heap, and the firmware the host plays. */
export class Board {
  readonly description: BoardDescription;
  readonly cpu: Cpu;
  /** Guest memory as a debugger sees it. */
  readonly memory: GuestMemory;
  /** Guest memory as the guest may use it. */
  readonly access: GuestAccess;
  readonly heap: Heap;
  /** The heap as the guest's malloc family uses it: allocation sites, leaks, checks. */
  readonly guestHeap: GuestHeap;
  readonly console: BoardConsole;
  /** Struct and type names for prototypes. */
  readonly types = new TypeScope();
  /** The main program's stack and registers. */
  readonly main: GuestThread;
  readonly convention: CallingConvention;
  readonly functions: FunctionTable;
  /** Names for addresses, in reports. */
  readonly locator: Locator;
  /** What plays the firmware and how true to the board it is: every fault report says so. */
  firmware: string | undefined;

  readonly #executor: Executor;
  readonly #callTypes: CallTypes;
  readonly #symbols: FirmwareSymbols;
  readonly #snapshots: Snapshots;

  constructor(description: BoardDescription, options: BoardOptions) {
    this.description = description;
    const { architecture } = options;
    const window = functionWindow(description, options.firmwareAt ?? 'firmware');
    const regions: Region[] = [
      ...cutWindow(description.regions, window),
      { name: 'host functions', start: window.start, size: window.size, kind: 'trap', executable: true },
      ...(options.regions ?? []),
    ];
    const space = createAddressSpace(regions);
    this.memory = new GuestMemory(space);
    for (const { region, value } of description.erased ?? []) {
      for (const each of regions) {
        if (each.name === region) this.memory.fill(each.start, each.size, value);
      }
    }
    this.cpu = options.cpu
      ? options.cpu(architecture, space)
      : createCpu(architecture, space, options.engine ? { engine: options.engine } : {});
    this.#callTypes = new CallTypes(architecture, this.types);
    this.convention = this.#callTypes.convention(options.abi ?? description.abi);
    this.heap = description.heap(this.memory);
    this.guestHeap = new GuestHeap(this.heap, this.memory, this.cpu, {
      checks: options.heapChecks ?? false,
      limit: options.limits?.heapBytes ?? Number.MAX_SAFE_INTEGER,
    });
    this.console = new BoardConsole(options.limits?.consoleBytes ?? CONSOLE_LIMIT);
    this.console.onText = options.onText;
    this.memory.fill(description.stack.start, description.stack.size, STACK_FILL);
    this.main = mainThread(this.cpu, description.stack, options.limits?.stackBytes);
    this.access = new GuestAccess(this.memory, (address, length, access) =>
      this.guestHeap.guard(address, length, access),
    );
    this.functions = new FunctionTable(window, this.convention, this.access, (address, type) => this.fn(address, type));
    this.locator = new Locator(this.functions);
    this.guestHeap.describeSite = (site) => {
      if (site === 0) return 'the host';
      const known = locationText(this.locator.locateCaller(site));
      return known === '' ? hex(site) : `${hex(site)} (${known})`;
    };
    this.#symbols = new FirmwareSymbols(this.memory, this.functions, description.data, description.constants);
    this.#executor = new Executor(this.#executorHost());
    const { name, memory, main, guestHeap, console } = this;
    this.#snapshots = new Snapshots({
      name,
      memory,
      main,
      guestHeap,
      console,
      executor: this.#executor,
      firmware: this.#symbols,
    });
    this.define(...(options.symbols ?? []));
  }

  get name(): string {
    return this.description.name;
  }

  /** What runs the guest's code. */
  get engine(): Cpu['engine'] {
    return this.cpu.engine;
  }

  /**
   * Why the guest's code is not compiled, in words: the host forbids it, the user asked for the interpreter, the CPU is another one.
   * Undefined when it is.
   */
  get engineReason(): string | undefined {
    return this.cpu.engineReason;
  }

  /** What the engine has done up to now: blocks, compiled functions, their bytes, compile time, side exits by reason. */
  stats(): CpuStats {
    return this.cpu.stats();
  }

  /** Names the firmware offers to modules, with their addresses as C pointers (Thumb bit included). */
  get symbols(): ReadonlyMap<string, number> {
    return this.#symbols.symbols;
  }

  /**
   * Adds functions and variables to the firmware.
   * @throws HostError SYMBOL when a name is taken, NO_MEMORY when the firmware's memory is full
   */
  define(...symbols: BoardSymbol[]): void {
    for (const symbol of symbols) this.#symbols.define(symbol);
  }

  /** Adds a host function: `board.host('int f(int a)', (a) => a + 1)`. Returns its address as a C pointer. */
  host(prototype: string, implementation: HostImplementation): number {
    const definition = host(prototype, implementation, { types: this.types });
    this.define(definition);
    return this.#symbols.resolve(definition.name);
  }

  /** Adds a shared variable. */
  variable(declaration: string, initial?: unknown): SharedVariable {
    const shared = variable(declaration, initial, { types: this.types });
    this.define(shared);
    return shared;
  }

  /** The definition behind a name. */
  definition(name: string): BoardSymbol | undefined {
    return this.#symbols.definition(name);
  }

  /**
   * Calls a guest function and says how it ended; what the guest does never throws.
   * @param target address as a C pointer (Thumb bit included), or the name of a board symbol
   * @param prototype its C prototype; the name in it does not matter
   * @throws HostError ARGUMENT, PROTOTYPE, SYMBOL, NO_MEMORY, STATE for what the caller does
   */
  call(
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): CallResult {
    return this.#executor.call(this.#executor.current ?? this.main, target, prototype, args, options);
  }

  /** `call` with asynchronous host functions allowed: their Promises suspend the guest. */
  callAsync(
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<CallResult> {
    return this.#executor.callAsync(this.#executor.current ?? this.main, target, prototype, args, options);
  }

  /** Calls on another stack (a task's). */
  callOn(
    thread: GuestThread,
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): CallResult {
    return this.#executor.call(thread, target, prototype, args, options);
  }

  callOnAsync(
    thread: GuestThread,
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<CallResult> {
    return this.#executor.callAsync(thread, target, prototype, args, options);
  }

  /** A thread of its own stack, for `callOn`. */
  createThread(name: string, stack: MemoryRange, options: ThreadOptions = {}): GuestThread {
    const { guard = 0, fill = 0 } = options;
    const thread = new GuestThread(name, stack, guard, fill);
    this.watchThread(thread);
    return thread;
  }

  /** Watches the guard of a thread again that `releaseThread` had let go: a snapshot brought it back. */
  watchThread(thread: GuestThread): void {
    if (thread.guard > 0) this.cpu.addWatchpoint(thread.stack.start, thread.guard, 'write');
  }

  /** Forgets a thread's unfinished calls and its guard. */
  releaseThread(thread: GuestThread): void {
    this.#executor.abandon(thread);
    if (thread.guard > 0) this.cpu.removeWatchpoint(thread.stack.start, thread.guard);
  }

  /** The thread that is running now, if any. */
  get currentThread(): GuestThread | undefined {
    return this.#executor.current;
  }

  /** A JavaScript function over a guest function. */
  fn(target: number | string, prototype: string | FunctionType, options: CallOptions = {}): GuestFunction {
    const address = this.resolve(target);
    const type = this.#callTypes.prototype(prototype);
    const call = (...args: unknown[]): GuestValue | undefined => resultValue(this.call(address, type, args, options));
    const async = async (...args: unknown[]): Promise<GuestValue | undefined> =>
      resultValue(await this.callAsync(address, type, args, options));
    return Object.assign(call, { address, async });
  }

  /** A symbol's address, or the address itself. @throws HostError SYMBOL */
  resolve(target: number | string): number {
    return this.#symbols.resolve(target);
  }

  /**
   * Memory for a loader: a heap block, or undefined when the heap refuses.
   * @param request bytes, power-of-two alignment, and what it is for (which decides the capabilities asked for)
   */
  allocate(request: {
    readonly size: number;
    readonly align?: number;
    readonly purpose?: AllocationPurpose;
  }): number | undefined {
    const { size, align = 4, purpose = 'data' } = request;
    const capabilities = this.description.capabilities?.(purpose);
    const address = this.heap.allocate(size, capabilities === undefined ? { align } : { align, capabilities });
    return address === 0 ? undefined : address;
  }

  /** Gives a heap block back. */
  free(address: number): void {
    this.heap.free(address);
  }

  /** Copies guest bytes into `into`. @throws HostError MEMORY */
  read(address: number, into: Uint8Array): void {
    this.memory.read(address, into);
  }

  /** Stores bytes; rules for the guest (rom, word-only memory) do not apply. @throws HostError MEMORY */
  write(address: number, from: Uint8Array): void {
    this.memory.write(address, from);
  }

  /** A firmware constant in read-only memory: the same address for the same text. @throws HostError NO_MEMORY */
  constantString(text: string): number {
    return this.#symbols.constantString(text);
  }

  /** A struct at a guest address as an object with live fields: `board.struct(address, 'struct point')`. */
  struct(address: number, type: string | CType): Record<string, GuestValue> {
    const parsed = typeof type === 'string' ? parseType(type, this.types) : type;
    if (parsed.kind !== 'struct') throw new HostError('ARGUMENT', 'struct() needs a struct type');
    return structView(this.memory, address, parsed);
  }

  /** Tells reports of a loaded module, until `removeModule`. */
  addModule(module: ModuleInfo): void {
    this.locator.modules.add(module);
  }

  removeModule(module: ModuleInfo): void {
    this.locator.modules.delete(module);
  }

  /**
   * Registers, memory, heap records, console and the states of the keepers (`keep`) as they are now. Snapshots of one board share the
   * pages that did not change. What the host's functions remember is not part of it.
   * @throws HostError STATE while the guest runs
   */
  snapshot(): Snapshot {
    return this.#snapshots.take();
  }

  /**
   * Puts a snapshot back. A stopped call in it can be resumed again, with the result object it came with. Host functions and
   * variables defined since then stay defined.
   * @throws HostError SNAPSHOT when it is another board's, STATE while the guest runs
   */
  restore(snapshot: Snapshot): void {
    this.#snapshots.restore(snapshot);
  }

  /** Makes the state of something on the host's side part of snapshots. */
  keep(keeper: StateKeeper): void {
    this.#snapshots.add(keeper);
  }

  /** All of a thread that changes, for a state keeper. @throws HostError STATE while the guest runs */
  threadState(thread: GuestThread): ThreadState {
    return this.#executor.threadState(thread);
  }

  /** Puts a thread back into the state it had, without touching memory. @throws HostError STATE while the guest runs */
  restoreThread(thread: GuestThread, state: ThreadState): void {
    this.#executor.restoreThread(thread, state);
  }

  /** 32-bit FNV-1a over all of the board's RAM: equal after equal runs. */
  memoryHash(): number {
    return hashMemory(this.memory);
  }

  /** Prints as the firmware does. */
  print(text: string): void {
    this.console.print(text);
  }

  /** Ends the running call at the next opportunity, resumable. For devices and host functions. */
  stop(): void {
    this.cpu.requestStop();
  }

  #describe(thread: GuestThread, ending: Ending): FaultReport {
    const { cpu, memory, functions, guestHeap, locator, firmware } = this;
    return buildReport(
      { cpu, memory, functions, guestHeap, locator, firmware },
      thread,
      ending,
      this.#executor.saveState(),
    );
  }

  #executorHost(): ExecutorHost {
    return {
      cpu: this.cpu,
      memory: this.memory,
      functions: this.functions,
      convention: this.convention,
      guestHeap: this.guestHeap,
      access: this.access,
      conventionFor: (options) => (options.abi ? this.#callTypes.convention(options.abi) : this.convention),
      resolve: (target) => this.resolve(target),
      prototype: (prototype) => this.#callTypes.prototype(prototype),
      allocate: (size) => {
        const address = this.allocate({ size, align: 8 });
        if (address === undefined)
          throw new HostError('NO_MEMORY', `no room for an argument of ${size} bytes`, { size });
        return address;
      },
      release: (address) => this.heap.free(address),
      constant: (bytes) => this.#symbols.temporaryConstant(bytes),
      constantMark: () => this.#symbols.constantMark,
      constantRelease: (mark) => this.#symbols.releaseConstants(mark),
      permanentString: (text) => this.constantString(text),
      describe: (thread, ending) => this.#describe(thread, ending),
    };
  }
}

/**
 * Makes a board.
 * @throws HostError BOARD when description and CPU do not fit, SYMBOL, NO_MEMORY
 */
export function createBoard(description: BoardDescription, options: BoardOptions): Board {
  return new Board(description, options);
}
