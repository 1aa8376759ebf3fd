import { DEFAULT_STATE_WORDS, GuestMemory } from './guest-memory.js';
import type { Region } from './region.js';
import type { MemoryFault } from './stop.js';

/** The guest's memory: regions over one `WebAssembly.Memory`. */
export interface AddressSpace {
  readonly regions: readonly Region[];
  /** All bytes: CPU state first, then the regions' bytes. */
  readonly memory: WebAssembly.Memory;
  /** The region that holds `address`. */
  regionAt(address: number): Region | undefined;
  /**
   * Host access, as a debugger's: ignores permissions and widths, reaches ram and rom (not mmio or trap), may cross from one
   * region into the next. Writing to translated code invalidates the translation.
   * @throws MemoryError UNMAPPED when a byte lies in no ram or rom region (nothing is written then)
   */
  read(address: number, into: Uint8Array): void;
  write(address: number, from: Uint8Array): void;
  /** Guest-like access, every rule applied; returns the value (unsigned) or the fault. */
  load(address: number, width: 1 | 2 | 4): number | MemoryFault;
  store(address: number, width: 1 | 2 | 4, value: number): MemoryFault | undefined;
  /** As `count` loads of words from `address` on, into `into` from index `first` on; the fault of the first load that is refused. */
  loadWords(address: number, into: Int32Array, first: number, count: number): MemoryFault | undefined;
  /** As `count` stores of words, lowest address first; those behind one that is refused are not done. */
  storeWords(address: number, from: Int32Array, first: number, count: number): MemoryFault | undefined;
  /** Adds a region after creation (a device, a module's window). Throws MemoryError OVERLAP. */
  map(region: Region): void;
}

export interface AddressSpaceOptions {
  /** 32-bit words kept in front for a CPU's state: its slots, temporaries and some scratch words. Default 1024. */
  readonly stateWords?: number;
}

/**
 * Creates the memory of one CPU. RAM is zero. Cost beside the regions' bytes: 4 KiB of state, rounded up to 64 KiB pages.
 * @throws MemoryError BAD_REGION, OVERLAP or TOO_LARGE
 */
export function createAddressSpace(regions: readonly Region[], options: AddressSpaceOptions = {}): AddressSpace {
  return new GuestMemory(regions, options.stateWords ?? DEFAULT_STATE_WORDS);
}
