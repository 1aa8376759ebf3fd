import { type Board, HeapCaps, HostError, MALLOC_CAP_DEFAULT, MALLOC_CAP_INTERNAL } from '@loadstone/emulator-host';
import { LoadstoneError } from '../error.js';

/** `multi_heap_info_t` (esp_heap_caps.h). Bytes of payload. */
export class MultiHeapInfo {
  total_free_bytes = 0;
  total_allocated_bytes = 0;
  largest_free_block = 0;
  minimum_free_bytes = 0;
  allocated_blocks = 0;
  free_blocks = 0;
  total_blocks = 0;
}

/**
 * ESP-IDF's heap functions on a board's heap. Blocks are guest addresses, 0 is NULL; sizes are `size_t`.
 * @throws LoadstoneError BAD_OPTION on a board whose heap knows no capabilities
 */
export function heapFunctions(board: Board) {
  const { guestHeap, heap, memory } = board;
  if (!(heap instanceof HeapCaps)) {
    throw new LoadstoneError('BAD_OPTION', `the heap of ${board.name} is ${heap.name}, not heap_caps`, {
      board: board.name,
    });
  }
  const allocate = (size: number, capabilities?: number, align = 4): number =>
    guestHeap.allocate(size >>> 0, capabilities === undefined ? { align } : { align, capabilities });
  /** Multiplies with a check, unlike TencentOS tiny's. */
  const cleared = (count: number, size: number, capabilities?: number): number => {
    const bytes = (count >>> 0) * (size >>> 0);
    const block = bytes > 0xffff_ffff ? 0 : allocate(bytes, capabilities);
    if (block !== 0) memory.fill(block, bytes, 0);
    return block;
  };
  const heap_caps_get_info = (info: MultiHeapInfo, caps: number): void => {
    const { used, free, largestFree, blocks, freeBlocks } = heap.info(caps);
    info.total_free_bytes = free;
    info.total_allocated_bytes = used;
    info.largest_free_block = largestFree;
    info.minimum_free_bytes = heap.minimumFreeSize(caps);
    info.allocated_blocks = blocks;
    info.free_blocks = freeBlocks;
    info.total_blocks = blocks + freeBlocks;
  };

  return {
    /** @param caps a sum of MALLOC_CAP_*; @returns 0 when no heap that offers all of them has room */
    heap_caps_malloc: (size: number, caps: number): number => allocate(size, caps),
    heap_caps_calloc: (count: number, size: number, caps: number): number => cleared(count, size, caps),
    /** @returns 0 when it refuses, the block then being as it was, and for no bytes, the block then being free */
    heap_caps_realloc: (block: number, size: number, caps: number): number =>
      guestHeap.reallocate(block, size >>> 0, 0, { capabilities: caps }),
    /** @param alignment power of two */
    heap_caps_aligned_alloc: (alignment: number, size: number, caps: number): number => allocate(size, caps, alignment),
    /** @throws HostError HEAP_CORRUPT for an address of no heap, where the device panics */
    heap_caps_free: (block: number): void => guestHeap.free(block),
    heap_caps_get_free_size: (caps: number): number => heap.freeSize(caps),
    heap_caps_get_minimum_free_size: (caps: number): number => heap.minimumFreeSize(caps),
    heap_caps_get_largest_free_block: (caps: number): number => heap.largestFreeBlock(caps),
    heap_caps_get_total_size: (caps: number): number => heap.totalSize(caps),
    heap_caps_get_allocated_size: (block: number): number => heap.blockAt(block)?.size ?? 0,
    heap_caps_get_info,
    /** Walks all blocks. @returns false when the heap's own words are damaged */
    heap_caps_check_integrity_all(_printErrors: boolean): boolean {
      try {
        heap.stats();
        return true;
      } catch (error) {
        if (error instanceof HostError) return false;
        throw error;
      }
    },

    malloc: (size: number): number => allocate(size),
    calloc: (count: number, size: number): number => cleared(count, size),
    realloc: (block: number, size: number): number => guestHeap.reallocate(block, size >>> 0),
    free: (block: number): void => guestHeap.free(block),
    esp_get_free_heap_size: (): number => heap.freeSize(MALLOC_CAP_DEFAULT),
    esp_get_minimum_free_heap_size: (): number => heap.minimumFreeSize(MALLOC_CAP_DEFAULT),
    /** Arduino's `ESP`, as far as it is about the heap. */
    ESP: {
      getFreeHeap: (): number => heap.freeSize(MALLOC_CAP_INTERNAL),
      getMinFreeHeap: (): number => heap.minimumFreeSize(MALLOC_CAP_INTERNAL),
      getMaxAllocHeap: (): number => heap.largestFreeBlock(MALLOC_CAP_INTERNAL),
      getHeapSize(): number {
        const { used, free } = heap.info(MALLOC_CAP_INTERNAL);
        return used + free;
      },
    },
  };
}
