import { LoaderDefect } from '../errors.js';
import type { TargetMemory } from '../target-memory.js';
import { CBuffer, type FdReader, unsignedQuotient } from './c-buffer.js';
import { REL, RELA_SIZE, SHN_UNDEF, STB_WEAK, SYM, SYM_SIZE } from './elf32.js';
import { ELFLOADER_ERR } from './error-numbers.js';
import type { ExportTable } from './export-table.js';
import { cNameOf, readableName } from './names.js';
import type { TencentosObserver } from './observer.js';
import type { TencentosRelocator } from './relocate.js';
import type { SymbolTableLocation } from './symbol-search.js';

/** What both builds use while one file is loaded. */
export interface LoadContext {
  readonly reader: FdReader;
  readonly memory: TargetMemory;
  readonly exports: ExportTable;
  readonly relocator: TencentosRelocator;
  /** Static buffer of `elfloader_relocate`. */
  readonly relocateName: CBuffer;
  /** Static buffer of `local_symtab_lookup`. */
  readonly lookupName: CBuffer;
  readonly observe: TencentosObserver | undefined;
}

/** A relocation table as the section headers or the dynamic section describe it. */
export interface RelocationTable {
  readonly offset: number;
  readonly size: number;
  readonly entrySize: number;
}

/** How one build finds the address of a symbol. */
export interface SymbolRules {
  /** `sym.st_name` is tested before names are used (relocatable objects only). */
  readonly sectionSymbols: boolean;
  /** Address of an unnamed symbol's section; 0 for NULL, undefined for ELFLOADER_ERR_SECTION_NOT_FOUND. */
  sectionAddress(sectionIndex: number): number | undefined;
  /** `local_symtab_lookup`. */
  moduleAddress(name: string): number;
}

/** A structure short of bytes is worth telling: the board goes on with what its stack holds. */
export function readStructure(context: LoadContext, offset: number, buffer: CBuffer, structure: string): boolean {
  if (!context.reader.fill(offset, buffer)) return false;
  if (buffer.lastRead < buffer.bytes.length) {
    context.observe?.({ kind: 'short-read', structure, offset, size: buffer.lastRead });
  }
  return true;
}

/**
 * `elfloader_relocate` of both builds.
 * @param base address added to r_offset
 * @returns el_err_t
 */
export function relocateTable(
  context: LoadContext,
  rules: SymbolRules,
  base: number,
  loadBias: number,
  table: RelocationTable,
  symbols: SymbolTableLocation,
): number {
  const { reader, observe, relocateName } = context;
  const entry = new CBuffer(RELA_SIZE);
  const symbol = new CBuffer(SYM_SIZE);
  const count = unsignedQuotient(table.size, table.entrySize, reader.zeroDivide);
  let entryOffset = table.offset;
  for (let i = 0; i < count; i++) {
    if (!reader.fill(entryOffset, entry, table.entrySize)) return ELFLOADER_ERR.FD_READ_FAILED;
    if (entry.initialised < REL.info + 4) {
      throw new LoaderDefect(
        'UNINITIALISED',
        `the relocation entry at file offset 0x${entryOffset.toString(16)} is not fully read; the loader uses what its stack holds`,
        {
          variable: 'rela',
          address: entryOffset,
        },
      );
    }
    const info = entry.u32(REL.info);
    const symbolIndex = info >>> 8;
    const type = info & 0xff;
    const symbolOffset = (symbols.symtabOffset + symbolIndex * symbols.symtabEntrySize) >>> 0;
    if (!reader.fill(symbolOffset, symbol, symbols.symtabEntrySize)) return ELFLOADER_ERR.FD_READ_FAILED;
    const sectionIndex = symbol.u16(SYM.shndx);
    const symbolInfo = symbol.u8(SYM.info);
    const nameOffset = symbol.u32(SYM.name);

    let address: number | undefined = 0;
    let name = '';
    let resolvedBy: 'export' | 'module' | 'section' = 'section';
    if (nameOffset !== 0 || !rules.sectionSymbols) {
      if (!reader.fill(symbols.strtabOffset + nameOffset, relocateName)) return ELFLOADER_ERR.FD_READ_FAILED;
      name = cNameOf(relocateName.bytes);
      resolvedBy = 'export';
      if (sectionIndex === SHN_UNDEF || (symbolInfo & 15) === STB_WEAK) address = context.exports.lookup(name);
      if (address === 0 && sectionIndex !== SHN_UNDEF) {
        resolvedBy = 'module';
        address = rules.moduleAddress(name);
      }
    } else {
      address = rules.sectionAddress(sectionIndex);
    }
    if (!address) {
      observe?.({ kind: 'unresolved', entryOffset, type, symbolIndex, name: readableName(name), sectionIndex });
      return address === undefined ? ELFLOADER_ERR.SECTION_NOT_FOUND : ELFLOADER_ERR.SYM_NOT_FOUND;
    }

    const place = (entry.u32(REL.offset) + base) >>> 0;
    const result = applyAt(context, { type, place, address, loadBias, symbolInfo });
    observe?.({
      kind: 'relocation',
      entryOffset,
      type,
      place,
      address,
      symbolIndex,
      name: readableName(name),
      resolvedBy,
      result,
    });
    if (result === 'failed') return ELFLOADER_ERR.RELOCATE_FAILED;
    entryOffset = (entryOffset + table.entrySize) >>> 0;
  }
  return ELFLOADER_ERR.NONE;
}

