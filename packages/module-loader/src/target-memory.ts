/** What a block of target memory is for; a board with several memories chooses by it. */
export type AllocationPurpose = 'module' | 'text' | 'literal' | 'rodata' | 'data' | 'bss' | 'got' | 'veneer';

/** One request to the board's heap. */
export interface AllocationRequest {
  /** Bytes, 1 to 2^32 - 1. */
  readonly size: number;
  /** Required alignment in bytes, a power of two. */
  readonly align: number;
  readonly purpose: AllocationPurpose;
}

/** The memory of the machine that will run the module: a board's heap and its address space. */
export interface TargetMemory {
  /** @returns address of the block, or undefined when the heap refuses */
  allocate(request: AllocationRequest): number | undefined;
  /** Gives a block back. */
  free(address: number): void;
  /**
   * Copies target bytes from `address` on into `into`.
   * @throws whatever the board throws for an address it does not map
   */
  read(address: number, into: Uint8Array): void;
  /**
   * Stores bytes from `address` on. A loader writes before code runs, so read-only and word-only rules for the CPU do not
   * apply; unmapped addresses do.
   * @throws whatever the board throws for an address it does not map
   */
  write(address: number, from: Uint8Array): void;
}
