import { type Board, TosMmheap, type TosMmheapInfo } from '@loadstone/emulator-host';
import { K_ERR_OBJ_PTR_NULL } from '@loadstone/vfs-fat';
import { LoadstoneError } from '../error.js';
import { K_ERR_NONE } from './kernel-errors.js';
import type { KMmheapInfo } from './structures.js';

/** A guest address, or something that has one: a shared variable stands for C's array. */
export type GuestPointer = number | { readonly address: number };

/**
 * `tos_mmheap_*` on a board's heap, the one its modules allocate from. Blocks are guest addresses, 0 is NULL; sizes are `size_t`,
 * so a negative number is a very large one.
 */
export function mmheapFunctions(board: Board) {
  const { guestHeap, memory } = board;

  /** The heap with its pools. @throws LoadstoneError BAD_OPTION on a board with another heap */
  const pools = (): TosMmheap => {
    if (board.heap instanceof TosMmheap) return board.heap;
    throw new LoadstoneError('BAD_OPTION', `the heap of ${board.name} is ${board.heap.name}; it has no pools`, {
      board: board.name,
    });
  };
  const report = (found: TosMmheapInfo | number, info: KMmheapInfo): number => {
    if (typeof found === 'number') return found;
    info.used = found.used;
    info.free = found.free;
    return K_ERR_NONE;
  };

  return {
    /** @returns a 4-byte aligned block, or 0: for no bytes, 2^30 and more, or when no free block is large enough */
    tos_mmheap_alloc: (size: number): number => guestHeap.allocate(size >>> 0),
    /** Cleared memory for `num` times `size` bytes, multiplied modulo 2^32 as the board does. */
    tos_mmheap_calloc: (num: number, size: number): number => {
      const bytes = Math.imul(num, size) >>> 0;
      const block = guestHeap.allocate(bytes);
      if (block !== 0) memory.fill(block, bytes, 0);
      return block;
    },
    /** @param align power of two; note the order of the arguments */
    tos_mmheap_aligned_alloc: (size: number, align: number): number => guestHeap.allocate(size >>> 0, { align }),
    /** @returns the block, moved or not; 0 when it was freed (no bytes) or stays as it was (no room) */
    tos_mmheap_realloc: (ptr: number, size: number): number => guestHeap.reallocate(ptr, size >>> 0),
    /** @throws HeapMisuse with heap checks on; the board itself checks nothing */
    tos_mmheap_free: (ptr: number): void => guestHeap.free(ptr),
    /** @returns `k_err_t`: 0, or 802, 803, 800, 801 tested in this order */
    tos_mmheap_pool_add: (pool_start: GuestPointer, pool_size: number): number =>
      pools().poolAdd(addressOf(pool_start), pool_size >>> 0),
    /** Meant for a pool without live blocks. @returns `k_err_t`: 0, 1100, 804 */
    tos_mmheap_pool_rmv: (pool_start: GuestPointer): number => pools().poolRemove(addressOf(pool_start)),
    /** Sums up one pool. @returns `k_err_t`: 0, 1100 */
    tos_mmheap_pool_check: (pool_start: GuestPointer, info: KMmheapInfo | null): number =>
      info === null ? K_ERR_OBJ_PTR_NULL : report(pools().poolCheck(addressOf(pool_start)), info),
    /** Sums up all pools. @returns `k_err_t`: 0, 1100 */
    tos_mmheap_check: (info: KMmheapInfo | null): number =>
      info === null ? K_ERR_OBJ_PTR_NULL : report(pools().check(), info),
  };
}

function addressOf(pointer: GuestPointer): number {
  return (typeof pointer === 'number' ? pointer : pointer.address) >>> 0;
}
