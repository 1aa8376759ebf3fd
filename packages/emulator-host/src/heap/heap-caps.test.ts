import { describe, expect, it } from 'vitest';
import { ESP32_HEAP_REGIONS } from '../board/esp32.js';
import { ArrayMemory } from './array-memory.js';
import { MALLOC_CAP_8BIT, MALLOC_CAP_32BIT, MALLOC_CAP_DMA, MALLOC_CAP_EXEC, MALLOC_CAP_INTERNAL } from './caps.js';
import type { HeapMemory } from './heap.js';
import { HeapCaps } from './heap-caps.js';

/** Data memory and IRAM of an ESP32, with the D/IRAM seen at its data addresses. */
class Esp32Memory implements HeapMemory {
  readonly dram = new ArrayMemory(0x3ffa_e000, 0x5_2000);
  readonly iram = new ArrayMemory(0x4008_0000, 0x2_0000);

  #of(address: number): ArrayMemory {
    return address < 0x4000_0000 ? this.dram : this.iram;
  }
  read32(address: number): number {
    return this.#of(address).read32(address);
  }
  write32(address: number, value: number): void {
    this.#of(address).write32(address, value);
  }
  copy(to: number, from: number, length: number): void {
    const source = this.#of(from);
    const bytes = source.bytes.slice(from - source.start, from - source.start + length);
    const target = this.#of(to);
    target.fill(to, length, 0);
    target.bytes.set(bytes, to - target.start);
  }
  fill(address: number, length: number, value: number): void {
    this.#of(address).fill(address, length, value);
  }
}

function fresh(poisoning: 'none' | 'light' = 'none'): { memory: Esp32Memory; heap: HeapCaps } {
  const memory = new Esp32Memory();
  return { memory, heap: new HeapCaps(memory, { regions: ESP32_HEAP_REGIONS, poisoning }) };
}

const inIram = (address: number): boolean => address >= 0x4008_944c && address < 0x400a_0000;

