import type { Descriptor, DescriptorTable } from './descriptors.js';
import { OpenFlags } from './flags.js';
import type { ObjectStore } from './store.js';

/**
 * Keeps small writes of a file together in one page's worth of bytes (SPIFFS_CACHE_WR). The bytes start at the offset of the
 * first write, not at a page of the file.
 */
export class WriteCaches {
  readonly #store: ObjectStore;
  readonly #descriptors: DescriptorTable;
  readonly #most: number;

  /** @param most files whose writes can be kept at once */
  constructor(store: ObjectStore, descriptors: DescriptorTable, most: number) {
    this.#store = store;
    this.#descriptors = descriptors;
    this.#most = most;
  }

  /** Keeps bytes, smaller than a page. @returns false when they must be written through */
  keep(file: Descriptor, offset: number, bytes: Uint8Array): boolean {
    const { pageSize } = this.#store.volume.geometry;
    let { cache } = file;
    if (cache !== undefined) {
      const isOutside = offset < cache.offset || offset > cache.offset + cache.size;
      if (isOutside || offset + bytes.length > cache.offset + pageSize) {
        this.flush(file);
        cache = undefined;
      }
    }
    if (cache === undefined) {
      if (this.#descriptors.caches >= this.#most) return false;
      cache = { objectId: file.objectId, offset, bytes: new Uint8Array(pageSize), size: 0 };
      file.cache = cache;
    }
    const within = offset - cache.offset;
    cache.bytes.set(bytes, within);
    cache.size = Math.max(cache.size, within + bytes.length);
    return true;
  }

  /** Writes what is kept of a file, whichever of its descriptors it came through. */
  flush(file: Descriptor): void {
    if ((file.flags & OpenFlags.DIRECT) !== 0) return;
    file.cache ??= this.#descriptors.cacheOf(file.objectId);
    const { cache } = file;
    if (cache === undefined) return;
    try {
      this.#store.write(file, cache.offset, cache.bytes.subarray(0, cache.size));
    } finally {
      this.#descriptors.dropCache(cache);
    }
  }
}
