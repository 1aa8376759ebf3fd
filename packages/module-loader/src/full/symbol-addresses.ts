import { STT, type SymbolTable } from '@loadstone/elf-reader';
import { LoaderError } from '../errors.js';
import type { ResolvedImport } from './image.js';
import { SYMBOL_KIND, type SymbolKind } from './machine.js';
import type { ImportRequest, ResolveSymbol } from './options.js';
import { symbolLabel } from './symbol-label.js';

const STB_WEAK = 2;

/** State of a symbol in `SymbolAddresses`. */
const UNSEEN = 0;
const USED = 1;
const KNOWN = 2;

/** What the module itself knows about its symbols. */
export interface SymbolDefinitions {
  /** Address of a symbol defined in the module, by index; undefined when its section is not loaded. */
  definedAddress(index: number): number | undefined;
  /** Address of an undefined symbol that the loader itself defines, such as `_GLOBAL_OFFSET_TABLE_`. */
  madeAddress(name: string): number | undefined;
}

/**
 * The address of each symbol that relocations use, worked out once.
 *
 * Rules (gABI, Symbol Table): a local or global definition of the module counts; a weak definition gives way to one from
 * outside; an undefined symbol comes from outside; an undefined weak one may be missing and is then 0.
 */
export class SymbolAddresses {
  readonly imports: ResolvedImport[] = [];
  private readonly table: SymbolTable | undefined;
  private readonly state: Uint8Array;
  /** 32-bit addresses as signed numbers, which V8 keeps unboxed. */
  private readonly addresses: Int32Array;
  private readonly kinds: Uint8Array;

  constructor(table: SymbolTable | undefined) {
    this.table = table;
    const count = table?.count ?? 1;
    this.state = new Uint8Array(count);
    this.addresses = new Int32Array(count);
    this.kinds = new Uint8Array(count);
    this.state[0] = KNOWN;
  }

  /** Notes that a relocation needs symbol `index`. @throws LoaderError BAD_SYMBOL for an index outside the table */
  use(index: number): void {
    if (index >= this.state.length) {
      throw new LoaderError('BAD_SYMBOL', `a relocation names symbol ${index} of ${this.state.length}`, {
        symbolIndex: index,
      });
    }
    if (this.state[index] === UNSEEN) this.state[index] = USED;
  }

  /** Names of the undefined symbols in use. */
  undefinedNames(): string[] {
    const { table } = this;
    if (table === undefined) return [];
    const names: string[] = [];
    for (let i = 1; i < this.state.length; i++) {
      if (this.state[i] === USED && table.isUndefined(i)) names.push(table.name(i));
    }
    return names;
  }

  /**
   * Works out every used symbol.
   * @throws LoaderError UNRESOLVED_SYMBOL naming every symbol that nobody provides, BAD_SYMBOL
   */
  resolveAll(definitions: SymbolDefinitions, resolve: ResolveSymbol): void {
    const missing: string[] = [];
    for (let i = 1; i < this.state.length; i++) {
      if (this.state[i] === USED) this.resolveOne(i, definitions, resolve, missing);
    }
    if (missing.length > 0) {
      const names = [...new Set(missing)];
      const plural = names.length === 1 ? 'symbol is' : 'symbols are';
      throw new LoaderError('UNRESOLVED_SYMBOL', `${names.length} ${plural} not provided: ${names.join(', ')}`, {
        symbol: names[0],
        names,
      });
    }
  }

  private resolveOne(i: number, definitions: SymbolDefinitions, resolve: ResolveSymbol, missing: string[]): void {
    const table = this.table;
    if (table === undefined) return;
    const type = table.type(i);
    if (type === STT.TLS || type === STT.GNU_IFUNC) {
      const what = type === STT.TLS ? 'thread-local' : 'an indirect function';
      throw new LoaderError('UNSUPPORTED', `symbol ${table.name(i)} is ${what}`, {
        symbol: table.name(i),
        symbolIndex: i,
      });
    }
    const weak = table.binding(i) === STB_WEAK;
    const name = table.isUndefined(i) || weak ? table.name(i) : '';
    if (table.isUndefined(i)) {
      const made = definitions.madeAddress(name);
      const address = made ?? this.ask({ name, type, weak, defined: false }, resolve);
      if (made !== undefined) this.know(i, made, SYMBOL_KIND.place);
      else if (address !== undefined) this.know(i, address, SYMBOL_KIND.external);
      else if (weak) this.know(i, 0, SYMBOL_KIND.weakUndefined);
      else missing.push(name);
      return;
    }
    const override = weak ? this.ask({ name, type, weak, defined: true }, resolve) : undefined;
    if (override !== undefined) {
      this.know(i, override, SYMBOL_KIND.external);
      return;
    }
    const address = definitions.definedAddress(i);
    if (address === undefined) {
      throw new LoaderError('BAD_SYMBOL', `symbol ${symbolLabel(table, i)} lies in a section that is not loaded`, {
        symbol: table.name(i),
        symbolIndex: i,
        sectionIndex: table.sectionOf(i),
      });
    }
    const isFunction = type === STT.FUNC || type === STT.ARM_TFUNC;
    this.know(i, address, isFunction ? SYMBOL_KIND.function : SYMBOL_KIND.place);
  }

  private ask(request: ImportRequest, resolve: ResolveSymbol): number | undefined {
    const address = resolve(request.name, request);
    if (address !== undefined && !(Number.isInteger(address) && address >= 0 && address <= 0xffff_ffff)) {
      throw new LoaderError(
        'BAD_SYMBOL',
        `'${request.name}' was given the address ${address}, which is no 32-bit number`,
        {
          symbol: request.name,
          value: address,
        },
      );
    }
    if (address !== undefined || !request.defined) this.imports.push({ ...request, address });
    return address;
  }

  private know(i: number, address: number, kind: SymbolKind): void {
    this.state[i] = KNOWN;
    this.kinds[i] = kind;
    this.addresses[i] = address;
  }

  /** Address of a used symbol, signed; bit 0 set for a Thumb function; 0 for an undefined weak one. */
  address(i: number): number {
    return this.addresses[i];
  }

  kind(i: number): SymbolKind {
    return this.kinds[i] as SymbolKind;
  }

  /** For messages. */
  nameOf(i: number): string {
    return this.table === undefined || i === 0 ? '' : symbolLabel(this.table, i);
  }
}
