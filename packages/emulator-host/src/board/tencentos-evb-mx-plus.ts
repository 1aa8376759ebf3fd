import { TosMmheap } from '../heap/tos-mmheap.js';
import type { BoardDescription } from './description.js';

const SRAM = 0x2000_0000;
const STACK_SIZE = 0x1000;
const DATA = SRAM + STACK_SIZE;
const CONTROL = 0x2000_5000;
const POOL = 0x2000_6000;

/**
 * TencentOS_tiny_EVB_MX_Plus: STM32L431RC, Cortex-M4F. 256 KiB of flash, also seen at 0; 48 KiB SRAM1 and 16 KiB SRAM2, which
 * continues SRAM1 and is also seen at 0x10000000; nothing else is mapped. The heap is tos_mmheap with the loader examples'
 * 32,768-byte default pool. The main stack has `application_entry`'s 4096 bytes and lies at the start of SRAM, so that it
 * overflows into unmapped addresses; where the firmware's own data lies inside SRAM is our choice.
 */
export const tencentosEvbMxPlus: BoardDescription = {
  name: 'tencentos-evb-mx-plus',
  regions: [
    { name: 'flash', start: 0x0800_0000, size: 0x4_0000, kind: 'rom', executable: true },
    { name: 'flash alias', start: 0, size: 0x4_0000, kind: 'rom', executable: true, alias: { of: 'flash', offset: 0 } },
    { name: 'SRAM1', start: SRAM, size: 0xc000, kind: 'ram', executable: true },
    { name: 'SRAM2', start: 0x2000_c000, size: 0x4000, kind: 'ram', executable: true },
    {
      name: 'SRAM2 alias',
      start: 0x1000_0000,
      size: 0x4000,
      kind: 'ram',
      executable: true,
      alias: { of: 'SRAM2', offset: 0 },
    },
  ],
  abi: 'aapcs-vfp',
  stack: { start: SRAM, size: STACK_SIZE },
  data: { start: DATA, size: CONTROL - DATA },
  constants: { start: 0x0803_8000, size: 0x4000 },
  functions: { firmware: 0x0803_c000, near: 0x2002_0000, size: 0x4000 },
  heap: (memory) => new TosMmheap(memory, { control: CONTROL, pool: { start: POOL, size: 0x8000 } }),
  erased: [{ region: 'flash', value: 0xff }],
};
