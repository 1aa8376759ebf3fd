import { HostError, hex } from '../error.js';
import type { HeapMemory } from './heap.js';

/**
 * Two-level segregated fit, version 3.1 of M. Conte's implementation, with 4-byte alignment: the allocator inside both
 * TencentOS tiny's tos_mmheap (kernel/core/tos_mmheap.c) and ESP-IDF's multi_heap (components/heap, from 4.3 on).
 *
 * A block is named by the address B of its `prev_phys` word: B + 0 previous block (valid while that one is free; it is the
 * last word of its payload), B + 4 size with the two flag bits, B + 8 payload, whose first two words link free blocks.
 */

const FREE = 1;
const PREVIOUS_FREE = 2;
const FLAGS = 3;
const ALIGN = 4;
/** Bytes a used block costs besides its payload. */
export const BLOCK_OVERHEAD = 4;
const HEADER = 16;
const PAYLOAD = 8;
/** Smallest payload: room for the free links and the next block's `prev_phys`. */
export const SMALLEST_PAYLOAD = 12;
/** Bytes of a pool that are no payload: the first block's header and the end mark. */
export const POOL_OVERHEAD = 8;

/** Where the control structure lies and how its two levels are divided. */
export interface TlsfLayout {
  /** The null block: an empty header that ends every list; 16 bytes. */
  readonly nullBlock: number;
  /** First-level bitmap, one word. */
  readonly firstBitmap: number;
  /** Second-level bitmaps, one word per first-level class. */
  readonly secondBitmaps: number;
  /** List heads, one word per class, first level major. */
  readonly heads: number;
  /** log2 of the number of second-level lists, at most 5. */
  readonly secondLog2: number;
  readonly firstCount: number;
  /** Larger requests fail. */
  readonly sizeLimit: number;
}

/** A block met while walking a pool. */
export interface TlsfBlock {
  readonly address: number;
  readonly size: number;
  readonly used: boolean;
}

const highestBit = (word: number): number => 31 - Math.clz32(word);
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

export class Tlsf {
  readonly #memory: HeapMemory;
  readonly #layout: TlsfLayout;
  readonly #shift: number;
  readonly #small: number;

  constructor(memory: HeapMemory, layout: TlsfLayout) {
    this.#memory = memory;
    this.#layout = layout;
    this.#shift = layout.secondLog2 + 2;
    this.#small = 1 << this.#shift;
  }

  /** Clears the control structure: no pools, every list empty. */
  construct(): void {
    const { nullBlock, firstBitmap, secondBitmaps, heads, firstCount, secondLog2 } = this.#layout;
    const memory = this.#memory;
    memory.write32(nullBlock + 8, nullBlock);
    memory.write32(nullBlock + 12, nullBlock);
    memory.write32(firstBitmap, 0);
    for (let first = 0; first < firstCount; first += 1) memory.write32(secondBitmaps + 4 * first, 0);
    for (let list = 0; list < firstCount << secondLog2; list += 1) memory.write32(heads + 4 * list, nullBlock);
  }

  /** Payload bytes of a pool of `bytes` bytes, or 0 when it is too small or too large. */
  poolPayload(bytes: number): number {
    const payload = (bytes - POOL_OVERHEAD) & ~(ALIGN - 1);
    return bytes >= POOL_OVERHEAD + SMALLEST_PAYLOAD && payload <= this.#layout.sizeLimit ? payload : 0;
  }

  /** Makes one free block of a pool. `start` is a multiple of 4, `payload` comes from `poolPayload`. */
  addPool(start: number, payload: number): void {
    const block = start - BLOCK_OVERHEAD;
    this.#setHeader(block, payload | FREE);
    this.#insert(block);
    const end = this.#linkNext(block);
    this.#setHeader(end, PREVIOUS_FREE);
  }

  /** Takes an unused pool's block out of the lists. */
  removePool(start: number): void {
    this.#remove(start - BLOCK_OVERHEAD);
  }

  /** @returns the payload's address, or 0 */
  allocate(size: number): number {
    const adjusted = this.#adjust(size, ALIGN);
    return this.#prepareUsed(this.#locate(adjusted), adjusted);
  }

  /** @param align a power of two */
  allocateAligned(size: number, align: number): number {
    const adjusted = this.#adjust(size, ALIGN);
    if (adjusted === 0 || align <= ALIGN) return this.#prepareUsed(this.#locate(adjusted), adjusted);
    const padded = this.#adjust(adjusted + align + HEADER, align);
    let block = this.#locate(padded);
    if (block === 0) return 0;
    const payload = block + PAYLOAD;
    let aligned = alignUp(payload, align);
    let gap = aligned - payload;
    if (gap !== 0 && gap < HEADER) {
      aligned = alignUp(aligned + Math.max(HEADER - gap, align), align);
      gap = aligned - payload;
    }
    if (gap !== 0) block = this.#trimLeading(block, gap);
    return this.#prepareUsed(block, adjusted);
  }

