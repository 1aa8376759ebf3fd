/** Guest memory as a heap needs it. Addresses are guest addresses; words are little-endian and unsigned. */
export interface HeapMemory {
  /**
   * @param address a multiple of 4
   * @throws HostError HEAP_CORRUPT when no memory is there (a damaged link leads anywhere)
   */
  read32(address: number): number;
  write32(address: number, value: number): void;
  /** Copies `length` bytes; the ranges may overlap. */
  copy(to: number, from: number, length: number): void;
  fill(address: number, length: number, value: number): void;
}

export interface AllocationRequest {
  /** Power of two, bytes; default: the heap's own alignment. */
  readonly align?: number;
  /** Capability bits, for heaps that know any (`MALLOC_CAP_*`). */
  readonly capabilities?: number;
}

/** One block of a heap, used or free. */
export interface HeapBlock {
  /** First byte the owner may use. */
  readonly address: number;
  /** Bytes the owner may use. */
  readonly size: number;
  readonly used: boolean;
  /** Name of the pool or heap region the block lies in. */
  readonly pool: string;
}

export interface HeapStats {
  /** Payload bytes of used blocks. */
  readonly used: number;
  /** Payload bytes of free blocks. */
  readonly free: number;
  /** Payload bytes of the largest free block. */
  readonly largestFree: number;
  /** Number of used blocks. */
  readonly blocks: number;
  readonly freeBlocks: number;
}

/** What every board's heap offers. All state lies in guest memory, as on the device. */
export interface Heap {
  readonly name: string;
  /** Address of `size` bytes, or 0 when the heap refuses. */
  allocate(size: number, request?: AllocationRequest): number;
  /** Gives a block back. 0 is allowed. The heap does not check what the device's does not check. */
  free(address: number): void;
  /**
   * C's realloc: 0 when it refuses (the old block stays) and when `size` is 0 (the old block is freed).
   * @param request what the block must offer, for heaps that know capabilities; default: what it offers now
   */
  reallocate(address: number, size: number, request?: AllocationRequest): number;
  /** The block, used or free, whose payload or header holds `address`. */
  blockAt(address: number): HeapBlock | undefined;
  /** All blocks in address order, pool by pool. */
  blocks(): IterableIterator<HeapBlock>;
  stats(): HeapStats;
}

/** Sums up a heap's blocks. */
export function heapStats(blocks: Iterable<HeapBlock>): HeapStats {
  let used = 0;
  let free = 0;
  let largestFree = 0;
  let count = 0;
  let freeBlocks = 0;
  for (const block of blocks) {
    if (block.used) {
      used += block.size;
      count += 1;
    } else {
      free += block.size;
      freeBlocks += 1;
      if (block.size > largestFree) largestFree = block.size;
    }
  }
  return { used, free, largestFree, blocks: count, freeBlocks };
}
