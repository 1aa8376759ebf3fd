import { checkCount } from './arguments.js';
import type { ByteSource } from './byte-source.js';
import { SourceError } from './error.js';

/**
 * Reads `into.length` bytes at `offset` of descriptor `fd`: TencentOS tiny's weak function `elfloader_fd_read`. A failure is
 * thrown; the number returned is how many bytes were placed in `into`, the rest of which stays as it was.
 */
export type FdRead = (fd: number, offset: number, into: Uint8Array) => number;

/** How a descriptor table behaves. */
export interface FdTableOptions {
  /** Replaces the default read, as a firmware replaces the weak `elfloader_fd_read`; descriptors may then mean anything. */
  readonly read?: FdRead;
  /**
   * What a read past the end is. `error` (default): SourceError SHORT_READ. `parity`: success with fewer bytes, the rest of
   * the buffer unchanged, as the C function behaves.
   */
  readonly shortReads?: 'error' | 'parity';
  /** Smallest number `open` gives; default 0. */
  readonly firstFd?: number;
}

/** Numbers for open sources, and the one function that reads through them. */
export class FdTable {
  /** Replaceable at any time; see FdRead. */
  read: FdRead;
  readonly #sources = new Map<number, ByteSource>();
  readonly #shortReads: 'error' | 'parity';
  readonly #firstFd: number;

  constructor(options: FdTableOptions = {}) {
    this.#shortReads = options.shortReads ?? 'error';
    this.#firstFd = options.firstFd ?? 0;
    checkCount(this.#firstFd, 0, 'firstFd');
    this.read = options.read ?? ((fd, offset, into) => this.#readSource(fd, offset, into));
  }

  /** Gives `source` the lowest free number. */
  open(source: ByteSource): number {
    let fd = this.#firstFd;
    while (this.#sources.has(fd)) fd++;
    this.#sources.set(fd, source);
    return fd;
  }

  /**
   * Frees the number and closes its source.
   * @throws SourceError BAD_DESCRIPTOR
   */
  close(fd: number): void {
    const source = this.source(fd);
    this.#sources.delete(fd);
    source.close?.();
  }

  /**
   * The source behind a number.
   * @throws SourceError BAD_DESCRIPTOR when nothing is open under it
   */
  source(fd: number): ByteSource {
    const source = this.#sources.get(fd);
    if (source === undefined) throw new SourceError('BAD_DESCRIPTOR', `descriptor ${fd} is not open`, { fd });
    return source;
  }

  /**
   * A descriptor seen as a source that reads through the table's current `read`. The size is that of the open source; under
   * a replaced read a descriptor need not be open, and `size` says how far it may be read (default 2^53 - 1).
   */
  asSource(fd: number, size?: number): ByteSource {
    return {
      size: size ?? this.#sources.get(fd)?.size ?? Number.MAX_SAFE_INTEGER,
      read: (offset, into) => this.read(fd, offset, into),
    };
  }

  #readSource(fd: number, offset: number, into: Uint8Array): number {
    const source = this.source(fd);
    const count = source.read(offset, into);
    if (count < into.length && this.#shortReads === 'error') {
      throw new SourceError(
        'SHORT_READ',
        `read of ${into.length} bytes at ${offset} of descriptor ${fd} got ${count}: the source has ${source.size} bytes`,
        { fd, offset, length: into.length, size: source.size },
      );
    }
    return count;
  }
}
