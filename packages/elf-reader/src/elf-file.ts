import type { ByteSource } from '@loadstone/fd-sources';
import { DT, EM, PT, SHN, SHT, STB } from './constants/index.js';
import { DynamicTable } from './dynamic-table.js';
import type { ElfBytes } from './elf-bytes.js';
import { ElfError, hex } from './error.js';
import { GnuHashTable, SysvHashTable } from './hash-table.js';
import { type ElfHeader, readHeader } from './header.js';
import { RELOCATION_SIZE, type RelocationKind, RelocationTable } from './relocation-table.js';
import { Section, type SectionContext } from './section.js';
import { Segment } from './segment.js';
import { StringTable } from './string-table.js';
import { SymbolTable } from './symbol-table.js';

export interface ElfOptions {
  /** Most bytes a compressed section may inflate to. Default 256 MiB. */
  readonly inflateLimit?: number;
}

const KIND_OF_TYPE = new Map<number, RelocationKind>([
  [SHT.REL, 'REL'],
  [SHT.RELA, 'RELA'],
  [SHT.RELR, 'RELR'],
]);

/** R_*_RELATIVE, the type a RELR entry stands for. */
const RELATIVE_TYPE = new Map<number, number>([
  [EM.ARM, 23],
  [EM.AARCH64, 1027],
  [EM['386'], 8],
  [EM.X86_64, 8],
  [EM.XTENSA, 5],
  [EM.RISCV, 3],
  [EM.PPC, 22],
  [EM.PPC64, 22],
  [EM.S390, 12],
  [EM.LOONGARCH, 3],
]);

/**
 * An ELF file over any ByteSource. Opening reads the 52- or 64-byte header; everything else is read when it is first
 * asked for, and only that. Values of ELF64 are numbers where they fit exactly (up to 2^53 - 1), else reading them throws
 * NOT_EXACT and the `…Big` accessor beside gives a bigint.
 */
export class ElfFile {
  readonly source: ByteSource;
  readonly header: ElfHeader;
  /** Checked reads anywhere in the file, in its byte order. */
  readonly bytes: ElfBytes;
  readonly #context: SectionContext;
  #sections: readonly Section[] | undefined;
  #sectionsByName: Map<string, Section> | undefined;
  #segments: readonly Segment[] | undefined;
  #dynamic: DynamicTable | undefined | null = null;
  readonly #strings = new Map<string, StringTable>();
  /** By section index. */
  readonly #symbols = new Map<number, SymbolTable>();
  readonly #tables = new Map<'.symtab' | '.dynsym', SymbolTable>();
  #hashTable: GnuHashTable | SysvHashTable | undefined;
  #dynamicRelocations: RelocationTable[] | undefined;
  readonly #relocations = new Map<number, RelocationTable>();

