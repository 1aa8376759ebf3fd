import { type ElfFile, type Section, SHF, SHN, SHT, STT, type SymbolTable } from '@loadstone/elf-reader';
import { armRelocationName } from '@loadstone/relocator-arm';
import { SHF_A, SHF_AX, SHF_WA } from '../tencentos/elf32.js';
import { TENCENTOS_RELOCATION_TYPES } from '../tencentos/relocate.js';
import type { DefectList, DefectPlace } from './defect.js';
import { BranchReach, type CheckedSymbols, checkNames, THUMB_BRANCHES } from './symbol-defects.js';

type Kind = 'bss' | 'data' | 'rodata' | 'text';

/** The kind elfLoader gives a section, by type and exact flags; undefined for one it does not load. */
export function tencentosKind(section: Section): Kind | undefined {
  const { type, flags } = section;
  if (type === SHT.NOBITS) return flags === SHF_WA ? 'bss' : undefined;
  if (type !== SHT.PROGBITS) return undefined;
  if (flags === SHF_WA) return 'data';
  if (flags === SHF_A) return 'rodata';
  return flags === SHF_AX ? 'text' : undefined;
}

const COPY_ORDER: readonly Kind[] = ['text', 'rodata', 'data', 'bss'];

/** What elfLoader makes of the sections of an object. */
interface LoadedSections {
  /** The section of each kind that is loaded: the last. */
  readonly last: ReadonlyMap<Kind, Section>;
  /** Offsets in the block. */
  readonly offsets: ReadonlyMap<Section, number>;
}

function loadedSections(elf: ElfFile): LoadedSections {
  const last = new Map<Kind, Section>();
  for (const section of elf.sections) {
    const kind = tencentosKind(section);
    if (kind !== undefined) last.set(kind, section);
  }
  const offsets = new Map<Section, number>();
  let at = 0;
  for (const kind of COPY_ORDER) {
    const section = last.get(kind);
    if (section === undefined || section.size === 0) continue;
    offsets.set(section, at);
    at += section.size;
  }
  return { last, offsets };
}

/** Every defect of the relocatable-object build that the file touches. */
export function objectDefects(elf: ElfFile, list: DefectList, checked: CheckedSymbols): void {
  const loaded = loadedSections(elf);
  checkSections(elf, loaded, list);
  checkAlignment(loaded, list);
  const symbols = elf.symbols('.symtab');
  if (symbols === undefined) return;
  const relocations = new RelocationCheck(elf, symbols, loaded, list, checked);
  relocations.run();
  checkStringTables(elf, symbols, relocations.usesNames, list);
  checkNames(symbols, list);
}

function checkSections(elf: ElfFile, loaded: LoadedSections, list: DefectList): void {
  for (const section of elf.sections) {
    const kind = tencentosKind(section);
    const place = { fileOffset: section.headerOffset, section: section.name };
    if (kind !== undefined && loaded.last.get(kind) !== section && section.size > 0) list.add('extra-section', place);
    if (kind !== undefined && section.index > 127) list.add('section-index', place);
    if ((section.flags & SHF.ALLOC) === 0 || section.size === 0) continue;
    if ((section.flags & SHF.TLS) !== 0) list.add('thread-local', place);
    if ((section.flags & SHF.ARM_PURECODE) !== 0) list.add('pure-code', place);
    if (section.type === SHT.INIT_ARRAY || /^\.(preinit_array|init_array|ctors)/.test(section.name)) {
      list.add('constructors-ignored', place);
    }
  }
  for (const kind of COPY_ORDER) {
    if (!loaded.last.has(kind)) list.add('stale-sections', { section: `.${kind}` }, '', 'note');
  }
}

function checkAlignment({ offsets }: LoadedSections, list: DefectList): void {
  for (const [section, offset] of offsets) {
    const place = { fileOffset: section.headerOffset, section: section.name, offset };
    if (section.align > 1 && offset % Math.min(section.align, 4) !== 0)
      list.add('unaligned-section', place, section.name);
    else if (section.align > 4) list.add('segment-alignment', place, section.name, 'note');
  }
}

