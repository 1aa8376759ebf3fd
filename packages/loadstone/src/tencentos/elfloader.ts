import type { Board, ModuleInfo } from '@loadstone/emulator-host';
import { type ByteSource, SourceError } from '@loadstone/fd-sources';
import {
  ELFLOADER_ERR,
  type ExportedSymbol,
  elfLoaderErrorName,
  type LoadedModule,
  LoaderDefect,
  LoaderError,
  type LoaderErrorCode,
  TencentosLoader,
  type TencentosModule,
} from '@loadstone/module-loader';
import type { VfsBehaviour } from '@loadstone/vfs-fat';
import { loadModuleFrom, type Module } from '../module.js';

/**
 * The weak C function of the same name: reads `buf.length` bytes at `offset` of file `fd`.
 * @returns a negative number when the read failed, else the number of bytes read
 */
export type ElfloaderFdRead = (fd: number, offset: number, buf: Uint8Array) => number;

/** `el_section_t` */
export interface ElSection {
  shndx: number;
  address: number;
}

/** `el_module_t`, field by field as in tos_elfloader.h. 0 stands for NULL. */
export class ElModule {
  fd = 0;
  /** Address of the module's memory; NULL when nothing is loaded. */
  base = 0;
  readonly info: { obj: Record<'bss' | 'data' | 'rodata' | 'text', ElSection>; so: { load_bias: number } } = {
    obj: {
      bss: { shndx: 0, address: 0 },
      data: { shndx: 0, address: 0 },
      rodata: { shndx: 0, address: 0 },
      text: { shndx: 0, address: 0 },
    },
    so: { load_bias: 0 },
  };
  symtab_offset = 0;
  symtab_size = 0;
  symtab_entsize = 0;
  strtab_offset = 0;

  /** All fields zero, as the loader does first. */
  clear(): void {
    Object.assign(this, new ElModule());
  }
}

/** How a load is done: `full` as the ELF documents ask, or exactly as one of the firmware's two builds does it. */
export type LoaderMode = 'full' | 'parity-object' | 'parity-shared';

/** What the loader needs of the firmware around it. */
export interface ElfloaderContext {
  readonly board: Board;
  readonly loader: LoaderMode;
  /** Stated in reports. */
  readonly vfs: VfsBehaviour;
  readonly symbols: readonly ExportedSymbol[];
  /** `elfloader_fd_read` */
  readonly read: ElfloaderFdRead;
  /** Bytes of the file behind a descriptor, for `full`; a bound where the firmware cannot know. */
  readonly sizeOf: (fd: number) => number;
  readonly log: (line: string) => void;
}

/** What the last `tos_elfloader_load` did beyond its error number. */
export interface ElfloaderReport {
  /** How true to the board the loader is. */
  readonly loader: LoaderMode;
  /** How true to the board the file system under it is. */
  readonly vfs: VfsBehaviour;
  /** `el_err_t`; undefined before the first load and where the board's loader leaves defined behaviour. */
  readonly error?: number;
  /** The typed error behind the number (`full`), or where defined behaviour ends (`parity`). */
  readonly cause?: LoaderError | SourceError | LoaderDefect;
  /** All of it as a line for people. */
  readonly text: string;
}

