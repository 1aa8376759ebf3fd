import { alignOf, sizeOf } from '../c/layout.js';
import { HostError } from '../error.js';
import type { FunctionTable } from '../host/function-table.js';
import type { BoardSymbol } from '../host/symbol.js';
import { cStringOf, type GuestMemory } from '../memory/guest-memory.js';
import { Arena } from './arena.js';
import type { MemoryRange } from './description.js';

/** What of a firmware changes while a board runs. */
export interface FirmwareState {
  /** String constants placed so far, and the bytes they take. */
  readonly strings: readonly (readonly [string, number])[];
  readonly constants: { readonly used: number; readonly temporary: number };
}

/** The firmware that the host plays: names for functions and variables, their memory, and string constants. */
export class FirmwareSymbols {
  readonly #memory: GuestMemory;
  readonly #functions: FunctionTable;
  readonly #symbols = new Map<string, number>();
  readonly #definitions = new Map<string, BoardSymbol>();
  readonly #data: Arena;
  readonly #constants: Arena | undefined;
  readonly #strings = new Map<string, number>();

  /**
   * @param data memory of its variables
   * @param constants read-only memory of its constants, if there is any
   */
  constructor(memory: GuestMemory, functions: FunctionTable, data: MemoryRange, constants: MemoryRange | undefined) {
    this.#memory = memory;
    this.#functions = functions;
    this.#data = new Arena(data);
    this.#constants = constants && new Arena(constants);
  }

  /** Names and their addresses as C pointers (Thumb bit included). */
  get symbols(): ReadonlyMap<string, number> {
    return this.#symbols;
  }

  definition(name: string): BoardSymbol | undefined {
    return this.#definitions.get(name);
  }

  /** Places a function or variable. @throws HostError SYMBOL when the name is taken, NO_MEMORY when memory is full */
  define(symbol: BoardSymbol): void {
    const { name } = symbol;
    if (this.#symbols.has(name)) throw new HostError('SYMBOL', `${name} is already defined`, { name });
    if (symbol.kind === 'function') {
      this.#symbols.set(name, this.#functions.pointer(this.#functions.define(symbol)));
    } else {
      const address = this.#data.permanent(sizeOf(symbol.type), Math.max(4, alignOf(symbol.type)));
      if (address === undefined) throw new HostError('NO_MEMORY', `no room for variable ${name}`, { name });
      symbol.bind(this.#memory, address);
      this.#symbols.set(name, address);
    }
    this.#definitions.set(name, symbol);
  }

  /** A symbol's address, or the address itself. @throws HostError SYMBOL */
  resolve(target: number | string): number {
    if (typeof target === 'number') return target >>> 0;
    const address = this.#symbols.get(target);
    if (address === undefined) throw new HostError('SYMBOL', `the board defines no ${target}`, { name: target });
    return address;
  }

  /** A string constant that stays: the same address for the same text. @throws HostError NO_MEMORY */
  constantString(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const bytes = cStringOf(text);
    const address = (this.#constants ?? this.#data).permanent(bytes.length, 4);
    if (address === undefined) throw new HostError('NO_MEMORY', 'the board has no room for another constant', { text });
    this.#memory.write(address, bytes);
    this.#strings.set(text, address);
    return address;
  }

  /** Copies a constant until `releaseConstants`; undefined when there is no room. */
  temporaryConstant(bytes: Uint8Array): number | undefined {
    const address = this.#constants?.temporary(bytes.length);
    if (address !== undefined) this.#memory.write(address, bytes);
    return address;
  }

  /** How many bytes of temporary constants are out. */
  get constantMark(): number {
    return this.#constants?.mark ?? 0;
  }

  /** Frees the temporary constants made since `constantMark` had this value. */
  releaseConstants(mark: number): void {
    this.#constants?.release(mark);
  }

  save(): FirmwareState {
    return {
      strings: [...this.#strings],
      constants: { used: this.#constants?.used ?? 0, temporary: this.constantMark },
    };
  }

  restore({ strings, constants }: FirmwareState): void {
    this.#strings.clear();
    for (const [text, address] of strings) this.#strings.set(text, address);
    this.#constants?.reset(constants.used, constants.temporary);
  }
}
