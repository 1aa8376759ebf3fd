import { SourceError } from './error.js';
import { type PrefetchedSource, RangeCache, type RangeCacheOptions } from './range-cache.js';

/**
 * A source over a Blob or File. A page cannot read one synchronously, so bytes arrive through `prefetch` or
 * `withFetching`, as with HTTP; the first chunk is there from the start.
 * @throws SourceError IO when the blob cannot be read
 */
export async function blobSource(blob: Blob, options: RangeCacheOptions = {}): Promise<PrefetchedSource> {
  const source = new RangeCache(
    blob.size,
    async (offset, length) => {
      let bytes: Uint8Array;
      try {
        bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (cause) {
        throw new SourceError('IO', `cannot read ${length} bytes at ${offset} of the blob`, { offset, length, cause });
      }
      if (bytes.length !== length) {
        throw new SourceError('IO', `the blob gave ${bytes.length} of ${length} bytes at ${offset}`, {
          offset,
          length,
        });
      }
      return bytes;
    },
    options,
  );
  await source.prefetch(0, 1);
  return source;
}
