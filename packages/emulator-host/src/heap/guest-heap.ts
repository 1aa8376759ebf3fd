import type { Cpu } from '@loadstone/cpu-core';
import { LimitReached } from '../call/limit.js';
import { byteCount, HostError, hex } from '../error.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { MALLOC_CAP_EXEC } from './caps.js';
import type { AllocationRequest, Heap } from './heap.js';

/** One allocation the guest made. */
export interface Allocation {
  /** First byte given to the guest. */
  readonly address: number;
  /** Bytes asked for. */
  readonly size: number;
  /** Code address the allocating call returns to; 0 when the host allocated. */
  readonly site: number;
  /** Counts up with each allocation. */
  readonly serial: number;
  /** The heap's own block, which starts earlier when red zones are on. */
  readonly block: number;
  readonly redZone: number;
}

/** An allocation that was given back and is kept from being handed out again. */
export interface FreedAllocation extends Allocation {
  /** Code address behind the call of free. */
  readonly freedAt: number;
}

/** Live allocations of one call site. */
export interface LeakGroup {
  readonly site: number;
  readonly count: number;
  readonly bytes: number;
}

/** The guest misused its heap: heap checking found it. */
export class HeapMisuse extends HostError {
  override readonly name = 'HeapMisuse';

  constructor(message: string, data: Readonly<Record<string, unknown>>) {
    super('HEAP_CORRUPT', message, data);
  }
}

/** Bytes before and behind each block with checks on. */
const RED_ZONE = 16;
const RED_BYTE = 0xfd;
const NEW_BYTE = 0xcd;
const FREED_BYTE = 0xdd;
/** Freed blocks kept back with checks on. */
const QUARANTINE = 64;

export interface GuestHeapOptions {
  /** Red zones, quarantine of freed blocks, and a stop at the very access that goes wrong. Moves every address. */
  readonly checks: boolean;
  /** Most live bytes. */
  readonly limit: number;
}

/**
 * The heap as the guest's malloc family sees it: the board's heap, with a record of who allocated what. With checks on, every
 * block lies between red zones, freed blocks stay poisoned for a while, and touching either stops the guest.
 */
export class GuestHeap {
  readonly heap: Heap;
  readonly checks: boolean;
  /** Names a code address in messages. */
  describeSite: (site: number) => string = hex;
  readonly #memory: GuestMemory;
  readonly #cpu: Cpu;
  readonly #limit: number;
  readonly #live = new Map<number, Allocation>();
  readonly #freed: FreedAllocation[] = [];
  #serial = 0;
  #bytes = 0;
  #refused: { readonly size: number; readonly site: number } | undefined;

  constructor(heap: Heap, memory: GuestMemory, cpu: Cpu, options: GuestHeapOptions) {
    this.heap = heap;
    this.checks = options.checks;
    this.#memory = memory;
    this.#cpu = cpu;
    this.#limit = options.limit;
  }

  /** Bytes in live allocations. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The guest's latest allocation, when the heap refused it. */
  get refused(): { readonly size: number; readonly site: number } | undefined {
    return this.#refused;
  }

  /** Serial number of the latest allocation: `leaks` takes it to leave out what is older. */
  get mark(): number {
    return this.#serial;
  }

  /**
   * @param site code address the call returns to, for reports
   * @throws LimitReached when the limit of live bytes would be passed
   */
  allocate(size: number, request: AllocationRequest = {}, site = 0): number {
    if (this.#bytes + size > this.#limit) {
      throw this.#limitReached(size);
    }
    const redZone = this.#redZone(size, request);
    const block = this.#using(`allocation of ${byteCount(size)}`, () =>
      this.heap.allocate(size + 2 * redZone, request),
    );
    this.#refused = block === 0 && size > 0 && site !== 0 ? { size, site } : undefined;
    if (block === 0) return 0;
    const allocation: Allocation = { address: block + redZone, size, site, serial: ++this.#serial, block, redZone };
    this.#live.set(allocation.address, allocation);
    this.#bytes += size;
    if (redZone > 0) this.#protect(allocation);
    return allocation.address;
  }