/** Error numbers for what `full` refuses; the closest thing the board's loader would say. */
const ERROR_NUMBERS: Readonly<Record<LoaderErrorCode, number>> = {
  BAD_FORMAT: ELFLOADER_ERR.HEADER_INVALID,
  WRONG_MACHINE: ELFLOADER_ERR.HEADER_INVALID,
  WRONG_TYPE: ELFLOADER_ERR.TYPE_INVALID,
  TRUNCATED: ELFLOADER_ERR.FD_READ_FAILED,
  NO_CONTENT: ELFLOADER_ERR.NO_TEXT,
  OUT_OF_MEMORY: ELFLOADER_ERR.OUT_OF_MEMORY,
  UNRESOLVED_SYMBOL: ELFLOADER_ERR.SYM_NOT_FOUND,
  DUPLICATE_SYMBOL: ELFLOADER_ERR.SYM_NOT_FOUND,
  BAD_SYMBOL: ELFLOADER_ERR.SYM_NOT_FOUND,
  BAD_RELOCATION: ELFLOADER_ERR.RELOCATE_FAILED,
  RELOCATION_FAILED: ELFLOADER_ERR.RELOCATE_FAILED,
  READ_ONLY_PLACE: ELFLOADER_ERR.RELOCATE_FAILED,
  UNSUPPORTED: ELFLOADER_ERR.RELOCATE_FAILED,
  LIMIT: ELFLOADER_ERR.RELOCATE_FAILED,
  IN_USE: ELFLOADER_ERR.RELOCATE_FAILED,
  NOT_LOADED: ELFLOADER_ERR.PTR_NULL,
  CANNOT_ADAPT: ELFLOADER_ERR.RELOCATE_FAILED,
};

/** `tos_elfloader_*` on one board. */
export class Elfloader {
  readonly #context: ElfloaderContext;
  readonly #parity: TencentosLoader | undefined;
  readonly #full = new WeakMap<ElModule, Module>();
  readonly #board = new WeakMap<ElModule, { readonly module: TencentosModule; readonly info: ModuleInfo }>();
  #report: ElfloaderReport;

