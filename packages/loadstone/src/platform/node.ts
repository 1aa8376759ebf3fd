import { gunzipSync } from 'node:zlib';
import type { ByteSource, WritableByteSource } from '@loadstone/fd-sources';
import { openFileSource } from '@loadstone/fd-sources/node';

/**
 * Opens a file by its path.
 * @throws SourceError IO when it cannot be opened
 */
export async function openPath(path: string): Promise<ByteSource> {
  return openFileSource(path);
}

/**
 * Opens an existing file for reading and writing.
 * @throws SourceError IO when it cannot be opened
 */
export async function openWritablePath(path: string): Promise<WritableByteSource> {
  return openFileSource(path, { writable: true });
}

/**
 * Unpacks gzip data, to at most `limit` bytes.
 * @throws Error when the data is damaged or longer
 */
export async function gunzip(packed: Uint8Array, limit: number): Promise<Uint8Array> {
  return gunzipSync(packed, { maxOutputLength: limit });
}
