import { SHN, STB } from './constants/index.js';
import { type ElfBytes, notExact } from './elf-bytes.js';
import { ElfError } from './error.js';
import { iterate } from './iterate.js';
import type { StringTable } from './string-table.js';

/** One symbol as an object (gABI, Symbol Table). */
export interface ElfSymbol {
  readonly index: number;
  readonly name: string;
  /** st_value: an offset into its section in relocatable files, else an address; the alignment of a COMMON symbol. */
  readonly value: number;
  /** st_size, bytes; 0 for none or unknown. */
  readonly size: number;
  /** Names in `STB`. */
  readonly binding: number;
  /** Names in `STT`. */
  readonly type: number;
  /** Names in `STV`. */
  readonly visibility: number;
  /** st_other, all eight bits. */
  readonly other: number;
  /** Index of the section it is defined in; 0 when it is undefined, absolute, COMMON or in another reserved index. */
  readonly sectionIndex: number;
  readonly isUndefined: boolean;
  readonly isAbsolute: boolean;
  readonly isCommon: boolean;
}

export interface SymbolTableOrigin {
  /** Which table: `.symtab` for SHT_SYMTAB, `.dynsym` for SHT_DYNSYM or DT_SYMTAB. */
  readonly kind: '.symtab' | '.dynsym';
  /** File offset of entry 0. */
  readonly offset: number;
  readonly count: number;
  /** Bytes per entry. */
  readonly entrySize: number;
  readonly strings: StringTable;
  /** Section index, absent when the table was found through the dynamic segment. */
  readonly sectionIndex?: number;
  /** File offset of the SHT_SYMTAB_SHNDX section, when there is one. */
  readonly extendedIndexOffset?: number;
}

/** Bytes of Elf32_Sym and Elf64_Sym. */
export const SYMBOL_SIZE = { 32: 16, 64: 24 } as const;

/**
 * A symbol table, read from the file on first use into one typed array; `value(i)`, `type(i)` and so on read it without
 * making objects. `i` is 0 to `count - 1`; any other index throws BAD_INDEX. Entry 0 is the null symbol.
 */
export class SymbolTable implements Iterable<ElfSymbol> {
  readonly kind: '.symtab' | '.dynsym';
  readonly count: number;
  /** Section index of the table; undefined when it was found through the dynamic segment. */
  readonly sectionIndex: number | undefined;
  /** The table its names lie in. */
  readonly strings: StringTable;
  readonly #bytes: ElfBytes;
  readonly #origin: SymbolTableOrigin;
  readonly #is64: boolean;
  readonly #littleEndian: boolean;
  readonly #stride: number;
  #loaded: Uint32Array | undefined;
  #extended: Uint32Array | undefined;
  #byName: Map<string, number> | undefined;
  #nextSameName: Uint32Array | undefined;

  constructor(bytes: ElfBytes, origin: SymbolTableOrigin) {
    const record = SYMBOL_SIZE[bytes.is64 ? 64 : 32];
    if (origin.entrySize < record || origin.entrySize % 4 !== 0) {
      throw new ElfError('BAD_ENTRY_SIZE', `symbols of ${origin.entrySize} bytes, ${record} expected`, {
        offset: origin.offset,
        field: 'sh_entsize',
        value: origin.entrySize,
        limit: record,
      });
    }
    this.kind = origin.kind;
    this.count = origin.count;
    this.sectionIndex = origin.sectionIndex;
    this.strings = origin.strings;
    this.#bytes = bytes;
    this.#origin = origin;
    this.#is64 = bytes.is64;
    this.#littleEndian = bytes.littleEndian;
    this.#stride = origin.entrySize / 4;
  }

  #words(): Uint32Array {
    if (this.#loaded !== undefined) return this.#loaded;
    const { offset, entrySize } = this.#origin;
    this.#bytes.charge(offset, this.count * entrySize, 'symbol table');
    return (this.#loaded = this.#bytes.words(offset, this.count * entrySize, 'symbol table'));
  }

  #at(i: number): number {
    if (!(i >= 0 && i < this.count)) {
      throw new ElfError('BAD_INDEX', `symbol ${i} of a table of ${this.count}`, {
        offset: this.#origin.offset,
        field: 'symbol index',
        value: i,
        limit: this.count - 1,
      });
    }
    return i * this.#stride;
  }