  /** @throws HeapMisuse with checks on: a double free, an address that is no block, a damaged red zone */
  free(address: number, site = 0): void {
    if (address === 0) return;
    const allocation = this.#live.get(address);
    if (!allocation) {
      if (this.checks) throw this.#badFree(address);
      this.#using(`free of ${hex(address)}, which is no allocated block`, () => this.heap.free(address));
      return;
    }
    this.#verify(allocation);
    this.#live.delete(address);
    this.#bytes -= allocation.size;
    if (allocation.redZone === 0) {
      this.#using(`free of ${hex(address)}`, () => this.heap.free(allocation.block));
      return;
    }
    this.#memory.fill(address, allocation.size, FREED_BYTE);
    this.#cpu.addWatchpoint(address, allocation.size, 'both');
    this.#freed.push({ ...allocation, freedAt: site });
    if (this.#freed.length > QUARANTINE) this.#release(this.#freed.shift());
  }

  /** C's realloc; with checks on a block always moves. */
  reallocate(address: number, size: number, site = 0, request: AllocationRequest = {}): number {
    if (address === 0) return this.allocate(size, request, site);
    if (size === 0) {
      this.free(address, site);
      return 0;
    }
    const allocation = this.#live.get(address);
    if (!allocation || allocation.redZone > 0) {
      if (!allocation && this.checks) throw this.#badFree(address);
      if (!allocation) {
        const action = `realloc of ${hex(address)}, which is no allocated block`;
        return this.#using(action, () => this.heap.reallocate(address, size, request));
      }
      const moved = this.allocate(size, request, site);
      if (moved === 0) return 0;
      this.#memory.copy(moved, address, Math.min(size, allocation.size));
      this.free(address, site);
      return moved;
    }
    if (this.#bytes - allocation.size + size > this.#limit) {
      throw this.#limitReached(size);
    }
    const moved = this.#using(`realloc of ${hex(address)}`, () => this.heap.reallocate(address, size, request));
    this.#refused = moved === 0 && site !== 0 ? { size, site } : undefined;
    if (moved === 0) return 0;
    this.#live.delete(address);
    this.#live.set(moved, { address: moved, size, site, serial: ++this.#serial, block: moved, redZone: 0 });
    this.#bytes += size - allocation.size;
    return moved;
  }

  /** Live allocations in the order they were made. */
  allocations(): readonly Allocation[] {
    return [...this.#live.values()].sort((a, b) => a.serial - b.serial);
  }

  /** Live allocations by the code that made them, largest first. @param since a `mark` */
  leaks(since = 0): LeakGroup[] {
    const groups = new Map<number, LeakGroup>();
    for (const { site, size, serial } of this.#live.values()) {
      if (serial <= since) continue;
      const group = groups.get(site) ?? { site, count: 0, bytes: 0 };
      groups.set(site, { site, count: group.count + 1, bytes: group.bytes + size });
    }
    return [...groups.values()].sort((a, b) => b.bytes - a.bytes || a.site - b.site);
  }

  /** `leaks` as text, one line for each call site; empty when nothing leaks. */
  leakText(since = 0): string {
    const groups = this.leaks(since);
    if (groups.length === 0) return '';
    const blocks = groups.reduce((sum, { count }) => sum + count, 0);
    const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
    const lines = groups.map(
      (group) =>
        `  ${byteCount(group.bytes)} in ${blockCount(group.count)} allocated by ${this.describeSite(group.site)}\n`,
    );
    return `${blockCount(blocks)}, ${byteCount(bytes)} in all, were not freed:\n${lines.join('')}`;
  }

  /** Tests all red zones. @throws HeapMisuse for the first damaged one */
  check(): void {
    for (const allocation of this.#live.values()) this.#verify(allocation);
  }

  /** Throws HeapMisuse when [address, address + length) touches a red zone or a freed block: for host functions. */
  guard(address: number, length: number, access: 'read' | 'write'): void {
    if (!this.checks || length === 0) return;
    const problem = this.explain(address, length);
    if (problem)
      throw new HeapMisuse(`${access} of ${byteCount(length)} at ${hex(address)}: ${problem}`, { address, length });
  }

  /** What is wrong with touching these bytes, in words; undefined when nothing is. */
  explain(address: number, length: number): string | undefined {
    const end = address + length;
    for (const freed of this.#freed) {
      if (address < freed.address + freed.size && end > freed.address) {
        return `use after free, ${place(address, freed)} that ${this.describeSite(freed.site)} allocated and ${this.describeSite(freed.freedAt)} freed`;
      }
    }
    for (const live of this.#live.values()) {
      const { redZone, size } = live;
      if (redZone === 0) continue;
      const before = address < live.address && end > live.address - redZone;
      const behind = address < live.address + size + redZone && end > live.address + size;
      if (before || behind)
        return `out of bounds, ${place(address, live)} that ${this.describeSite(live.site)} allocated`;
    }
    return undefined;
  }

  /** The live or freed allocation whose bytes or red zones hold `address`. */
  near(address: number): { readonly allocation: Allocation; readonly freed: boolean } | undefined {
    const holds = ({ address: start, size, redZone }: Allocation): boolean =>
      address >= start - redZone && address < start + size + redZone;
    const freed = this.#freed.find(holds);
    if (freed) return { allocation: freed, freed: true };
    for (const allocation of this.#live.values()) {
      if (holds(allocation)) return { allocation, freed: false };
    }
    return undefined;
  }

  /** Records for a snapshot. */
  save(): {
    readonly live: readonly Allocation[];
    readonly freed: readonly FreedAllocation[];
    readonly serial: number;
  } {
    return { live: [...this.#live.values()], freed: [...this.#freed], serial: this.#serial };
  }

  /** Puts the records of `save` back; guest memory is restored elsewhere. */
  restore(state: ReturnType<GuestHeap['save']>): void {
    for (const allocation of this.#live.values()) this.#unprotect(allocation);
    for (const freed of this.#freed) this.#cpu.removeWatchpoint(freed.address, freed.size);
    this.#live.clear();
    this.#freed.length = 0;
    this.#bytes = 0;
    for (const allocation of state.live) {
      this.#live.set(allocation.address, allocation);
      this.#bytes += allocation.size;
      this.#watch(allocation);
    }
    for (const freed of state.freed) {
      this.#freed.push(freed);
      this.#cpu.addWatchpoint(freed.address, freed.size, 'both');
      this.#watch(freed);
    }
    this.#serial = state.serial;
    this.#refused = undefined;
  }

  #limitReached(size: number): LimitReached {
    const message = `${byteCount(size)} more would pass the heap limit of ${byteCount(this.#limit)} (${this.#bytes} in use)`;
    return new LimitReached('heap', message);
  }

  /** Lets the heap work; what it meets in words that the guest has damaged is the guest's fault. */
  #using<T>(action: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      throw new HeapMisuse(`${action}: the heap's words lead nowhere: ${error.message}`, error.data);
    }
  }

  #redZone(size: number, request: AllocationRequest): number {
    if (!this.checks || size === 0 || ((request.capabilities ?? 0) & MALLOC_CAP_EXEC) !== 0) return 0;
    return Math.max(RED_ZONE, request.align ?? 0);
  }

  #protect(allocation: Allocation): void {
    const { block, redZone, address, size } = allocation;
    this.#memory.fill(block, redZone, RED_BYTE);
    this.#memory.fill(address, size, NEW_BYTE);
    this.#memory.fill(address + size, redZone, RED_BYTE);
    this.#watch(allocation);
  }

  #watch({ block, redZone, address, size }: Allocation): void {
    if (redZone === 0) return;
    this.#cpu.addWatchpoint(block, redZone, 'both');
    this.#cpu.addWatchpoint(address + size, redZone, 'both');
  }

  #unprotect({ block, redZone, address, size }: Allocation): void {
    if (redZone === 0) return;
    this.#cpu.removeWatchpoint(block, redZone);
    this.#cpu.removeWatchpoint(address + size, redZone);
  }

