import { STB, STT, STV, type SymbolTable } from '@loadstone/elf-reader';

/**
 * Whether other modules may bind to a symbol (gABI: binding and visibility).
 * @param sameComponent the other module belongs to the same component, so that hidden symbols count
 */
export function isExported(symbols: SymbolTable, index: number, sameComponent = false): boolean {
  const binding = symbols.binding(index);
  if (binding !== STB.GLOBAL && binding !== STB.WEAK && binding !== STB.GNU_UNIQUE) return false;
  if (symbols.isUndefined(index)) return false;
  const visibility = symbols.visibility(index);
  const type = symbols.type(index);
  const visible = sameComponent || visibility === STV.DEFAULT || visibility === STV.PROTECTED;
  return visible && type !== STT.SECTION && type !== STT.FILE;
}
