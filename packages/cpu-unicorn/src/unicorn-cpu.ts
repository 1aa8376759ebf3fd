import type {
  AddressSpace,
  Architecture,
  Cpu,
  CpuStats,
  MemoryFault,
  Region,
  RunOptions,
  StopReason,
  TrapResult,
} from '@loadstone/cpu-core';
import { UnicornError } from './error.js';
import { hookAddress, hookSize, hookValue } from './hook-arguments.js';
import { advanceIt, type InstructionFacts, instructionFacts, type Transfer } from './instruction.js';
import { MemoryMirror, PAGE } from './mirror.js';
import { RegisterFile } from './registers.js';
import type { UnicornEngine, UnicornModule } from './unicorn-api.js';

/** An address no run reaches: odd, and Unicorn compares it with even ones. */
const NEVER = 0xffff_fffd;
const INTERRUPT_SVC = 2;
const INTERRUPT_PREFETCH_ABORT = 3;
const INTERRUPT_BREAKPOINT = 7;

interface Watch {
  readonly first: number;
  readonly last: number;
  readonly read: boolean;
  readonly write: boolean;
}

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

/** Why Unicorn was told to stop. */
interface Halt {
  readonly reason: StopReason | undefined;
  /** Registers to go back to, because Unicorn finishes what it has begun. */
  readonly state: Uint32Array | undefined;
  readonly pc: number;
  readonly it: number;
}

/**
 * Creates a CPU that runs Thumb code on unicorn.js.
 * @param uc what unicorn.js gives: `await MUnicorn()`
 * @throws UnicornError ARCHITECTURE for an architecture without Thumb state, ENGINE when Unicorn cannot be opened
 */
export function createUnicornCpu(uc: UnicornModule, architecture: Architecture, memory: AddressSpace): Cpu {
  return new UnicornCpu(uc, architecture, memory);
}

class UnicornCpu implements Cpu {
  readonly architecture: Architecture;
  readonly memory: AddressSpace;
  readonly engine = 'unicorn';
  readonly engineReason = 'Unicorn runs the code';
  onTrap: ((address: number) => TrapResult) | undefined;

  readonly #uc: UnicornModule;
  readonly #unicorn: UnicornEngine;
  readonly #registers: RegisterFile;
  readonly #mirror: MemoryMirror;
  readonly #breakpoints = new Set<number>();
  readonly #watches: Watch[] = [];
  readonly #facts = new Map<number, { readonly words: number; readonly facts: InstructionFacts }>();

  #pc = 0;
  #it = 0;
  #completed = 0;
  /** Completed count at which fuel ends. */
  #limit = Number.MAX_SAFE_INTEGER;
  #inside = false;
  #stopRequested = false;
  /** The breakpoint that the next instruction may pass. */
  #passed = -1;

  /** Of the present start: the instruction being executed, -1 before the first. */
  #current = -1;
  #next = 0;
  /** ITSTATE at `current`; `it` is that of the instruction behind it. */
  #itAtCurrent = 0;
  #halt: Halt | undefined;
  #hit: StopReason | undefined;
  #hookError: { readonly error: unknown } | undefined;
  /** Where Unicorn's memory went ahead of the address space. */
  #astray: [number, number][] = [];
  readonly #code16 = new Uint8Array(2);
  #knownRegions = 0;
  /** The region the last instruction was fetched from. */
  #code: Region | undefined;

  constructor(uc: UnicornModule, architecture: Architecture, memory: AddressSpace) {
    this.architecture = architecture;
    this.memory = memory;
    this.#uc = uc;
    this.#unicorn = engineCall(() => new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB | uc.MODE_MCLASS));
    this.#registers = new RegisterFile(uc, this.#unicorn, architecture);
    this.#mirror = new MemoryMirror(this.#unicorn, memory, uc.PROT_ALL);
    this.#mapRegions();
    this.#hook(uc.HOOK_CODE, (args) => this.#onCode(hookAddress(args, 1)));
    this.#hook(uc.HOOK_MEM_WRITE, (args) => this.#onWrite(hookAddress(args, 2), hookSize(args), args));
    this.#hook(uc.HOOK_MEM_READ_UNMAPPED, (args) => this.#onUnmapped('read', hookAddress(args, 2), hookSize(args)));
    this.#hook(uc.HOOK_MEM_WRITE_UNMAPPED, (args) => this.#onUnmapped('write', hookAddress(args, 2), hookSize(args)));
    this.#hook(uc.HOOK_MEM_FETCH_UNMAPPED, (args) => this.#onFetch(hookAddress(args, 2)));
    this.#hook(uc.HOOK_INTR, (args) => this.#onInterrupt(Number(args[1])));
    this.reset();
  }

