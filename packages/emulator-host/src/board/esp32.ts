import type { Region } from '@loadstone/cpu-core';
import {
  MALLOC_CAP_8BIT,
  MALLOC_CAP_32BIT,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
} from '../heap/caps.js';
import { type CapabilityRegion, HeapCaps } from '../heap/heap-caps.js';
import type { BoardDescription } from './description.js';

const DRAM = 0x3ffa_e000;
const DIRAM = 0x3ffe_0000;
const DIRAM_SIZE = 0x2_0000;
const DATA = 0x3ffb_0000;
const STACK = 0x3ffb_0e00;
const GUARD_SIZE = 0x40;
const HEAP = 0x3ffb_2ec8;
/** Data address + instruction address + 4 of one D/IRAM word (esp_memory_utils.h). */
const MIRROR = 0x400a_0000 + 0x4000_0000;

/** Words only, aligned: memory behind the instruction bus (esp32 facts in docs/en/api-guides/memory-types.rst). */
const WORDS = { widths: 4, alignedOnly: true } as const;

const regions: readonly Region[] = [
  { name: 'DROM', start: 0x3f40_0000, size: 0x40_0000, kind: 'rom', executable: false },
  { name: 'RTC fast memory', start: 0x3ff8_0000, size: 0x2000, kind: 'ram', executable: false },
  { name: 'ROM data', start: 0x3ff9_0000, size: 0x1_0000, kind: 'rom', executable: false },
  { name: 'DRAM', start: DRAM, size: STACK - GUARD_SIZE - DRAM, kind: 'ram', executable: false },
  { name: 'guard below the main stack', start: STACK - GUARD_SIZE, size: GUARD_SIZE, kind: 'trap', executable: false },
  { name: 'DRAM (main stack, heap)', start: STACK, size: DIRAM - STACK, kind: 'ram', executable: false },
  { name: 'D/IRAM', start: DIRAM, size: DIRAM_SIZE, kind: 'ram', executable: false },
  { name: 'ROM', start: 0x4000_0000, size: 0x7_0000, kind: 'rom', executable: true, ...WORDS },
  { name: 'IRAM', start: 0x4008_0000, size: 0x2_0000, kind: 'ram', executable: true, ...WORDS },
  {
    name: 'D/IRAM instruction view',
    start: 0x400a_0000,
    size: DIRAM_SIZE,
    kind: 'ram',
    executable: true,
    ...WORDS,
    alias: { of: 'D/IRAM', offset: 0, reversedWords: true },
  },
  {
    name: 'RTC fast memory instruction view',
    start: 0x400c_0000,
    size: 0x2000,
    kind: 'ram',
    executable: true,
    ...WORDS,
    alias: { of: 'RTC fast memory', offset: 0 },
  },
  { name: 'IROM', start: 0x400d_0000, size: 0x33_0000, kind: 'rom', executable: true, ...WORDS },
  { name: 'RTC slow memory', start: 0x5000_0000, size: 0x2000, kind: 'ram', executable: false },
];

const dram: CapabilityRegion['capabilities'] = [
  MALLOC_CAP_8BIT | MALLOC_CAP_DEFAULT,
  MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA | MALLOC_CAP_32BIT,
  0,
];
const diram: CapabilityRegion['capabilities'] = [
  0,
  MALLOC_CAP_DMA | MALLOC_CAP_8BIT | MALLOC_CAP_INTERNAL | MALLOC_CAP_DEFAULT,
  MALLOC_CAP_32BIT | MALLOC_CAP_EXEC,
];
const iram: CapabilityRegion['capabilities'] = [MALLOC_CAP_INTERNAL | MALLOC_CAP_EXEC | MALLOC_CAP_32BIT, 0, 0];

/** Heaps of a small application (docs/en/api-reference/system/mem_alloc.rst), in the order of memory_layout.c. */
export const ESP32_HEAP_REGIONS: readonly CapabilityRegion[] = [
  { name: 'DRAM 0', start: 0x3ffa_e6e0, size: 0x1920, capabilities: dram },
  { name: 'DRAM', start: HEAP, size: DIRAM - HEAP, capabilities: dram },
  { name: 'D/IRAM 0', start: 0x3ffe_0440, size: 0x3ae0, capabilities: diram, mirror: MIRROR },
  { name: 'D/IRAM', start: 0x3ffe_4350, size: 0x4000_0000 - 0x3ffe_4350, capabilities: diram, mirror: MIRROR },
  { name: 'IRAM', start: 0x4008_944c, size: 0x400a_0000 - 0x4008_944c, capabilities: iram },
];

/**
 * Classic ESP32 with 520 KiB of SRAM, no external RAM: the address map, bus rules and heaps of a small Arduino sketch.
 * Peripherals are unmapped until the host maps a device. 64 bytes below the main stack are closed, as ESP-IDF's
 * end-of-stack watchpoint does.
 */
export const esp32: BoardDescription = {
  name: 'esp32',
  regions,
  abi: 'xtensa-windowed',
  stack: { start: STACK, size: 0x2000 },
  data: { start: DATA, size: STACK - GUARD_SIZE - DATA },
  constants: { start: 0x3f40_0020, size: 0x1_0000 },
  functions: { firmware: 0x400d_0000, size: 0x4000 },
  heap: (memory) => new HeapCaps(memory, { regions: ESP32_HEAP_REGIONS }),
  capabilities: (purpose) => {
    switch (purpose) {
      case 'module':
      case 'text':
      case 'literal':
      case 'veneer':
        return MALLOC_CAP_EXEC;
      default:
        return MALLOC_CAP_8BIT;
    }
  },
};
