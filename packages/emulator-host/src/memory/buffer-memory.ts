import type { ValueMemory } from './value.js';

const decoder = new TextDecoder();

/** A value that lies in no guest memory: the words of a struct in registers. Addresses count from 0. */
export class BufferMemory implements ValueMemory {
  readonly #bytes: Uint8Array;

  /** @param size bytes of the value; memory is whole words */
  constructor(size: number) {
    this.#bytes = new Uint8Array(Math.ceil(size / 4) * 4);
  }

  /** The value as 32-bit words, unsigned. */
  get words(): number[] {
    return [...new Uint32Array(this.#bytes.buffer)];
  }

  set words(words: readonly number[]) {
    new Uint32Array(this.#bytes.buffer).set(words);
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.#bytes.subarray(address, address + into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.#bytes.set(from, address);
  }

  bytes(address: number, length: number): Uint8Array {
    return this.#bytes.slice(address, address + length);
  }

  read32(address: number): number {
    return new DataView(this.#bytes.buffer).getUint32(address, true);
  }

  cString(address: number, limit: number): string {
    const bytes = this.bytes(address, limit);
    const end = bytes.indexOf(0);
    return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}
