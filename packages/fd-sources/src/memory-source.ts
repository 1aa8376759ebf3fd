import { checkOffset, checkRange, closedError } from './arguments.js';
import type { WritableByteSource } from './byte-source.js';

/**
 * A source over bytes in memory. Nothing is copied: writes change `bytes`, and changes to `bytes` are seen by reads.
 * @param bytes the source's content and size
 */
export function memorySource(bytes: Uint8Array): WritableByteSource {
  return new MemorySource(bytes);
}

class MemorySource implements WritableByteSource {
  readonly size: number;
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(offset: number, into: Uint8Array): number {
    const bytes = this.#open();
    checkOffset(offset);
    const count = Math.max(0, Math.min(into.length, this.size - offset));
    if (count > 0) into.set(bytes.subarray(offset, offset + count));
    return count;
  }

  write(offset: number, from: Uint8Array): void {
    const bytes = this.#open();
    checkRange(offset, from.length, this.size, 'write');
    bytes.set(from, offset);
  }

  close(): void {
    this.#bytes = undefined;
  }

  #open(): Uint8Array {
    if (this.#bytes === undefined) throw closedError('memory source');
    return this.#bytes;
  }
}
