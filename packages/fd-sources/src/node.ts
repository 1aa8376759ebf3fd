import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { checkOffset, checkRange, closedError } from './arguments.js';
import type { WritableByteSource } from './byte-source.js';
import { SourceError } from './error.js';

/** How a file is opened. */
export interface FileSourceOptions {
  /** Open for reading and writing; the file must exist. Without it every write is refused. */
  readonly writable?: boolean;
}

/**
 * A source over a file, through a real file descriptor; files above 4 GiB too. The size is that at opening.
 * @throws SourceError IO when the file cannot be opened or is no regular file
 */
export function openFileSource(path: string, options: FileSourceOptions = {}): WritableByteSource & { close(): void } {
  const writable = options.writable ?? false;
  let fd: number;
  try {
    fd = openSync(path, writable ? 'r+' : 'r');
  } catch (cause) {
    throw new SourceError('IO', `cannot open ${path}: ${reason(cause)}`, { cause });
  }
  const status = fstatSync(fd);
  if (!status.isFile()) {
    closeSync(fd);
    throw new SourceError('IO', `${path} is not a regular file`);
  }
  return new FileSource(path, fd, status.size, writable);
}

class FileSource implements WritableByteSource {
  readonly size: number;
  readonly #path: string;
  readonly #writable: boolean;
  #fd: number | undefined;

  constructor(path: string, fd: number, size: number, writable: boolean) {
    this.#path = path;
    this.#fd = fd;
    this.size = size;
    this.#writable = writable;
  }

  read(offset: number, into: Uint8Array): number {
    const fd = this.#open();
    checkOffset(offset);
    const count = Math.max(0, Math.min(into.length, this.size - offset));
    let done = 0;
    while (done < count) {
      let read: number;
      try {
        read = readSync(fd, into, done, count - done, offset + done);
      } catch (cause) {
        throw this.#failed('read', offset, count, cause);
      }
      if (read === 0) throw this.#failed('read', offset, count, 'the file is shorter than when it was opened');
      done += read;
    }
    return count;
  }

  write(offset: number, from: Uint8Array): void {
    const fd = this.#open();
    if (!this.#writable) {
      throw new SourceError('READ_ONLY', `${this.#path} is open for reading only`, { offset, length: from.length });
    }
    checkRange(offset, from.length, this.size, 'write');
    let done = 0;
    while (done < from.length) {
      try {
        done += writeSync(fd, from, done, from.length - done, offset + done);
      } catch (cause) {
        throw this.#failed('write', offset, from.length, cause);
      }
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    if (this.#fd === undefined) throw closedError(this.#path);
    return this.#fd;
  }

  #failed(what: string, offset: number, length: number, cause: unknown): SourceError {
    return new SourceError('IO', `cannot ${what} ${length} bytes at ${offset} of ${this.#path}: ${reason(cause)}`, {
      offset,
      length,
      size: this.size,
      cause,
    });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
