import type { AddressSpace, Architecture, Region, StopReason } from '@loadstone/cpu-core';
import { CodeReader } from './code-reader.js';
import { UnicornError } from './error.js';
import { hookAddress, hookSize, hookValue } from './hook-arguments.js';
import { advanceIt, type InstructionFacts } from './instruction.js';
import { MemoryMirror, PAGE } from './mirror.js';
import { fetchFault, transferFault, unmappedFault } from './refusals.js';
import { RegisterFile } from './registers.js';
import type { RunControl } from './run-control.js';
import type { UnicornEngine, UnicornModule } from './unicorn-api.js';

/** An address no run reaches: odd, and Unicorn compares it with even ones. */
const NEVER = 0xffff_fffd;
const INTERRUPT_SVC = 2;
const INTERRUPT_PREFETCH_ABORT = 3;
const INTERRUPT_BREAKPOINT = 7;

/** Why Unicorn was told to stop. */
interface Halt {
  readonly reason: StopReason | undefined;
  /** Registers to go back to, because Unicorn finishes what it has begun. */
  readonly state: Uint32Array | undefined;
  readonly pc: number;
  readonly it: number;
}

/**
 * Unicorn with the hooks that make it keep the rules of the address space: it is started at `pc` and stops where the control or a
 * refused access says so, with the exact state of the instruction.
 */
export class Execution {
  /** Address of the next instruction, and ITSTATE there. */
  pc = 0;
  it = 0;

  readonly #uc: UnicornModule;
  readonly #architecture: Architecture;
  readonly #memory: AddressSpace;
  readonly #control: RunControl;
  readonly #code: CodeReader;
  #unicorn: UnicornEngine;
  #registers: RegisterFile;
  #mirror: MemoryMirror;
  #inside = false;

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
  #knownRegions = 0;
  /** The region the last instruction was fetched from. */
  #codeRegion: Region | undefined;
  /** Ranges whose reads are checked because of watchpoints. */
  readonly #checkedReads: [number, number][] = [];

  constructor(uc: UnicornModule, architecture: Architecture, memory: AddressSpace, control: RunControl) {
    this.#uc = uc;
    this.#architecture = architecture;
    this.#memory = memory;
    this.#control = control;
    this.#code = new CodeReader(memory);
    this.#unicorn = this.#engine();
    this.#registers = new RegisterFile(uc, this.#unicorn, architecture);
    this.#mirror = new MemoryMirror(this.#unicorn, memory, uc.PROT_ALL);
    this.#addHooks();
  }

  /** Address of the instruction being executed; undefined between two starts. */
  get current(): number | undefined {
    return this.#inside ? this.#current : undefined;
  }

  get(slot: number): number {
    return this.#architecture.slots[slot] === 'itstate' ? this.it : this.#registers.get(slot);
  }

  set(slot: number, value: number): void {
    if (this.#architecture.slots[slot] === 'itstate') this.it = value & 0xff;
    else this.#registers.set(slot, value);
  }

  /** Puts all slots into their reset values. */
  reset(): void {
    const state = new Int32Array(this.#architecture.slots.length);
    this.#architecture.reset(state);
    this.#registers.restore(new Uint32Array(state));
    this.it = 0;
  }

  /** Reads of [first, last] may be watched from now on. */
  checkReads(first: number, last: number): void {
    this.#checkedReads.push([first, last]);
    this.#readHook(first - 3, last);
  }

  #engine(): UnicornEngine {
    const uc = this.#uc;
    return engineCall(() => new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB | uc.MODE_MCLASS));
  }

  /** A new engine in the same state, which has translated nothing. */
  #reopen(): void {
    const state = this.#registers.save();
    this.#unicorn.close();
    this.#unicorn = this.#engine();
    this.#registers = new RegisterFile(this.#uc, this.#unicorn, this.#architecture);
    this.#mirror = new MemoryMirror(this.#unicorn, this.#memory, this.#uc.PROT_ALL);
    this.#knownRegions = 0;
    this.#addHooks();
    for (const [first, last] of this.#checkedReads) this.#readHook(first - 3, last);
    this.#registers.restore(state);
  }

