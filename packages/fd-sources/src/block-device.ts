/**
 * A device of equal blocks: flash seen by SPIFFS (program and erase), or an SD card seen by FAT (read and write sectors).
 * Addresses are byte offsets from the device's first byte.
 */
export interface BlockDevice {
  /** Bytes in all; a whole number of erase blocks. */
  readonly size: number;
  /** Bytes of one erase block (flash) or one sector (SD card). */
  readonly blockSize: number;
  /**
   * Fills `into` from `address` on.
   * @throws SourceError OUT_OF_RANGE when any byte lies outside the device
   */
  read(address: number, into: Uint8Array): void;
  /**
   * Programs bytes. On flash a program only clears bits (new = old AND given); on a card it replaces them.
   * @throws SourceError OUT_OF_RANGE, READ_ONLY, POWER_LOST (after part of the bytes may have been programmed)
   */
  program(address: number, from: Uint8Array): void;
  /**
   * Erases one whole block: flash reads 0xFF afterwards.
   * @param block block number, 0 to size / blockSize - 1
   * @throws SourceError OUT_OF_RANGE, READ_ONLY, POWER_LOST
   */
  erase(block: number): void;
  /** Makes everything programmed so far durable. */
  sync?(): void;
}
