import { type ByteSource, blockDevice, memorySource, overlaySource } from '@loadstone/fd-sources';
import { detectSpiffs, Spiffs } from '@loadstone/spiffs';
import { FatVolume, isFatImage } from '@loadstone/vfs-fat';
import { gunzip, openPath } from '#platform';
import { LoadstoneError } from './error.js';
import { parseLocation } from './location.js';

/** A file inside an image. */
export interface ImageFile {
  /** Path from the root, beginning with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** A file-system image, opened for reading. */
export interface Image {
  readonly kind: 'spiffs' | 'fat12' | 'fat16' | 'fat32';
  /** Sizes and options of the file system, by name. */
  readonly geometry: Readonly<Record<string, number | string | boolean>>;
  /** Every file, in the order of the image. */
  files(): ImageFile[];
  /**
   * The bytes of one file.
   * @throws LoadstoneError NOT_FOUND; SpiffsError or FatError when the image is damaged there
   */
  fileSource(path: string): ByteSource;
}

/** Largest image a gzip file may unpack to: 1 GiB. */
const UNPACKED_LIMIT = 0x4000_0000;

/** Deepest directories a listing follows; FAT paths of 255 characters cannot be deeper. */
const MAX_DEPTH = 128;

/**
 * Opens a location's file: a path (a URL in a browser); gzip is unpacked in memory, recognised by content.
 * @throws SourceError when it cannot be opened, LoadstoneError UNKNOWN_FORMAT when gzip data is damaged
 */
async function openFile(path: string): Promise<ByteSource> {
  const source = await openPath(path);
  const magic = new Uint8Array(3);
  const isGzip = source.read(0, magic) === 3 && magic[0] === 0x1f && magic[1] === 0x8b && magic[2] === 8;
  if (!isGzip) return source;
  const packed = new Uint8Array(source.size);
  source.read(0, packed);
  source.close?.();
  try {
    return memorySource(await gunzip(packed, UNPACKED_LIMIT));
  } catch (cause) {
    throw new LoadstoneError('UNKNOWN_FORMAT', `${path}: damaged gzip data: ${(cause as Error).message}`, { path });
  }
}

/**
 * Recognises SPIFFS and FAT by content and opens the file system. The image itself is never changed: a repair that a mount
 * makes goes to a copy in memory.
 * @param what a path, a URL in a browser, or the bytes
 * @throws LoadstoneError UNKNOWN_FORMAT, SourceError, SpiffsError, FatError
 */
export async function openImage(what: string | ByteSource | Uint8Array): Promise<Image> {
  const name = typeof what === 'string' ? what : 'the image';
  const source =
    typeof what === 'string' ? await openFile(what) : what instanceof Uint8Array ? memorySource(what) : what;
  if (isFatImage(source)) return openFat(source);
  const spiffs = openSpiffs(source);
  if (spiffs) return spiffs;
  throw new LoadstoneError('UNKNOWN_FORMAT', `${name} holds neither a FAT volume nor a SPIFFS file system`, {
    location: name,
    size: source.size,
  });
}

async function openFat(source: ByteSource): Promise<Image> {
  const sectors = Math.floor(source.size / 512);
  const device = blockDevice(overlaySource(windowOf(source, sectors * 512)), { blockSize: 512 });
  const volume = await FatVolume.mount(device, { readOnly: true });
  const { type, ...geometry } = volume.parameters;
  return {
    kind: type,
    geometry,
    files() {
      const files: ImageFile[] = [];
      const walk = (folder: string, depth: number) => {
        for (const entry of volume.list(folder === '' ? '/' : folder)) {
          const path = `${folder}/${entry.name}`;
          if (entry.type === 'file') files.push({ path, size: entry.size });
          else if (depth < MAX_DEPTH) walk(path, depth + 1);
        }
      };
      walk('', 0);
      return files;
    },
    fileSource(path) {
      try {
        return volume.fileSource(path);
      } catch (error) {
        throw notFound(error, path, ['NO_FILE', 'NO_PATH', 'INVALID_NAME']);
      }
    },
  };
}

function openSpiffs(source: ByteSource): Image | undefined {
  const detected = detectSpiffs(source);
  if (!detected) return undefined;
  const { blockSize } = detected.config;
  const size = Math.min(detected.totalSize, Math.floor(source.size / blockSize) * blockSize);
  const fs = Spiffs.mount(blockDevice(overlaySource(windowOf(source, size)), { blockSize }), detected.config);
  return {
    kind: 'spiffs',
    geometry: { ...detected.config, totalSize: size, confidence: detected.confidence },
    files: () => fs.list().map((entry) => ({ path: entry.name, size: entry.size })),
    fileSource(path) {
      try {
        return fs.fileSource(path);
      } catch (error) {
        throw notFound(error, path, ['NOT_FOUND', 'NAME_TOO_LONG']);
      }
    },
  };
}

/** The first `size` bytes. */
function windowOf(source: ByteSource, size: number): ByteSource {
  if (size === source.size) return source;
  return { size, read: (offset, into) => source.read(offset, into.subarray(0, Math.max(0, size - offset))) };
}

/** A file system's own "no such file" as this package's error; everything else as it is. */
function notFound(error: unknown, path: string, codes: readonly string[]): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return codes.includes(code)
    ? new LoadstoneError('NOT_FOUND', `the image has no file ${path}`, { path, code })
    : error;
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
