import { checkCount, checkOffset, checkRange, closedError } from './arguments.js';
import type { ByteSource } from './byte-source.js';
import { SourceError } from './error.js';

/** A source whose bytes arrive asynchronously into a bounded cache; reads are synchronous from that cache. */
export interface PrefetchedSource extends ByteSource {
  /**
   * Brings bytes into the cache. What lies past the end of the source is left out.
   * @param offset first byte
   * @param length bytes; with its chunks rounded outwards it must fit the cache
   * @throws SourceError BAD_ARGUMENT when it does not fit, HTTP or IO when the bytes cannot be had, CLOSED
   */
  prefetch(offset: number, length: number): Promise<void>;
  /** Bytes held now; never more than the cache size given at opening. */
  readonly cachedBytes: number;
  /** Bytes asked for from the origin so far. */
  readonly fetchedBytes: number;
  close(): void;
}

/** Sizes of the cache of a source that is read over a slow path. */
export interface RangeCacheOptions {
  /** Most bytes kept in memory; default 4 MiB. */
  readonly cacheBytes?: number;
  /** Bytes of one cache entry, the smallest amount fetched; default 64 KiB. */
  readonly chunkBytes?: number;
}

/** Gets bytes [offset, offset + length) from the origin, exactly that many. */
export type FetchRange = (offset: number, length: number, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * The sizes in force.
 * @throws SourceError BAD_ARGUMENT when the cache cannot hold one chunk
 */
export function cacheSizes(options: RangeCacheOptions): { cacheBytes: number; chunkBytes: number } {
  const cacheBytes = options.cacheBytes ?? 4 * 1024 * 1024;
  const chunkBytes = options.chunkBytes ?? Math.min(64 * 1024, cacheBytes);
  checkCount(chunkBytes, 1, 'chunkBytes');
  checkCount(cacheBytes, chunkBytes, 'cacheBytes');
  return { cacheBytes, chunkBytes };
}

/** Cache of equal chunks, the least recently read dropped first. */
export class RangeCache implements PrefetchedSource {
  readonly size: number;
  readonly #fetchRange: FetchRange;
  readonly #chunkBytes: number;
  readonly #maxChunks: number;
  /** A Map keeps insertion order: the first key is the least recently used chunk. */
  readonly #chunks = new Map<number, Uint8Array>();
  readonly #pending = new Map<number, Promise<void>>();
  readonly #abort = new AbortController();
  #cachedBytes = 0;
  #fetchedBytes = 0;

  constructor(size: number, fetchRange: FetchRange, options: RangeCacheOptions) {
    const { cacheBytes, chunkBytes } = cacheSizes(options);
    this.size = size;
    this.#fetchRange = fetchRange;
    this.#chunkBytes = chunkBytes;
    this.#maxChunks = Math.floor(cacheBytes / chunkBytes);
  }

  get cachedBytes(): number {
    return this.#cachedBytes;
  }

  get fetchedBytes(): number {
    return this.#fetchedBytes;
  }

  read(offset: number, into: Uint8Array): number {
    this.#checkOpen();
    checkOffset(offset);
    const count = Math.max(0, Math.min(into.length, this.size - offset));
    if (count === 0) return 0;
    const first = Math.floor(offset / this.#chunkBytes);
    const last = Math.floor((offset + count - 1) / this.#chunkBytes);
    for (let index = first; index <= last; index++) {
      const chunk = this.#chunks.get(index);
      if (chunk === undefined) {
        throw new SourceError('NOT_CACHED', `bytes ${offset} to ${offset + count - 1} have not been fetched`, {
          offset,
          length: count,
          size: this.size,
        });
      }
      const start = index * this.#chunkBytes;
      const from = Math.max(offset, start) - start;
      const to = Math.min(offset + count, start + chunk.length) - start;
      into.set(chunk.subarray(from, to), start + from - offset);
      this.#touch(index, chunk);
    }
    return count;
  }

  async prefetch(offset: number, length: number): Promise<void> {
    this.#checkOpen();
    checkOffset(offset);
    checkCount(length, 0, 'length');
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return;
    const first = Math.floor(offset / this.#chunkBytes);
    const last = Math.floor((end - 1) / this.#chunkBytes);
    if (last - first + 1 > this.#maxChunks) {
      throw new SourceError(
        'BAD_ARGUMENT',
        `${length} bytes at ${offset} need ${last - first + 1} chunks of ${this.#chunkBytes} bytes; the cache holds ${this.#maxChunks}`,
        { offset, length, size: this.size },
      );
    }
    const waits: Promise<void>[] = [];
    for (let index = first; index <= last; index++) {
      const chunk = this.#chunks.get(index);
      if (chunk !== undefined) {
        this.#touch(index, chunk);
        continue;
      }
      const pending = this.#pending.get(index);
      if (pending !== undefined) {
        waits.push(pending);
        continue;
      }
      let runEnd = index;
      while (runEnd < last && !this.#chunks.has(runEnd + 1) && !this.#pending.has(runEnd + 1)) runEnd++;
      waits.push(this.#fetchRun(index, runEnd));
      index = runEnd;
    }
    await Promise.all(waits);
  }

  close(): void {
    this.#abort.abort();
    this.#chunks.clear();
    this.#cachedBytes = 0;
  }

  /** Puts bytes that came with opening into the cache: the chunks of [0, bytes.length). */
  seed(bytes: Uint8Array): void {
    this.#fetchedBytes += bytes.length;
    for (let start = 0; start < bytes.length; start += this.#chunkBytes) {
      this.#keep(start / this.#chunkBytes, bytes.slice(start, start + this.#chunkBytes));
    }
  }

  #fetchRun(first: number, last: number): Promise<void> {
    const start = first * this.#chunkBytes;
    const length = Math.min((last + 1) * this.#chunkBytes, this.size) - start;
    this.#fetchedBytes += length;
    const run = this.#fetchRange(start, length, this.#abort.signal)
      .then(
        (bytes) => {
          this.#checkOpen();
          for (let index = first; index <= last; index++) {
            const at = (index - first) * this.#chunkBytes;
            this.#keep(index, first === last ? bytes : bytes.slice(at, at + this.#chunkBytes));
          }
        },
        (error: unknown) => {
          this.#checkOpen();
          throw error;
        },
      )
      .finally(() => {
        for (let index = first; index <= last; index++) this.#pending.delete(index);
      });
    for (let index = first; index <= last; index++) this.#pending.set(index, run);
    return run;
  }

  #keep(index: number, chunk: Uint8Array): void {
    const before = this.#chunks.get(index);
    if (before !== undefined) this.#drop(index, before);
    while (this.#chunks.size >= this.#maxChunks) {
      const [oldest, bytes] = this.#chunks.entries().next().value ?? [];
      if (oldest === undefined || bytes === undefined) break;
      this.#drop(oldest, bytes);
    }
    this.#chunks.set(index, chunk);
    this.#cachedBytes += chunk.length;
  }

  #drop(index: number, chunk: Uint8Array): void {
    this.#chunks.delete(index);
    this.#cachedBytes -= chunk.length;
  }

  #touch(index: number, chunk: Uint8Array): void {
    this.#chunks.delete(index);
    this.#chunks.set(index, chunk);
  }

  #checkOpen(): void {
    if (this.#abort.signal.aborted) throw closedError('source');
  }
}

/**
 * Runs synchronous work over a source that is fetched on demand: when the work meets bytes that are not there yet, they
 * are fetched and the work starts again. The work must therefore have no effect before it has read what it needs.
 *
 * Bounded: every new start must be caused by a range not asked for before; work that needs more at once than the cache
 * holds is refused.
 * @param source the fetched source the work reads, directly or through windows and overlays
 * @param work run again from its beginning after each fetch
 * @throws SourceError NOT_CACHED when a range was fetched and dropped again, or another source misses; HTTP, IO, CLOSED
 */
export async function withFetching<T>(source: PrefetchedSource, work: () => T): Promise<T> {
  const fetched = new Set<string>();
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SourceError) || error.code !== 'NOT_CACHED') throw error;
      const { offset = 0, length = 0 } = error.data;
      const range = `${offset}+${length}`;
      if (fetched.has(range)) {
        throw new SourceError(
          'NOT_CACHED',
          `bytes ${offset} to ${offset + length - 1} were fetched and dropped again: the work needs a larger cache`,
          error.data,
        );
      }
      checkRange(offset, length, source.size, 'fetch');
      fetched.add(range);
      await source.prefetch(offset, length);
    }
  }
}
