import { SourceError } from './error.js';
import { cacheSizes, type PrefetchedSource, RangeCache, type RangeCacheOptions } from './range-cache.js';

/** How an HTTP source is opened. */
export interface HttpSourceOptions extends RangeCacheOptions {
  /** The fetch to use instead of the global one: to add headers, or for a test. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/**
 * A source over a URL whose server answers range requests (RFC 9110 section 14). Bytes arrive through `prefetch` or
 * `withFetching`; the first chunk and the size come with opening.
 * @param url absolute http or https address
 * @throws SourceError HTTP when the server ignores Range (answers 200 with everything), gives no total length, answers with
 *   an error status, another range than asked, or a file that changed since opening; IO when the request itself fails
 */
export async function httpRangeSource(url: string, options: HttpSourceOptions = {}): Promise<PrefetchedSource> {
  const fetchUrl = options.fetch ?? ((address: string, init: RequestInit) => fetch(address, init));
  const { chunkBytes } = cacheSizes(options);
  const first = await requestRange(fetchUrl, url, 0, chunkBytes, undefined);
  const source = new RangeCache(
    first.total,
    async (offset, length, signal) => {
      const part = await requestRange(fetchUrl, url, offset, length, signal);
      if (part.total !== first.total || part.version !== first.version) {
        throw new SourceError('HTTP', `${url} changed while it was being read`, { url, offset, length });
      }
      return part.bytes;
    },
    options,
  );
  source.seed(first.bytes);
  return source;
}

interface RangeAnswer {
  readonly bytes: Uint8Array;
  readonly total: number;
  /** ETag, else Last-Modified, else empty: differs when the file was replaced. */
  readonly version: string;
}

async function requestRange(
  fetchUrl: (url: string, init: RequestInit) => Promise<Response>,
  url: string,
  offset: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<RangeAnswer> {
  const refuse = (why: string, status?: number): SourceError =>
    new SourceError('HTTP', `${url}: ${why}`, { url, offset, length, ...(status === undefined ? {} : { status }) });
  let response: Response;
  try {
    const headers = { Range: `bytes=${offset}-${offset + length - 1}` };
    response = await fetchUrl(url, signal === undefined ? { headers } : { headers, signal });
  } catch (cause) {
    throw new SourceError('IO', `${url}: the request failed`, { url, offset, length, cause });
  }
  const version = response.headers.get('etag') ?? response.headers.get('last-modified') ?? '';
  const contentRange = response.headers.get('content-range') ?? '';
  if (response.status === 416 && /^bytes \*\/0$/.test(contentRange)) {
    return { bytes: new Uint8Array(0), total: 0, version };
  }
  if (response.status !== 206) {
    await response.body?.cancel();
    if (response.status === 200) {
      throw refuse('the server ignores Range requests (it answered 200 with the whole file)', 200);
    }
    throw refuse(`the server answered ${response.status} ${response.statusText}`.trimEnd(), response.status);
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange);
  if (match === null) {
    await response.body?.cancel();
    throw refuse(
      contentRange === ''
        ? 'the answer has no readable Content-Range (a page needs Access-Control-Expose-Headers: Content-Range)'
        : `the answer's Content-Range is "${contentRange}"; a range with a total length is needed`,
      206,
    );
  }
  const [start, end, total] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (start !== offset || end !== Math.min(offset + length, total) - 1) {
    await response.body?.cancel();
    throw refuse(`asked for bytes ${offset}-${offset + length - 1}, the answer has ${start}-${end} of ${total}`, 206);
  }
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new SourceError('IO', `${url}: the answer broke off`, { url, offset, length, cause });
  }
  if (bytes.length !== end - start + 1) {
    throw refuse(`the answer has ${bytes.length} bytes instead of ${end - start + 1}`, 206);
  }
  return { bytes, total, version };
}