  constructor(context: ElfloaderContext) {
    this.#context = context;
    this.#report = this.#reportOf('nothing loaded yet', {});
    if (context.loader !== 'full') {
      this.#parity = new TencentosLoader({
        kind: context.loader === 'parity-object' ? 'object' : 'shared',
        read: (fd, offset, into) => context.read(fd, offset, into),
        memory: context.board,
        symbols: context.symbols,
        log: context.log,
      });
    }
  }

  /** What the last `load` did. */
  get report(): ElfloaderReport {
    return this.#report;
  }

  /** `tos_elfloader_load` @throws LoaderDefect in parity, where the board's loader leaves defined behaviour */
  load(module: ElModule | null, fd: number): number {
    if (module === null) return this.#finish(ELFLOADER_ERR.PTR_NULL);
    module.clear();
    return this.#parity ? this.#loadAsBoard(this.#parity, module, fd) : this.#loadFully(module, fd);
  }

  /** `tos_elfloader_find_symbol` @returns the address as a C pointer, or null */
  find(module: ElModule, symbol: string): number | null {
    const asBoard = this.#board.get(module);
    if (this.#parity && asBoard) return this.#parity.findSymbol(asBoard.module, symbol);
    return this.#full.get(module)?.loaded.find(symbol) ?? null;
  }

  /** `tos_elfloader_unload` */
  unload(module: ElModule | null): number {
    if (module === null || module.base === 0) return ELFLOADER_ERR.PTR_NULL;
    const asBoard = this.#board.get(module);
    if (this.#parity && asBoard) {
      this.#context.board.removeModule(asBoard.info);
      const error = this.#parity.unload(asBoard.module);
      module.base = asBoard.module.base;
      return error;
    }
    this.#full.get(module)?.unload();
    this.#full.delete(module);
    module.base = 0;
    return ELFLOADER_ERR.NONE;
  }

  /** The module behind a structure, in `full`. */
  loaded(module: ElModule): LoadedModule | undefined {
    return this.#full.get(module)?.loaded;
  }

  #loadAsBoard(loader: TencentosLoader, module: ElModule, fd: number): number {
    const result = this.#orReport(() => loader.load(fd));
    const loaded = result.module;
    if (loaded) {
      const info = blockInfo(this.#context.board, `fd ${fd}`, loaded.base);
      this.#context.board.addModule(info);
      this.#board.set(module, { module: loaded, info });
      module.fd = fd;
      module.base = loaded.base;
      for (const name of ['bss', 'data', 'rodata', 'text'] as const) {
        const section = loaded.sections?.[name];
        if (section) module.info.obj[name] = { shndx: section.index, address: section.address };
      }
      module.info.so.load_bias = (loaded.loadBias ?? 0) | 0;
      module.symtab_offset = loaded.symtabOffset;
      module.symtab_size = loaded.symtabSize;
      module.symtab_entsize = loaded.symtabEntrySize;
      module.strtab_offset = loaded.strtabOffset;
    }
    return this.#finish(result.error);
  }

  #loadFully(module: ElModule, fd: number): number {
    const { board, symbols } = this.#context;
    let whole: Module;
    try {
      whole = loadModuleFrom(this.#source(fd), {
        board,
        // Of equal names the first row counts.
        symbols: Object.fromEntries(symbols.toReversed().map(({ name, address }) => [name, address])),
        name: `fd ${fd}`,
      });
    } catch (error) {
      if (error instanceof LoaderError) return this.#finish(ERROR_NUMBERS[error.code], error);
      if (error instanceof SourceError) return this.#finish(ELFLOADER_ERR.FD_READ_FAILED, error);
      throw error;
    }
    const { loaded } = whole;
    this.#full.set(module, whole);
    module.fd = fd;
    module.base = loaded.blocks[0]?.address ?? 0;
    if (loaded.kind === 'object') {
      // As the board's loader has it: -1 for a kind of section that the file lacks.
      for (const kind of ['bss', 'data', 'rodata', 'text'] as const) {
        const section = loaded.sections.find((each) => each.kind === kind && each.index > 0);
        module.info.obj[kind] = section
          ? { shndx: section.index, address: section.address }
          : { shndx: -1, address: 0 };
      }
    }
    const first = loaded.elf.segments[0];
    if (loaded.kind === 'shared' && first) module.info.so.load_bias = (module.base - first.address) | 0;
    const table = loaded.elf.sections.find(
      (section) => section.name === (loaded.kind === 'shared' ? '.dynsym' : '.symtab'),
    );
    if (table) {
      module.symtab_offset = table.offset;
      module.symtab_size = table.size;
      module.symtab_entsize = table.entrySize;
      module.strtab_offset = loaded.elf.section(table.link).offset;
    }
    return this.#finish(ELFLOADER_ERR.NONE);
  }

  /** The file behind a descriptor as a source, read through `elfloader_fd_read`. */
  #source(fd: number): ByteSource {
    const { read, sizeOf } = this.#context;
    return {
      size: sizeOf(fd),
      read(offset, into) {
        const got = read(fd, offset, into);
        if (got < 0) throw new SourceError('IO', `elfloader_fd_read(${fd}, ${offset}) gave ${got}`, { fd, offset });
        return Math.min(got, into.length);
      },
    };
  }

  /** Runs a load of the board's loader; a defect is reported on its way out. */
  #orReport<Result>(load: () => Result): Result {
    try {
      return load();
    } catch (error) {
      if (error instanceof LoaderDefect) {
        this.#report = this.#reportOf(`${error.code}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }

  #finish(error: number, cause?: LoaderError | SourceError): number {
    const text = cause === undefined ? elfLoaderErrorName(error) : `${elfLoaderErrorName(error)}: ${cause.message}`;
    this.#report = this.#reportOf(text, cause === undefined ? { error } : { error, cause });
    return error;
  }

  #reportOf(text: string, outcome: Pick<ElfloaderReport, 'error' | 'cause'>): ElfloaderReport {
    const { loader, vfs } = this.#context;
    return { loader, vfs, ...outcome, text: `elfLoader ${loader}, VFS ${vfs}: ${text}` };
  }
}

/** What reports can say of a module that the board's loader loaded: its heap block. */
function blockInfo(board: Board, name: string, base: number): ModuleInfo {
  const size = board.heap.blockAt(base)?.size ?? 0;
  return { name, contains: (address) => address >= base && address < base + size };
}
