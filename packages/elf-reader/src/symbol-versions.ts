import { Budget } from './budget.js';
import { DT, SHT, VER_FLG, VER_NDX } from './constants/index.js';
import type { Fields } from './elf-bytes.js';
import type { ElfFile } from './elf-file.js';
import type { StringTable } from './string-table.js';

/** A version this file defines (LSB, Symbol Versioning: Elfxx_Verdef). */
export interface VersionDefinition {
  /** vd_ndx, 1 to 0x7fff. */
  readonly index: number;
  /** vd_flags; bits in `VER_FLG`. BASE marks the entry of the file itself. */
  readonly flags: number;
  readonly name: string;
  /** Versions it inherits from. */
  readonly parents: readonly string[];
}

/** A version this file needs of another (Elfxx_Vernaux). */
export interface VersionNeed {
  /** vna_other, 2 to 0x7fff. */
  readonly index: number;
  readonly flags: number;
  readonly name: string;
  /** The library that defines it. */
  readonly file: string;
}

/** The version of one dynamic symbol. */
export interface SymbolVersion {
  readonly index: number;
  /** `name@version`: not chosen by default. `name@@version` otherwise. */
  readonly hidden: boolean;
  /** Absent for the local (0) and global (1) index. */
  readonly name?: string;
  /** The library a needed version comes from. */
  readonly file?: string;
}

const HIDDEN = 0x8000;

/** Symbol versions of a file: `.gnu.version`, `.gnu.version_d` and `.gnu.version_r`. */
export class SymbolVersions {
  readonly definitions: readonly VersionDefinition[];
  readonly needs: readonly VersionNeed[];
  readonly #indexes: Fields;
  readonly #byIndex = new Map<number, { name: string; file?: string }>();

  constructor(indexes: Fields, definitions: readonly VersionDefinition[], needs: readonly VersionNeed[]) {
    this.#indexes = indexes;
    this.definitions = definitions;
    this.needs = needs;
    for (const { index, name, flags } of definitions) {
      if ((flags & VER_FLG.BASE) === 0) this.#byIndex.set(index, { name });
    }
    for (const { index, name, file } of needs) this.#byIndex.set(index, { name, file });
  }

  /** The version of a symbol of `.dynsym`. @throws ElfError TRUNCATED when the table has no such symbol */
  of(symbol: number): SymbolVersion {
    const word = this.#indexes.u16(symbol * 2, 'version index');
    const index = word & ~HIDDEN;
    const hidden = (word & HIDDEN) !== 0;
    if (index === VER_NDX.LOCAL) return { index, hidden };
    const found = this.#byIndex.get(index);
    return found === undefined ? { index, hidden } : { index, hidden, ...found };
  }
}

/** The versions of the dynamic symbols; undefined when the file has none. @throws ElfError */
export function readSymbolVersions(file: ElfFile): SymbolVersions | undefined {
  const symbols = file.symbols('.dynsym');
  const versym = locate(file, SHT.GNU_VERSYM, DT.VERSYM);
  if (symbols === undefined || versym === undefined) return undefined;
  const indexes = file.bytes.fields(versym.offset, symbols.count * 2, '.gnu.version');
  return new SymbolVersions(
    indexes,
    readDefinitions(file, symbols.strings, locate(file, SHT.GNU_VERDEF, DT.VERDEF, DT.VERDEFNUM)),
    readNeeds(file, symbols.strings, locate(file, SHT.GNU_VERNEED, DT.VERNEED, DT.VERNEEDNUM)),
  );
}

interface Chain {
  readonly offset: number;
  /** Number of records. */
  readonly count: number;
}

function locate(file: ElfFile, type: number, tag: number, countTag?: number): Chain | undefined {
  const section = file.sections.find((candidate) => candidate.type === type);
  if (section !== undefined) return { offset: section.offset, count: section.info };
  const offset = file.dynamic?.offsetOf(tag);
  if (offset === undefined) return undefined;
  return { offset, count: countTag === undefined ? 0 : (file.dynamic?.get(countTag) ?? 0) };
}

function readDefinitions(file: ElfFile, strings: StringTable, chain: Chain | undefined): VersionDefinition[] {
  const definitions: VersionDefinition[] = [];
  const budget = new Budget(file.source.size, 'version definitions');
  let at = chain?.offset ?? 0;
  for (let i = 0; i < (chain?.count ?? 0); i++) {
    budget.spend(at, 20);
    const record = file.bytes.fields(at, 20, 'Verdef');
    const names: string[] = [];
    let aux = at + record.u32(12, 'vd_aux');
    for (let n = record.u16(6, 'vd_cnt'); n > 0; n--) {
      budget.spend(aux, 8);
      const entry = file.bytes.fields(aux, 8, 'Verdaux');
      names.push(strings.get(entry.u32(0, 'vda_name')));
      const step = entry.u32(4, 'vda_next');
      if (step === 0) break;
      aux += step;
    }
    const [name = '', ...parents] = names;
    definitions.push({ index: record.u16(4, 'vd_ndx'), flags: record.u16(2, 'vd_flags'), name, parents });
    const next = record.u32(16, 'vd_next');
    if (next === 0) break;
    at += next;
  }
  return definitions;
}

function readNeeds(file: ElfFile, strings: StringTable, chain: Chain | undefined): VersionNeed[] {
  const needs: VersionNeed[] = [];
  const budget = new Budget(file.source.size, 'version needs');
  let at = chain?.offset ?? 0;
  for (let i = 0; i < (chain?.count ?? 0); i++) {
    budget.spend(at, 16);
    const record = file.bytes.fields(at, 16, 'Verneed');
    const library = strings.get(record.u32(4, 'vn_file'));
    let aux = at + record.u32(8, 'vn_aux');
    for (let n = record.u16(2, 'vn_cnt'); n > 0; n--) {
      budget.spend(aux, 16);
      const entry = file.bytes.fields(aux, 16, 'Vernaux');
      needs.push({
        index: entry.u16(6, 'vna_other') & ~HIDDEN,
        flags: entry.u16(4, 'vna_flags'),
        name: strings.get(entry.u32(8, 'vna_name')),
        file: library,
      });
      const step = entry.u32(12, 'vna_next');
      if (step === 0) break;
      aux += step;
    }
    const next = record.u32(12, 'vn_next');
    if (next === 0) break;
    at += next;
  }
  return needs;
}
