import type { Board } from '@loadstone/emulator-host';
import { type ByteSource, SourceError } from '@loadstone/fd-sources';
import {
  ELFLOADER_ERR,
  type ExportedSymbol,
  type LoadedModule,
  LoaderError,
  type LoaderErrorCode,
  TencentosLoader,
  type TencentosModule,
} from '@loadstone/module-loader';
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
  readonly mode: LoaderMode;
  readonly symbols: readonly ExportedSymbol[];
  /** The present `elfloader_fd_read`. */
  readonly read: ElfloaderFdRead;
  /** Bytes of the file behind a descriptor, for `full`; a bound where the firmware cannot know. */
  readonly sizeOf: (fd: number) => number;
  readonly log: (line: string) => void;
}

/** What the last call of the loader did beyond its error number. */
export interface ElfloaderReport {
  readonly mode: LoaderMode;
  readonly error: number;
  /** The typed error behind the number, in `full`. */
  readonly cause?: LoaderError | SourceError;
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
  readonly #board = new WeakMap<ElModule, TencentosModule>();
  #report: ElfloaderReport;

  constructor(context: ElfloaderContext) {
    this.#context = context;
    this.#report = { mode: context.mode, error: 0 };
    if (context.mode !== 'full') {
      this.#parity = new TencentosLoader({
        kind: context.mode === 'parity-object' ? 'object' : 'shared',
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
    if (this.#parity && asBoard) return this.#parity.findSymbol(asBoard, symbol);
    return this.#full.get(module)?.loaded.find(symbol) ?? null;
  }

  /** `tos_elfloader_unload` */
  unload(module: ElModule | null): number {
    if (module === null || module.base === 0) return ELFLOADER_ERR.PTR_NULL;
    const asBoard = this.#board.get(module);
    if (this.#parity && asBoard) {
      const error = this.#parity.unload(asBoard);
      module.base = asBoard.base;
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
    const result = loader.load(fd);
    const loaded = result.module;
    if (loaded) {
      this.#board.set(module, loaded);
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
        symbols: Object.fromEntries(symbols.map(({ name, address }) => [name, address])),
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
    const kinds = { text: 'text', rodata: 'rodata', data: 'data', bss: 'bss' } as const;
    for (const section of loaded.sections) {
      const name = kinds[section.kind as keyof typeof kinds];
      if (name && section.index > 0 && module.info.obj[name].shndx === 0) {
        module.info.obj[name] = { shndx: section.index, address: section.address };
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

  /** The file behind a descriptor as a source, read through the present `elfloader_fd_read`. */
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

  #finish(error: number, cause?: ElfloaderReport['cause']): number {
    const { mode } = this.#context;
    this.#report = cause === undefined ? { mode, error } : { mode, error, cause };
    return error;
  }
}
