import { describe, expect, it } from 'vitest';
import { createBoard } from '../boards.js';
import {
  createEsp32,
  MALLOC_CAP_8BIT,
  MALLOC_CAP_32BIT,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
  MALLOC_CAP_SIMD,
  MALLOC_CAP_SPIRAM,
  multi_heap_info_t,
  NULL,
} from '../esp32.js';

const inIram = (address: number) => address >= 0x4008_0000 && address < 0x400a_0000;
const inDram = (address: number) => address >= 0x3ffa_e000 && address < 0x4000_0000;

describe("ESP-IDF's heap functions", () => {
  it('give memory of the capabilities asked for', () => {
    const { heap_caps_malloc, malloc } = createEsp32();
    expect(inIram(heap_caps_malloc(100, MALLOC_CAP_EXEC))).toBe(true);
    expect(inIram(heap_caps_malloc(100, MALLOC_CAP_32BIT))).toBe(true);
    expect(inDram(heap_caps_malloc(100, MALLOC_CAP_8BIT | MALLOC_CAP_DMA))).toBe(true);
    expect(inDram(malloc(100))).toBe(true);
  });

  it('the logical OR of the runner asks for EXEC, the bitwise one for what does not exist', () => {
    const { heap_caps_malloc } = createEsp32();
    expect(MALLOC_CAP_EXEC || MALLOC_CAP_8BIT).toBe(1);
    expect(inIram(heap_caps_malloc(104, MALLOC_CAP_EXEC || MALLOC_CAP_8BIT))).toBe(true);
    expect(heap_caps_malloc(104, MALLOC_CAP_EXEC | MALLOC_CAP_8BIT)).toBe(NULL);
  });

  it.each([
    ['no bytes', 0, MALLOC_CAP_8BIT],
    ['external memory', 16, MALLOC_CAP_SPIRAM],
    ['SIMD memory', 16, MALLOC_CAP_SIMD],
    ['more than there is', 300_000, MALLOC_CAP_8BIT],
    ['a negative size', -1, MALLOC_CAP_8BIT],
  ])('give NULL for %s', (_title, size, caps) => {
    expect(createEsp32().heap_caps_malloc(size, caps)).toBe(NULL);
  });

  it('count free bytes, the least there ever were, and the largest block', () => {
    const esp32 = createEsp32();
    const { heap_caps_malloc, heap_caps_free, heap_caps_get_free_size, heap_caps_get_minimum_free_size } = esp32;
    const free = heap_caps_get_free_size(MALLOC_CAP_8BIT);
    expect(free).toBeGreaterThan(280_000);
    const largest = esp32.heap_caps_get_largest_free_block(MALLOC_CAP_8BIT);
    expect(largest).toBeGreaterThan(170_000);
    const block = heap_caps_malloc(1000, MALLOC_CAP_8BIT);
    expect(esp32.heap_caps_get_allocated_size(block)).toBe(1000);
    expect(heap_caps_get_free_size(MALLOC_CAP_8BIT)).toBe(free - 1004);
    heap_caps_free(block);
    heap_caps_free(NULL);
    expect(heap_caps_get_free_size(MALLOC_CAP_8BIT)).toBe(free);
    expect(heap_caps_get_minimum_free_size(MALLOC_CAP_8BIT)).toBe(free - 1004);
    expect(esp32.esp_get_free_heap_size()).toBe(heap_caps_get_free_size(MALLOC_CAP_DEFAULT));
    expect(esp32.esp_get_minimum_free_heap_size()).toBe(heap_caps_get_minimum_free_size(MALLOC_CAP_DEFAULT));
    expect(esp32.ESP.getFreeHeap()).toBe(heap_caps_get_free_size(MALLOC_CAP_INTERNAL));
    expect(esp32.ESP.getMaxAllocHeap()).toBe(largest);
    expect(esp32.ESP.getMinFreeHeap()).toBe(heap_caps_get_minimum_free_size(MALLOC_CAP_INTERNAL));
    expect(esp32.ESP.getHeapSize()).toBeLessThan(esp32.heap_caps_get_total_size(MALLOC_CAP_INTERNAL));
  });

  it('tell of a heap in a structure', () => {
    const { heap_caps_malloc, heap_caps_get_info, heap_caps_get_free_size } = createEsp32();
    heap_caps_malloc(64, MALLOC_CAP_EXEC);
    const info = new multi_heap_info_t();
    heap_caps_get_info(info, MALLOC_CAP_EXEC);
    expect(info).toMatchObject({ total_allocated_bytes: 64, allocated_blocks: 1 });
    expect(info.total_free_bytes).toBe(heap_caps_get_free_size(MALLOC_CAP_EXEC));
    expect(info.total_blocks).toBe(info.allocated_blocks + info.free_blocks);
    expect(info.largest_free_block).toBeLessThanOrEqual(info.total_free_bytes);
  });

  it('calloc clears and checks the product; realloc moves to what is asked for; alignment is kept', () => {
    const {
      board,
      heap_caps_malloc,
      heap_caps_calloc,
      heap_caps_free,
      heap_caps_realloc,
      heap_caps_aligned_alloc,
      calloc,
      realloc,
      free,
    } = createEsp32();
    const dirty = heap_caps_malloc(64, MALLOC_CAP_8BIT);
    board.memory.fill(dirty, 64, 0xee);
    heap_caps_free(dirty);
    const clean = heap_caps_calloc(16, 4, MALLOC_CAP_8BIT);
    expect(clean).toBe(dirty);
    expect(board.memory.read32(clean + 60)).toBe(0);
    expect(heap_caps_calloc(0x1_0000, 0x1_0001, MALLOC_CAP_8BIT)).toBe(NULL);
    const code = heap_caps_realloc(clean, 128, MALLOC_CAP_EXEC);
    expect(inIram(code)).toBe(true);
    expect(heap_caps_realloc(code, 400_000, MALLOC_CAP_EXEC)).toBe(NULL);
    expect(heap_caps_realloc(code, 0, MALLOC_CAP_EXEC)).toBe(NULL);
    expect(heap_caps_aligned_alloc(64, 100, MALLOC_CAP_8BIT) % 64).toBe(0);
    const words = calloc(4, 4);
    free(realloc(words, 64));
  });

  it('find damage', () => {
    const { board, malloc, heap_caps_check_integrity_all } = createEsp32();
    const block = malloc(16);
    expect(heap_caps_check_integrity_all(true)).toBe(true);
    board.memory.write32(block + 16, 0x7fff_fff0);
    expect(heap_caps_check_integrity_all(true)).toBe(false);
  });

  it('need a board with capabilities', () => {
    expect(() => createEsp32({ board: createBoard('generic-xtensa') })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    );
  });
});
