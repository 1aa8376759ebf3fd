import { inflateSection } from './compressed.js';
import { SHF, SHT } from './constants/section.js';
import type { ElfBytes, Fields } from './elf-bytes.js';

/** What a section asks of its file. */
export interface SectionContext {
  readonly bytes: ElfBytes;
  readonly inflateLimit: number;
  sectionName(at: number, index: number): string;
}

/** One section header (gABI, Section Header) and its contents. Fields are decoded when read. */
export class Section {
  readonly index: number;
  readonly #context: SectionContext;
  readonly #fields: Fields;
  readonly #at: number;
  #name: string | undefined;

  constructor(context: SectionContext, index: number, fields: Fields, at: number) {
    this.#context = context;
    this.index = index;
    this.#fields = fields;
    this.#at = at;
  }

  #wide(at32: number, at64: number, field: string): number {
    return this.#fields.wide(this.#at + at32, this.#at + at64, field);
  }

  /** File offset of this header. */
  get headerOffset(): number {
    return this.#fields.base + this.#at;
  }

  /** sh_name: where the name starts in the section-name table. */
  get nameOffset(): number {
    return this.#fields.u32(this.#at, 'sh_name');
  }

  /** The name; empty when the file has no section-name table. @throws ElfError BAD_STRING */
  get name(): string {
    return (this.#name ??= this.#context.sectionName(this.nameOffset, this.index));
  }

  /** sh_type; names in `SHT`. */
  get type(): number {
    return this.#fields.u32(this.#at + 4, 'sh_type');
  }

  /** sh_flags; bits in `SHF`. */
  get flags(): number {
    return this.#wide(8, 8, 'sh_flags');
  }

  /** sh_addr. Above 2^53 - 1 this throws NOT_EXACT; `addressBig` never does. */
  get address(): number {
    return this.#wide(12, 16, 'sh_addr');
  }

  get addressBig(): bigint {
    return this.#fields.wideBig(this.#at + 12, this.#at + 16, 'sh_addr');
  }

  /** sh_offset: where the contents start in the file. */
  get offset(): number {
    return this.#wide(16, 24, 'sh_offset');
  }

  /** sh_size, bytes; a NOBITS section takes none of them in the file. */
  get size(): number {
    return this.#wide(20, 32, 'sh_size');
  }

  /** sh_link: a section index whose meaning depends on the type. */
  get link(): number {
    return this.#fields.u32(this.#at + (this.#fields.is64 ? 40 : 24), 'sh_link');
  }

  /** sh_info: meaning depends on the type. */
  get info(): number {
    return this.#fields.u32(this.#at + (this.#fields.is64 ? 44 : 28), 'sh_info');
  }

  /** sh_addralign, bytes; 0 and 1 mean none. */
  get align(): number {
    return this.#wide(32, 48, 'sh_addralign');
  }

  /** sh_entsize, bytes per entry of a table; 0 for none. */
  get entrySize(): number {
    return this.#wide(36, 56, 'sh_entsize');
  }

  /** True when the file holds no bytes for it: SHT_NOBITS, and SHT_NULL. */
  get isEmptyInFile(): boolean {
    return this.type === SHT.NOBITS || this.type === SHT.NULL;
  }

  get isCompressed(): boolean {
    return (this.flags & SHF.COMPRESSED) !== 0 && !this.isEmptyInFile;
  }

  /**
   * A fresh copy of the contents, inflated when SHF_COMPRESSED; empty for NOBITS.
   * @throws ElfError TRUNCATED, BAD_COMPRESSION, TOO_LARGE, UNSUPPORTED (compression other than zlib)
   */
  data(): Uint8Array {
    const raw = this.rawData();
    if (!this.isCompressed) return raw;
    return inflateSection(raw, this.offset, this.#context.bytes, this.#context.inflateLimit);
  }

  /** A fresh copy of the bytes as they lie in the file. @throws ElfError TRUNCATED */
  rawData(): Uint8Array {
    if (this.isEmptyInFile) return new Uint8Array(0);
    return this.#context.bytes.read(this.offset, this.size, `section ${this.index}`);
  }
}