  free(address: number): void {
    let block = address - PAYLOAD;
    this.#markFree(block);
    block = this.#mergePrevious(block);
    this.#mergeNext(block);
    this.#insert(block);
  }

  /** C's realloc for a live block and a size other than 0; 0 when it cannot grow (the block stays). */
  reallocate(address: number, size: number): number {
    const block = address - PAYLOAD;
    const next = this.#next(block);
    const current = this.#size(block);
    const adjusted = this.#adjust(size, ALIGN);
    const nextHeader = this.#memory.read32(next + 4);
    const combined = current + (nextHeader & ~FLAGS) + BLOCK_OVERHEAD;
    if (adjusted === 0) return 0;
    if (adjusted > current && ((nextHeader & FREE) === 0 || adjusted > combined)) {
      const moved = this.allocate(size);
      if (moved === 0) return 0;
      this.#memory.copy(moved, address, Math.min(current, size));
      this.free(address);
      return moved;
    }
    if (adjusted > current) {
      this.#mergeNext(block);
      this.#markUsed(block);
    }
    this.#trimUsed(block, adjusted);
    return address;
  }

  /** Payload bytes of the block whose payload starts at `address`. */
  payloadSize(address: number): number {
    return this.#size(address - PAYLOAD);
  }

  /** All blocks of a pool, in address order, up to its end mark. */
  *walk(start: number, poolBytes: number): IterableIterator<TlsfBlock> {
    let block = start - BLOCK_OVERHEAD;
    const end = start + poolBytes;
    for (;;) {
      const header = this.#memory.read32(block + 4);
      const size = header & ~FLAGS;
      if (size === 0) return;
      const following = block + PAYLOAD + size - BLOCK_OVERHEAD;
      if (following + PAYLOAD > end || size < 0) {
        throw new HostError(
          'HEAP_CORRUPT',
          `heap block at ${hex(block + PAYLOAD)} claims ${size >>> 0} bytes, past the pool's end`,
          {
            address: block + PAYLOAD,
            size: size >>> 0,
          },
        );
      }
      yield { address: block + PAYLOAD, size, used: (header & FREE) === 0 };
      block = following;
    }
  }

