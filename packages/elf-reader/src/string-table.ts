import type { ElfBytes } from './elf-bytes.js';
import { ElfError, hex } from './error.js';

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8');

/**
 * NUL-terminated names (gABI, String Table). Read from the file on the first look-up and decoded once: a name is then a
 * slice. Names are UTF-8; a byte sequence that is not gives U+FFFD.
 */
export class StringTable {
  /** File offset of the table. */
  readonly offset: number;
  /** Length in bytes. */
  readonly size: number;
  readonly #bytes: ElfBytes;
  #raw: Uint8Array | undefined;
  #text = '';
  #plain = true;

  constructor(bytes: ElfBytes, offset: number, size: number) {
    this.#bytes = bytes;
    this.offset = offset;
    this.size = size;
  }

  #load(): Uint8Array {
    this.#bytes.charge(this.offset, this.size, 'string table');
    const raw = this.#bytes.read(this.offset, this.size, 'string table');
    this.#text = latin1.decode(raw);
    this.#plain = isAscii(raw);
    this.#raw = raw;
    return raw;
  }

  /**
   * The string that starts `at` bytes into the table.
   * @throws ElfError BAD_STRING when it starts outside the table or no NUL follows in it
   */
  get(at: number): string {
    const raw = this.#raw ?? this.#load();
    const end = at < raw.length ? this.#text.indexOf('\0', at) : -1;
    if (end < 0) {
      // Offset 0 of an empty table means no name (gABI: "an empty string table section is permitted").
      if (at === 0 && raw.length === 0) return '';
      throw new ElfError(
        'BAD_STRING',
        `no string at ${hex(at)} of the ${raw.length}-byte table at ${hex(this.offset)}`,
        {
          offset: this.offset + at,
          field: 'string',
          value: at,
          limit: raw.length,
        },
      );
    }
    if (this.#plain) return this.#text.slice(at, end);
    for (let i = at; i < end; i++) if (raw[i] > 0x7f) return utf8.decode(raw.subarray(at, end));
    return this.#text.slice(at, end);
  }
}

/** @param bytes from `ElfBytes.read`, whose buffers are padded with zeros to whole words */
function isAscii(bytes: Uint8Array): boolean {
  const words = new Uint32Array(bytes.buffer);
  let bits = 0;
  for (let i = 0; i < words.length; i++) bits |= words[i];
  return (bits & 0x80808080) === 0;
}