  #release(freed: FreedAllocation | undefined): void {
    if (!freed) return;
    this.#cpu.removeWatchpoint(freed.address, freed.size);
    this.#unprotect(freed);
    this.#using(`free of ${hex(freed.address)}`, () => this.heap.free(freed.block));
  }

  #verify({ address, size, redZone, block, site }: Allocation): void {
    if (redZone === 0) return;
    for (const [start, where] of [
      [block, 'before'],
      [address + size, 'behind'],
    ] as const) {
      const damaged = this.#memory.bytes(start, redZone).findIndex((byte) => byte !== RED_BYTE);
      if (damaged < 0) continue;
      throw new HeapMisuse(
        `the byte at ${hex(start + damaged)}, ${where} the block of ${byteCount(size)} that ${this.describeSite(site)} allocated, was overwritten`,
        {
          address: start + damaged,
          block: address,
          size,
          site,
        },
      );
    }
  }

  #badFree(address: number): HeapMisuse {
    const freed = this.#freed.find((each) => each.address === address);
    if (freed) {
      return new HeapMisuse(
        `double free of ${hex(address)} (${byteCount(freed.size)}): ${this.describeSite(freed.site)} allocated it, ${this.describeSite(freed.freedAt)} freed it before`,
        {
          address,
        },
      );
    }
    const near = this.near(address);
    const inside = near ? `; it lies ${place(address, near.allocation)}` : '';
    return new HeapMisuse(`free of ${hex(address)}, which is no allocated block${inside}`, { address });
  }
}

function blockCount(count: number): string {
  return count === 1 ? '1 block' : `${count} blocks`;
}

/** Where an address lies relative to a block, in words. */
function place(address: number, { address: start, size }: Allocation): string {
  if (address < start) return `${byteCount(start - address)} before a block of ${byteCount(size)}`;
  if (address === start + size) return `just behind the end of a block of ${byteCount(size)}`;
  if (address > start + size)
    return `${byteCount(address - start - size)} behind the end of a block of ${byteCount(size)}`;
  return `${byteCount(address - start)} into a block of ${byteCount(size)}`;
}
