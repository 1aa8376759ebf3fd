import { DT } from './constants/index.js';
import type { ElfBytes } from './elf-bytes.js';
import { ElfError, hex } from './error.js';
import { gnuHashSymbolCount, sysvHashSymbolCount } from './hash-table.js';
import type { RelocationKind } from './relocation-table.js';
import type { StringTable } from './string-table.js';
import { SYMBOL_SIZE, type SymbolTableOrigin } from './symbol-table.js';

export interface DynamicEntry {
  /** d_tag; names in `DT`. */
  readonly tag: number;
  /** d_un: a value or an address, by the tag. */
  readonly value: number;
}

export interface DynamicContext {
  readonly bytes: ElfBytes;
  readonly offset: number;
  readonly size: number;
  /** Bytes per word of DT_HASH. */
  readonly hashEntrySize: 4 | 8;
  /** @throws ElfError BAD_VALUE for an address the file holds no bytes of */
  offsetOfAddress(address: number): number;
  strings(offset: number, size: number): StringTable;
}

/** The dynamic segment (gABI, Dynamic Section): its entries up to DT_NULL, and the tables they lead to. */
export class DynamicTable {
  readonly entries: readonly DynamicEntry[];
  readonly #context: DynamicContext;

  constructor(context: DynamicContext) {
    this.#context = context;
    const { bytes, offset } = context;
    const step = bytes.is64 ? 16 : 8;
    const size = context.size - (context.size % step);
    bytes.charge(offset, size, 'dynamic segment');
    const fields = bytes.fields(offset, size, 'dynamic segment');
    const entries: DynamicEntry[] = [];
    for (let at = 0; at < size; at += step) {
      const tag = fields.wide(at, at, 'd_tag');
      if (tag === DT.NULL) break;
      entries.push({ tag, value: fields.wide(at + 4, at + 8, 'd_un') });
    }
    this.entries = entries;
  }

  /** The value of the first entry with that tag; undefined when there is none. */
  get(tag: number): number | undefined {
    return this.entries.find((entry) => entry.tag === tag)?.value;
  }

  /** File offset of the table a tag points to; undefined when there is none. @throws ElfError BAD_VALUE */
  offsetOf(tag: number): number | undefined {
    const address = this.get(tag);
    return address === undefined ? undefined : this.#context.offsetOfAddress(address);
  }

  /** DT_STRTAB and DT_STRSZ. @throws ElfError BAD_VALUE when one of them is absent */
  get strings(): StringTable {
    const offset = this.offsetOf(DT.STRTAB);
    const size = this.get(DT.STRSZ);
    if (offset === undefined || size === undefined) {
      throw new ElfError('BAD_VALUE', 'the dynamic segment has no DT_STRTAB or no DT_STRSZ', {
        offset: this.#context.offset,
        field: offset === undefined ? 'DT_STRTAB' : 'DT_STRSZ',
      });
    }
    return this.#context.strings(offset, size);
  }

  #string(tag: number): string | undefined {
    const at = this.get(tag);
    return at === undefined ? undefined : this.strings.get(at);
  }

  /** The names of DT_NEEDED, in order. */
  get needed(): string[] {
    return this.entries.filter(({ tag }) => tag === DT.NEEDED).map(({ value }) => this.strings.get(value));
  }

  get soname(): string | undefined {
    return this.#string(DT.SONAME);
  }

  get runPath(): string | undefined {
    return this.#string(DT.RUNPATH) ?? this.#string(DT.RPATH);
  }

  /** DT_SYMTAB with the number of symbols that DT_HASH or DT_GNU_HASH gives; undefined without DT_SYMTAB. */
  symbolTable(): SymbolTableOrigin | undefined {
    const offset = this.offsetOf(DT.SYMTAB);
    if (offset === undefined) return undefined;
    const { bytes } = this.#context;
    const entrySize = this.get(DT.SYMENT) ?? SYMBOL_SIZE[bytes.is64 ? 64 : 32];
    return { kind: '.dynsym', offset, count: this.#symbolCount(offset, entrySize), entrySize, strings: this.strings };
  }

  #symbolCount(symbols: number, entrySize: number): number {
    const { bytes } = this.#context;
    const sysv = this.offsetOf(DT.HASH);
    if (sysv !== undefined) return sysvHashSymbolCount(bytes, sysv, this.#context.hashEntrySize);
    const gnu = this.offsetOf(DT.GNU_HASH);
    if (gnu !== undefined) {
      const hashed = gnuHashSymbolCount(bytes, gnu);
      if (hashed !== undefined) return hashed;
    }
    // Every linker puts the string table straight behind the symbols when there is no hash table.
    const strings = this.offsetOf(DT.STRTAB);
    if (strings !== undefined && strings > symbols && entrySize > 0) return Math.floor((strings - symbols) / entrySize);
    throw new ElfError('BAD_VALUE', `nothing tells the length of the symbol table at ${hex(symbols)}`, {
      offset: symbols,
      field: 'DT_SYMTAB',
    });
  }

  /** Where DT_REL, DT_RELA, DT_RELR and DT_JMPREL lie in the file; entrySize 0 when its tag is absent. */
  relocationRanges(): { kind: RelocationKind; offset: number; size: number; entrySize: number }[] {
    const plt: RelocationKind = this.get(DT.PLTREL) === DT.RELA ? 'RELA' : 'REL';
    const rows = [
      { kind: 'REL', start: DT.REL, length: DT.RELSZ, entry: DT.RELENT },
      { kind: 'RELA', start: DT.RELA, length: DT.RELASZ, entry: DT.RELAENT },
      { kind: 'RELR', start: DT.RELR, length: DT.RELRSZ, entry: DT.RELRENT },
      { kind: plt, start: DT.JMPREL, length: DT.PLTRELSZ, entry: plt === 'RELA' ? DT.RELAENT : DT.RELENT },
    ] as const;
    const ranges = [];
    for (const { kind, start, length, entry } of rows) {
      const size = this.get(length) ?? 0;
      if (size === 0) continue;
      const offset = this.offsetOf(start);
      if (offset !== undefined) ranges.push({ kind, offset, size, entrySize: this.get(entry) ?? 0 });
    }
    return ranges;
  }
}
