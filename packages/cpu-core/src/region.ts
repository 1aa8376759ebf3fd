/** A memory-mapped device. Offsets are bytes from the region's start; values are unsigned. */
export interface Device {
  /** @param width 1, 2 or 4 */
  read(offset: number, width: number): number;
  write(offset: number, width: number, value: number): void;
}

/** Access widths a region takes, as a sum of 1, 2 and 4. */
export type Widths = number;

/** One range of guest addresses. Ranges may not overlap. */
export interface Region {
  readonly name: string;
  /** First address, 0 to 2^32 - 1. */
  readonly start: number;
  /** Bytes; start + size is at most 2^32. */
  readonly size: number;
  /**
   * `ram` and `rom` hold bytes (a guest write to rom faults); `mmio` calls `device`; reaching an address of a `trap` region
   * as pc calls the CPU's `onTrap`, every data access faults as unmapped.
   */
  readonly kind: 'ram' | 'rom' | 'mmio' | 'trap';
  readonly executable: boolean;
  /** Data access widths allowed; others fault as `width`. Default 7 (1, 2 and 4 bytes). */
  readonly widths?: Widths;
  /** Whether an address that is no multiple of the width faults as `unaligned`. Default false. */
  readonly alignedOnly?: boolean;
  /** `mmio` only. */
  readonly device?: Device;
  /**
   * The bytes are those of another region, from byte `offset` of it on; `reversedWords`: word i of this region is word
   * (n - 1 - i) of that part (ESP32 D/IRAM's instruction view).
   */
  readonly alias?: { readonly of: string; readonly offset: number; readonly reversedWords?: boolean };
}
