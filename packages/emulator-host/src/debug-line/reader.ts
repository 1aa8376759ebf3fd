import { HostError } from '../error.js';

/** Reads DWARF's encodings from a section, bounds checked. Little- or big-endian. */
export class DwarfReader {
  offset: number;
  readonly end: number;
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(bytes: Uint8Array, littleEndian: boolean, offset = 0, end = bytes.length) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.offset = offset;
    this.end = Math.min(end, bytes.length);
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#littleEndian);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#littleEndian);
  }

  /** A 64-bit value that must fit 53 bits. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), this.#littleEndian);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.fail('a 64-bit value is too large');
    return Number(value);
  }

  /** Unsigned LEB128; what does not fit 53 bits is refused. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if ((byte & 0x80) === 0) break;
      scale *= 128;
      if (scale > 2 ** 56) throw this.fail('a LEB128 number is too long');
    }
    if (value > Number.MAX_SAFE_INTEGER) throw this.fail('a LEB128 number is too large');
    return value;
  }

  sleb(): number {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (scale > 2 ** 56) throw this.fail('a LEB128 number is too long');
    } while ((byte & 0x80) !== 0);
    return (byte & 0x40) !== 0 ? value - scale : value;
  }

  /** A NUL-terminated UTF-8 string. */
  string(): string {
    const start = this.offset;
    while (this.u8() !== 0) {
      // to the NUL
    }
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, this.offset - 1 - start);
    return new TextDecoder().decode(bytes);
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  fail(problem: string): HostError {
    return new HostError('DEBUG_LINE', `.debug_line: ${problem} at offset 0x${this.offset.toString(16)}`, {
      offset: this.offset,
    });
  }

  #take(bytes: number): number {
    const at = this.offset;
    if (bytes < 0 || at + bytes > this.end) throw this.fail('the data end too early');
    this.offset = at + bytes;
    return at;
  }
}
