import type { AddressSpace, Region } from '@loadstone/cpu-core';
import type { UnicornEngine } from './unicorn-api.js';

/** Bytes of a page: what Unicorn maps at least. */
export const PAGE = 4096;

interface MirroredPage {
  readonly start: number;
  /** Instructions were fetched from it. */
  executed: boolean;
  /** What Unicorn's memory holds. */
  readonly shadow: Uint8Array;
  /** The parts of the page that are memory: first address and bytes. */
  readonly parts: readonly { readonly at: number; readonly length: number }[];
}

/**
 * Unicorn's own copy of guest memory, page by page as the guest touches it. The address space stays the truth: what the host
 * changed is pushed before each start, what the guest stores is stored in both while it runs.
 */
export class MemoryMirror {
  readonly #engine: UnicornEngine;
  readonly #memory: AddressSpace;
  readonly #protection: number;
  readonly #pages = new Map<number, MirroredPage>();
  readonly #now = new Uint8Array(PAGE);
  /** Code that was executed has changed: Unicorn may have translations of what it was. */
  #isStale = false;

  constructor(engine: UnicornEngine, memory: AddressSpace, protection: number) {
    this.#engine = engine;
    this.#memory = memory;
    this.#protection = protection;
  }

  /** Gives Unicorn the page that holds `address`; false when it is there already or holds no memory and no device. */
  touch(address: number): boolean {
    const start = Math.floor(address / PAGE) * PAGE;
    if (this.#pages.has(start)) return false;
    const regions = this.#memory.regions.filter(
      ({ kind, start: first, size }) => kind !== 'trap' && first < start + PAGE && first + size > start,
    );
    if (regions.length === 0) return false;
    const parts = regions.filter(({ kind }) => kind !== 'mmio').map((region) => partOf(region, start));
    const page: MirroredPage = { start, executed: false, shadow: new Uint8Array(PAGE), parts };
    this.#pages.set(start, page);
    this.#engine.mem_map(start, PAGE, this.#protection);
    this.#pushPage(page);
    return true;
  }

  /** An instruction is fetched from `address`. */
  executed(address: number): void {
    const page = this.#pages.get(address - (address % PAGE));
    if (page) page.executed = true;
  }

  /**
   * Gives Unicorn every byte that the host changed. False when code that was executed is among them: Unicorn 2 keeps translations even
   * when their page is unmapped, so that only a new engine, with a new mirror, runs the new code.
   */
  push(): boolean {
    for (const page of this.#pages.values()) this.#pushPage(page);
    return !this.#isStale;
  }

  /** Forgets pages that a new region reaches into, so that they are made anew. */
  regionAdded({ start, size }: Region): void {
    for (const page of [...this.#pages.values()]) {
      if (page.start >= start + size || page.start + PAGE <= start) continue;
      if (page.executed) this.#isStale = true;
      this.#pages.delete(page.start);
      this.#engine.mem_unmap(page.start, PAGE);
    }
  }

  /** Called when the guest's store has been done in the address space: notes it, and passes it on to other views of the bytes. */
  stored(address: number, width: number): void {
    const bytes = new Uint8Array(width);
    this.#memory.read(address, bytes);
    this.#note(address, bytes);
    const region = this.#memory.regionAt(address);
    if (!region) return;
    const base = region.alias?.of ?? region.name;
    for (const other of this.#memory.regions) {
      if (other === region || (other.alias?.of ?? other.name) !== base) continue;
      const view = other.start + (address - region.start) + (region.alias?.offset ?? 0) - (other.alias?.offset ?? 0);
      if (view < other.start || view + width > other.start + other.size) continue;
      if (!this.#pages.has(Math.floor(view / PAGE) * PAGE)) continue;
      this.#engine.mem_write(view, bytes);
      this.#note(view, bytes);
    }
  }

  /** Puts Unicorn's bytes back to what the address space holds. */
  repair(address: number, width: number): void {
    const byte = new Uint8Array(1);
    for (let at = address; at < address + width; at += 1) {
      const kind = this.#memory.regionAt(at)?.kind;
      if ((kind !== 'ram' && kind !== 'rom') || !this.#pages.has(Math.floor(at / PAGE) * PAGE)) continue;
      this.#memory.read(at, byte);
      this.#engine.mem_write(at, byte);
      this.#note(at, byte);
    }
  }

  #note(address: number, bytes: Uint8Array): void {
    bytes.forEach((byte, index) => {
      const page = this.#pages.get(Math.floor((address + index) / PAGE) * PAGE);
      if (page) page.shadow[address + index - page.start] = byte;
    });
  }

  #pushPage(page: MirroredPage): void {
    const { start, shadow, parts } = page;
    for (const { at, length } of parts) {
      const now = this.#now.subarray(0, length);
      this.#memory.read(at, now);
      const offset = at - start;
      let changed = false;
      for (let index = 0; index < length; index += 1) {
        if (now[index] === shadow[offset + index]) continue;
        shadow[offset + index] = now[index];
        changed = true;
      }
      if (!changed) continue;
      if (page.executed) this.#isStale = true;
      else this.#engine.mem_write(at, now);
    }
  }
}

/** The part of a region that lies in the page at `start`. */
function partOf(region: Region, start: number): { at: number; length: number } {
  const at = Math.max(region.start, start);
  return { at, length: Math.min(region.start + region.size, start + PAGE) - at };
}