function checkStringTables(elf: ElfFile, symbols: SymbolTable, usesNames: boolean, list: DefectList): void {
  const last = elf.sections.findLast((section) => section.type === SHT.STRTAB);
  if (last === undefined || symbols.strings.offset === last.offset) return;
  const severity = usesNames ? 'fatal' : 'wrong';
  list.add('string-table-order', { fileOffset: last.headerOffset, section: last.name }, '', severity);
}

class RelocationCheck {
  /** A relocation of a loaded section names its symbol. */
  usesNames = false;
  private readonly elf: ElfFile;
  private readonly symbols: SymbolTable;
  private readonly loaded: LoadedSections;
  private readonly list: DefectList;
  private readonly checked: CheckedSymbols;

  constructor(elf: ElfFile, symbols: SymbolTable, loaded: LoadedSections, list: DefectList, checked: CheckedSymbols) {
    this.elf = elf;
    this.symbols = symbols;
    this.loaded = loaded;
    this.list = list;
    this.checked = checked;
  }

  run(): void {
    for (const section of this.elf.sections) {
      if (section.type !== SHT.REL && section.type !== SHT.RELA) continue;
      const target = this.elf.section(section.info);
      const start = this.loaded.offsets.get(target);
      if (start === undefined) continue;
      const reach = new BranchReach(this.checked.base + start);
      const table = this.elf.relocations(section);
      for (let i = 0; i < table.count; i++) {
        const { offset, type, symbol, addend } = table.get(i);
        const place: DefectPlace = {
          fileOffset: section.offset + i * section.entrySize,
          section: target.name,
          offset,
          relocation: armRelocationName(type),
          ...(symbol === 0 ? {} : { symbol: this.symbols.name(symbol) || this.sectionName(symbol) }),
        };
        if (!TENCENTOS_RELOCATION_TYPES.has(type)) this.list.add('silent-relocation', place, place.relocation);
        if (section.type === SHT.RELA && addend !== 0) this.list.add('rela-addend-ignored', place);
        if (this.symbols.nameOffset(symbol) !== 0) this.usesNames = true;
        this.checkSymbol(symbol, type, offset, place, reach);
      }
    }
  }

  private sectionName(symbol: number): string {
    return this.elf.sections[this.symbols.sectionOf(symbol)]?.name ?? '';
  }

  private checkSymbol(index: number, type: number, offset: number, place: DefectPlace, reach: BranchReach): void {
    const { symbols, list, checked } = this;
    const name = symbols.name(index);
    const stored = symbols.shndx(index);
    if (stored === SHN.UNDEF) {
      const address = checked.exported(name);
      if (address === undefined) {
        list.add(symbols.binding(index) === 2 ? 'weak-undefined' : 'missing-import', place, name);
      } else if (!reach.reaches(type, offset, address)) {
        list.add('far-branch', place, name);
      }
      return;
    }
    if (stored === SHN.COMMON) list.add('common-symbol', place, name);
    else if (stored === SHN.ABS) list.add('absolute-symbol', place, name);
    else this.checkDefined(index, name, type, place);
  }

  private checkDefined(index: number, name: string, type: number, place: DefectPlace): void {
    const { symbols, list, checked } = this;
    this.checkSectionSymbol(this.elf.section(symbols.sectionOf(index)), place);
    if (name === '') return;
    if (symbols.type(index) === STT.FUNC) {
      if (checked.strict && checked.exported(name) === undefined) list.add('defined-function-lookup', place, name);
      if (THUMB_BRANCHES.has(type) && (symbols.value(index) & 1) === 0) list.add('interworking-call', place, name);
    }
    if (symbols.allByName(name)[0] !== index) list.add('name-collision', place, name);
  }

  /** A symbol of a section that is not loaded, or that has no bytes. */
  private checkSectionSymbol(section: Section, place: DefectPlace): void {
    const kind = tencentosKind(section);
    if (kind === undefined) {
      const merged = section.type === SHT.PROGBITS && (section.flags & SHF.MERGE) !== 0;
      this.list.add(merged ? 'merged-section' : 'unloaded-section', place, section.name);
    } else if (section.size === 0) {
      this.list.add('empty-section-symbol', place, section.name);
    } else if (this.loaded.last.get(kind) !== section) {
      this.list.add('extra-section', place, 'used', 'fatal');
    }
  }
}
