import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ArrayMemory } from './array-memory.js';
import { TOS_MMHEAP_CONTROL_SIZE, TosMmheap } from './tos-mmheap.js';

const BASE = 0x2000_5000;
const POOL = 0x2000_6000;

function fresh(): { memory: ArrayMemory; heap: TosMmheap } {
  const memory = new ArrayMemory(BASE, 0x1_0000);
  return { memory, heap: new TosMmheap(memory, { control: BASE, pool: { start: POOL, size: 32768 } }) };
}

interface History {
  readonly ops: readonly (readonly [string, ...number[]])[];
  readonly used: number;
  readonly free: number;
  readonly headers: readonly (readonly [number, number])[];
  readonly firstBitmap: number;
  readonly secondBitmaps: readonly number[];
}

const histories: History[] = JSON.parse(
  readFileSync(new URL('../../fixtures/tos-mmheap.json', import.meta.url), 'utf8'),
);

describe('TosMmheap', () => {
  it.each(histories.map((history, index) => [index, history] as const))(
    'history %i equals the C allocator',
    (_, history) => {
      const { memory, heap } = fresh();
      const slots: number[] = [];
      const offset = (address: number): number => (address === 0 ? 0 : address - POOL);
      for (const [op, slot, ...rest] of history.ops) {
        if (op === 'f') {
          expect(offset(slots[slot])).toBe(rest[0]);
          heap.free(slots[slot]);
          slots[slot] = 0;
        } else if (op === 'r') {
          const moved = heap.reallocate(slots[slot], rest[0]);
          expect(offset(moved)).toBe(rest[1]);
          if (moved !== 0 || rest[0] === 0) slots[slot] = moved;
        } else {
          slots[slot] = op === 'a' ? heap.allocate(rest[0]) : heap.allocate(rest[0], { align: rest[1] });
          expect(offset(slots[slot])).toBe(rest[rest.length - 1]);
        }
      }
      expect(heap.check()).toEqual({ used: history.used, free: history.free });
      for (const [at, header] of history.headers) expect([at, memory.read32(POOL + at)]).toEqual([at, header]);
      expect(memory.read32(BASE + 32)).toBe(history.firstBitmap);
      expect(history.secondBitmaps.map((_bits, index) => memory.read32(BASE + 36 + 4 * index))).toEqual(
        history.secondBitmaps,
      );
    },
  );

  it('starts with one free block of pool size - 8 whose payload is pool start + 4', () => {
    const { heap } = fresh();
    expect([...heap.blocks()]).toEqual([{ address: POOL + 4, size: 32760, used: false, pool: 'pool' }]);
    expect(heap.allocate(100)).toBe(POOL + 4);
    expect(heap.allocate(1)).toBe(POOL + 4 + 104);
    expect(heap.stats()).toEqual({ used: 112, free: 32640, largestFree: 32640, blocks: 2, freeBlocks: 1 });
  });

  it('refuses 0, gives 12 bytes for a size that wraps, and keeps the old block when realloc fails', () => {
    const { heap } = fresh();
    expect(heap.allocate(0)).toBe(0);
    expect(heap.allocate(40000)).toBe(0);
    const wrapped = heap.allocate(0xffff_ffff);
    expect(heap.blockAt(wrapped)).toEqual({ address: wrapped, size: 12, used: true, pool: 'pool' });
    expect(heap.reallocate(wrapped, 32768)).toBe(0);
    expect(heap.blockAt(wrapped + 11)?.used).toBe(true);
    expect(heap.reallocate(wrapped, 0)).toBe(0);
    expect(heap.stats().blocks).toBe(0);
  });

  it('answers with the error numbers of tos_kerr.h', () => {
    const { heap } = fresh();
    expect(heap.poolAdd(POOL, 64)).toBe(803);
    expect(heap.poolAdd(POOL + 0x9001, 64)).toBe(800);
    expect(heap.poolAdd(POOL + 0x9000, 16)).toBe(801);
    expect(heap.poolAdd(POOL + 0x9000, 20)).toBe(0);
    expect(heap.poolAdd(POOL + 0x9100, 64)).toBe(0);
    expect(heap.poolAdd(POOL + 0x9200, 64)).toBe(802);
    expect(heap.poolRemove(0)).toBe(1100);
    expect(heap.poolRemove(POOL + 0x9200)).toBe(804);
    expect(heap.poolRemove(POOL + 0x9000)).toBe(0);
    expect(heap.poolCheck(POOL + 0x9100)).toEqual({ used: 0, free: 56 });
    expect(heap.check().free).toBe(32760 + 56);
  });

  it('clears calloc memory and multiplies modulo 2^32', () => {
    const { memory, heap } = fresh();
    const before = heap.allocate(64);
    memory.fill(before, 64, 0xa5);
    heap.free(before);
    const block = heap.callocate(4, 10);
    expect(memory.bytes.slice(block - BASE, block - BASE + 40)).toEqual(new Uint8Array(40));
    expect(heap.callocate(0x1_0000, 0x1_0000)).toBe(0);
  });

  it('says so when the guest has damaged its headers', () => {
    const { memory, heap } = fresh();
    const block = heap.allocate(40);
    memory.write32(block - 4, 0x00ff_fff0);
    expect(() => [...heap.blocks()]).toThrow(expect.objectContaining({ code: 'HEAP_CORRUPT' }));
  });

  it('has a control block of 3204 bytes', () => {
    expect(TOS_MMHEAP_CONTROL_SIZE).toBe(16 + 16 + 4 + 24 * 4 + 24 * 32 * 4);
  });
});
