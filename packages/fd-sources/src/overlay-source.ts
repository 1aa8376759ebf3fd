import { checkOffset, checkRange, closedError } from './arguments.js';
import type { ByteSource, WritableByteSource } from './byte-source.js';

/** Bytes copied from the base at the first write into them. */
const PAGE = 4096;

/**
 * A writable copy of a source that leaves the source as it is: pages of 4096 bytes are copied when first written. Closing
 * the overlay drops the changes and leaves the base open.
 * @param base what is read until something is written
 */
export function overlaySource(base: ByteSource): WritableByteSource & { readonly changedBytes: number } {
  return new OverlaySource(base);
}

class OverlaySource implements WritableByteSource {
  readonly size: number;
  readonly #pages = new Map<number, Uint8Array>();
  #base: ByteSource | undefined;

  constructor(base: ByteSource) {
    this.#base = base;
    this.size = base.size;
  }

  /** Bytes held in memory for pages that were written. */
  get changedBytes(): number {
    return this.#pages.size * PAGE;
  }

  read(offset: number, into: Uint8Array): number {
    const base = this.#open();
    checkOffset(offset);
    const count = Math.max(0, Math.min(into.length, this.size - offset));
    let done = 0;
    while (done < count) {
      const at = offset + done;
      const page = Math.floor(at / PAGE);
      const within = at - page * PAGE;
      const changed = this.#pages.get(page);
      if (changed !== undefined) {
        const length = Math.min(count - done, PAGE - within);
        into.set(changed.subarray(within, within + length), done);
        done += length;
        continue;
      }
      let end = (page + 1) * PAGE;
      while (end < offset + count && !this.#pages.has(end / PAGE)) end += PAGE;
      const length = Math.min(end - at, count - done);
      base.read(at, into.subarray(done, done + length));
      done += length;
    }
    return count;
  }

  write(offset: number, from: Uint8Array): void {
    const base = this.#open();
    checkRange(offset, from.length, this.size, 'write');
    let done = 0;
    while (done < from.length) {
      const at = offset + done;
      const page = Math.floor(at / PAGE);
      const within = at - page * PAGE;
      const length = Math.min(from.length - done, PAGE - within);
      let bytes = this.#pages.get(page);
      if (bytes === undefined) {
        bytes = new Uint8Array(PAGE);
        if (length < PAGE) base.read(page * PAGE, bytes.subarray(0, Math.min(PAGE, this.size - page * PAGE)));
        this.#pages.set(page, bytes);
      }
      bytes.set(from.subarray(done, done + length), within);
      done += length;
    }
  }

  close(): void {
    this.#base = undefined;
    this.#pages.clear();
  }

  #open(): ByteSource {
    if (this.#base === undefined) throw closedError('overlay');
    return this.#base;
  }
}
