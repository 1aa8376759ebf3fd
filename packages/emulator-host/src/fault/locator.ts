import type { LineTable } from '../debug-line/line-table.js';
import { type FunctionTable, RETURN_TO_HOST } from '../host/function-table.js';
import type { ModuleInfo } from './module-info.js';

/** An address in people's terms. */
export interface CodeLocation {
  readonly address: number;
  /** Name of the module, or `host` for a function of the host. */
  readonly module?: string;
  readonly section?: string;
  /** Bytes from the section's start. */
  readonly sectionOffset?: number;
  /** Demangled when a demangler is there. */
  readonly symbol?: string;
  /** Bytes from the symbol's start. */
  readonly offset?: number;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Turns addresses into locations, through the modules the board has been told of. */
export class Locator {
  readonly modules = new Set<ModuleInfo>();
  demangle: ((name: string) => string) | undefined;
  readonly #functions: FunctionTable;
  readonly #lines = new WeakMap<ModuleInfo, { readonly table: LineTable | undefined }>();

  constructor(functions: FunctionTable) {
    this.#functions = functions;
  }

  /** The module that holds an address. */
  moduleAt(address: number): ModuleInfo | undefined {
    for (const module of this.modules) {
      if (module.contains(address)) return module;
    }
    return undefined;
  }

  /** @param address without Thumb bit */
  locate(address: number): CodeLocation {
    const { window } = this.#functions;
    if (address >= window.start && address < window.start + window.size) {
      const symbol = this.#functions.nameAt(address);
      return { address, module: 'host', ...(symbol !== undefined && { symbol }) };
    }
    const module = this.moduleAt(address);
    if (!module) return { address };
    const section = module.sectionAt?.(address);
    const symbol = module.symbolAt?.(address);
    const line = this.#lineTable(module)?.find(address);
    return {
      address,
      module: module.name,
      ...(section && { section: section.name, sectionOffset: address - section.address }),
      ...(symbol && { symbol: this.#name(symbol.name), offset: symbol.offset }),
      ...(line && { file: line.file, line: line.line, ...(line.column > 0 && { column: line.column }) }),
    };
  }

  /** The call before a return address, told for that address. @param address without Thumb bit */
  locateCaller(address: number): CodeLocation {
    const call = this.locate(address - 1);
    const { offset, sectionOffset } = call;
    return {
      ...call,
      address,
      ...(offset !== undefined && { offset: offset + 1 }),
      ...(sectionOffset !== undefined && { sectionOffset: sectionOffset + 1 }),
    };
  }

  /** Start of the symbol an address belongs to. */
  symbolStart(address: number): number | undefined {
    const symbol = this.moduleAt(address)?.symbolAt?.(address);
    return symbol && address - symbol.offset;
  }

  #name(name: string): string {
    return this.demangle?.(name) || name;
  }

  #lineTable(module: ModuleInfo): LineTable | undefined {
    let entry = this.#lines.get(module);
    if (!entry) {
      entry = { table: module.lineTable?.() };
      this.#lines.set(module, entry);
    }
    return entry.table;
  }
}

/** `1.o: f_g_a+0x12 (.text+0x34) at 1.c:14`, as far as it is known. */
export function locationText(location: CodeLocation): string {
  const { module, section, sectionOffset, symbol, offset, file, line } = location;
  if (module === 'host') {
    if (symbol === undefined) return 'no host function';
    return symbol === RETURN_TO_HOST ? symbol : `host function ${symbol}`;
  }
  if (module === undefined) return '';
  const parts: string[] = [];
  if (symbol !== undefined) parts.push(symbol + offsetText(offset));
  if (section !== undefined) {
    const place = section + offsetText(sectionOffset);
    parts.push(symbol === undefined ? place : `(${place})`);
  }
  if (file !== undefined) parts.push(`at ${file}:${line}`);
  return `${module}${parts.length > 0 ? ': ' : ''}${parts.join(' ')}`;
}

function offsetText(offset: number | undefined): string {
  return offset ? `+0x${offset.toString(16)}` : '';
}
