import { TosMmheap } from '../heap/tos-mmheap.js';
import type { BoardDescription } from './description.js';

/**
 * A Cortex-M without a maker: 1 MiB flash at 0x08000000, 1 MiB RAM at 0x20000000 with stack, data and a TLSF heap of
 * 896 KiB. Host functions lie near RAM.
 */
export const genericCortexM: BoardDescription = {
  name: 'generic-cortex-m',
  regions: [
    { name: 'flash', start: 0x0800_0000, size: 0x10_0000, kind: 'rom', executable: true },
    { name: 'RAM', start: 0x2000_0000, size: 0x10_0000, kind: 'ram', executable: true },
  ],
  abi: 'aapcs',
  stack: { start: 0x2000_0000, size: 0x1_0000 },
  data: { start: 0x2001_0000, size: 0xf000 },
  constants: { start: 0x080f_0000, size: 0x1_0000 },
  functions: { firmware: 0x2020_0000, near: 0x2020_0000, size: 0x1_0000 },
  heap: (memory) => new TosMmheap(memory, { control: 0x2001_f000, pool: { start: 0x2002_0000, size: 0xe_0000 } }),
};

/**
 * An Xtensa without a maker and without bus rules: 1 MiB of byte-addressable, executable RAM at 0x40100000, where code, stack,
 * data and heap lie together. Nothing is mapped at the reset value of VECBASE (0x40000000): the CPU does what window handlers would do.
 */
export const genericXtensa: BoardDescription = {
  name: 'generic-xtensa',
  regions: [
    { name: 'ROM', start: 0x4100_0000, size: 0x10_0000, kind: 'rom', executable: true },
    { name: 'RAM', start: 0x4010_0000, size: 0x10_0000, kind: 'ram', executable: true },
  ],
  abi: 'xtensa-windowed',
  stack: { start: 0x4010_0000, size: 0x1_0000 },
  data: { start: 0x4011_0000, size: 0xf000 },
  constants: { start: 0x410f_0000, size: 0x1_0000 },
  functions: { firmware: 0x4030_0000, near: 0x4030_0000, size: 0x1_0000 },
  heap: (memory) => new TosMmheap(memory, { control: 0x4011_f000, pool: { start: 0x4012_0000, size: 0xe_0000 } }),
};