  get pc(): number {
    return this.#inside ? this.#current : this.#pc;
  }

  set pc(value: number) {
    this.#requireIdle();
    this.#pc = value >>> 0;
    this.#passed = -1;
  }

  get instructions(): number {
    return this.#completed;
  }

  get(slot: number): number {
    return this.architecture.slots[slot] === 'itstate' ? this.#it : this.#registers.get(slot);
  }

  set(slot: number, value: number): void {
    if (this.architecture.slots[slot] === 'itstate') this.#it = value & 0xff;
    else this.#registers.set(slot, value);
  }

  run(options: RunOptions = {}): StopReason {
    const { fuel = Number.POSITIVE_INFINITY } = options;
    this.#requireIdle();
    const outerLimit = this.#limit;
    const outerStop = this.#stopRequested;
    this.#limit = Math.min(outerLimit, this.#completed + Math.floor(fuel));
    this.#stopRequested = false;
    const passed = this.#passed;
    this.#passed = -1;
    try {
      const stop = this.#loop(passed);
      if (stop.kind === 'breakpoint') this.#passed = stop.pc;
      return stop;
    } finally {
      this.#limit = outerLimit;
      this.#stopRequested = outerStop;
    }
  }

  step(): StopReason | undefined {
    this.#requireIdle();
    const outerLimit = this.#limit;
    const outerStop = this.#stopRequested;
    this.#limit = this.#completed + 1;
    this.#stopRequested = false;
    this.#passed = -1;
    try {
      const stop = this.#loop(this.#pc);
      return stop.kind === 'fuel' ? undefined : stop;
    } finally {
      this.#limit = outerLimit;
      this.#stopRequested = outerStop;
    }
  }

  requestStop(): void {
    this.#stopRequested = true;
  }

  addBreakpoint(address: number): void {
    this.#breakpoints.add(address >>> 0);
  }

  removeBreakpoint(address: number): void {
    this.#breakpoints.delete(address >>> 0);
  }

  addWatchpoint(address: number, length: number, access: 'read' | 'write' | 'both'): void {
    const first = address >>> 0;
    const watch = { first, last: first + length - 1, read: access !== 'write', write: access !== 'read' };
    this.#watches.push(watch);
    if (watch.read) this.#readHook(watch.first - 3, watch.last);
  }

