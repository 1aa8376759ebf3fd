import { type ByteSource, memorySource, type WritableByteSource } from '@loadstone/fd-sources';
import { openPath, openWritablePath } from '#platform';
import { LoadstoneError } from './error.js';
import { FatImage } from './image-fat.js';
import { isGzip, recogniseImage, type SpiffsSettings, unpacked } from './image-format.js';
import { SpiffsImage } from './image-spiffs.js';
import type { EditableImage, Image } from './image-tree.js';
import { parseLocation } from './location.js';

export type { EditableImage, Image, ImageEntry, ImageFile, ImageSpace } from './image-tree.js';

/** How an image is opened. */
export interface OpenImageOptions {
  /** Settings of a SPIFFS that its bytes do not show. */
  readonly spiffs?: SpiffsSettings;
}

/** Opens a location's file: a path (a URL in a browser); gzip is unpacked in memory, recognised by content. */
async function openFile(path: string): Promise<ByteSource> {
  return unpacked(await openPath(path), path);
}

/**
 * Recognises SPIFFS and FAT by content and opens the file system. The image itself is never changed: a repair that a mount
 * makes goes to a copy in memory.
 * @param what a path, a URL in a browser, or the bytes
 * @throws LoadstoneError UNKNOWN_FORMAT, SourceError, SpiffsError, FatError
 */
export async function openImage(
  what: string | ByteSource | Uint8Array,
  options: OpenImageOptions = {},
): Promise<Image> {
  const source =
    typeof what === 'string' ? await openFile(what) : what instanceof Uint8Array ? memorySource(what) : what;
  return openFileSystem(source, typeof what === 'string' ? what : 'the image', true, options);
}

/**
 * Opens an image for changing its files in place. To be safe against an interruption, change a copy.
 * @param what a path (not in a browser), or the bytes
 * @throws LoadstoneError UNKNOWN_FORMAT, READ_ONLY for a gzip file; SourceError, SpiffsError, FatError
 */
export async function editImage(
  what: string | WritableByteSource | Uint8Array,
  options: OpenImageOptions = {},
): Promise<EditableImage> {
  const { source, name } = await openForWriting(what);
  return openFileSystem(source, name, false, options);
}

/** Opens an image's bytes for writing. @throws LoadstoneError READ_ONLY for a gzip file; SourceError */
export async function openForWriting(
  what: string | WritableByteSource | Uint8Array,
): Promise<{ readonly source: WritableByteSource; readonly name: string }> {
  const name = typeof what === 'string' ? what : 'the image';
  const source =
    typeof what === 'string' ? await openWritablePath(what) : what instanceof Uint8Array ? memorySource(what) : what;
  if (!isGzip(source)) return { source, name };
  if (typeof what === 'string') source.close?.();
  throw new LoadstoneError('READ_ONLY', `${name} is packed with gzip: unpack it to change it`, { path: name });
}

async function openFileSystem(
  source: ByteSource,
  name: string,
  readOnly: boolean,
  options: OpenImageOptions,
): Promise<EditableImage> {
  const format = recogniseImage(source, name, options.spiffs);
  return format.fileSystem === 'fat' ? FatImage.open(source, readOnly) : SpiffsImage.open(source, format, readOnly);
}

/** What lies at a location. */
export interface OpenedLocation {
  readonly source: ByteSource;
  /** Name for messages: the file's own name without folders. */
  readonly name: string;
}

/**
 * Opens the bytes at a location: `PATH`, `IMAGE:/path/inside` (SPIFFS and FAT recognised by content) or `FLASH@OFFSET`
 * (from the offset to the end).
 * @throws LoadstoneError BAD_LOCATION, UNKNOWN_FORMAT, NOT_FOUND; SourceError, SpiffsError, FatError
 */
export async function openLocation(text: string): Promise<OpenedLocation> {
  const location = parseLocation(text);
  if (location.kind === 'image') {
    const image = await openImage(location.path);
    return { source: image.fileSource(location.inside), name: baseName(location.inside) };
  }
  const source = await openFile(location.path);
  if (location.kind === 'file') return { source, name: baseName(location.path) };
  const { offset } = location;
  if (offset >= source.size) {
    throw new LoadstoneError('BAD_LOCATION', `${text}: the offset lies behind the ${source.size} bytes of the file`, {
      offset,
      size: source.size,
    });
  }
  return {
    source: { size: source.size - offset, read: (at, into) => source.read(offset + at, into) },
    name: `${baseName(location.path)}@0x${offset.toString(16)}`,
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}