  private constructor(source: ByteSource, options: ElfOptions) {
    const { bytes, header } = readHeader(source);
    this.source = source;
    this.header = header;
    this.bytes = bytes;
    this.#context = {
      bytes,
      inflateLimit: options.inflateLimit ?? 0x10000000,
      sectionName: (at, index) => this.#sectionName(at, index),
    };
  }

  /** @throws ElfError NOT_ELF, UNSUPPORTED, TRUNCATED */
  static open(source: ByteSource, options: ElfOptions = {}): ElfFile {
    return new ElfFile(source, options);
  }

  get is64(): boolean {
    return this.bytes.is64;
  }

  get littleEndian(): boolean {
    return this.bytes.littleEndian;
  }

  /** All section headers, index 0 included; empty when the file has none. @throws ElfError TRUNCATED, BAD_ENTRY_SIZE */
  get sections(): readonly Section[] {
    return (this.#sections ??= this.#readSections());
  }

  #readSections(): Section[] {
    const { sectionHeaderOffset: offset, sectionHeaderEntrySize: stride, sectionHeaderCount } = this.header;
    if (offset === 0) return [];
    this.#checkEntrySize('e_shentsize', stride, this.is64 ? 64 : 40);
    let count = sectionHeaderCount;
    if (count === 0) {
      // gABI: a count of 0xff00 or more lies in sh_size of section 0.
      count = new Section(this.#context, 0, this.bytes.fields(offset, stride, 'section header 0'), 0).size;
    }
    this.bytes.charge(offset, count * stride, 'section headers');
    const fields = this.bytes.fields(offset, count * stride, 'section headers');
    return Array.from({ length: count }, (_, i) => new Section(this.#context, i, fields, i * stride));
  }

  #checkEntrySize(field: string, stride: number, record: number): void {
    if (stride >= record) return;
    throw new ElfError('BAD_ENTRY_SIZE', `${field} is ${stride}, ${record} expected`, {
      offset: this.is64 ? (field === 'e_shentsize' ? 58 : 54) : field === 'e_shentsize' ? 46 : 42,
      field,
      value: stride,
      limit: record,
    });
  }

  #sectionName(at: number, index: number): string {
    const stored = this.header.sectionNameTableIndex;
    const table = stored === SHN.XINDEX ? this.section(0).link : stored;
    if (table === SHN.UNDEF) return '';
    const strings = this.section(table);
    if (strings.isEmptyInFile) {
      throw new ElfError('BAD_INDEX', `the name of section ${index} lies in section ${table}, which is empty`, {
        offset: strings.headerOffset,
        field: 'e_shstrndx',
        value: table,
        section: index,
      });
    }
    return this.stringTable(strings).get(at);
  }

  /** The section of that index. @throws ElfError BAD_INDEX */
  section(index: number): Section {
    const section = this.sections[index];
    if (section === undefined) {
      throw new ElfError('BAD_INDEX', `section ${index} of ${this.sections.length}`, {
        field: 'section index',
        value: index,
        limit: this.sections.length - 1,
      });
    }
    return section;
  }

  /** The first section of that name; hashed on the first call. */
  sectionByName(name: string): Section | undefined {
    if (this.#sectionsByName === undefined) {
      this.#sectionsByName = new Map();
      for (const section of this.sections) {
        if (!this.#sectionsByName.has(section.name)) this.#sectionsByName.set(section.name, section);
      }
    }
    return this.#sectionsByName.get(name);
  }

  sectionsOfType(type: number): Section[] {
    return this.sections.filter((section) => section.type === type);
  }

  /** All program headers; empty when the file has none. @throws ElfError TRUNCATED, BAD_ENTRY_SIZE */
  get segments(): readonly Segment[] {
    return (this.#segments ??= this.#readSegments());
  }

  #readSegments(): Segment[] {
    const { programHeaderOffset: offset, programHeaderEntrySize: stride, programHeaderCount } = this.header;
    if (offset === 0 || programHeaderCount === 0) return [];
    this.#checkEntrySize('e_phentsize', stride, this.is64 ? 56 : 32);
    // gABI: PN_XNUM means that the count lies in sh_info of section 0.
    const count = programHeaderCount === 0xffff ? this.section(0).info : programHeaderCount;
    this.bytes.charge(offset, count * stride, 'program headers');
    const fields = this.bytes.fields(offset, count * stride, 'program headers');
    return Array.from({ length: count }, (_, i) => new Segment(this.bytes, i, fields, i * stride));
  }

  /**
   * Where the byte at an address lies in the file, by the PT_LOAD segments.
   * @returns undefined when no segment's file bytes cover it
   */
  offsetOfAddress(address: number): number | undefined {
    for (const segment of this.segments) {
      if (segment.type !== PT.LOAD) continue;
      const start = segment.address;
      if (address >= start && address < start + segment.fileSize) return segment.offset + (address - start);
    }
    return undefined;
  }

  /** The strings of a section, usually SHT_STRTAB. One table is kept per file range. */
  stringTable(section: Section): StringTable {
    return this.#stringsAt(section.offset, section.isEmptyInFile ? 0 : section.size);
  }

  #stringsAt(offset: number, size: number): StringTable {
    const key = `${offset}:${size}`;
    let table = this.#strings.get(key);
    if (table === undefined) {
      table = new StringTable(this.bytes, offset, size);
      this.#strings.set(key, table);
    }
    return table;
  }

  /**
   * A symbol table: `.symtab` is the SHT_SYMTAB section; `.dynsym` is the SHT_DYNSYM section, or DT_SYMTAB of a file
   * without section headers, whose length then comes from its hash table. A section may also be given.
   * @returns undefined when the file has none
   * @throws ElfError BAD_ENTRY_SIZE, BAD_INDEX (sh_link), TRUNCATED
   */
  symbols(which: '.symtab' | '.dynsym' | Section = '.symtab'): SymbolTable | undefined {
    if (typeof which !== 'string') return this.#symbolsOf(which);
    let table = this.#tables.get(which);
    if (table === undefined) {
      table = this.#findSymbols(which);
      if (table !== undefined) this.#tables.set(which, table);
    }
    return table;
  }

  #findSymbols(which: '.symtab' | '.dynsym'): SymbolTable | undefined {
    const type = which === '.symtab' ? SHT.SYMTAB : SHT.DYNSYM;
    const section = this.sections.find((candidate) => candidate.type === type);
    if (section !== undefined) return this.#symbolsOf(section);
    const origin = which === '.dynsym' ? this.dynamic?.symbolTable() : undefined;
    return origin === undefined ? undefined : new SymbolTable(this.bytes, origin);
  }

  #symbolsOf(section: Section): SymbolTable {
    let table = this.#symbols.get(section.index);
    if (table !== undefined) return table;
    if (section.type !== SHT.SYMTAB && section.type !== SHT.DYNSYM) {
      throw new ElfError('BAD_INDEX', `section ${section.index} is no symbol table`, {
        offset: section.headerOffset,
        field: 'sh_type',
        value: section.type,
        section: section.index,
      });
    }
    const entrySize = section.entrySize;
    const extended = this.sections.find((other) => other.type === SHT.SYMTAB_SHNDX && other.link === section.index);
    table = new SymbolTable(this.bytes, {
      kind: section.type === SHT.SYMTAB ? '.symtab' : '.dynsym',
      offset: section.offset,
      count: entrySize === 0 ? 0 : Math.floor(section.size / entrySize),
      entrySize,
      strings: this.stringTable(this.section(section.link)),
      sectionIndex: section.index,
      ...(extended === undefined ? {} : { extendedIndexOffset: extended.offset }),
    });
    this.#symbols.set(section.index, table);
    return table;
  }

  /**
   * The relocations of a REL, RELA or RELR section.
   * @throws ElfError BAD_INDEX (another type of section, or sh_info or sh_link names no section), BAD_ENTRY_SIZE, TRUNCATED
   */
  relocations(section: Section): RelocationTable {
    let table = this.#relocations.get(section.index);
    if (table !== undefined) return table;
    const kind = KIND_OF_TYPE.get(section.type);
    if (kind === undefined) {
      throw new ElfError('BAD_INDEX', `section ${section.index} holds no relocations`, {
        offset: section.headerOffset,
        field: 'sh_type',
        value: section.type,
        section: section.index,
      });
    }
    this.#checkLink(section, 'sh_info', section.info);
    this.#checkLink(section, 'sh_link', section.link);
    table = new RelocationTable(this.bytes, {
      kind,
      offset: section.offset,
      size: section.size,
      entrySize: section.entrySize,
      machine: this.header.machine,
      relativeType: RELATIVE_TYPE.get(this.header.machine) ?? 0,
      sectionIndex: section.index,
      targetIndex: section.info,
      symbolTableIndex: section.link,
    });
    this.#relocations.set(section.index, table);
    return table;
  }

  #checkLink(section: Section, field: string, index: number): void {
    if (index < this.sections.length) return;
    throw new ElfError('BAD_INDEX', `${field} of section ${section.index} is ${index}`, {
      offset: section.headerOffset,
      field,
      value: index,
      limit: this.sections.length - 1,
      section: section.index,
    });
  }

  /**
   * Every relocation table: all REL, RELA and RELR sections in file order, or those of the dynamic segment when the file
   * has no section headers.
   */
  relocationTables(): RelocationTable[] {
    if (this.sections.length === 0) return this.dynamicRelocations();
    return this.sections
      .filter((section) => KIND_OF_TYPE.has(section.type))
      .map((section) => this.relocations(section));
  }

  /** The tables of DT_REL, DT_RELA, DT_RELR and DT_JMPREL, in this order; empty without a dynamic segment. */
  dynamicRelocations(): RelocationTable[] {
    this.#dynamicRelocations ??= (this.dynamic?.relocationRanges() ?? []).map(
      ({ kind, offset, size, entrySize }) =>
        new RelocationTable(this.bytes, {
          kind,
          offset,
          size,
          entrySize: entrySize || RELOCATION_SIZE[kind][this.header.class],
          machine: this.header.machine,
          relativeType: RELATIVE_TYPE.get(this.header.machine) ?? 0,
          targetIndex: 0,
          symbolTableIndex: 0,
        }),
    );
    return this.#dynamicRelocations.slice();
  }

  /**
   * The hash table of the dynamic symbols: DT_GNU_HASH if there is one, else DT_HASH, found through their sections or, in a
   * file without section headers, the dynamic segment.
   * @returns undefined when the file has neither, or no dynamic symbols
   */
  hashTable(): GnuHashTable | SysvHashTable | undefined {
    return (this.#hashTable ??= this.#findHashTable());
  }

  #findHashTable(): GnuHashTable | SysvHashTable | undefined {
    const symbols = this.symbols('.dynsym');
    if (symbols === undefined) return undefined;
    const offsetOf = (type: number, tag: number) =>
      this.sections.find((section) => section.type === type)?.offset ?? this.dynamic?.offsetOf(tag);
    const gnu = offsetOf(SHT.GNU_HASH, DT.GNU_HASH);
    if (gnu !== undefined) return new GnuHashTable(this.bytes, gnu, symbols);
    const sysv = offsetOf(SHT.HASH, DT.HASH);
    if (sysv === undefined) return undefined;
    return new SysvHashTable(this.bytes, sysv, symbols, this.#hashEntrySize());
  }

  /** The one machine in use whose DT_HASH has 64-bit words is 64-bit S/390 (its ELF ABI supplement). */
  #hashEntrySize(): 4 | 8 {
    return this.header.machine === EM.S390 && this.is64 ? 8 : 4;
  }

  /**
   * Index in `.dynsym` of the symbol that the file exports under that name, through its hash table (a few reads), or through
   * all names when it has none; -1 for none.
   */
  findExport(name: string): number {
    const symbols = this.symbols('.dynsym');
    if (symbols === undefined) return -1;
    const isExport = (index: number) => !symbols.isUndefined(index) && symbols.binding(index) !== STB.LOCAL;
    const table = this.hashTable();
    if (table !== undefined) return table.find(name, isExport);
    return symbols.allByName(name).find(isExport) ?? -1;
  }

  /** The dynamic segment (PT_DYNAMIC, else the SHT_DYNAMIC section); undefined when the file has none. */
  get dynamic(): DynamicTable | undefined {
    if (this.#dynamic === null) this.#dynamic = this.#readDynamic();
    return this.#dynamic;
  }

  #readDynamic(): DynamicTable | undefined {
    const section = this.sections.find((candidate) => candidate.type === SHT.DYNAMIC);
    const segment = this.segments.find((candidate) => candidate.type === PT.DYNAMIC);
    const range = segment ? { offset: segment.offset, size: segment.fileSize } : section;
    if (range === undefined || range.size === 0) return undefined;
    return new DynamicTable({
      bytes: this.bytes,
      offset: range.offset,
      size: range.size,
      hashEntrySize: this.#hashEntrySize(),
      offsetOfAddress: (address) => this.#dynamicOffset(address),
      strings: (offset, size) => this.#stringsAt(offset, size),
    });
  }

  /** File offset of an address in the dynamic segment; without program headers, by the sections' addresses. */
  #dynamicOffset(address: number): number {
    const offset =
      this.segments.length > 0
        ? this.offsetOfAddress(address)
        : this.sections
            .filter((section) => !section.isEmptyInFile && section.address !== 0)
            .filter((section) => address >= section.address && address < section.address + section.size)
            .map((section) => section.offset + (address - section.address))[0];
    if (offset === undefined) {
      throw new ElfError('BAD_VALUE', `address ${hex(address)} lies in no PT_LOAD segment's file bytes`, {
        field: 'd_ptr',
        value: address,
      });
    }
    return offset;
  }
}
