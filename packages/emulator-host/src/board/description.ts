import type { Region } from '@loadstone/cpu-core';
import type { AbiName } from '../abi/convention.js';
import type { Heap } from '../heap/heap.js';
import type { GuestMemory } from '../memory/guest-memory.js';

/** A range of guest addresses. */
export interface MemoryRange {
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** What a block of board memory is for (the module loader's purposes). */
export type AllocationPurpose = 'module' | 'text' | 'literal' | 'rodata' | 'data' | 'bss' | 'got' | 'veneer';

/** A board as plain data plus a heap. */
export interface BoardDescription {
  readonly name: string;
  /** The memory map. The host functions' window is cut out of it. */
  readonly regions: readonly Region[];
  /** Calling convention of the firmware. */
  readonly abi: AbiName;
  /** Stack of the main thread; it grows down from the end. */
  readonly stack: MemoryRange;
  /** Memory of the firmware's own variables, for `variable`. */
  readonly data: MemoryRange;
  /** Read-only memory of the firmware's constants: strings given for `const char *`. Without it they go to the stack. */
  readonly constants?: MemoryRange;
  /**
   * Where host functions have their addresses, four bytes each. `firmware` is where the real firmware's code lies, `near` is
   * within branch range of the memory modules are loaded into. Code that calls one of these addresses calls the host.
   */
  readonly functions: { readonly firmware: number; readonly near?: number; readonly size: number };
  /** Makes the heap in guest memory. */
  readonly heap: (memory: GuestMemory) => Heap;
  /** Heap capabilities for a purpose; default: none asked for. */
  readonly capabilities?: (purpose: AllocationPurpose) => number | undefined;
  /** Regions whose bytes start as `value` instead of 0 (erased flash: 0xff). */
  readonly erased?: readonly { readonly region: string; readonly value: number }[];
}
