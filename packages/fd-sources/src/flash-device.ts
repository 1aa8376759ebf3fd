import { checkCount, checkRange } from './arguments.js';
import type { BlockDevice } from './block-device.js';
import type { WritableByteSource } from './byte-source.js';
import { SourceError } from './error.js';
import { memorySource } from './memory-source.js';
import { checkBlock, checkGeometry } from './sector-device.js';

/** What a flash has done so far. */
export interface FlashCounters {
  readonly reads: number;
  readonly programs: number;
  readonly erases: number;
  readonly bytesRead: number;
  readonly bytesProgrammed: number;
}

/** NOR flash: a program only clears bits, an erase sets a whole block to 0xFF, and the power can fail. */
export interface FlashDevice extends BlockDevice {
  /** Erases of each block since the model was made. */
  readonly eraseCounts: Uint32Array;
  readonly counters: FlashCounters;
  /** False from a power loss until `restorePower()`. */
  readonly powered: boolean;
  /**
   * Lets the power fail: `operations` further programs and erases complete, the next one throws POWER_LOST, and so does
   * everything after it, reads too, until `restorePower()`.
   * @param operations 0 or more
   * @param partialBytes how many bytes of the cut program are still programmed, or of the cut block still erased, from its
   *   first byte on; default 0
   */
  cutPowerAfter(operations: number, partialBytes?: number): void;
  /** Ends a power loss, or calls off one that has not happened yet. */
  restorePower(): void;
}

/**
 * A flash model over a writable source, or over fresh erased memory.
 * @param sourceOrSize the flash's bytes, or a size in bytes for a new one full of 0xFF
 * @param options.blockSize bytes of one erase block; the size must be a whole number of them
 * @throws SourceError BAD_ARGUMENT when the sizes do not fit
 */
export function flashDevice(
  sourceOrSize: WritableByteSource | number,
  options: { readonly blockSize: number },
): FlashDevice {
  if (typeof sourceOrSize !== 'number') return new Flash(sourceOrSize, options.blockSize);
  checkGeometry(sourceOrSize, options.blockSize);
  return new Flash(memorySource(new Uint8Array(sourceOrSize).fill(0xff)), options.blockSize);
}

class Flash implements FlashDevice {
  readonly size: number;
  readonly blockSize: number;
  readonly eraseCounts: Uint32Array;
  readonly counters = { reads: 0, programs: 0, erases: 0, bytesRead: 0, bytesProgrammed: 0 };
  readonly #source: WritableByteSource;
  readonly #erased: Uint8Array;
  #scratch = new Uint8Array(256);
  #powered = true;
  #operationsLeft = Number.POSITIVE_INFINITY;
  #partialBytes = 0;

  constructor(source: WritableByteSource, blockSize: number) {
    checkGeometry(source.size, blockSize);
    this.#source = source;
    this.size = source.size;
    this.blockSize = blockSize;
    this.eraseCounts = new Uint32Array(source.size / blockSize);
    this.#erased = new Uint8Array(blockSize).fill(0xff);
  }

  get powered(): boolean {
    return this.#powered;
  }

  cutPowerAfter(operations: number, partialBytes = 0): void {
    checkCount(operations, 0, 'operations');
    checkCount(partialBytes, 0, 'partialBytes');
    this.#operationsLeft = operations;
    this.#partialBytes = partialBytes;
  }

  restorePower(): void {
    this.#powered = true;
    this.#operationsLeft = Number.POSITIVE_INFINITY;
  }

  read(address: number, into: Uint8Array): void {
    if (!this.#powered) throw powerLost('read', address, into.length);
    checkRange(address, into.length, this.size, 'read');
    this.counters.reads++;
    this.counters.bytesRead += into.length;
    this.#source.read(address, into);
  }

  program(address: number, from: Uint8Array): void {
    if (!this.#powered) throw powerLost('program', address, from.length);
    checkRange(address, from.length, this.size, 'program');
    if (this.#operationsLeft-- === 0) {
      this.#powered = false;
      this.#clearBits(address, from.subarray(0, this.#partialBytes));
      throw powerLost('program', address, from.length);
    }
    this.counters.programs++;
    this.counters.bytesProgrammed += from.length;
    this.#clearBits(address, from);
  }

  erase(block: number): void {
    const address = block * this.blockSize;
    if (!this.#powered) throw powerLost('erase', address, this.blockSize);
    checkBlock(block, this);
    if (this.#operationsLeft-- === 0) {
      this.#powered = false;
      this.#source.write(address, this.#erased.subarray(0, this.#partialBytes));
      throw powerLost('erase', address, this.blockSize);
    }
    this.counters.erases++;
    this.eraseCounts[block]++;
    this.#source.write(address, this.#erased);
  }

  #clearBits(address: number, from: Uint8Array): void {
    const count = from.length;
    if (count === 0) return;
    if (this.#scratch.length < count) this.#scratch = new Uint8Array(count);
    const bytes = this.#scratch.length === count ? this.#scratch : this.#scratch.subarray(0, count);
    this.#source.read(address, bytes);
    for (let i = 0; i < count; i++) bytes[i] &= from[i];
    this.#source.write(address, bytes);
  }
}

function powerLost(what: string, address: number, length: number): SourceError {
  return new SourceError('POWER_LOST', `power lost during the ${what} of ${length} bytes at ${address}`, {
    offset: address,
    length,
  });
}
