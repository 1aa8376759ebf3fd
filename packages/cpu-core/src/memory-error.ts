export type MemoryErrorCode =
  /** A host access touches an address that no ram or rom region holds. */
  | 'UNMAPPED'
  /** Two regions share an address. */
  | 'OVERLAP'
  /** A region's fields contradict each other or the address range. */
  | 'BAD_REGION'
  /** All regions together do not fit into one WebAssembly memory. */
  | 'TOO_LARGE';

/** A memory map or a host access that cannot be. */
export class MemoryError extends Error {
  override readonly name = 'MemoryError';

  /**
   * @param address first guest address concerned
   * @param region name of the region concerned
   */
  constructor(
    readonly code: MemoryErrorCode,
    message: string,
    readonly address: number,
    readonly region?: string,
  ) {
    super(message);
  }
}

/**
 * Thrown by a {@link Device} to refuse an access: the guest gets a memory fault of kind `device`. Other exceptions of a device
 * leave `run` as they are, with the pc at the accessing instruction.
 */
export class DeviceFault extends Error {
  override readonly name = 'DeviceFault';
}

/** An address as errors show it. */
export function hex(address: number): string {
  return `0x${(address >>> 0).toString(16).padStart(8, '0')}`;
}
