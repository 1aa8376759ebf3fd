import { LoaderDefect } from '../errors.js';
import { CBuffer, unsignedQuotient } from './c-buffer.js';
import { DT, DYN_SIZE, EHDR, PHDR, PHDR_SIZE, PT_LOAD, SHDR, SHDR_SIZE, SHT } from './elf32.js';
import { ELFLOADER_ERR } from './error-numbers.js';
import { allocateBlock, type LoadContext, readStructure, relocateTable, type SymbolRules } from './load-context.js';
import type { TencentosLoadResult } from './module.js';
import { type SymbolTableLocation, searchModuleSymbols } from './symbol-search.js';

/** The dynamic entries that the shared-object build looks at; the last of each tag counts. */
type DynamicValues = Map<number, number>;

interface DynamicSection {
  offset: number | undefined;
  size: number;
  entrySize: number;
  symtabSize: number;
}

function readSections(context: LoadContext, header: CBuffer): DynamicSection | undefined {
  const found: DynamicSection = { offset: undefined, size: 0, entrySize: 0, symtabSize: 0 };
  const section = new CBuffer(SHDR_SIZE);
  const count = header.u16(EHDR.shnum);
  let at = header.u32(EHDR.shoff);
  for (let i = 0; i < count; i++) {
    if (!readStructure(context, at, section, 'section header')) return undefined;
    const type = section.u32(SHDR.type);
    if (type === SHT.DYNAMIC) {
      found.offset = section.u32(SHDR.offset);
      found.size = section.u32(SHDR.size);
      found.entrySize = section.u32(SHDR.entsize);
    } else if (type === SHT.DYNSYM) {
      found.symtabSize = section.u32(SHDR.size);
    }
    at = (at + header.u16(EHDR.shentsize)) >>> 0;
  }
  return found;
}

function readDynamic(context: LoadContext, dynamic: DynamicSection): DynamicValues | undefined {
  const values: DynamicValues = new Map();
  const entry = new CBuffer(DYN_SIZE);
  const count = unsignedQuotient(dynamic.size, dynamic.entrySize, context.reader.zeroDivide);
  let at = dynamic.offset ?? 0;
  for (let i = 0; i < count; i++) {
    if (!readStructure(context, at, entry, 'dynamic entry')) return undefined;
    const tag = entry.u32(0);
    if (tag === DT.NULL) break;
    values.set(tag, entry.u32(4));
    at = (at + dynamic.entrySize) >>> 0;
  }
  return values;
}

/** Calls `visit` for each PT_LOAD in file order; false where a read or a visit fails. */
function eachLoadSegment(context: LoadContext, header: CBuffer, visit: (segment: CBuffer) => boolean): boolean {
  const segment = new CBuffer(PHDR_SIZE);
  const count = header.u16(EHDR.phnum);
  let at = header.u32(EHDR.phoff);
  for (let i = 0; i < count; i++) {
    if (!readStructure(context, at, segment, 'program header')) return false;
    if (segment.u32(PHDR.type) === PT_LOAD && !visit(segment)) return false;
    at = (at + header.u16(EHDR.phentsize)) >>> 0;
  }
  return true;
}

/** `local_symtab_lookup` of the shared-object build: value plus load bias, whatever the section index says. */
export function findSharedSymbol(
  context: LoadContext,
  name: string,
  table: SymbolTableLocation,
  loadBias: number,
): number {
  return searchModuleSymbols(
    context.reader,
    name,
    table,
    context.lookupName,
    (_section, value) => (value + loadBias) >>> 0,
  );
}

