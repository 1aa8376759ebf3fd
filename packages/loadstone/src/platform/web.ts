import { type ByteSource, memorySource, SourceError, type WritableByteSource } from '@loadstone/fd-sources';

/**
 * Fetches a whole file by its URL.
 * @throws SourceError HTTP when the server does not give it
 */
export async function openPath(url: string): Promise<ByteSource> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new SourceError('HTTP', `${url}: the server answered ${response.status}`, { url, status: response.status });
  }
  return memorySource(new Uint8Array(await response.arrayBuffer()));
}

/**
 * A URL cannot be written.
 * @throws SourceError READ_ONLY
 */
export async function openWritablePath(url: string): Promise<WritableByteSource> {
  throw new SourceError('READ_ONLY', `${url}: a URL cannot be written; open its bytes instead`, { url });
}

/**
 * Unpacks gzip data, to at most `limit` bytes.
 * @throws Error when the data is damaged or longer
 */
export async function gunzip(packed: Uint8Array, limit: number): Promise<Uint8Array> {
  const stream = new Blob([Uint8Array.from(packed)]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new RangeError(`the unpacked data is longer than ${limit} bytes`);
    }
    parts.push(value);
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