  #size(block: number): number {
    return this.#memory.read32(block + 4) & ~FLAGS;
  }

  #setHeader(block: number, header: number): void {
    this.#memory.write32(block + 4, header >>> 0);
  }

  #setSize(block: number, size: number): void {
    this.#setHeader(block, size | (this.#memory.read32(block + 4) & FLAGS));
  }

  #changeFlag(block: number, flag: number, on: boolean): void {
    const header = this.#memory.read32(block + 4);
    this.#setHeader(block, on ? header | flag : header & ~flag);
  }

  #next(block: number): number {
    return block + PAYLOAD + this.#size(block) - BLOCK_OVERHEAD;
  }

  #linkNext(block: number): number {
    const next = this.#next(block);
    this.#memory.write32(next, block);
    return next;
  }

  #markFree(block: number): void {
    const next = this.#linkNext(block);
    this.#changeFlag(next, PREVIOUS_FREE, true);
    this.#changeFlag(block, FREE, true);
  }

  #markUsed(block: number): void {
    this.#changeFlag(this.#next(block), PREVIOUS_FREE, false);
    this.#changeFlag(block, FREE, false);
  }

  /** Request in bytes rounded as the block must be (modulo 2^32, as in C), or 0 when it can never be met. */
  #adjust(size: number, align: number): number {
    if (size === 0) return 0;
    const aligned = alignUp(size, align);
    return aligned > this.#layout.sizeLimit ? 0 : Math.max(aligned, SMALLEST_PAYLOAD);
  }

  /** Class of a block of `size` bytes: first level x lists per first level + second level. */
  #class(size: number): number {
    const { secondLog2 } = this.#layout;
    if (size < this.#small) return size >> 2;
    const bit = highestBit(size);
    return ((bit - (this.#shift - 1)) << secondLog2) | ((size >>> (bit - secondLog2)) ^ (1 << secondLog2));
  }

  /** Removes a block of at least `size` bytes from its list; 0 when there is none. */
  #locate(size: number): number {
    if (size === 0) return 0;
    const { secondLog2, firstBitmap, secondBitmaps, heads, firstCount } = this.#layout;
    const rounded = size < this.#small ? size : size + (1 << (highestBit(size) - secondLog2)) - 1;
    const wanted = this.#class(rounded);
    let first = wanted >> secondLog2;
    if (first >= firstCount) return 0;
    const memory = this.#memory;
    let bits = memory.read32(secondBitmaps + 4 * first) & (-1 << (wanted & ((1 << secondLog2) - 1)));
    if (bits === 0) {
      const firstBits = first === 31 ? 0 : memory.read32(firstBitmap) & (-1 << (first + 1));
      if (firstBits === 0) return 0;
      first = lowestBit(firstBits);
      bits = memory.read32(secondBitmaps + 4 * first);
      if (bits === 0)
        throw new HostError('HEAP_CORRUPT', 'the heap names an empty size class as filled', { class: first });
    }
    const block = memory.read32(heads + 4 * ((first << secondLog2) + lowestBit(bits)));
    this.#remove(block);
    return block;
  }

  #insert(block: number): void {
    const { heads, nullBlock, firstBitmap, secondBitmaps, secondLog2 } = this.#layout;
    const memory = this.#memory;
    const list = this.#class(this.#size(block));
    const head = memory.read32(heads + 4 * list);
    memory.write32(block + 8, head);
    memory.write32(block + 12, nullBlock);
    memory.write32(head + 12, block);
    memory.write32(heads + 4 * list, block);
    const first = list >> secondLog2;
    const bitmap = secondBitmaps + 4 * first;
    memory.write32(firstBitmap, (memory.read32(firstBitmap) | (1 << first)) >>> 0);
    memory.write32(bitmap, (memory.read32(bitmap) | (1 << (list & ((1 << secondLog2) - 1)))) >>> 0);
  }

  #remove(block: number): void {
    const { heads, nullBlock, firstBitmap, secondBitmaps, secondLog2 } = this.#layout;
    const memory = this.#memory;
    const list = this.#class(this.#size(block));
    const next = memory.read32(block + 8);
    const previous = memory.read32(block + 12);
    memory.write32(next + 12, previous);
    memory.write32(previous + 8, next);
    if (memory.read32(heads + 4 * list) !== block) return;
    memory.write32(heads + 4 * list, next);
    if (next !== nullBlock) return;
    const first = list >> secondLog2;
    const bitmap = secondBitmaps + 4 * first;
    const bits = memory.read32(bitmap) & ~(1 << (list & ((1 << secondLog2) - 1)));
    memory.write32(bitmap, bits >>> 0);
    if (bits === 0) memory.write32(firstBitmap, (memory.read32(firstBitmap) & ~(1 << first)) >>> 0);
  }

  #canSplit(block: number, size: number): boolean {
    return this.#size(block) >= HEADER + size;
  }

  /** Cuts a block behind `size` payload bytes; the rest is marked free and returned. */
  #split(block: number, size: number): number {
    const rest = block + PAYLOAD + size - BLOCK_OVERHEAD;
    this.#setHeader(rest, this.#size(block) - (size + BLOCK_OVERHEAD));
    this.#setSize(block, size);
    this.#markFree(rest);
    return rest;
  }

  #trimFree(block: number, size: number): void {
    if (!this.#canSplit(block, size)) return;
    const rest = this.#split(block, size);
    this.#linkNext(block);
    this.#changeFlag(rest, PREVIOUS_FREE, true);
    this.#insert(rest);
  }

  #trimUsed(block: number, size: number): void {
    if (!this.#canSplit(block, size)) return;
    const rest = this.#split(block, size);
    this.#changeFlag(rest, PREVIOUS_FREE, false);
    this.#mergeNext(rest);
    this.#insert(rest);
  }

  #trimLeading(block: number, gap: number): number {
    if (!this.#canSplit(block, gap)) return block;
    const rest = this.#split(block, gap - BLOCK_OVERHEAD);
    this.#changeFlag(rest, PREVIOUS_FREE, true);
    this.#linkNext(block);
    this.#insert(block);
    return rest;
  }

  #prepareUsed(block: number, size: number): number {
    if (block === 0) return 0;
    this.#trimFree(block, size);
    this.#markUsed(block);
    return block + PAYLOAD;
  }

  #absorb(block: number, following: number): void {
    this.#setHeader(block, this.#memory.read32(block + 4) + this.#size(following) + BLOCK_OVERHEAD);
    this.#linkNext(block);
  }

  #mergePrevious(block: number): number {
    if ((this.#memory.read32(block + 4) & PREVIOUS_FREE) === 0) return block;
    const previous = this.#memory.read32(block);
    this.#remove(previous);
    this.#absorb(previous, block);
    return previous;
  }

  #mergeNext(block: number): void {
    const next = this.#next(block);
    if ((this.#memory.read32(next + 4) & FREE) === 0) return;
    this.#remove(next);
    this.#absorb(block, next);
  }
}

function alignUp(value: number, align: number): number {
  return ((value + align - 1) & -align) >>> 0;
}