/** `tos_elfloader_load` of the shared-object build, from the pass over the section headers on. */
export function loadShared(context: LoadContext, header: CBuffer): TencentosLoadResult {
  const sections = readSections(context, header);
  if (sections === undefined) return { error: ELFLOADER_ERR.FD_READ_FAILED };
  if (sections.size === 0) return { error: ELFLOADER_ERR.NO_DYN };
  if (sections.symtabSize === 0) return { error: ELFLOADER_ERR.NO_SYMTAB };
  const dynamic = readDynamic(context, sections);
  if (dynamic === undefined) return { error: ELFLOADER_ERR.FD_READ_FAILED };
  if ((dynamic.get(DT.STRSZ) ?? 0) === 0) return { error: ELFLOADER_ERR.NO_STRTAB };

  let start = 0xffff_ffff;
  let end = 0;
  const measured = eachLoadSegment(context, header, (segment) => {
    const vaddr = segment.u32(PHDR.vaddr);
    const segmentEnd = (vaddr + segment.u32(PHDR.memsz)) >>> 0;
    if (vaddr < start) start = vaddr;
    if (segmentEnd > end) end = segmentEnd;
    return true;
  });
  if (!measured) return { error: ELFLOADER_ERR.FD_READ_FAILED };
  if (start === 0xffff_ffff || end === 0) return { error: ELFLOADER_ERR.NO_LOAD_SEGMENTS };

  const block = allocateBlock(context, (end - start) >>> 0);
  if (block === undefined) return { error: ELFLOADER_ERR.OUT_OF_MEMORY };
  const loadBias = (block.address - start) >>> 0;
  const fail = (error: number): TencentosLoadResult => {
    context.memory.free(block.address);
    return { error };
  };
  const loaded = eachLoadSegment(context, header, (segment) => {
    const address = (loadBias + segment.u32(PHDR.vaddr)) >>> 0;
    const fileSize = segment.u32(PHDR.filesz);
    const memorySize = segment.u32(PHDR.memsz);
    if (!block.copy(segment.u32(PHDR.offset), address, fileSize)) return false;
    if (memorySize > fileSize) block.clear((address + fileSize) >>> 0, memorySize - fileSize);
    return true;
  });
  if (!loaded) return fail(ELFLOADER_ERR.FD_READ_FAILED);

  /** A local variable of C that only the named dynamic entry sets. */
  const local = (tag: number, variable: string): number => {
    const value = dynamic.get(tag);
    if (value !== undefined) return value;
    throw new LoaderDefect('UNINITIALISED', `the file sets no ${variable}; the loader uses whatever its stack holds`, {
      variable,
    });
  };
  for (const [offsetTag, sizeTag, name] of [
    [DT.REL, DT.RELSZ, 'rel_dyn_offset (DT_REL)'],
    [DT.JMPREL, DT.PLTRELSZ, 'rel_plt_offset (DT_JMPREL)'],
  ] as const) {
    const size = dynamic.get(sizeTag) ?? 0;
    if (size === 0) continue;
    const table = locateSymbols(local, sections.symtabSize);
    const rules: SymbolRules = {
      sectionSymbols: false,
      sectionAddress: () => undefined,
      moduleAddress: (symbol) => findSharedSymbol(context, symbol, table, loadBias),
    };
    const relocations = {
      offset: local(offsetTag, name),
      size,
      entrySize: local(DT.RELENT, 'rel_entsize (DT_RELENT)'),
    };
    const error = relocateTable(context, rules, loadBias, loadBias, relocations, table);
    if (error !== ELFLOADER_ERR.NONE) return fail(error);
  }
  return {
    error: ELFLOADER_ERR.NONE,
    module: { fd: context.reader.fd, base: block.address, loadBias, ...locateSymbols(local, sections.symtabSize) },
  };
}

/** DT_SYMTAB and DT_STRTAB are addresses; this loader takes them for file offsets. */
function locateSymbols(local: (tag: number, variable: string) => number, symtabSize: number): SymbolTableLocation {
  return {
    symtabOffset: local(DT.SYMTAB, 'symtab_offset (DT_SYMTAB)'),
    symtabSize,
    symtabEntrySize: local(DT.SYMENT, 'symtab_entsize (DT_SYMENT)'),
    strtabOffset: local(DT.STRTAB, 'strtab_offset (DT_STRTAB)'),
  };
}
