import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import { describe, expect, it } from 'vitest';
import {
  MALLOC_CAP_8BIT,
  MALLOC_CAP_32BIT,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
  MALLOC_CAP_RTCRAM,
  MALLOC_CAP_SPIRAM,
} from '../heap/caps.js';
import { HeapCaps } from '../heap/heap-caps.js';
import { TosMmheap } from '../heap/tos-mmheap.js';
import { type Board, createBoard } from './board.js';
import type { BoardDescription } from './description.js';
import { ESP32_HEAP_REGIONS, esp32 } from './esp32.js';
import { genericCortexM, genericXtensa } from './generic.js';
import { tencentosEvbMxPlus } from './tencentos-evb-mx-plus.js';

/** What a range allows: `b` byte and `w` word reads, `B` and `W` writes, `x` execution. */
type Access = string;

function accessAt({ memory }: Board, address: number): Access {
  const { space } = memory;
  const word = address & ~3;
  const tests: [string, boolean][] = [
    ['b', typeof space.load(address, 1) === 'number'],
    ['w', typeof space.load(word, 4) === 'number'],
    ['B', space.store(address, 1, 0) === undefined],
    ['W', space.store(word, 4, 0) === undefined],
    ['x', space.regionAt(address)?.executable === true && space.regionAt(address)?.kind !== 'trap'],
  ];
  return tests.map(([letter, allowed]) => (allowed ? letter : '')).join('');
}

function createOn(description: BoardDescription): Board {
  return createBoard(description, {
    architecture: description.name.includes('m') ? thumb : xtensa,
    firmwareAt: 0x7000_0000,
  });
}

// ESP32 Technical Reference Manual, system and memory; esp-idf soc.h, reg_base.h, ext_mem_defs.h, memory_layout.c: [start, end), access.
const ESP32_MAP: [number, number, Access, string][] = [
  [0x0000_0000, 0x2000_0000, '', 'illegal'],
  [0x3f40_0000, 0x3f80_0000, 'bw', 'flash as data'],
  [0x3f80_0000, 0x3fc0_0000, '', 'external RAM, absent'],
  [0x3ff0_0000, 0x3ff8_0000, '', 'peripherals, unmapped until a host maps them'],
  [0x3ff8_0000, 0x3ff8_2000, 'bwBW', 'RTC fast memory, data view'],
  [0x3ffa_e000, 0x3ffb_0dc0, 'bwBW', 'DRAM'],
  [0x3ffb_0dc0, 0x3ffb_0e00, '', 'guard below the main stack'],
  [0x3ffb_0e00, 0x4000_0000, 'bwBW', 'DRAM and D/IRAM'],
  [0x4000_0000, 0x4007_0000, 'wx', 'mask ROM'],
  [0x4007_0000, 0x4008_0000, '', 'flash caches'],
  [0x4008_0000, 0x400c_0000, 'wWx', 'IRAM and D/IRAM, instruction view'],
  [0x400c_0000, 0x400c_2000, 'wWx', 'RTC fast memory, instruction view'],
  [0x400c_2000, 0x400d_0000, '', 'nothing'],
  [0x400d_0000, 0x4040_0000, 'wx', 'flash as instructions'],
  [0x5000_0000, 0x5000_2000, 'bwBW', 'RTC slow memory'],
  [0x5000_2000, 0x6000_0000, '', 'nothing'],
];

// STM32L431xC reference manual RM0394, memory map; the Keil projects of TencentOS tiny's loader examples.
const EVB_MAP: [number, number, Access, string][] = [
  [0x0000_0000, 0x0004_0000, 'bwx', 'flash, also seen at 0'],
  [0x0004_0000, 0x0800_0000, '', 'nothing'],
  [0x0800_0000, 0x0804_0000, 'bwx', 'flash'],
  [0x0804_0000, 0x1000_0000, '', 'nothing'],
  [0x1000_0000, 0x1000_4000, 'bwBWx', 'SRAM2'],
  [0x1000_4000, 0x2000_0000, '', 'nothing'],
  [0x2000_0000, 0x2001_0000, 'bwBWx', 'SRAM1, and SRAM2 behind it'],
  [0x2001_0000, 0x4000_0000, '', 'nothing'],
  [0x4000_0000, 0x6000_0000, '', 'peripherals, unmapped until a host maps them'],
  [0xe000_0000, 0xe010_0000, '', 'private peripherals, unmapped until a host maps them'],
];

