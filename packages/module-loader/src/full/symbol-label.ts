import type { SymbolTable } from '@loadstone/elf-reader';

/** `main (symbol 12)`, or `section 3 (symbol 4)` for a section symbol; for messages. */
export function symbolLabel(table: SymbolTable, index: number): string {
  return `${table.name(index) || `section ${table.shndx(index)}`} (symbol ${index})`;
}
