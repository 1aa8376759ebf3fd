import { SHN, STB, STT, type SymbolTable } from '@loadstone/elf-reader';
import type { ExportedSymbol } from '../tencentos/export-table.js';
import { SYMBOL_NAME_MAX } from '../tencentos/symbol-search.js';
import type { DefectList } from './defect.js';

const encoder = new TextEncoder();

/** R_ARM_THM_CALL and R_ARM_THM_JUMP24. */
export const THUMB_BRANCHES: ReadonlySet<number> = new Set([10, 30]);
/** R_ARM_PC24, R_ARM_CALL and R_ARM_JUMP24. */
const ARM_BRANCHES: ReadonlySet<number> = new Set([1, 28, 29]);

/** The firmware a file is checked against. */
export class CheckedSymbols {
  /** Address the heap hands out. */
  readonly base: number;
  /** The export search runs off, as in the original. */
  readonly strict: boolean;
  private readonly addresses: ReadonlyMap<string, number>;

  constructor(base: number, strict: boolean, symbols: readonly ExportedSymbol[]) {
    this.base = base;
    this.strict = strict;
    const addresses = new Map<string, number>();
    for (const { name, address } of symbols) if (!addresses.has(name)) addresses.set(name, address);
    this.addresses = addresses;
  }

  /** Address under which elfLoader finds a name; undefined for none, and for names it cuts. */
  exported(name: string): number | undefined {
    return encoder.encode(name).length > SYMBOL_NAME_MAX ? undefined : this.addresses.get(name);
  }
}

/** Whether branches of a section reach, by elfLoader's strict bounds. */
export class BranchReach {
  private readonly start: number;

  /** @param start address of the section */
  constructor(start: number) {
    this.start = start;
  }

  reaches(type: number, offset: number, target: number): boolean {
    const thumb = THUMB_BRANCHES.has(type);
    if (!thumb && !ARM_BRANCHES.has(type)) return true;
    const distance = (target - (this.start + offset) - (thumb ? 4 : 8)) | 0;
    const limit = thumb ? 0x0100_0000 : 0x0200_0000;
    return distance > -limit && distance < limit;
  }
}

/** Names that elfLoader cuts, and names that are equal once cut. */
export function checkNames(symbols: SymbolTable, list: DefectList): void {
  const cut = new Map<string, string>();
  for (let i = 1; i < symbols.count; i++) {
    const type = symbols.type(i);
    if (symbols.nameOffset(i) === 0 || type === STT.SECTION || type === STT.FILE) continue;
    if (symbols.binding(i) === STB.LOCAL) continue;
    const name = symbols.name(i);
    const bytes = encoder.encode(name);
    const short = bytes.length <= SYMBOL_NAME_MAX ? name : new TextDecoder().decode(bytes.subarray(0, SYMBOL_NAME_MAX));
    if (bytes.length > SYMBOL_NAME_MAX) list.add('cut-name', { symbol: name }, name);
    const other = cut.get(short);
    if (other !== undefined && other !== name && symbols.shndx(i) !== SHN.UNDEF)
      list.add('name-collision', { symbol: name }, name);
    cut.set(short, name);
  }
}
