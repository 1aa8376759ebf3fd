import { STB, STT } from '@loadstone/elf-reader';
import { SYMBOL_NAME_MAX } from '../tencentos/symbol-search.js';
import type { OutputSymbol } from './elf-writer.js';
import { OUTPUT_KINDS, type OutputKind } from './layout.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A symbol of the old object that the new one defines too. */
export interface DefinedSymbol {
  readonly name: string;
  /** Offset in the output section; bit 0 set for a Thumb function. */
  readonly value: number;
  readonly size: number;
  readonly info: number;
  readonly other: number;
  readonly kind: OutputKind;
}

/** A symbol whose place in the table is not known before all are. */
type Draft = OutputSymbol & { readonly local: boolean };

function byteLength(name: string): number {
  return encoder.encode(name).length;
}

function cut(name: string, bytes: number): string {
  const short = encoder.encode(name).subarray(0, bytes);
  return decoder.decode(short).replace(/\uFFFD+$/, '');
}

/**
 * The symbol table of an adapted object: section symbols for references inside it, labels for instruction pairs that need
 * an address, what it defines, and what it imports. elfLoader takes the first entry with a name, so every name is unique.
 *
 * Handles are given out before the order of the table is known.
 */
export class AdaptedSymbols {
  readonly refusals: string[] = [];
  readonly changes: string[] = [];
  private readonly rename: Readonly<Record<string, string>>;
  /** Entries 1 to 4 are the section symbols; everything else follows in the order it was asked for. */
  private readonly drafts: Draft[];
  private readonly names = new Set<string>();
  private readonly labels = new Map<string, number>();
  private readonly imports = new Map<string, number>();
  private readonly pendingLocals: DefinedSymbol[] = [];

  constructor(rename: Readonly<Record<string, string>>) {
    this.rename = rename;
    this.drafts = OUTPUT_KINDS.map((_, i) => ({
      name: '',
      value: 0,
      size: 0,
      info: STT.SECTION,
      other: 0,
      sectionIndex: i + 1,
      local: true,
    }));
  }

  /** Handle of an output section's symbol, and its section index. */
  section(kind: OutputKind): number {
    return OUTPUT_KINDS.indexOf(kind) + 1;
  }

  define(symbol: DefinedSymbol, local: boolean): void {
    // A local name may hide a global one from find_symbol: it comes last, and only under a name nobody has.
    if (local) this.pendingLocals.push(symbol);
    else this.add(this.uniqueName(symbol.name), symbol, false);
  }

  /** A label for an address in an output section; its type is none, so that el_symbols is not searched for it. */
  label(kind: OutputKind, value: number): number {
    const key = `${kind}:${value}`;
    const known = this.labels.get(key);
    if (known !== undefined) return known;
    const name = this.uniqueName(`L$${kind}$${value.toString(16)}`);
    const index = this.add(name, { name, value, size: 0, info: STT.NOTYPE, other: 0, kind }, true);
    this.labels.set(key, index);
    return index;
  }

  import(name: string): number {
    const known = this.imports.get(name);
    if (known !== undefined) return known;
    const renamed = this.rename[name] ?? name;
    if (byteLength(renamed) > SYMBOL_NAME_MAX) {
      this.refusals.push(
        `the import ${renamed} has more than ${SYMBOL_NAME_MAX} bytes; give it a shorter name with rename`,
      );
    }
    if (this.names.has(renamed)) this.refusals.push(`the import ${renamed} has the name of a definition`);
    if (renamed !== name) this.changes.push(`import ${name} is now ${renamed}`);
    this.names.add(renamed);
    this.drafts.push({
      name: renamed,
      value: 0,
      size: 0,
      info: STB.GLOBAL << 4,
      other: 0,
      sectionIndex: 0,
      local: false,
    });
    this.imports.set(name, this.drafts.length);
    return this.drafts.length;
  }

  private add(name: string, symbol: DefinedSymbol, local: boolean): number {
    this.names.add(name);
    this.drafts.push({
      name,
      value: symbol.value,
      size: symbol.size,
      info: symbol.info,
      other: symbol.other,
      sectionIndex: this.section(symbol.kind),
      local,
    });
    return this.drafts.length;
  }

  private uniqueName(wanted: string): string {
    const renamed = this.rename[wanted] ?? wanted;
    let name = cut(renamed, SYMBOL_NAME_MAX);
    for (let i = 1; this.names.has(name); i++) name = `${cut(renamed, SYMBOL_NAME_MAX - 4)}~${i}`;
    if (name !== wanted) this.changes.push(`${wanted} is now ${name}`);
    return name;
  }

  /**
   * The table, local symbols first as the gABI wants.
   * @returns the entries after the null symbol, how many of them are local, and the entry of each handle
   */
  finish(): { symbols: OutputSymbol[]; locals: number; entryOf: (handle: number) => number } {
    for (const symbol of this.pendingLocals) {
      if (this.names.has(symbol.name) || byteLength(symbol.name) > SYMBOL_NAME_MAX) continue;
      this.add(symbol.name, symbol, true);
    }
    const handles = this.drafts.map((_, i) => i);
    const order = [...handles.filter((i) => this.drafts[i].local), ...handles.filter((i) => !this.drafts[i].local)];
    const entries = new Map(order.map((draft, entry) => [draft + 1, entry + 1]));
    return {
      symbols: order.map((i) => {
        const { local: _, ...symbol } = this.drafts[i];
        return symbol;
      }),
      locals: this.drafts.filter(({ local }) => local).length,
      entryOf: (handle) => entries.get(handle) ?? 0,
    };
  }
}
