import type { AddressSpace, Architecture, Cpu, Region } from '@loadstone/cpu-core';
import type { AbiName } from '../abi/convention.js';
import { HostError } from '../error.js';
import type { BoardSymbol } from '../host/symbol.js';
import type { GuestValue } from '../memory/value.js';
import type { BoardDescription, MemoryRange } from './description.js';

export interface BoardOptions {
  /** The CPU: `thumb` of @loadstone/cpu-thumb, `xtensa` of @loadstone/cpu-xtensa. */
  readonly architecture: Architecture;
  /** Default: the best engine that works here. */
  readonly engine?: 'interpreter' | 'wasm';
  /** Makes the CPU instead of cpu-core (for @loadstone/cpu-unicorn). */
  readonly cpu?: (architecture: Architecture, memory: AddressSpace) => Cpu;
  /** Calling convention of host functions and calls; default: the board's. */
  readonly abi?: AbiName;
  /**
   * Where host functions get their addresses: `firmware` (default) is where the real firmware's code lies, which relative
   * branches of modules in RAM cannot always reach; `near` is within reach; or an address.
   */
  readonly firmwareAt?: 'firmware' | 'near' | number;
  /** Functions and variables of the firmware. */
  readonly symbols?: Iterable<BoardSymbol>;
  /** Memory-mapped devices and other regions besides the board's own. */
  readonly regions?: readonly Region[];
  readonly limits?: {
    /** Most bytes printed; default 16 MiB. */
    readonly consoleBytes?: number;
    /** Most bytes of the main stack; default: all of it. Its end is watched, which makes accesses around it slower. */
    readonly stackBytes?: number;
    /** Most bytes of live allocations by the guest; default: the heap's own size. */
    readonly heapBytes?: number;
  };
  /**
   * Watches the guest's heap: writes beside a block, use after free and double free stop the guest where they happen. Moves every
   * heap address. Default false.
   */
  readonly heapChecks?: boolean;
  /** Called with each piece of text the board prints. */
  readonly onText?: (text: string) => void;
}

export interface ThreadOptions {
  /** Bytes at the stack's end that no write may touch (a watchpoint). Default 0: none. */
  readonly guard?: number;
  /** Byte the stack was filled with, to tell how much of it was used. Default 0. */
  readonly fill?: number;
}

/** A JavaScript function over a guest function. Throws GuestFault when the guest does not return. */
export type GuestFunction = ((...args: unknown[]) => GuestValue | undefined) & {
  readonly address: number;
  /** The same call with asynchronous host functions allowed. */
  readonly async: (...args: unknown[]) => Promise<GuestValue | undefined>;
};

/** Where a board's host functions lie. @throws HostError BOARD */
export function functionWindow(description: BoardDescription, at: 'firmware' | 'near' | number): MemoryRange {
  const { firmware, near, size } = description.functions;
  const start = at === 'firmware' ? firmware : at === 'near' ? (near ?? firmware) : at;
  if (!Number.isInteger(start) || start < 0 || start % 4 !== 0 || start + size > 2 ** 32) {
    throw new HostError('BOARD', `host functions cannot lie at ${String(start)}`, { start });
  }
  return { start, size };
}
