import { CBuffer, type FdReader, unsignedQuotient } from './c-buffer.js';
import { SYM, SYM_SIZE } from './elf32.js';
import { cNameOf } from './names.js';

/** Bytes of the static name buffers (SYMBOL_NAME_MAX); a name of 30 or more has no terminator and counts as cut to 30. */
export const SYMBOL_NAME_MAX = 30;

/** Where a module's symbols and names lie in its file. */
export interface SymbolTableLocation {
  readonly symtabOffset: number;
  readonly symtabSize: number;
  readonly symtabEntrySize: number;
  readonly strtabOffset: number;
}

/**
 * `local_symtab_lookup`: the first entry with that name, read from the file entry by entry.
 * @param staticName the function's static buffer, which outlives calls
 * @param addressOf turns the found entry into an address (0: NULL)
 * @returns 0 where C returns NULL
 */
export function searchModuleSymbols(
  reader: FdReader,
  name: string,
  table: SymbolTableLocation,
  staticName: CBuffer,
  addressOf: (sectionIndex: number, value: number) => number,
): number {
  const symbol = new CBuffer(SYM_SIZE);
  const count = unsignedQuotient(table.symtabSize, table.symtabEntrySize, reader.zeroDivide);
  let offset = table.symtabOffset;
  for (let i = 0; i < count; i++) {
    if (!reader.fill(offset, symbol)) return 0;
    const nameOffset = symbol.u32(SYM.name);
    if (nameOffset !== 0) {
      if (!reader.fill(table.strtabOffset + nameOffset, staticName)) return 0;
      if (cNameOf(staticName.bytes) === name) return addressOf(symbol.u16(SYM.shndx), symbol.u32(SYM.value)) >>> 0;
    }
    offset = (offset + table.symtabEntrySize) >>> 0;
  }
  return 0;
}
