import { HostError, hex } from '../error.js';
import type { HeapMemory } from './heap.js';

/** Heap memory over a plain array, for heaps without a board. */
export class ArrayMemory implements HeapMemory {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** @param start address of the first byte */
  constructor(start: number, size: number) {
    this.start = start;
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  read32(address: number): number {
    return this.#view.getUint32(this.#offset(address, 4), true);
  }

  write32(address: number, value: number): void {
    this.#view.setUint32(this.#offset(address, 4), value, true);
  }

  copy(to: number, from: number, length: number): void {
    const source = this.#offset(from, length);
    this.bytes.copyWithin(this.#offset(to, length), source, source + length);
  }

  fill(address: number, length: number, value: number): void {
    const offset = this.#offset(address, length);
    this.bytes.fill(value, offset, offset + length);
  }

  #offset(address: number, length: number): number {
    const offset = address - this.start;
    if (offset >= 0 && offset + length <= this.bytes.length) return offset;
    throw new HostError('HEAP_CORRUPT', `the heap reaches for ${hex(address)}, where no memory is`, { address });
  }
}
