import { CBuffer } from './c-buffer.js';
import { EHDR, SHDR, SHDR_SIZE, SHF_A, SHF_AX, SHF_WA, SHT } from './elf32.js';
import { ELFLOADER_ERR } from './error-numbers.js';
import {
  allocateBlock,
  type LoadContext,
  type RelocationTable,
  readStructure,
  relocateTable,
  type SymbolRules,
} from './load-context.js';
import type { TencentosLoadResult, TencentosObjectSections } from './module.js';
import { type SymbolTableLocation, searchModuleSymbols } from './symbol-search.js';

/** A `static el_section_t`: it keeps index and address from one load to the next. */
class StaticSection {
  index = -1;
  address = 0;
}

/** The section records that `tos_elfloader_load` of the object build keeps for ever. */
export class StaticSections {
  readonly bss = new StaticSection();
  readonly data = new StaticSection();
  readonly rodata = new StaticSection();
  readonly text = new StaticSection();
}

/** Order in which section symbols and found entries are compared with the records. */
const MATCH_ORDER = ['bss', 'data', 'rodata', 'text'] as const;
type SectionKind = (typeof MATCH_ORDER)[number];
type RelocatedKind = Exclude<SectionKind, 'bss'>;
/** Order of the copies behind one another. */
const COPY_ORDER = ['text', 'rodata', 'data'] as const;
/** Order of relocation, REL before RELA for each. */
const RELOCATION_ORDER = ['data', 'rodata', 'text'] as const;

interface Contents {
  offset: number;
  size: number;
}

interface ObjectLayout {
  symtab: { offset: number; size: number; entrySize: number };
  strtab: { offset: number; size: number };
  contents: Record<SectionKind, Contents>;
  rel: Record<RelocatedKind, RelocationTable | undefined>;
  rela: Record<RelocatedKind, RelocationTable | undefined>;
}

/** `int8_t` of a section number. */
function toInt8(value: number): number {
  return (value << 24) >> 24;
}

function kindOf(type: number, flags: number): SectionKind | undefined {
  if (type === SHT.NOBITS && flags === SHF_WA) return 'bss';
  if (type !== SHT.PROGBITS) return undefined;
  if (flags === SHF_WA) return 'data';
  if (flags === SHF_A) return 'rodata';
  return flags === SHF_AX ? 'text' : undefined;
}

/** The pass over the section headers; undefined where a read fails. */
function readLayout(context: LoadContext, header: CBuffer, records: StaticSections): ObjectLayout | undefined {
  const layout: ObjectLayout = {
    symtab: { offset: 0, size: 0, entrySize: 0 },
    strtab: { offset: 0, size: 0 },
    contents: {
      bss: { offset: 0, size: 0 },
      data: { offset: 0, size: 0 },
      rodata: { offset: 0, size: 0 },
      text: { offset: 0, size: 0 },
    },
    rel: { data: undefined, rodata: undefined, text: undefined },
    rela: { data: undefined, rodata: undefined, text: undefined },
  };
  const section = new CBuffer(SHDR_SIZE);
  const count = header.u16(EHDR.shnum);
  let at = header.u32(EHDR.shoff);
  for (let i = 0; i < count; i++) {
    if (!readStructure(context, at, section, 'section header')) return undefined;
    const type = section.u32(SHDR.type);
    const offset = section.u32(SHDR.offset);
    const size = section.u32(SHDR.size);
    const entrySize = section.u32(SHDR.entsize);
    const kind = kindOf(type, section.u32(SHDR.flags));
    if (type === SHT.STRTAB) layout.strtab = { offset, size };
    else if (type === SHT.SYMTAB) layout.symtab = { offset, size, entrySize };
    else if (kind !== undefined) {
      layout.contents[kind] = { offset, size };
      records[kind].index = toInt8(i);
    } else if (type === SHT.REL || type === SHT.RELA) {
      const info = section.u32(SHDR.info);
      const target = RELOCATION_ORDER.find((name) => records[name].index >>> 0 === info);
      if (target !== undefined) layout[type === SHT.REL ? 'rel' : 'rela'][target] = { offset, size, entrySize };
    }
    at = (at + header.u16(EHDR.shentsize)) >>> 0;
  }
  return layout;
}

/** `local_symtab_lookup` of the object build with given section records. */
export function findObjectSymbol(
  context: LoadContext,
  name: string,
  table: SymbolTableLocation,
  sections: TencentosObjectSections,
): number {
  return searchModuleSymbols(context.reader, name, table, context.lookupName, (sectionIndex, value) => {
    for (const kind of MATCH_ORDER) {
      const section = sections[kind];
      if (section.index === sectionIndex && section.address !== 0) return (section.address + value) >>> 0;
    }
    return 0;
  });
}

/** `tos_elfloader_load` of the relocatable-object build, from the pass over the section headers on. */
export function loadObject(context: LoadContext, header: CBuffer, records: StaticSections): TencentosLoadResult {
  const layout = readLayout(context, header, records);
  if (layout === undefined) return { error: ELFLOADER_ERR.FD_READ_FAILED };
  const { contents, symtab, strtab } = layout;
  if (symtab.size === 0) return { error: ELFLOADER_ERR.NO_SYMTAB };
  if (strtab.size === 0) return { error: ELFLOADER_ERR.NO_STRTAB };
  if (contents.text.size === 0) return { error: ELFLOADER_ERR.NO_TEXT };

  const total = (contents.text.size + contents.data.size + contents.rodata.size + contents.bss.size) >>> 0;
  const block = allocateBlock(context, total);
  if (block === undefined) return { error: ELFLOADER_ERR.OUT_OF_MEMORY };
  const fail = (error: number): TencentosLoadResult => {
    context.memory.free(block.address);
    return { error };
  };

  let cursor = block.address;
  for (const kind of COPY_ORDER) {
    const { offset, size } = contents[kind];
    if (size === 0) continue;
    if (!block.copy(offset, cursor, size)) return fail(ELFLOADER_ERR.FD_READ_FAILED);
    records[kind].address = cursor;
    cursor = (cursor + size) >>> 0;
  }
  if (contents.bss.size > 0) {
    records.bss.address = cursor;
    block.clear(cursor, contents.bss.size);
  }

  const table: SymbolTableLocation = {
    symtabOffset: symtab.offset,
    symtabSize: symtab.size,
    symtabEntrySize: symtab.entrySize,
    strtabOffset: strtab.offset,
  };
  const rules: SymbolRules = {
    sectionSymbols: true,
    sectionAddress: (index) => {
      const kind = MATCH_ORDER.find((name) => records[name].index === index);
      return kind === undefined ? undefined : records[kind].address;
    },
    moduleAddress: (name) => findObjectSymbol(context, name, table, records),
  };
  for (const kind of RELOCATION_ORDER) {
    for (const relocations of [layout.rel[kind], layout.rela[kind]]) {
      if (relocations === undefined || relocations.size === 0) continue;
      const error = relocateTable(context, rules, records[kind].address, 0, relocations, table);
      if (error !== ELFLOADER_ERR.NONE) return fail(error);
    }
  }

  const copyOf = (section: StaticSection) => ({ index: section.index, address: section.address });
  return {
    error: ELFLOADER_ERR.NONE,
    module: {
      fd: context.reader.fd,
      base: block.address,
      sections: {
        bss: copyOf(records.bss),
        data: copyOf(records.data),
        rodata: copyOf(records.rodata),
        text: copyOf(records.text),
      },
      ...table,
    },
  };
}