function applyAt(context: LoadContext, relocation: Parameters<TencentosRelocator['apply']>[0]) {
  try {
    return context.relocator.apply(relocation);
  } catch (cause) {
    throw new LoaderDefect('FAULT', `relocation of 0x${relocation.place.toString(16)}, which is not memory`, {
      address: relocation.place,
      cause,
    });
  }
}

/**
 * The one heap block of a module, filled from the file.
 */
export class ModuleBlock {
  readonly address: number;
  readonly size: number;
  private readonly context: LoadContext;

  constructor(context: LoadContext, address: number, size: number) {
    this.context = context;
    this.address = address;
    this.size = size;
  }

  /**
   * Reads `size` file bytes to `address`; fewer when the file ends first.
   * @returns false where the C read fails
   * @throws LoaderDefect HEAP_OVERFLOW when bytes would fall outside the block
   */
  copy(fileOffset: number, address: number, size: number): boolean {
    const room = this.roomAt(address);
    const bytes = new Uint8Array(Math.min(size, room + 1));
    const got = this.context.reader.into(fileOffset, bytes);
    if (got < 0) return false;
    if (got > room) this.overflow(address, size);
    if (got > 0) this.store(address, bytes.subarray(0, got));
    if (got < size)
      this.context.observe?.({ kind: 'short-read', structure: 'contents', offset: fileOffset, size: got });
    return true;
  }

  /** memset to 0. @throws LoaderDefect HEAP_OVERFLOW */
  clear(address: number, size: number): void {
    if (size > this.roomAt(address)) this.overflow(address, size);
    this.store(address, new Uint8Array(size));
  }

  private roomAt(address: number): number {
    const offset = (address - this.address) >>> 0;
    return offset > this.size ? 0 : this.size - offset;
  }

  private overflow(address: number, size: number): never {
    throw new LoaderDefect(
      'HEAP_OVERFLOW',
      `${size} bytes at 0x${address.toString(16)} do not fit the block of ${this.size} bytes at 0x${this.address.toString(16)}`,
      { address, size },
    );
  }

  private store(address: number, bytes: Uint8Array): void {
    try {
      this.context.memory.write(address, bytes);
    } catch (cause) {
      throw new LoaderDefect('FAULT', `the heap block at 0x${address.toString(16)} is not memory`, { address, cause });
    }
  }
}

/**
 * `tos_mmheap_alloc`: 4-byte aligned, NULL for size 0.
 * @returns undefined for NULL
 */
export function allocateBlock(context: LoadContext, size: number): ModuleBlock | undefined {
  if (size === 0) return undefined;
  const address = context.memory.allocate({ size, align: 4, purpose: 'module' });
  if (!address) return undefined;
  context.observe?.({ kind: 'allocated', address, size });
  return new ModuleBlock(context, address, size);
}