describe.each([
  ['esp32', esp32, ESP32_MAP],
  ['tencentos-evb-mx-plus', tencentosEvbMxPlus, EVB_MAP],
] as const)('the memory map of %s', (_name, description, map) => {
  it.each(map.map(([start, end, access, what]) => ({ start, end, access, what })))(
    '$what',
    ({ start, end, access }) => {
      const board = createOn(description);
      const inside = [start, start + 5, Math.floor((start + end) / 2), end - 4, end - 1];
      expect(inside.map((address) => accessAt(board, address))).toEqual(inside.map(() => access));
    },
  );
});

describe('esp32', () => {
  // The heaps' own words lie in memory that the tests of memory write over.
  const { memory } = createOn(esp32);
  const { heap } = createOn(esp32);
  if (!(heap instanceof HeapCaps)) throw new Error('another heap');

  it('takes unaligned half-words and words in data memory, and no half-words in instruction memory', () => {
    expect(memory.space.store(0x3ffb_0e01, 4, 0x1234_5678)).toBeUndefined();
    expect(memory.space.load(0x3ffb_0e03, 2)).toBe(0x1234);
    expect(memory.space.load(0x4008_9000, 2)).toMatchObject({ kind: 'width' });
    expect(memory.space.store(0x4008_9002, 2, 0)).toMatchObject({ kind: 'width' });
  });

  it('sees D/IRAM with reversed words, bytes in order, from both sides', () => {
    // esp_memory_utils.h: data address d is instruction address 400A0000 + (40000000 - d) - 4.
    for (const data of [0x3ffe_0000, 0x3ffe_4350, 0x3fff_8000, 0x3fff_fffc]) {
      const instruction = 0x400a_0000 + (0x4000_0000 - data) - 4;
      memory.write32(data, 0x0403_0201);
      expect([...memory.bytes(instruction, 4)]).toEqual([1, 2, 3, 4]);
      memory.write32(instruction, 0xdead_0000 + (data & 0xff));
      expect(memory.read32(data)).toBe(0xdead_0000 + (data & 0xff));
    }
  });

  it('sees RTC fast memory on both buses, in order', () => {
    memory.write32(0x3ff8_1ffc, 77);
    expect(memory.read32(0x400c_1ffc)).toBe(77);
    memory.write32(0x400c_0000, 78);
    expect(memory.read32(0x3ff8_0000)).toBe(78);
  });

  it('has the heaps of a small application', () => {
    // docs/en/api-reference/system/mem_alloc.rst, in KiB; each loses 0.4 to 1 KiB to its own administration.
    expect(ESP32_HEAP_REGIONS.map(({ start, size }) => [start.toString(16), Math.floor(size / 1024)])).toEqual([
      ['3ffae6e0', 6],
      ['3ffb2ec8', 180],
      ['3ffe0440', 14],
      ['3ffe4350', 111],
      ['4008944c', 90],
    ]);
    const kib = (bytes: number): number => Math.round(bytes / 1024);
    expect(kib(heap.freeSize(MALLOC_CAP_8BIT))).toBe(310);
    expect(kib(heap.largestFreeBlock(MALLOC_CAP_8BIT))).toBe(179);
    expect(kib(heap.freeSize(MALLOC_CAP_EXEC) - heap.freeSize(MALLOC_CAP_EXEC | MALLOC_CAP_8BIT))).toBe(90);
    expect(heap.freeSize(MALLOC_CAP_8BIT)).toBe(heap.freeSize(MALLOC_CAP_DMA));
    expect(heap.freeSize(MALLOC_CAP_SPIRAM)).toBe(0);
    expect(heap.largestFreeBlock(MALLOC_CAP_RTCRAM)).toBe(0);
  });

  it.each([
    ['EXEC', MALLOC_CAP_EXEC, 'IRAM'],
    ['EXEC || 8BIT, which is 1', MALLOC_CAP_EXEC || MALLOC_CAP_8BIT, 'IRAM'],
    ['32BIT', MALLOC_CAP_32BIT, 'IRAM'],
    ['INTERNAL', MALLOC_CAP_INTERNAL, 'IRAM'],
    ['8BIT', MALLOC_CAP_8BIT, 'DRAM 0'],
    ['DEFAULT', MALLOC_CAP_DEFAULT, 'DRAM 0'],
    ['INTERNAL | 8BIT', MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT, 'DRAM 0'],
    ['DMA', MALLOC_CAP_DMA, 'DRAM 0'],
    ['32BIT | 8BIT', MALLOC_CAP_32BIT | MALLOC_CAP_8BIT, 'DRAM 0'],
    ['EXEC | 8BIT', MALLOC_CAP_EXEC | MALLOC_CAP_8BIT, undefined],
    ['EXEC | DMA', MALLOC_CAP_EXEC | MALLOC_CAP_DMA, undefined],
    ['SPIRAM', MALLOC_CAP_SPIRAM, undefined],
    ['RTCRAM', MALLOC_CAP_RTCRAM, undefined],
  ])('gives %s from its place, or refuses', (_name, capabilities, pool) => {
    const address = heap.allocate(64, { capabilities });
    expect(address === 0 ? undefined : heap.blockAt(address)?.pool).toBe(pool);
    heap.free(address);
  });

  it('gives byte memory from D/IRAM when DRAM is exhausted, and never from IRAM', () => {
    const full = createOn(esp32).heap;
    const pools = new Set<string | undefined>();
    for (;;) {
      const address = full.allocate(1000, { capabilities: MALLOC_CAP_8BIT });
      if (address === 0) break;
      pools.add(full.blockAt(address)?.pool);
    }
    expect([...pools]).toEqual(['DRAM 0', 'DRAM', 'D/IRAM 0', 'D/IRAM']);
    expect(full.allocate(1000, { capabilities: MALLOC_CAP_EXEC })).toBeGreaterThan(0x4008_0000);
  });
});