  #addHooks(): void {
    const uc = this.#uc;
    this.#mapRegions();
    this.#hook(uc.HOOK_CODE, (args) => this.#onCode(hookAddress(args, 1)));
    this.#hook(uc.HOOK_MEM_WRITE, (args) => this.#onWrite(hookAddress(args, 2), hookSize(args), args));
    this.#hook(uc.HOOK_MEM_READ_UNMAPPED, (args) => this.#onUnmapped('read', hookAddress(args, 2), hookSize(args)));
    this.#hook(uc.HOOK_MEM_WRITE_UNMAPPED, (args) => this.#onUnmapped('write', hookAddress(args, 2), hookSize(args)));
    this.#hook(uc.HOOK_MEM_FETCH_UNMAPPED, (args) => this.#onFetch(hookAddress(args, 2)));
    this.#hook(uc.HOOK_INTR, (args) => this.#onInterrupt(Number(args[1])));
  }

  /** Lets Unicorn run until it stops; the reason, or undefined when the loop is to look at the new pc. */
  start(): StopReason | undefined {
    this.#mapRegions();
    if (!this.#mirror.push()) this.#reopen();
    this.#registers.itState = this.it;
    this.#current = -1;
    this.#next = this.pc;
    this.#halt = undefined;
    this.#hit = undefined;
    this.#hookError = undefined;
    this.#astray = [];
    this.#codeRegion = undefined;
    let thrown: unknown;
    this.#inside = true;
    try {
      this.#unicorn.emu_start((this.pc | 1) >>> 0, NEVER, 0, 0);
    } catch (error) {
      thrown = error;
    } finally {
      this.#inside = false;
    }
    for (const [address, width] of this.#astray) this.#mirror.repair(address, width);
    const failure = this.#hookError as { readonly error: unknown } | undefined;
    if (failure) {
      this.pc = Math.max(this.#current, 0);
      throw failure.error;
    }
    const halt = this.#halt as Halt | undefined;
    if (halt) {
      this.pc = halt.pc;
      this.it = halt.it;
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
      this.#control.completed += 1;
      this.pc = this.#next;
      return undefined;
    }
    const at = (this.#unicorn.reg_read_i32(this.#uc.ARM_REG_PC) & ~1) >>> 0;
    if (at !== this.#current) return this.#refusedFetch(at);
    this.pc = this.#current;
    const { argument } = this.#code.factsAt(this.#current);
    return { kind: 'exception', pc: this.pc, name: 'undefined-instruction', argument };
  }

  /** Unicorn's default memory map does not execute from 0x40000000-0x5fffffff nor from 0xa0000000 on (ARMv7-M ARM B3.1). */
  #refusedFetch(address: number): StopReason {
    const region = this.#memory.regionAt(address);
    if (region?.executable) {
      throw new UnicornError('ENGINE', `Unicorn does not execute code at 0x${address.toString(16)}`, { address });
    }
    this.#control.completed += 1;
    this.pc = address;
    return fetchFault(address, region, this.#architecture.minLength);
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
    const { regions } = this.#memory;
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
      this.#control.completed += 1;
      if (this.#hit) {
        this.#stop(this.#hit, address, this.it !== 0);
        return;
      }
    }
    while (this.it !== 0 && this.#next !== address) {
      if (this.#due(this.#next)) return;
      this.#control.completed += 1;
      this.#next += this.#code.factsAt(this.#next).length;
      this.it = advanceIt(this.it);
    }
    if (this.#due(address)) return;
    if (
      !this.#codeRegion ||
      address < this.#codeRegion.start ||
      address >= this.#codeRegion.start + this.#codeRegion.size
    ) {
      this.#codeRegion = this.#memory.regionAt(address);
      if (!this.#codeRegion?.executable) {
        this.#stop(fetchFault(address, this.#codeRegion, this.#architecture.minLength), address, false);
        return;
      }
    }
    this.#mirror.executed(address);
    const facts = this.#code.factsAt(address);
    const problem = this.#before(address, facts);
    if (problem) {
      this.#stop(problem, address, this.it !== 0);
      return;
    }
    this.#current = address;
    this.#itAtCurrent = this.it;
    this.#next = (address + facts.length) >>> 0;
    this.it = facts.it !== 0 ? facts.it : advanceIt(this.it);
  }

  /** Whether the run ends before the instruction at `address`; it is stopped then. */
  #due(address: number): boolean {
    const reason = this.#control.due(address);
    if (reason) this.#stop(reason, address, this.it !== 0);
    return reason !== undefined;
  }

  /** What Unicorn would not notice in time: wrong branch targets, transfers of several words that fail half way. */
  #before(pc: number, { branchRegister, transfer }: InstructionFacts): StopReason | undefined {
    if (branchRegister >= 0) {
      const target = branchRegister === 15 ? pc + 4 : this.#registers.get(branchRegister);
      if ((target & 1) === 0) return { kind: 'exception', pc, name: 'invalid-state', argument: target };
    }
    if (!transfer) return undefined;
    const start = (this.#registers.get(transfer.base) + transfer.offset) >>> 0;
    return transferFault(this.#memory, pc, start, transfer);
  }

  #onRead(address: number, size: number): boolean {
    for (let at = 0; at < size; at += 4) {
      const width = accessWidth(Math.min(4, size - at));
      const value = this.#memory.load((address + at) >>> 0, width);
      if (typeof value !== 'number') {
        this.#stop({ kind: 'memory-fault', pc: this.#current, fault: value }, this.#current, true);
        return false;
      }
      if (this.#memory.regionAt(address + at)?.kind === 'mmio')
        this.#unicorn.mem_write(address + at, wordBytes(value, width));
      this.#watch('read', address + at, width);
    }
    return true;
  }

  #onWrite(address: number, size: number, args: readonly unknown[]): boolean {
    for (let at = 0; at < size; at += 4) {
      const width = accessWidth(Math.min(4, size - at));
      const where = (address + at) >>> 0;
      const fault = this.#memory.store(where, width, hookValue(args, at));
      if (fault) {
        this.#astray.push([address, size]);
        this.#stop({ kind: 'memory-fault', pc: this.#current, fault }, this.#current, true);
        return false;
      }
      if (this.#memory.regionAt(where)?.kind !== 'mmio') this.#mirror.stored(where, width);
      this.#watch('write', where, width);
    }
    return true;
  }

  #watch(access: 'read' | 'write', address: number, width: number): void {
    this.#hit ??= this.#control.watches.hit(this.#current, access, address, width);
  }

  #onUnmapped(access: 'read' | 'write', address: number, size: number): boolean {
    const last = address + size - 1;
    if (this.#mirror.touch(address) || this.#mirror.touch(last)) return true;
    const fault = unmappedFault(this.#memory, access, address, Math.min(size, 4));
    this.#stop({ kind: 'memory-fault', pc: this.#current, fault }, this.#current, true);
    return false;
  }

  /** A jump to where Unicorn has no memory: a host function, or nothing. */
  #onFetch(address: number): boolean {
    if (this.#memory.regionAt(address)?.executable && this.#mirror.touch(address)) return true;
    if (this.#current >= 0) this.#control.completed += 1;
    this.it = 0;
    const region = this.#memory.regionAt(address);
    if (this.#hit) this.#stop(this.#hit, address, false);
    else
      this.#stop(
        region?.kind === 'trap' ? undefined : fetchFault(address, region, this.#architecture.minLength),
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
    const { argument } = this.#code.factsAt(pc);
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
    const it = pc === this.#current ? this.#itAtCurrent : this.it;
    this.#halt = { reason, pc: pc >>> 0, it, state: rewind ? this.#registers.save() : undefined };
    this.#unicorn.emu_stop();
  }
}

function accessWidth(bytes: number): 1 | 2 | 4 {
  return bytes === 1 ? 1 : bytes === 2 ? 2 : 4;
}

function wordBytes(value: number, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, index) => value >>> (8 * index));
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