  removeWatchpoint(address: number, length: number): void {
    const at = this.#watches.findIndex(
      (watch) => watch.first === address >>> 0 && watch.last === (address >>> 0) + length - 1,
    );
    if (at >= 0) this.#watches.splice(at, 1);
  }

  reset(): void {
    this.#requireIdle();
    const state = new Int32Array(this.architecture.slots.length);
    this.architecture.reset(state);
    this.#registers.restore(new Uint32Array(state));
    this.#it = 0;
    this.pc = 0;
  }

  stats(): CpuStats {
    return NO_STATS;
  }

  /** @param passed address whose breakpoint does not count for the first instruction */
  #loop(passed: number): StopReason {
    let ignored = passed;
    for (;;) {
      if (this.#stopRequested) return { kind: 'requested', pc: this.#pc };
      if (this.#completed >= this.#limit) return { kind: 'fuel', pc: this.#pc };
      if (this.memory.regionAt(this.#pc)?.kind === 'trap') {
        const address = this.#pc;
        const result = this.onTrap?.(address) ?? 'stop';
        if (result === 'stop' || this.#pc === address) return { kind: 'trap', pc: this.#pc };
        ignored = -1;
        continue;
      }
      if (this.#breakpoints.has(this.#pc) && ignored !== this.#pc) return { kind: 'breakpoint', pc: this.#pc };
      this.#passed = ignored === this.#pc ? this.#pc : -1;
      const stop = this.#start();
      if (stop) return stop;
      ignored = -1;
    }
  }

  /** Lets Unicorn run until it stops; the reason, or undefined when the loop is to look at the new pc. */
  #start(): StopReason | undefined {
    this.#mapRegions();
    this.#mirror.push();
    this.#registers.itState = this.#it;
    this.#current = -1;
    this.#next = this.#pc;
    this.#halt = undefined;
    this.#hit = undefined;
    this.#hookError = undefined;
    this.#astray = [];
    this.#code = undefined;
    let thrown: unknown;
    this.#inside = true;
    try {
      this.#unicorn.emu_start((this.#pc | 1) >>> 0, NEVER, 0, 0);
    } catch (error) {
      thrown = error;
    } finally {
      this.#inside = false;
    }
    for (const [address, width] of this.#astray) this.#mirror.repair(address, width);
    const failure = this.#hookError as { readonly error: unknown } | undefined;
    if (failure) {
      this.#pc = Math.max(this.#current, 0);
      throw failure.error;
    }
    const halt = this.#halt as Halt | undefined;
    if (halt) {
      this.#pc = halt.pc;
      this.#it = halt.it;
      if (halt.state) this.#registers.restore(halt.state);
      return halt.reason;
    }
    return this.#ended(thrown);
  }

  /** Unicorn stopped by itself: an instruction it does not know, or one that sleeps. */
  #ended(thrown: unknown): StopReason | undefined {
    if (this.#current < 0)
      throw new UnicornError('ENGINE', String(thrown ?? 'Unicorn stopped before the first instruction'), {
        message: thrown,
      });
    if (thrown === undefined) {
      this.#completed += 1;
      this.#pc = this.#next;
      return undefined;
    }
    const at = (this.#unicorn.reg_read_i32(this.#uc.ARM_REG_PC) & ~1) >>> 0;
    if (at !== this.#current) return this.#refusedFetch(at);
    this.#pc = this.#current;
    const { argument } = this.#factsAt(this.#current);
    return { kind: 'exception', pc: this.#pc, name: 'undefined-instruction', argument };
  }

  /** Unicorn's default memory map does not execute from 0x40000000-0x5fffffff nor from 0xa0000000 on (ARMv7-M ARM B3.1). */
  #refusedFetch(address: number): StopReason {
    const region = this.memory.regionAt(address);
    if (region?.executable) {
      throw new UnicornError('ENGINE', `Unicorn does not execute code at 0x${address.toString(16)}`, { address });
    }
    this.#completed += 1;
    this.#pc = address;
    return fetchFault(address, region, this.architecture.minLength);
  }

  #requireIdle(): void {
    if (this.#inside) throw new UnicornError('BUSY', 'the CPU is in the middle of an instruction');
  }

  /** Adds a hook whose exceptions come out of `run`, not out of Unicorn. */
  #hook(type: number, handler: (args: readonly unknown[]) => unknown, begin?: number, end?: number): void {
    const guarded = (...args: unknown[]): unknown => {
      if (this.#halt) {
        if (type === this.#uc.HOOK_MEM_WRITE) this.#astray.push([hookAddress(args, 2), hookSize(args)]);
        return false;
      }
      try {
        return handler(args);
      } catch (error) {
        this.#hookError = { error };
        this.#stop(undefined, this.#current, false);
        return false;
      }
    };
    if (begin === undefined) this.#unicorn.hook_add(type, guarded, {});
    else this.#unicorn.hook_add(type, guarded, {}, begin, end);
  }

  /** Looks at regions that are new: which reads of them must be checked. */
  #mapRegions(): void {
    const { regions } = this.memory;
    for (const region of regions.slice(this.#knownRegions)) {
      const { start, size, kind, widths = 7, alignedOnly } = region;
      if (this.#knownRegions > 0) this.#mirror.regionAdded(region);
      this.#knownRegions += 1;
      if (kind === 'trap') continue;
      const end = start + size - 1;
      if (kind === 'mmio' || widths !== 7 || alignedOnly) this.#readHook(start - 3, end);
      else this.#readHook(end - 2, end);
      // The rest of the first and last page belongs to nobody.
      const first = Math.floor(start / PAGE) * PAGE;
      const last = Math.ceil((end + 1) / PAGE) * PAGE - 1;
      if (first < start) this.#readHook(first, start - 1);
      if (last > end) this.#readHook(end + 1, last);
    }
  }

  /** Checks reads that touch [first, last] against the address space. */
  #readHook(first: number, last: number): void {
    this.#hook(
      this.#uc.HOOK_MEM_READ,
      (args) => this.#onRead(hookAddress(args, 2), hookSize(args)),
      Math.max(first, 0),
      last,
    );
  }

  #onCode(address: number): void {
    if (this.#current >= 0) {
      this.#completed += 1;
      if (this.#hit) {
        this.#stop(this.#hit, address, this.#it !== 0);
        return;
      }
    }
    while (this.#it !== 0 && this.#next !== address) {
      if (this.#due(this.#next)) return;
      this.#completed += 1;
      this.#next += this.#factsAt(this.#next).length;
      this.#it = advanceIt(this.#it);
    }
    if (this.#due(address)) return;
    if (!this.#code || address < this.#code.start || address >= this.#code.start + this.#code.size) {
      this.#code = this.memory.regionAt(address);
      if (!this.#code?.executable) {
        this.#stop(fetchFault(address, this.#code, this.architecture.minLength), address, false);
        return;
      }
    }
    this.#mirror.executed(address);
    const facts = this.#factsAt(address);
    const problem = this.#before(address, facts);
    if (problem) {
      this.#stop(problem, address, this.#it !== 0);
      return;
    }
    this.#current = address;
    this.#itAtCurrent = this.#it;
    this.#next = (address + facts.length) >>> 0;
    this.#it = facts.it !== 0 ? facts.it : advanceIt(this.#it);
  }

  /** Whether the run ends before the instruction at `address`; it is stopped then. */
  #due(address: number): boolean {
    let reason: StopReason | undefined;
    if (this.#stopRequested) reason = { kind: 'requested', pc: address };
    else if (this.#completed >= this.#limit) reason = { kind: 'fuel', pc: address };
    else if (this.#breakpoints.has(address) && this.#passed !== address) reason = { kind: 'breakpoint', pc: address };
    this.#passed = -1;
    if (reason) this.#stop(reason, address, this.#it !== 0);
    return reason !== undefined;
  }

  /** What Unicorn would not notice in time: wrong branch targets, transfers of several words that fail half way. */
  #before(pc: number, { branchRegister, transfer }: InstructionFacts): StopReason | undefined {
    if (branchRegister >= 0) {
      const target = branchRegister === 15 ? pc + 4 : this.#registers.get(branchRegister);
      if ((target & 1) === 0) return { kind: 'exception', pc, name: 'invalid-state', argument: target };
    }
    return transfer && this.#checkTransfer(pc, transfer);
  }

  #checkTransfer(pc: number, { base, offset, words, load, pcWord }: Transfer): StopReason | undefined {
    const start = (this.#registers.get(base) + offset) >>> 0;
    const access = load ? 'read' : 'write';
    // A store that fails half way leaves the words before the fault in memory, as on the device.
    for (let word = 0; word < (load ? words : 1); word += 1) {
      const address = (start + 4 * word) >>> 0;
      const fault = this.#refusal(access, address);
      if (fault && (load || fault.kind === 'unaligned')) return { kind: 'memory-fault', pc, fault };
    }
    if (pcWord < 0) return undefined;
    const target = this.memory.load((start + 4 * pcWord) >>> 0, 4);
    if (typeof target === 'number' && (target & 1) === 0)
      return { kind: 'exception', pc, name: 'invalid-state', argument: target };
    return undefined;
  }

  /** Why an aligned-only word access is refused, without making it. */
  #refusal(access: 'read' | 'write', address: number): MemoryFault | undefined {
    const region = this.memory.regionAt(address);
    const common = { access, address, width: 4, ...(region && { region: region.name }) } as const;
    if ((address & 3) !== 0) return { kind: 'unaligned', ...common };
    if (!region || region.kind === 'trap') return { kind: 'unmapped', ...common };
    if (access === 'write' && region.kind === 'rom') return { kind: 'read-only', ...common };
    return ((region.widths ?? 7) & 4) === 0 ? { kind: 'width', ...common } : undefined;
  }

  #onRead(address: number, size: number): boolean {
    for (let at = 0; at < size; at += 4) {
      const width = accessWidth(Math.min(4, size - at));
      const value = this.memory.load((address + at) >>> 0, width);
      if (typeof value !== 'number') {
        this.#stop({ kind: 'memory-fault', pc: this.#current, fault: value }, this.#current, true);
        return false;
      }
      if (this.memory.regionAt(address + at)?.kind === 'mmio')
        this.#unicorn.mem_write(address + at, wordBytes(value, width));
      this.#watch('read', address + at, width);
    }
    return true;
  }

  #onWrite(address: number, size: number, args: readonly unknown[]): boolean {
    for (let at = 0; at < size; at += 4) {
      const width = accessWidth(Math.min(4, size - at));
      const where = (address + at) >>> 0;
      const fault = this.memory.store(where, width, hookValue(args, at));
      if (fault) {
        this.#astray.push([address, size]);
        this.#stop({ kind: 'memory-fault', pc: this.#current, fault }, this.#current, true);
        return false;
      }
      if (this.memory.regionAt(where)?.kind !== 'mmio') this.#mirror.stored(where, width);
      this.#watch('write', where, width);
    }
    return true;
  }

  #watch(access: 'read' | 'write', address: number, width: number): void {
    if (this.#hit) return;
    const watched = this.#watches.some(
      ({ first, last, read, write }) =>
        (access === 'read' ? read : write) && address <= last && address + width > first,
    );
    if (watched) this.#hit = { kind: 'watchpoint', pc: this.#current, address, access, width };
  }

  #onUnmapped(access: 'read' | 'write', address: number, size: number): boolean {
    const last = address + size - 1;
    if (this.#mirror.touch(address) || this.#mirror.touch(last)) return true;
    const region = this.memory.regionAt(address);
    const width = Math.min(size, 4);
    const fault: MemoryFault = {
      kind: 'unmapped',
      access,
      address: address >>> 0,
      width,
      ...(region && { region: region.name }),
    };
    this.#stop({ kind: 'memory-fault', pc: this.#current, fault }, this.#current, true);
    return false;
  }

  /** A jump to where Unicorn has no memory: a host function, or nothing. */
  #onFetch(address: number): boolean {
    if (this.memory.regionAt(address)?.executable && this.#mirror.touch(address)) return true;
    if (this.#current >= 0) this.#completed += 1;
    this.#it = 0;
    const region = this.memory.regionAt(address);
    if (this.#hit) this.#stop(this.#hit, address, false);
    else
      this.#stop(
        region?.kind === 'trap' ? undefined : fetchFault(address, region, this.architecture.minLength),
        address,
        false,
      );
    return false;
  }

  #onInterrupt(number: number): void {
    const pc = this.#current;
    if (number === INTERRUPT_PREFETCH_ABORT) {
      const reason = this.#refusedFetch((this.#unicorn.reg_read_i32(this.#uc.ARM_REG_PC) & ~1) >>> 0);
      this.#stop(reason, reason.pc, false);
      return;
    }
    const { argument } = this.#factsAt(pc);
    const name =
      number === INTERRUPT_SVC
        ? 'supervisor-call'
        : number === INTERRUPT_BREAKPOINT
          ? 'breakpoint'
          : 'undefined-instruction';
    this.#stop({ kind: 'exception', pc, name, argument }, pc, false);
  }

  /**
   * Ends the start with the pc at `pc`.
   * @param rewind Unicorn will still change registers: go back to what they are now
   */
  #stop(reason: StopReason | undefined, pc: number, rewind: boolean): void {
    const it = pc === this.#current ? this.#itAtCurrent : this.#it;
    this.#halt = { reason, pc: pc >>> 0, it, state: rewind ? this.#registers.save() : undefined };
    this.#unicorn.emu_stop();
  }

  #factsAt(address: number): InstructionFacts {
    const first = this.#halfWord(address);
    const second = this.#halfWord(address + 2);
    const words = (first << 16) | second;
    const known = this.#facts.get(address);
    if (known?.words === words) return known.facts;
    const facts = instructionFacts(first, second);
    this.#facts.set(address, { words, facts });
    return facts;
  }

  #halfWord(address: number): number {
    const region = this.memory.regionAt(address);
    if (!region || (region.kind !== 'ram' && region.kind !== 'rom') || address + 2 > region.start + region.size)
      return 0;
    this.memory.read(address, this.#code16);
    return this.#code16[0] | (this.#code16[1] << 8);
  }
}

function accessWidth(bytes: number): 1 | 2 | 4 {
  return bytes === 1 ? 1 : bytes === 2 ? 2 : 4;
}

function wordBytes(value: number, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, index) => value >>> (8 * index));
}

function fetchFault(address: number, region: Region | undefined, width: number): StopReason {
  const kind = region ? 'not-executable' : 'unmapped';
  const fault: MemoryFault = {
    kind,
    access: 'fetch',
    address: address >>> 0,
    width,
    ...(region && { region: region.name }),
  };
  return { kind: 'memory-fault', pc: address >>> 0, fault };
}

/** Runs something that unicorn.js may answer with a thrown string. */
function engineCall<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (typeof error === 'string') throw new UnicornError('ENGINE', error, { message: error });
    throw error;
  }
}
