import { LoaderDefect } from '../errors.js';
import { cName, readableName } from './names.js';

/** One row of `el_symbols`. */
export interface ExportedSymbol {
  readonly name: string;
  /** 32-bit address; bit 0 set for a Thumb function. */
  readonly address: number;
}

/**
 * How the search through `el_symbols` ends for a name that is not there.
 * - `strict`: as written. The loop tests the pointer, never the {NULL, NULL} row, so it runs off the table: LoaderDefect RUNOFF.
 * - `terminated`: at the {NULL, NULL} row, as evidently meant.
 */
export type ExportSearch = 'strict' | 'terminated';

/** `elfloader_symtab_lookup` over `el_symbols`; of equal names the first row counts. */
export class ExportTable {
  private readonly addresses = new Map<string, number>();
  private readonly search: ExportSearch;

  constructor(symbols: readonly ExportedSymbol[], search: ExportSearch) {
    this.search = search;
    for (const { name, address } of symbols) {
      const key = cName(name);
      if (!this.addresses.has(key)) this.addresses.set(key, address >>> 0);
    }
  }

  /** @returns the address, 0 where C returns NULL */
  lookup(name: string): number {
    const address = this.addresses.get(name);
    if (address !== undefined) return address;
    if (this.search === 'terminated') return 0;
    const shown = readableName(name);
    throw new LoaderDefect('RUNOFF', `the search for '${shown}' runs past the end of el_symbols`, { symbol: shown });
  }
}
