import type { FdRead } from '@loadstone/fd-sources';
import type { TargetMemory } from '../target-memory.js';
import { CBuffer, FdReader, type ZeroDivide } from './c-buffer.js';
import { EHDR, EHDR_SIZE, ET_DYN, ET_REL, IDENT } from './elf32.js';
import { ELFLOADER_ERR } from './error-numbers.js';
import { type ExportedSymbol, type ExportSearch, ExportTable } from './export-table.js';
import { type LoadContext, readStructure } from './load-context.js';
import type { TencentosLoadResult, TencentosModule } from './module.js';
import { cName } from './names.js';
import { findObjectSymbol, loadObject, StaticSections } from './object-loader.js';
import type { TencentosObserver } from './observer.js';
import { TencentosRelocator } from './relocate.js';
import { findSharedSymbol, loadShared } from './shared-loader.js';
import { SYMBOL_NAME_MAX } from './symbol-search.js';

/** Reads one load or look-up may make before it counts as endless. */
const DEFAULT_READ_LIMIT = 20_000_000;

export interface TencentosLoaderOptions {
  /** Which of the two builds the firmware links: for relocatable objects or for shared objects. */
  readonly kind: 'object' | 'shared';
  /**
   * `elfloader_fd_read`: gives the bytes read, fewer (even 0) at the end of the file; a negative number or a thrown
   * SourceError BAD_DESCRIPTOR, CLOSED, IO or HTTP is error 1. May be replaced through the property of the same name.
   */
  readonly read: FdRead;
  readonly memory: TargetMemory;
  /** The rows of `el_symbols` before {NULL, NULL}. */
  readonly symbols: readonly ExportedSymbol[];
  /** Receives what the loader prints, a line at a time without its line end. */
  readonly log?: (line: string) => void;
  /** Default `strict`: the original. */
  readonly exportSearch?: ExportSearch;
  /** The firmware's division by zero, default `zero` (Cortex-M3 and later). */
  readonly zeroDivide?: ZeroDivide;
  /** Told about each allocation, relocation and short read. */
  readonly observe?: TencentosObserver;
  /** Calls of `read` that one load or look-up may make, default 20,000,000; more is LoaderDefect ENDLESS. */
  readonly readLimit?: number;
}

/**
 * elfLoader of TencentOS tiny (commit 75e47d5404) in one firmware. What is `static` in C lives as long as this object, so
 * several loads through one instance influence each other as they do on the board.
 *
 * Stack structures that a short read leaves unset count as zeros, except a relocation entry or a dynamic value, which would
 * patch an arbitrary place: those are LoaderDefect UNINITIALISED.
 */
export class TencentosLoader {
  readonly kind: 'object' | 'shared';
  /** `elfloader_fd_read`, weak in C: assign another function to replace it. */
  read: FdRead;
  private readonly memory: TargetMemory;
  private readonly exports: ExportTable;
  private readonly relocator: TencentosRelocator;
  private readonly observe: TencentosObserver | undefined;
  private readonly readLimit: number;
  private readonly zeroDivide: ZeroDivide;
  private readonly sections = new StaticSections();
  private readonly relocateName = new CBuffer(SYMBOL_NAME_MAX);
  private readonly lookupName = new CBuffer(SYMBOL_NAME_MAX);

  constructor(options: TencentosLoaderOptions) {
    this.kind = options.kind;
    this.read = options.read;
    this.memory = options.memory;
    this.exports = new ExportTable(options.symbols, options.exportSearch ?? 'strict');
    this.relocator = new TencentosRelocator(options.memory, options.log ?? (() => undefined));
    this.observe = options.observe;
    this.zeroDivide = options.zeroDivide ?? 'zero';
    this.readLimit = options.readLimit ?? DEFAULT_READ_LIMIT;
  }

  /**
   * `tos_elfloader_load`.
   * @param fd passed to `read`; it must stay open, `findSymbol` reads the file again
   * @throws LoaderDefect where the original leaves defined behaviour; the heap block is then still allocated, as on the board
   */
  load(fd: number): TencentosLoadResult {
    const context = this.context(fd);
    const header = new CBuffer(EHDR_SIZE);
    if (!readStructure(context, 0, header, 'ELF header')) return { error: ELFLOADER_ERR.FD_READ_FAILED };
    if (IDENT.some((byte, i) => header.u8(i) !== byte)) return { error: ELFLOADER_ERR.HEADER_INVALID };
    const wanted = this.kind === 'object' ? ET_REL : ET_DYN;
    if (header.u16(EHDR.type) !== wanted) return { error: ELFLOADER_ERR.TYPE_INVALID };
    return this.kind === 'object' ? loadObject(context, header, this.sections) : loadShared(context, header);
  }

  /**
   * `tos_elfloader_find_symbol`; works after unload too, as the original does.
   * @returns the address (bit 0 set for a Thumb function), or null
   * @throws LoaderDefect ENDLESS
   */
  findSymbol(module: TencentosModule, name: string): number | null {
    const context = this.context(module.fd);
    const wanted = cName(name);
    const address =
      module.sections !== undefined
        ? findObjectSymbol(context, wanted, module, module.sections)
        : findSharedSymbol(context, wanted, module, module.loadBias ?? 0);
    return address === 0 ? null : address;
  }

  /** `tos_elfloader_unload`. @returns 0, or ELFLOADER_ERR.PTR_NULL for no module or one already unloaded */
  unload(module: TencentosModule | null): number {
    if (module === null || module.base === 0) return ELFLOADER_ERR.PTR_NULL;
    this.memory.free(module.base);
    module.base = 0;
    return ELFLOADER_ERR.NONE;
  }

  private context(fd: number): LoadContext {
    return {
      reader: new FdReader(
        (descriptor, offset, into) => this.read(descriptor, offset, into),
        fd,
        this.readLimit,
        this.zeroDivide,
      ),
      memory: this.memory,
      exports: this.exports,
      relocator: this.relocator,
      relocateName: this.relocateName,
      lookupName: this.lookupName,
      observe: this.observe,
    };
  }
}
