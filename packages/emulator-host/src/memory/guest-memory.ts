import type { AddressSpace } from '@loadstone/cpu-core';
import { HostError, hex } from '../error.js';
import type { HeapMemory } from '../heap/heap.js';

/** Longest C string read without an explicit limit. */
const STRING_LIMIT = 65536;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Guest memory as host code uses it: little-endian words, bytes and C strings at guest addresses, any alignment, rom
 * included. Every method throws HostError MEMORY for an address no ram or rom region holds.
 */
export class GuestMemory implements HeapMemory {
  readonly space: AddressSpace;
  readonly #bytes = new Uint8Array(8);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #parts = [1, 2, 4, 8].map((size) => this.#bytes.subarray(0, size));

  constructor(space: AddressSpace) {
    this.space = space;
  }

  /** Fills `into` with the bytes from `address` on. */
  read(address: number, into: Uint8Array): void {
    try {
      this.space.read(address, into);
    } catch (cause) {
      throw unmapped('read', address, into.length, cause);
    }
  }

  write(address: number, from: Uint8Array): void {
    try {
      this.space.write(address, from);
    } catch (cause) {
      throw unmapped('write', address, from.length, cause);
    }
  }

  /** A copy of `length` bytes. */
  bytes(address: number, length: number): Uint8Array {
    if (!(length >= 0 && length <= 0x7fff_ffff)) throw unmapped('read', address, length);
    if (length > 0 && !this.space.regionAt(address + length - 1)) throw unmapped('read', address, length);
    const bytes = new Uint8Array(length);
    this.read(address, bytes);
    return bytes;
  }

  read8(address: number): number {
    this.read(address, this.#parts[0]);
    return this.#bytes[0];
  }

  read16(address: number): number {
    this.read(address, this.#parts[1]);
    return this.#view.getUint16(0, true);
  }

  read32(address: number): number {
    this.read(address, this.#parts[2]);
    return this.#view.getUint32(0, true);
  }

  read64(address: number): bigint {
    this.read(address, this.#parts[3]);
    return this.#view.getBigUint64(0, true);
  }

  write8(address: number, value: number): void {
    this.#view.setUint8(0, value);
    this.write(address, this.#parts[0]);
  }

  write16(address: number, value: number): void {
    this.#view.setUint16(0, value, true);
    this.write(address, this.#parts[1]);
  }

  write32(address: number, value: number): void {
    this.#view.setUint32(0, value, true);
    this.write(address, this.#parts[2]);
  }

  write64(address: number, value: bigint): void {
    this.#view.setBigUint64(0, value, true);
    this.write(address, this.#parts[3]);
  }

  /** memmove. */
  copy(to: number, from: number, length: number): void {
    this.write(to, this.bytes(from, length));
  }

  /** memset. */
  fill(address: number, length: number, value: number): void {
    if (length === 1) {
      this.write8(address, value);
      return;
    }
    if (!(length >= 0 && length <= 0x7fff_ffff)) throw unmapped('write', address, length);
    if (length > 0 && !this.space.regionAt(address + length - 1)) throw unmapped('write', address, length);
    this.write(address, new Uint8Array(length).fill(value));
  }

  /**
   * Bytes up to, not including, the first NUL.
   * @param limit most bytes; a string longer than that is cut there
   */
  cStringBytes(address: number, limit = STRING_LIMIT): Uint8Array {
    const chunk = new Uint8Array(64);
    const parts: Uint8Array[] = [];
    let total = 0;
    while (total < limit) {
      const at = address + total;
      const part = chunk.subarray(0, Math.min(chunk.length, limit - total, 64 - (at % 64)));
      if (!this.#mapped(at, part.length)) return this.#stringTail(address, parts, total, limit);
      this.read(at, part);
      const end = part.indexOf(0);
      parts.push(part.slice(0, end < 0 ? part.length : end));
      total += end < 0 ? part.length : end;
      if (end >= 0) break;
    }
    return concatenate(parts, total);
  }

  /** `cStringBytes`, or undefined when unmapped memory comes before the NUL. */
  tryCString(address: number, limit?: number): Uint8Array | undefined {
    try {
      return this.cStringBytes(address, limit);
    } catch (error) {
      if (error instanceof HostError) return undefined;
      throw error;
    }
  }

  /** A C string as UTF-8 text; bytes that are no UTF-8 become U+FFFD. */
  cString(address: number, limit?: number): string {
    return decoder.decode(this.cStringBytes(address, limit));
  }

  /** Stores a string as UTF-8 with its NUL; returns the bytes stored. */
  writeCString(address: number, text: string): number {
    const bytes = cStringOf(text);
    this.write(address, bytes);
    return bytes.length;
  }

  #mapped(address: number, length: number): boolean {
    const first = this.space.regionAt(address);
    const last = this.space.regionAt(address + length - 1);
    return first !== undefined && first === last && (first.kind === 'ram' || first.kind === 'rom');
  }

  /** Byte by byte to the end of the last mapped region, so that the error names the first address that is not there. */
  #stringTail(address: number, parts: Uint8Array[], done: number, limit: number): Uint8Array {
    let total = done;
    while (total < limit) {
      const byte = this.read8(address + total);
      if (byte === 0) break;
      parts.push(Uint8Array.of(byte));
      total += 1;
    }
    return concatenate(parts, total);
  }
}

/** UTF-8 bytes of `text` and a NUL. */
export function cStringOf(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}

function concatenate(parts: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function unmapped(access: 'read' | 'write', address: number, length: number, cause?: unknown): HostError {
  return new HostError(
    'MEMORY',
    `host ${access} of ${length} bytes at ${hex(address)}: no memory there`,
    { address, length, access },
    { cause },
  );
}