describe('tencentos-evb-mx-plus', () => {
  it('shows SRAM2 at both addresses, to reads, writes and execution', () => {
    const board = createOn(tencentosEvbMxPlus);
    board.memory.write32(0x1000_0000, 0x4770_2007); // movs r0, #7; bx lr
    expect(board.memory.read32(0x2000_c000)).toBe(0x4770_2007);
    expect(board.call(0x1000_0001, 'int f(void)').returnValue).toBe(7);
    board.memory.write32(0x2000_c000, 0x4770_2009);
    expect(board.call(0x1000_0001, 'int f(void)').returnValue).toBe(9);
    board.memory.write32(0x2000_fffc, 5);
    expect(board.memory.read32(0x1000_3ffc)).toBe(5);
  });

  it('has the 32,768-byte pool of tos_mmheap', () => {
    const { heap } = createOn(tencentosEvbMxPlus);
    if (!(heap instanceof TosMmheap)) throw new Error('another heap');
    expect(heap.check()).toEqual({ used: 0, free: 32_768 - 8 });
    expect(heap.allocate(32_761)).toBe(0);
    // Sizes of 128 bytes and more are rounded up to the next class, so that the whole pool cannot be had in one block.
    expect(heap.allocate(32_760)).toBe(0);
    expect(heap.allocate(32_256)).toBe(0x2000_6004);
  });
});

describe.each([genericCortexM, genericXtensa])('$name', (description) => {
  it('has a megabyte of plain, executable RAM and as much ROM', () => {
    const board = createOn(description);
    const [rom, ram] = description.regions;
    expect([rom.size, ram.size]).toEqual([0x10_0000, 0x10_0000]);
    expect(accessAt(board, rom.start + 0x1001)).toBe('bwx');
    expect(accessAt(board, ram.start + 0x8_0001)).toBe('bwBWx');
    expect(accessAt(board, ram.start + ram.size)).toBe('');
  });
});