  /** st_info in bits 7..0, st_other in 15..8, st_shndx in 31..16. */
  #packed(i: number): number {
    const word = (this.#loaded ?? this.#words())[this.#at(i) + (this.#is64 ? 1 : 3)];
    if (this.#littleEndian) return word;
    return (word >>> 24) | ((word >>> 8) & 0xff00) | (word << 16);
  }

  /** A 64-bit field of ELF64, words `at` and `at + 1`. */
  #wide(at: number, field: string): number {
    const words = this.#words();
    const low = words[this.#littleEndian ? at : at + 1];
    const high = words[this.#littleEndian ? at + 1 : at];
    if (high > 0x1fffff) throw notExact((BigInt(high) << 32n) | BigInt(low), this.#origin.offset + at * 4, field);
    return high * 0x100000000 + low;
  }

  /** st_name: where the name starts in the string table. */
  nameOffset(i: number): number {
    return (this.#loaded ?? this.#words())[this.#at(i)];
  }

  /** @throws ElfError BAD_STRING */
  name(i: number): string {
    return this.strings.get(this.nameOffset(i));
  }

  /** st_value. @throws ElfError NOT_EXACT above 2^53 - 1; `valueBig` never does */
  value(i: number): number {
    const at = this.#at(i);
    return this.#is64 ? this.#wide(at + 2, 'st_value') : (this.#loaded ?? this.#words())[at + 1];
  }

  valueBig(i: number): bigint {
    const at = this.#at(i);
    const words = this.#words();
    if (!this.#is64) return BigInt(words[at + 1]);
    const [low, high] = this.#littleEndian ? [words[at + 2], words[at + 3]] : [words[at + 3], words[at + 2]];
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** st_size, bytes. */
  size(i: number): number {
    const at = this.#at(i);
    return this.#is64 ? this.#wide(at + 4, 'st_size') : (this.#loaded ?? this.#words())[at + 2];
  }

  /** st_info: binding << 4 | type. */
  info(i: number): number {
    return this.#packed(i) & 0xff;
  }

  binding(i: number): number {
    return (this.#packed(i) >>> 4) & 15;
  }

  type(i: number): number {
    return this.#packed(i) & 15;
  }

  other(i: number): number {
    return (this.#packed(i) >>> 8) & 0xff;
  }

  visibility(i: number): number {
    return (this.#packed(i) >>> 8) & 3;
  }

  /** st_shndx as stored, 0 to 0xffff; names in `SHN`. */
  shndx(i: number): number {
    return this.#packed(i) >>> 16;
  }

  isUndefined(i: number): boolean {
    return this.shndx(i) === SHN.UNDEF;
  }

  isAbsolute(i: number): boolean {
    return this.shndx(i) === SHN.ABS;
  }

  isCommon(i: number): boolean {
    return this.shndx(i) === SHN.COMMON;
  }

  /**
   * The section a symbol is defined in, through SHT_SYMTAB_SHNDX where the index does not fit; 0 for none.
   * @throws ElfError BAD_INDEX for SHN_XINDEX without such a section
   */
  sectionOf(i: number): number {
    const index = this.shndx(i);
    if (index < SHN.LORESERVE) return index;
    if (index !== SHN.XINDEX) return 0;
    const at = this.#origin.extendedIndexOffset;
    if (at === undefined) {
      throw new ElfError(
        'BAD_INDEX',
        `symbol ${i} has SHN_XINDEX, but the file has no SHT_SYMTAB_SHNDX for its table`,
        {
          offset: this.#origin.offset + i * this.#origin.entrySize,
          field: 'st_shndx',
          value: index,
        },
      );
    }
    if (this.#extended === undefined) {
      this.#bytes.charge(at, this.count * 4, 'SHT_SYMTAB_SHNDX');
      this.#extended = this.#bytes.words(at, this.count * 4, 'SHT_SYMTAB_SHNDX');
    }
    return this.#extended[i];
  }

  get(i: number): ElfSymbol {
    const at = this.#at(i);
    const words = this.#loaded ?? this.#words();
    const packed = this.#packed(i);
    const index = packed >>> 16;
    return {
      index: i,
      name: this.strings.get(words[at]),
      value: this.#is64 ? this.#wide(at + 2, 'st_value') : words[at + 1],
      size: this.#is64 ? this.#wide(at + 4, 'st_size') : words[at + 2],
      binding: (packed >>> 4) & 15,
      type: packed & 15,
      visibility: (packed >>> 8) & 3,
      other: (packed >>> 8) & 0xff,
      sectionIndex: index < SHN.LORESERVE ? index : this.sectionOf(i),
      isUndefined: index === SHN.UNDEF,
      isAbsolute: index === SHN.ABS,
      isCommon: index === SHN.COMMON,
    };
  }

  [Symbol.iterator](): Iterator<ElfSymbol> {
    return iterate(this.count, (i) => this.get(i));
  }

  #index(): Map<string, number> {
    if (this.#byName !== undefined) return this.#byName;
    this.#words();
    const first = new Map<string, number>();
    const next = new Uint32Array(this.count);
    // From the end, so that the chain of one name runs in table order.
    for (let i = this.count - 1; i > 0; i--) {
      const at = this.nameOffset(i);
      if (at === 0) continue;
      const name = this.strings.get(at);
      next[i] = first.get(name) ?? 0;
      first.set(name, i);
    }
    this.#nextSameName = next;
    this.#byName = first;
    return first;
  }

  /**
   * The index of the symbol a linker would bind `name` to: a defined global, else a defined weak, else a defined local,
   * else an undefined one; the first of its kind; -1 for none. The names are hashed on the first call.
   */
  indexOf(name: string): number {
    let best = -1;
    let rank = 4;
    for (let i = this.#index().get(name) ?? 0; i !== 0; i = this.#nextSameName?.[i] ?? 0) {
      const mine = this.#rank(i);
      if (mine < rank) {
        best = i;
        rank = mine;
      }
    }
    return best;
  }

  #rank(i: number): number {
    if (this.isUndefined(i)) return 3;
    const binding = this.binding(i);
    return binding === STB.LOCAL ? 2 : binding === STB.WEAK ? 1 : 0;
  }

  /** The symbol of `indexOf(name)`. */
  findByName(name: string): ElfSymbol | undefined {
    const i = this.indexOf(name);
    return i < 0 ? undefined : this.get(i);
  }

  /** Indexes of all symbols of that name, in table order. */
  allByName(name: string): number[] {
    const found: number[] = [];
    for (let i = this.#index().get(name) ?? 0; i !== 0; i = this.#nextSameName?.[i] ?? 0) found.push(i);
    return found;
  }
}
