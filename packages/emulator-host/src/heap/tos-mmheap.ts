import {
  type AllocationRequest,
  type Heap,
  type HeapBlock,
  type HeapMemory,
  type HeapStats,
  heapStats,
} from './heap.js';
import { Tlsf } from './tlsf.js';

/** Error numbers of tos_mmheap (TencentOS tiny, kernel/core/include/tos_kerr.h). */
export const TOS_MMHEAP_ERRORS = {
  K_ERR_NONE: 0,
  K_ERR_MMHEAP_INVALID_POOL_ADDR: 800,
  K_ERR_MMHEAP_INVALID_POOL_SIZE: 801,
  K_ERR_MMHEAP_POOL_OVERFLOW: 802,
  K_ERR_MMHEAP_POOL_ALREADY_EXIST: 803,
  K_ERR_MMHEAP_POOL_NOT_EXIST: 804,
  K_ERR_OBJ_PTR_NULL: 1100,
} as const;

/** Bytes of the control block `k_mmheap_ctl`. */
export const TOS_MMHEAP_CONTROL_SIZE = 3204;

const POOLS_MAX = 3;
const FIRST_COUNT = 24;
const SECOND_LOG2 = 5;

/** What `tos_mmheap_pool_check` fills in: payload bytes. */
export interface TosMmheapInfo {
  readonly used: number;
  readonly free: number;
}

export interface TosMmheapOptions {
  /** Address of the control block, `TOS_MMHEAP_CONTROL_SIZE` bytes, a multiple of 4. */
  readonly control: number;
  /** The default pool (`TOS_CFG_MMHEAP_DEFAULT_POOL_SIZE`). */
  readonly pool?: { readonly start: number; readonly size: number };
}

/**
 * TencentOS tiny's memory heap: TLSF 3.1 over up to three pools (kernel/core/tos_mmheap.c). Every word lies in guest memory
 * where the device has it. Requests of 2^30 bytes and more, and of 0, give 0; nothing detects a double free.
 */
export class TosMmheap implements Heap {
  readonly name = 'tos_mmheap';
  readonly #memory: HeapMemory;
  readonly #tlsf: Tlsf;
  readonly #pools: number;

  constructor(memory: HeapMemory, options: TosMmheapOptions) {
    const { control, pool } = options;
    this.#memory = memory;
    this.#pools = control;
    this.#tlsf = new Tlsf(memory, {
      nullBlock: control + 16,
      firstBitmap: control + 32,
      secondBitmaps: control + 36,
      heads: control + 36 + 4 * FIRST_COUNT,
      secondLog2: SECOND_LOG2,
      firstCount: FIRST_COUNT,
      sizeLimit: 2 ** 30,
    });
    memory.fill(control, TOS_MMHEAP_CONTROL_SIZE, 0);
    this.#tlsf.construct();
    if (pool) this.poolAdd(pool.start, pool.size);
  }

  /** `tos_mmheap_pool_add`: K_ERR_NONE, or 802, 803, 800, 801 tested in this order. @param size bytes */
  poolAdd(start: number, size: number): number {
    const pools = this.#poolList();
    if (pools.length >= POOLS_MAX) return TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_POOL_OVERFLOW;
    if (pools.some((pool) => pool.start === start)) return TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_POOL_ALREADY_EXIST;
    if (start % 4 !== 0) return TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_INVALID_POOL_ADDR;
    const payload = this.#tlsf.poolPayload(size);
    if (payload === 0) return TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_INVALID_POOL_SIZE;
    this.#tlsf.addPool(start, payload);
    this.#memory.write32(this.#pools + 4 + 4 * pools.length, start);
    this.#memory.write32(this.#pools, pools.length + 1);
    return TOS_MMHEAP_ERRORS.K_ERR_NONE;
  }

  /** `tos_mmheap_pool_rmv`: 1100 for a null pool, 804 for an unknown one. Meant for a pool without live blocks. */
  poolRemove(start: number): number {
    if (start === 0) return TOS_MMHEAP_ERRORS.K_ERR_OBJ_PTR_NULL;
    const pools = this.#poolList();
    const index = pools.findIndex((pool) => pool.start === start);
    if (index < 0) return TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_POOL_NOT_EXIST;
    this.#tlsf.removePool(start);
    const last = pools[pools.length - 1].start;
    this.#memory.write32(this.#pools + 4 + 4 * index, last);
    this.#memory.write32(this.#pools, pools.length - 1);
    return TOS_MMHEAP_ERRORS.K_ERR_NONE;
  }

  /** `tos_mmheap_pool_check`: payload bytes of one pool, or 1100. Whether such a pool exists is not tested. */
  poolCheck(start: number): TosMmheapInfo | number {
    if (start === 0) return TOS_MMHEAP_ERRORS.K_ERR_OBJ_PTR_NULL;
    const { used, free } = heapStats(this.#poolBlocks(start));
    return { used, free };
  }

  /** `tos_mmheap_check`: payload bytes of all pools. */
  check(): TosMmheapInfo {
    const { used, free } = this.stats();
    return { used, free };
  }

  /** `tos_mmheap_alloc`, or `tos_mmheap_aligned_alloc` when an alignment is asked for. */
  allocate(size: number, request: AllocationRequest = {}): number {
    return request.align === undefined || request.align <= 4
      ? this.#tlsf.allocate(size)
      : this.#tlsf.allocateAligned(size, request.align);
  }

  /** `tos_mmheap_calloc`: multiplies modulo 2^32, as the device does. */
  callocate(count: number, size: number): number {
    const bytes = Math.imul(count, size) >>> 0;
    const address = this.allocate(bytes);
    if (address !== 0) this.#memory.fill(address, bytes, 0);
    return address;
  }

  /** `tos_mmheap_free`. */
  free(address: number): void {
    if (address !== 0) this.#tlsf.free(address);
  }

  /** `tos_mmheap_realloc`. */
  reallocate(address: number, size: number): number {
    if (address === 0) return this.allocate(size);
    if (size === 0) {
      this.free(address);
      return 0;
    }
    return this.#tlsf.reallocate(address, size);
  }

  *blocks(): IterableIterator<HeapBlock> {
    for (const pool of this.#poolList()) yield* this.#poolBlocks(pool.start);
  }

  blockAt(address: number): HeapBlock | undefined {
    for (const block of this.blocks()) {
      if (address >= block.address - 4 && address < block.address + block.size) return block;
    }
    return undefined;
  }

  stats(): HeapStats {
    return heapStats(this.blocks());
  }

  #poolList(): { start: number }[] {
    const count = Math.min(this.#memory.read32(this.#pools), POOLS_MAX);
    return Array.from({ length: count }, (_, index) => ({ start: this.#memory.read32(this.#pools + 4 + 4 * index) }));
  }

  *#poolBlocks(start: number): IterableIterator<HeapBlock> {
    for (const block of this.#tlsf.walk(start, 2 ** 30)) yield { ...block, pool: 'pool' };
  }
}
