import { STB, STT, STV, type SymbolTable } from '@loadstone/elf-reader';

/** Whether other modules may bind to a symbol (gABI: binding and visibility). */
export function isExported(symbols: SymbolTable, index: number): boolean {
  const binding = symbols.binding(index);
  if (binding !== STB.GLOBAL && binding !== STB.WEAK && binding !== STB.GNU_UNIQUE) return false;
  if (symbols.isUndefined(index)) return false;
  const visibility = symbols.visibility(index);
  const type = symbols.type(index);
  return (visibility === STV.DEFAULT || visibility === STV.PROTECTED) && type !== STT.SECTION && type !== STT.FILE;
}