describe('HeapCaps', () => {
  it('takes EXEC memory from IRAM and byte memory from DRAM', () => {
    const { heap } = fresh();
    const code = heap.allocate(104, { capabilities: MALLOC_CAP_EXEC });
    expect(inIram(code)).toBe(true);
    expect(code % 4).toBe(0);
    const data = heap.allocate(100, { capabilities: MALLOC_CAP_8BIT });
    expect(heap.blockAt(data)?.pool).toBe('DRAM 0');
    expect(heap.blockAt(heap.allocate(10000))?.pool).toBe('DRAM');
  });

  it('reads MALLOC_CAP_EXEC || MALLOC_CAP_8BIT as EXEC and refuses EXEC | 8BIT', () => {
    const { heap } = fresh();
    const logical = MALLOC_CAP_EXEC || MALLOC_CAP_8BIT;
    expect(logical).toBe(1);
    expect(inIram(heap.allocate(20, { capabilities: logical }))).toBe(true);
    expect(heap.allocate(20, { capabilities: MALLOC_CAP_EXEC | MALLOC_CAP_8BIT })).toBe(0);
    expect(heap.allocate(20, { capabilities: MALLOC_CAP_EXEC | MALLOC_CAP_DMA })).toBe(0);
    expect(heap.allocate(0, { capabilities: MALLOC_CAP_EXEC })).toBe(0);
  });

  it('rounds EXEC and 32BIT sizes up to words', () => {
    const { heap } = fresh();
    const block = heap.allocate(41, { capabilities: MALLOC_CAP_EXEC });
    expect(heap.blockAt(block)?.size).toBe(44);
  });

  it('goes to D/IRAM when IRAM is exhausted, with the way back in the word before', () => {
    const { memory, heap } = fresh();
    const free = heap.freeSize(MALLOC_CAP_EXEC);
    let code = 0;
    do code = heap.allocate(100, { capabilities: MALLOC_CAP_EXEC });
    while (inIram(code));
    expect(code).toBeGreaterThanOrEqual(0x400a_0000);
    expect(code).toBeLessThan(0x400c_0000);
    // esp_memory_utils.h: data address d is instruction address 400A0000 + (40000000 - d) - 4.
    const lastWord = 0x400a_0000 + 0x4000_0000 - (code - 4) - 4;
    const data = memory.read32(lastWord);
    expect(lastWord).toBe(data + 100 + 4 - 4);
    expect(heap.blockAt(code)).toMatchObject({ address: data, used: true });
    const before = heap.freeSize(MALLOC_CAP_EXEC);
    heap.free(code);
    expect(heap.freeSize(MALLOC_CAP_EXEC)).toBe(before + 104 + 4);
    expect(free).toBeGreaterThan(200_000);
  });

  it('counts free bytes as multi_heap does: payload and 4 bytes for each block taken', () => {
    const { heap } = fresh();
    const before = heap.freeSize(MALLOC_CAP_8BIT);
    const block = heap.allocate(1000, { capabilities: MALLOC_CAP_8BIT });
    expect(heap.freeSize(MALLOC_CAP_8BIT)).toBe(before - 1004);
    heap.free(block);
    expect(heap.freeSize(MALLOC_CAP_8BIT)).toBe(before);
    expect(heap.minimumFreeSize(MALLOC_CAP_8BIT)).toBe(before - 1004);
    const largest = heap.largestFreeBlock(MALLOC_CAP_8BIT);
    expect(largest).toBeGreaterThan(170_000);
    expect(largest).toBeLessThan(184_320 + 1024);
    expect(heap.freeSize(MALLOC_CAP_INTERNAL)).toBeGreaterThan(before);
    expect(heap.freeSize(MALLOC_CAP_EXEC | MALLOC_CAP_8BIT)).toBeLessThan(before);
    expect(heap.totalSize(MALLOC_CAP_32BIT)).toBe(ESP32_HEAP_REGIONS.reduce((sum, { size }) => sum + size, 0));
  });

  it('reallocates in place, by moving, and refuses what does not fit', () => {
    const { memory, heap } = fresh();
    const block = heap.allocate(64);
    memory.write32(block, 0x1234_5678);
    expect(heap.reallocate(block, 128)).toBe(block);
    heap.allocate(16);
    const moved = heap.reallocate(block, 1000);
    expect(moved).not.toBe(block);
    expect(memory.read32(moved)).toBe(0x1234_5678);
    expect(heap.reallocate(moved, 300_000)).toBe(0);
    expect(heap.blockAt(moved)?.used).toBe(true);
    expect(heap.reallocate(moved, 0)).toBe(0);
  });

  it('reallocates into memory that offers what is asked for', () => {
    const { memory, heap } = fresh();
    const data = heap.allocate(64, { capabilities: MALLOC_CAP_8BIT });
    memory.write32(data, 0x1234_5678);
    expect(heap.reallocate(data, 60, { capabilities: MALLOC_CAP_8BIT })).toBe(data);
    const code = heap.reallocate(data, 60, { capabilities: MALLOC_CAP_EXEC });
    expect(inIram(code)).toBe(true);
    expect(memory.read32(code)).toBe(0x1234_5678);
    expect(heap.blockAt(data)?.used).toBe(false);
    expect(heap.reallocate(code, 60, { capabilities: MALLOC_CAP_EXEC | MALLOC_CAP_8BIT })).toBe(0);
    expect(heap.blockAt(code)?.used).toBe(true);
  });

  it('puts canaries around blocks with light poisoning', () => {
    const { memory, heap } = fresh('light');
    const block = heap.allocate(10);
    expect(memory.read32(block - 8)).toBe(0xabba_1234);
    expect(memory.read32(block - 4)).toBe(10);
    const tail = memory.dram.bytes.slice(block + 10 - 0x3ffa_e000, block + 14 - 0x3ffa_e000);
    expect([...tail]).toEqual([0x78, 0x56, 0xad, 0xba]);
    heap.free(block);
    expect(heap.stats().blocks).toBe(0);
  });

  it('refuses to free what lies in no heap', () => {
    const { heap } = fresh();
    expect(() => heap.free(0x2000_0000)).toThrow(expect.objectContaining({ code: 'HEAP_CORRUPT' }));
    heap.free(0);
  });
});
