import { HeapMisuse } from '@loadstone/emulator-host';
import { describe, expect, it } from 'vitest';
import { createBoard } from '../boards.js';
import {
  createTencentos,
  K_ERR_MMHEAP_INVALID_POOL_ADDR,
  K_ERR_MMHEAP_INVALID_POOL_SIZE,
  K_ERR_MMHEAP_POOL_ALREADY_EXIST,
  K_ERR_MMHEAP_POOL_NOT_EXIST,
  K_ERR_MMHEAP_POOL_OVERFLOW,
  K_ERR_NONE,
  K_ERR_OBJ_PTR_NULL,
  k_mmheap_info_t,
  TOS_CFG_MMHEAP_DEFAULT_POOL_SIZE,
} from '../tencentos.js';

describe('tos_mmheap on the board', () => {
  it('allocates upward from the pool, in multiples of four with a header of four', async () => {
    const { tos_mmheap_alloc, tos_mmheap_free, tos_mmheap_check } = await createTencentos();
    const info = new k_mmheap_info_t();
    expect(tos_mmheap_check(info)).toBe(K_ERR_NONE);
    expect(info).toEqual({ used: 0, free: TOS_CFG_MMHEAP_DEFAULT_POOL_SIZE - 8 });
    const first = tos_mmheap_alloc(100);
    const second = tos_mmheap_alloc(5);
    expect(second - first).toBe(104);
    tos_mmheap_check(info);
    expect(info.used).toBe(112);
    tos_mmheap_free(first);
    tos_mmheap_free(second);
    tos_mmheap_free(0);
    tos_mmheap_check(info);
    expect(info).toEqual({ used: 0, free: TOS_CFG_MMHEAP_DEFAULT_POOL_SIZE - 8 });
  });

  it.each([0, 2 ** 30, -4, 0x8000])('gives NULL for %i bytes', async (size) => {
    const { tos_mmheap_alloc } = await createTencentos();
    expect(tos_mmheap_alloc(size)).toBe(0);
  });

  it('rounds the largest size_t up to 0, and gives the smallest block for it', async () => {
    const { board, tos_mmheap_alloc } = await createTencentos();
    expect(board.heap.blockAt(tos_mmheap_alloc(-1))).toMatchObject({ used: true, size: 12 });
  });

  it('calloc clears, and multiplies without looking at the carry', async () => {
    const { board, tos_mmheap_alloc, tos_mmheap_calloc, tos_mmheap_free } = await createTencentos();
    const dirty = tos_mmheap_alloc(64);
    board.memory.fill(dirty, 64, 0x5a);
    tos_mmheap_free(dirty);
    const clean = tos_mmheap_calloc(16, 4);
    expect(clean).toBe(dirty);
    expect([...board.memory.bytes(clean, 64)]).toEqual(Array(64).fill(0));
    expect(tos_mmheap_calloc(0x1_0000, 0x1_0000)).toBe(0);
    expect(tos_mmheap_calloc(0x1000_0001, 0x10)).not.toBe(0);
  });

  it('aligned_alloc takes the size first', async () => {
    const { tos_mmheap_alloc, tos_mmheap_aligned_alloc } = await createTencentos();
    tos_mmheap_alloc(20);
    expect(tos_mmheap_aligned_alloc(100, 256) % 256).toBe(0);
    expect(tos_mmheap_aligned_alloc(0x7000, 0x1000)).toBe(0);
  });

  it('realloc grows in place into free memory, moves otherwise, and leaves the block when it refuses', async () => {
    const { board, tos_mmheap_alloc, tos_mmheap_realloc, tos_mmheap_check } = await createTencentos();
    const block = tos_mmheap_realloc(0, 40);
    board.memory.write32(block, 0x1234_5678);
    expect(tos_mmheap_realloc(block, 80)).toBe(block);
    tos_mmheap_alloc(16);
    const moved = tos_mmheap_realloc(block, 400);
    expect(moved).not.toBe(block);
    expect(board.memory.read32(moved)).toBe(0x1234_5678);
    expect(tos_mmheap_realloc(moved, 0x9000)).toBe(0);
    expect(board.heap.blockAt(moved)).toMatchObject({ used: true, size: 400 });
    const info = new k_mmheap_info_t();
    expect(tos_mmheap_realloc(moved, 0)).toBe(0);
    tos_mmheap_check(info);
    expect(info.used).toBe(16);
  });

  it('adds and removes pools under the numbers of tos_kerr.h', async () => {
    const { board, tos_mmheap_pool_add, tos_mmheap_pool_rmv, tos_mmheap_pool_check, tos_mmheap_check } =
      await createTencentos();
    const pool = board.variable('uint32_t pool[256]');
    const third = board.variable('uint32_t third[64]');
    expect(tos_mmheap_pool_add(pool.address + 1, 512)).toBe(K_ERR_MMHEAP_INVALID_POOL_ADDR);
    expect(tos_mmheap_pool_add(pool, 12)).toBe(K_ERR_MMHEAP_INVALID_POOL_SIZE);
    expect(tos_mmheap_pool_add(pool, 1024)).toBe(K_ERR_NONE);
    expect(tos_mmheap_pool_add(pool, 1024)).toBe(K_ERR_MMHEAP_POOL_ALREADY_EXIST);
    expect(tos_mmheap_pool_add(third, 256)).toBe(K_ERR_NONE);
    expect(tos_mmheap_pool_add(0x2000_4000, 256)).toBe(K_ERR_MMHEAP_POOL_OVERFLOW);

    const info = new k_mmheap_info_t();
    expect(tos_mmheap_pool_check(pool, info)).toBe(K_ERR_NONE);
    expect(info).toEqual({ used: 0, free: 1016 });
    tos_mmheap_check(info);
    expect(info.free).toBe(0x8000 - 8 + 1016 + 248);
    expect(tos_mmheap_pool_check(0, info)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(tos_mmheap_pool_check(pool, null)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(tos_mmheap_check(null)).toBe(K_ERR_OBJ_PTR_NULL);

    expect(tos_mmheap_pool_rmv(0)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(tos_mmheap_pool_rmv(0x2000_4000)).toBe(K_ERR_MMHEAP_POOL_NOT_EXIST);
    expect(tos_mmheap_pool_rmv(pool)).toBe(K_ERR_NONE);
    tos_mmheap_check(info);
    expect(info.free).toBe(0x8000 - 8 + 248);
  });

  it('is the heap that modules allocate from, with its checks when they are on', async () => {
    const board = createBoard('tencentos-evb-mx-plus', { heapChecks: true });
    const { tos_mmheap_alloc, tos_mmheap_free } = await createTencentos({ board });
    const block = tos_mmheap_alloc(32);
    tos_mmheap_free(block);
    expect(() => tos_mmheap_free(block)).toThrow(HeapMisuse);
    expect(board.guestHeap.allocations()).toEqual([]);
  });

  it('has no pools on a board with another heap', async () => {
    const { tos_mmheap_alloc, tos_mmheap_pool_add } = await createTencentos({ board: createBoard('esp32') });
    expect(tos_mmheap_alloc(16)).not.toBe(0);
    expect(() => tos_mmheap_pool_add(0x3ffb_0000, 1024)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });
});
