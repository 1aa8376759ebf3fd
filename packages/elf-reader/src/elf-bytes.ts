import type { ByteSource } from '@loadstone/fd-sources';
import { ElfError, hex } from './error.js';

/** How much the tables kept in memory may hold together, as a multiple of the file's size. */
const RETAINED_FACTOR = 2;

/** Arrays of 4 GB and more fail in some engines. */
const MAX_READ = 0xfffffff8;

const utf8 = new TextDecoder('utf-8');

const HOST_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The file's bytes with its class and byte order. Every range is checked against the file before memory is taken. */
export class ElfBytes {
  readonly source: ByteSource;
  readonly is64: boolean;
  readonly littleEndian: boolean;
  #charged = 0;

  constructor(source: ByteSource, is64: boolean, littleEndian: boolean) {
    this.source = source;
    this.is64 = is64;
    this.littleEndian = littleEndian;
  }

  /** @throws ElfError TRUNCATED when `length` bytes from `offset` on are not all in the file */
  check(offset: number, length: number, what: string): void {
    if (length < 0 || offset < 0 || offset + length > this.source.size) {
      throw new ElfError(
        'TRUNCATED',
        `${what}: ${length} bytes at ${hex(offset)} pass the end of the file (${this.source.size} bytes)`,
        { offset, field: what, value: length, limit: this.source.size },
      );
    }
  }

  /** A fresh copy of a range. Its buffer starts at the range and is padded to whole 8-byte words. */
  read(offset: number, length: number, what: string): Uint8Array {
    this.check(offset, length, what);
    if (length > MAX_READ) {
      throw new ElfError('TOO_LARGE', `${what}: ${length} bytes at ${hex(offset)} are more than one array holds`, {
        offset,
        field: what,
        value: length,
        limit: MAX_READ,
      });
    }
    const bytes = new Uint8Array(new ArrayBuffer(Math.ceil(length / 8) * 8), 0, length);
    const got = length === 0 ? 0 : this.source.read(offset, bytes);
    if (got !== length) {
      throw new ElfError('TRUNCATED', `${what}: the source gave ${got} of ${length} bytes at ${hex(offset)}`, {
        offset,
        field: what,
        value: length,
        limit: got,
      });
    }
    return bytes;
  }

  /**
   * Accounts for a range that a table keeps in memory. No byte of a file belongs to two sections (gABI, Sections), so
   * tables that together claim more than twice the file (a section and the dynamic segment may name the same table) are
   * hostile.
   * @throws ElfError OVERLAP, TRUNCATED
   */
  charge(offset: number, length: number, what: string): void {
    this.check(offset, length, what);
    this.chargeMemory(offset, length, what);
  }

  /** As `charge`, for `length` bytes of memory that stand for other bytes of the file than those at `offset`. */
  chargeMemory(offset: number, length: number, what: string): void {
    if (this.#charged + length > this.source.size * RETAINED_FACTOR) {
      throw new ElfError('OVERLAP', `${what} at ${hex(offset)}: the tables of this file claim more bytes than it has`, {
        offset,
        field: what,
        value: length,
        limit: this.source.size,
      });
    }
    this.#charged += length;
  }

  /** 32-bit words of a fresh range in the host's order, so that a record's fields are array elements. */
  words(offset: number, length: number, what: string): Uint32Array {
    const bytes = this.read(offset, length, what);
    const words = new Uint32Array(bytes.buffer, 0, length >>> 2);
    if (this.littleEndian !== HOST_LITTLE_ENDIAN) swapWords(words);
    return words;
  }

  fields(offset: number, length: number, what: string): Fields {
    return new Fields(this.read(offset, length, what), offset, this.littleEndian, this.is64);
  }
}

function swapWords(words: Uint32Array): void {
  for (let i = 0; i < words.length; i++) {
    const w = words[i];
    words[i] = (w << 24) | ((w & 0xff00) << 8) | ((w >>> 8) & 0xff00) | (w >>> 24);
  }
}

/** Typed reads inside one range, in the file's byte order. `at` counts from the range's start. */
export class Fields {
  readonly bytes: Uint8Array;
  /** File offset of the range. */
  readonly base: number;
  readonly littleEndian: boolean;
  readonly is64: boolean;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, base: number, littleEndian: boolean, is64: boolean) {
    this.bytes = bytes;
    this.base = base;
    this.littleEndian = littleEndian;
    this.is64 = is64;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  #check(at: number, size: number, field: string): void {
    if (at < 0 || at + size > this.bytes.length) {
      throw new ElfError('TRUNCATED', `${field} at ${hex(this.base + at)} passes the end of its record or section`, {
        offset: this.base + at,
        field,
        value: size,
        limit: Math.max(0, this.bytes.length - at),
      });
    }
  }

  u8(at: number, field: string): number {
    this.#check(at, 1, field);
    return this.bytes[at];
  }

  u16(at: number, field: string): number {
    this.#check(at, 2, field);
    return this.#view.getUint16(at, this.littleEndian);
  }

  u32(at: number, field: string): number {
    this.#check(at, 4, field);
    return this.#view.getUint32(at, this.littleEndian);
  }

  big(at: number, field: string): bigint {
    this.#check(at, 8, field);
    return this.#view.getBigUint64(at, this.littleEndian);
  }

  /** The bytes themselves, not copied. */
  slice(at: number, length: number, field: string): Uint8Array {
    this.#check(at, length, field);
    return this.bytes.subarray(at, at + length);
  }

  /** A NUL-terminated UTF-8 string. @throws ElfError BAD_STRING when no NUL follows */
  string(at: number, field: string): string {
    const end = this.bytes.indexOf(0, at);
    if (at < 0 || end < 0) {
      throw new ElfError('BAD_STRING', `${field} at ${hex(this.base + at)} has no end`, {
        offset: this.base + at,
        field,
      });
    }
    return utf8.decode(this.bytes.subarray(at, end));
  }

  /** @throws ElfError NOT_EXACT above 2^53 - 1 */
  u64(at: number, field: string): number {
    this.#check(at, 8, field);
    const first = this.#view.getUint32(at, this.littleEndian);
    const second = this.#view.getUint32(at + 4, this.littleEndian);
    const high = this.littleEndian ? second : first;
    const low = this.littleEndian ? first : second;
    if (high > 0x1fffff) throw notExact(this.big(at, field), this.base + at, field);
    return high * 0x100000000 + low;
  }

  /** An address- or size-wide field: 4 bytes at `at32` in ELF32, 8 bytes at `at64` in ELF64. */
  wide(at32: number, at64: number, field: string): number {
    return this.is64 ? this.u64(at64, field) : this.u32(at32, field);
  }

  wideBig(at32: number, at64: number, field: string): bigint {
    return this.is64 ? this.big(at64, field) : BigInt(this.u32(at32, field));
  }
}

export function notExact(value: bigint, offset: number, field: string): ElfError {
  return new ElfError('NOT_EXACT', `${field} at ${hex(offset)} is ${hex(value)}: read it as a bigint`, {
    offset,
    field,
    value,
    limit: Number.MAX_SAFE_INTEGER,
  });
}
