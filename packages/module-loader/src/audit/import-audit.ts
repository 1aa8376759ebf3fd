import { ElfFile, ET, SHF, SHT, STB, STT, type SymbolTable } from '@loadstone/elf-reader';
import type { ByteSource } from '@loadstone/fd-sources';
import { machineOf, withFormatErrors } from '../full/load-module.js';
import { nearMisses } from './near-miss.js';
import { cTable, typeScriptStubs } from './stubs.js';

/** One place that uses an imported symbol. */
export interface ImportUse {
  /** Section of a relocatable object; the module itself for a shared object. */
  readonly section: string;
  /** Bytes from the start of the section; the link-time address in a shared object. */
  readonly offset: number;
  /** `R_ARM_THM_CALL`. */
  readonly relocation: string;
  /** The function or object around the place, where a symbol says so. */
  readonly within: string | undefined;
}

export interface AuditedImport {
  readonly name: string;
  /** From how it is used: branches go to functions; `unknown` when only addresses are taken. */
  readonly kind: 'function' | 'object' | 'unknown';
  readonly weak: boolean;
  readonly provided: boolean;
  /** Places, in file order; at most `useLimit` of them. */
  readonly uses: readonly ImportUse[];
  /** All places. */
  readonly useCount: number;
  /** Provided names that look alike; for missing symbols. */
  readonly nearMisses: readonly string[];
}

export interface ImportAudit {
  readonly imports: readonly AuditedImport[];
  /** Symbols that must be provided and are not. */
  readonly missing: readonly AuditedImport[];
  /** A C table of `el_symbols` rows for every import. */
  readonly cTable: string;
  /** TypeScript that provides what is missing. */
  readonly stubs: string;
}

export interface AuditOptions {
  /** Uses listed for each symbol, default 20. */
  readonly useLimit?: number;
}

/** Relocation types whose symbol is a function, by the names every table of types gives them. */
const BRANCH = /_(THM_)?(CALL|JUMP\d+|JUMP_SLOT|JMP_SLOT|PC24|PLT32|PLT|ASM_EXPAND|XPC25)$/;

interface Gathered {
  branches: number;
  count: number;
  readonly uses: ImportUse[];
}

/** Finds the symbol whose extent covers an offset of a section. */
class EnclosingSymbols {
  private readonly table: SymbolTable;
  private readonly lists = new Map<number, { start: number; end: number; index: number }[]>();

  constructor(table: SymbolTable) {
    this.table = table;
    for (let i = 1; i < table.count; i++) {
      const type = table.type(i);
      if ((type !== STT.FUNC && type !== STT.OBJECT) || table.size(i) === 0) continue;
      const section = table.sectionOf(i);
      const start = type === STT.FUNC ? table.value(i) & ~1 : table.value(i);
      const list = this.lists.get(section) ?? [];
      list.push({ start, end: start + table.size(i), index: i });
      this.lists.set(section, list);
    }
    for (const list of this.lists.values()) list.sort((a, b) => a.start - b.start);
  }

  nameAt(section: number, offset: number): string | undefined {
    const list = this.lists.get(section) ?? [];
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].start <= offset) low = middle + 1;
      else high = middle;
    }
    const found = list[low - 1];
    return found !== undefined && offset < found.end ? this.table.name(found.index) : undefined;
  }
}

/**
 * Which symbols a module imports, where it uses them, and which of them are provided. One pass over its relocations.
 * @param provided names the board provides
 * @throws LoaderError WRONG_MACHINE, BAD_FORMAT, TRUNCATED
 */
export function auditImports(
  source: ByteSource | ElfFile,
  provided: Iterable<string>,
  options: AuditOptions = {},
): ImportAudit {
  return withFormatErrors(() => {
    const elf = source instanceof ElfFile ? source : ElfFile.open(source);
    const machine = machineOf(elf, undefined);
    const relocatable = elf.header.type === ET.REL;
    const symbols = elf.symbols(relocatable ? '.symtab' : '.dynsym');
    const names = [...provided];
    const known = new Set(names);
    const gathered = new Map<number, Gathered>();
    if (symbols !== undefined) {
      for (let i = 1; i < symbols.count; i++) {
        if (symbols.isUndefined(i) && symbols.nameOffset(i) !== 0) gathered.set(i, { branches: 0, count: 0, uses: [] });
      }
      gather(elf, symbols, relocatable, gathered, (type) => machine.typeName(type), options.useLimit ?? 20);
    }
    const imports: AuditedImport[] = [];
    for (const [index, { branches, count, uses }] of gathered) {
      if (symbols === undefined) break;
      const name = symbols.name(index);
      const type = symbols.type(index);
      const isFunction = branches > 0 || type === STT.FUNC;
      const isProvided = known.has(name);
      imports.push({
        name,
        kind: isFunction ? 'function' : type === STT.OBJECT ? 'object' : 'unknown',
        weak: symbols.binding(index) === STB.WEAK,
        provided: isProvided,
        uses,
        useCount: count,
        nearMisses: isProvided ? [] : nearMisses(name, names),
      });
    }
    const missing = imports.filter((entry) => !entry.provided && !entry.weak && entry.useCount > 0);
    return { imports, missing, cTable: cTable(imports), stubs: typeScriptStubs(missing) };
  });
}

function gather(
  elf: ElfFile,
  symbols: SymbolTable,
  relocatable: boolean,
  gathered: ReadonlyMap<number, Gathered>,
  typeName: (type: number) => string,
  useLimit: number,
): void {
  const enclosing = new EnclosingSymbols(symbols);
  const tables = relocatable
    ? elf.sections
        .filter(({ type }) => type === SHT.REL || type === SHT.RELA)
        .filter(({ info }) => ((elf.sections[info]?.flags ?? 0) & SHF.ALLOC) !== 0)
        .map((section) => elf.relocations(section))
    : elf.dynamicRelocations();
  for (const table of tables) {
    const { offsets, types, symbols: indexes } = table;
    const section = relocatable ? elf.section(table.targetIndex).name : '';
    for (let i = 0; i < types.length; i++) {
      const entry = gathered.get(indexes[i]);
      if (entry === undefined) continue;
      const relocation = typeName(types[i]);
      if (relocation.endsWith('_NONE')) continue;
      entry.count++;
      if (BRANCH.test(relocation)) entry.branches++;
      if (entry.uses.length >= useLimit) continue;
      const within = relocatable ? enclosing.nameAt(table.targetIndex, offsets[i]) : undefined;
      entry.uses.push({ section, offset: offsets[i], relocation, within });
    }
  }
}
