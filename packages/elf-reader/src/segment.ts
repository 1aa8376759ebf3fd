import type { ElfBytes, Fields } from './elf-bytes.js';

/** One program header (gABI, Program Header) and the bytes it maps. Fields are decoded when read. */
export class Segment {
  readonly index: number;
  readonly #bytes: ElfBytes;
  readonly #fields: Fields;
  readonly #at: number;

  constructor(bytes: ElfBytes, index: number, fields: Fields, at: number) {
    this.#bytes = bytes;
    this.index = index;
    this.#fields = fields;
    this.#at = at;
  }

  #wide(at32: number, at64: number, field: string): number {
    return this.#fields.wide(this.#at + at32, this.#at + at64, field);
  }

  /** p_type; names in `PT`. */
  get type(): number {
    return this.#fields.u32(this.#at, 'p_type');
  }

  /** p_flags; bits in `PF`. */
  get flags(): number {
    return this.#fields.u32(this.#at + (this.#fields.is64 ? 4 : 24), 'p_flags');
  }

  /** p_offset: where its bytes start in the file. */
  get offset(): number {
    return this.#wide(4, 8, 'p_offset');
  }

  /** p_vaddr. Above 2^53 - 1 this throws NOT_EXACT; `addressBig` never does. */
  get address(): number {
    return this.#wide(8, 16, 'p_vaddr');
  }

  get addressBig(): bigint {
    return this.#fields.wideBig(this.#at + 8, this.#at + 16, 'p_vaddr');
  }

  /** p_paddr: the load address of firmware, where it differs from the address it runs at. */
  get physicalAddress(): number {
    return this.#wide(12, 24, 'p_paddr');
  }

  /** p_filesz, bytes taken from the file. */
  get fileSize(): number {
    return this.#wide(16, 32, 'p_filesz');
  }

  /** p_memsz, bytes in memory; those past `fileSize` are zero. */
  get memorySize(): number {
    return this.#wide(20, 40, 'p_memsz');
  }

  /** p_align, bytes; 0 and 1 mean none. */
  get align(): number {
    return this.#wide(28, 48, 'p_align');
  }

  /** A fresh copy of the `fileSize` bytes. @throws ElfError TRUNCATED */
  data(): Uint8Array {
    return this.#bytes.read(this.offset, this.fileSize, `segment ${this.index}`);
  }
}
