import type { Board, BoardSymbol, CallOptions, CallResult, GuestFunction, ModuleInfo } from '@loadstone/emulator-host';
import { GuestFault } from '@loadstone/emulator-host';
import type { ByteSource } from '@loadstone/fd-sources';
import { memorySource } from '@loadstone/fd-sources';
import {
  type LoadedModule,
  type LoadOptions,
  loadModule as loadElf,
  type Placement,
  type UnloadReport,
} from '@loadstone/module-loader';
import { machineOf } from './boards.js';
import { moduleInfo } from './debug-info.js';
import { LoadstoneError } from './error.js';
import { openLocation } from './image.js';
import { type ImportGroupName, importResolver } from './imports.js';

/** What a module may import: a function or variable of the host, or an address that is already known. */
export type SymbolDefinitions = Readonly<Record<string, BoardSymbol | number>>;

export interface LoadModuleOptions {
  readonly board: Board;
  /** What the firmware offers to this module besides the board's own symbols, by name. */
  readonly symbols?: SymbolDefinitions;
  /**
   * Groups of ready-made functions for what neither `symbols` nor the board defines, e.g. `['@libc']`. Default: none, so that a
   * forgotten import is an error.
   */
  readonly imports?: readonly ImportGroupName[];
  /** Where the parts of the module go, see `Placement` of @loadstone/module-loader. */
  readonly placement?: Placement;
  /** Run constructors now and destructors at unload; default true. */
  readonly constructors?: boolean;
  /** Name for messages; default: that of the file. */
  readonly name?: string;
  /** Limits of each constructor and destructor. */
  readonly limits?: CallOptions;
}

/** A module on a board. */
export class Module {
  readonly board: Board;
  /** Placement, relocations and symbols. */
  readonly loaded: LoadedModule;

  readonly #info: ModuleInfo;

  constructor(board: Board, loaded: LoadedModule) {
    this.board = board;
    this.loaded = loaded;
    this.#info = moduleInfo(loaded);
    board.addModule(this.#info);
  }

  /**
   * Address of a symbol as a C pointer (Thumb bit included).
   * @throws LoadstoneError SYMBOL_NOT_FOUND
   */
  find(name: string): number {
    const address = this.loaded.find(name);
    if (address === undefined) {
      throw new LoadstoneError('SYMBOL_NOT_FOUND', `${this.loaded.name} defines no symbol ${name}`, {
        symbol: name,
        module: this.loaded.name,
      });
    }
    return address;
  }

  /**
   * Calls a function that takes and returns `int`s.
   * @returns the result
   * @throws LoadstoneError SYMBOL_NOT_FOUND; GuestFault when the guest does not return
   */
  call(name: string, ...args: number[]): number {
    const result = this.fn(`int ${name}(${args.map(() => 'int').join(', ') || 'void'})`)(...args);
    return Number(result);
  }

  /**
   * Calls a function and says how the call ended; what the guest does never throws.
   * @param prototype its C prototype with its name: `void taskFunction(const char *input, char *output)`
   */
  tryCall(prototype: string, args: readonly unknown[] = [], options: CallOptions = {}): CallResult {
    return this.board.call(this.find(functionName(prototype)), prototype, args, options);
  }

  /**
   * A JavaScript function over one of the module's functions.
   * @param prototype its C prototype with its name
   * @throws LoadstoneError SYMBOL_NOT_FOUND, BAD_OPTION for a prototype without name
   */
  fn(prototype: string, options: CallOptions = {}): GuestFunction {
    return this.board.fn(this.find(functionName(prototype)), prototype, options);
  }

  /** Runs destructors and gives the memory back. */
  unload(): UnloadReport {
    const report = this.loaded.unload();
    this.board.removeModule(this.#info);
    return report;
  }
}

/** The name in a prototype. */
function functionName(prototype: string): string {
  const name = /([A-Za-z_$][\w$]*)\s*\(/.exec(prototype)?.[1];
  if (name === undefined) {
    throw new LoadstoneError('BAD_OPTION', `"${prototype}" names no function`, { prototype });
  }
  return name;
}

/**
 * Loads an ELF object or shared object onto a board as the ELF and ABI documents ask (`full` loading).
 * @param what a location (`1.o`, `sd.img:/1.o`, `flash.bin@0x2000`; a URL in a browser), or the bytes
 * @throws LoaderError when the module cannot be loaded, ElfError when it is no ELF file; LoadstoneError, SourceError,
 *   SpiffsError or FatError when it cannot be read; GuestFault when a constructor fails
 */
export async function loadModule(what: string | ByteSource | Uint8Array, options: LoadModuleOptions): Promise<Module> {
  if (typeof what !== 'string') return loadModuleFrom(what instanceof Uint8Array ? memorySource(what) : what, options);
  const { source, name } = await openLocation(what);
  return loadModuleFrom(source, { name, ...options });
}

/** `loadModule` for a source that is already open. */
export function loadModuleFrom(source: ByteSource, options: LoadModuleOptions): Module {
  const { board } = options;
  const own = new Map<string, number>();
  for (const [name, definition] of Object.entries(options.symbols ?? {})) {
    own.set(name, typeof definition === 'number' ? definition >>> 0 : addressOnBoard(board, name, definition));
  }
  const machine = machineOf(board);
  const imported = importResolver(board, options.imports ?? []);
  const loadOptions: LoadOptions = {
    memory: board,
    resolve: (name) => own.get(name) ?? board.symbols.get(name) ?? imported(name),
    ...(machine === undefined ? {} : { machine }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.placement === undefined ? {} : { placement: options.placement }),
    ...(options.constructors === false
      ? {}
      : {
          call: (address: number) => {
            const result = board.call(address, 'void f(void)', [], options.limits ?? {});
            if (result.status !== 'returned' && result.fault) throw new GuestFault(result.fault);
          },
        }),
  };
  return new Module(board, loadElf(source, loadOptions));
}

/** Puts a definition onto the board unless it is there already. */
function addressOnBoard(board: Board, name: string, definition: BoardSymbol): number {
  if (definition.name !== name) {
    throw new LoadstoneError('BAD_OPTION', `symbol ${name} is declared as ${definition.name}`, {
      name,
      declared: definition.name,
    });
  }
  if (board.definition(name) !== definition) board.define(definition);
  return board.resolve(name);
}
