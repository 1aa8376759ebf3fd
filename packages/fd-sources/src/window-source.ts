import { checkCount, checkOffset, checkRange, closedError } from './arguments.js';
import type { ByteSource, WritableByteSource } from './byte-source.js';
import { SourceError } from './error.js';

/**
 * Part of another source, seen as a source of its own: a partition of a disk, a module inside a flash dump. Writable when
 * the source beneath is. Closing the window leaves that source open.
 * @param source what is looked into
 * @param offset first byte of the window in `source`
 * @param size bytes of the window; the rest of `source` when left out
 * @throws SourceError OUT_OF_RANGE when the window does not lie inside `source`, BAD_ARGUMENT
 */
export function windowSource(source: WritableByteSource, offset: number, size?: number): WritableByteSource;
export function windowSource(source: ByteSource, offset: number, size?: number): ByteSource;
export function windowSource(source: ByteSource, offset: number, size?: number): ByteSource {
  checkRange(offset, 0, source.size, 'window');
  const length = size ?? source.size - offset;
  checkCount(length, 0, 'window size');
  checkRange(offset, length, source.size, 'window');
  return isWritable(source) ? new WritableWindow(source, offset, length) : new Window(source, offset, length);
}

/** Whether a source has a `write` method. It may still refuse with READ_ONLY. */
export function isWritable(source: ByteSource): source is WritableByteSource {
  return 'write' in source && typeof source.write === 'function';
}

class Window<S extends ByteSource> implements ByteSource {
  readonly size: number;
  protected readonly start: number;
  #source: S | undefined;

  constructor(source: S, start: number, size: number) {
    this.#source = source;
    this.start = start;
    this.size = size;
  }

  read(offset: number, into: Uint8Array): number {
    const source = this.beneath();
    checkOffset(offset);
    const count = Math.max(0, Math.min(into.length, this.size - offset));
    if (count === 0) return 0;
    const read = source.read(this.start + offset, count === into.length ? into : into.subarray(0, count));
    if (read < count) {
      throw new SourceError('IO', `the source ended ${count - read} bytes before the end of the window over it`, {
        offset,
        length: count,
        size: this.size,
      });
    }
    return count;
  }

  close(): void {
    this.#source = undefined;
  }

  protected beneath(): S {
    if (this.#source === undefined) throw closedError('window');
    return this.#source;
  }
}

class WritableWindow extends Window<WritableByteSource> implements WritableByteSource {
  write(offset: number, from: Uint8Array): void {
    const source = this.beneath();
    checkRange(offset, from.length, this.size, 'write');
    source.write(this.start + offset, from);
  }
}
