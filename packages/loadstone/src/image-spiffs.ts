import {
  type BlockDevice,
  type ByteSource,
  flashDevice,
  isWritable,
  overlaySource,
  windowSource,
} from '@loadstone/fd-sources';
import { Spiffs, SpiffsError } from '@loadstone/spiffs';
import { LoadstoneError } from './error.js';
import type { SpiffsFormat } from './image-format.js';
import type { EditableImage, ImageEntry, ImageFile, ImageSpace } from './image-tree.js';

/**
 * The flash a SPIFFS image was read from: its programs only clear bits. Without `writable` the changes stay in memory, and
 * the source is left as it is.
 */
export function spiffsDevice(source: ByteSource, format: SpiffsFormat, writable: boolean): BlockDevice {
  const { blockSize } = format.config;
  const size = Math.min(format.totalSize, Math.floor(source.size / blockSize) * blockSize);
  const window = windowSource(source, 0, size);
  return flashDevice(writable && isWritable(window) ? window : overlaySource(window), { blockSize });
}

/** A SPIFFS file system as an image. */
export class SpiffsImage implements EditableImage {
  readonly kind = 'spiffs';
  readonly geometry: EditableImage['geometry'];
  readonly label = '';
  readonly #fs: Spiffs;
  readonly #source: ByteSource;
  /** Names as stored, by their text; dropped at every change. */
  #names: Map<string, Uint8Array> | undefined;

  private constructor(fs: Spiffs, source: ByteSource, geometry: EditableImage['geometry']) {
    this.#fs = fs;
    this.#source = source;
    this.geometry = geometry;
  }

  /** @throws SpiffsError NOT_A_FS, NOT_CONFIGURED, MAGIC_NOT_POSSIBLE */
  static open(source: ByteSource, format: SpiffsFormat, readOnly: boolean): SpiffsImage {
    const device = spiffsDevice(source, format, !readOnly);
    const fs = Spiffs.mount(device, format.config);
    const { confidence } = format;
    return new SpiffsImage(fs, source, { ...format.config, totalSize: device.size, confidence });
  }

  files(): ImageFile[] {
    return this.#fs.list().map(({ name, size }) => ({ path: name, size }));
  }

  entries(): ImageEntry[] {
    return this.files().map((file) => ({ ...file, type: 'file' }));
  }

  fileSource(path: string): ByteSource {
    const name = this.#stored(path);
    if (name === undefined) throw notFound(path);
    return this.#fs.fileSource(name);
  }

  space(): ImageSpace {
    return this.#fs.info();
  }

  hasFile(path: string): boolean {
    return this.#stored(path) !== undefined;
  }

  hasDirectory(path: string): boolean {
    const prefix = directoryPrefix(path);
    return prefix === '/' || [...this.#allNames().keys()].some((name) => name.startsWith(prefix));
  }

  writeFile(path: string, content: Uint8Array): void {
    const name = this.#stored(path) ?? new TextEncoder().encode(path.startsWith('/') ? path : `/${path}`);
    this.#names = undefined;
    try {
      this.#fs.writeFile(name, content);
    } catch (error) {
      // Old and new content do not fit side by side: the old one makes room.
      if (!(error instanceof SpiffsError && error.code === 'FULL' && this.#fs.exists(name))) throw error;
      this.#fs.remove(name);
      this.#fs.writeFile(name, content);
    }
  }

  makeDirectory(): void {}

  remove(path: string, options: { readonly recursive?: boolean } = {}): string[] {
    const own = this.#stored(path);
    const prefix = directoryPrefix(path);
    const names = this.#allNames();
    const below = options.recursive === true ? [...names.keys()].filter((name) => name.startsWith(prefix)) : [];
    const removed = own === undefined ? below : [new TextDecoder().decode(own), ...below];
    if (removed.length === 0) throw notFound(path);
    this.#names = undefined;
    for (const name of removed) this.#fs.remove(names.get(name) ?? name);
    return removed;
  }

  close(): void {
    try {
      this.#fs.unmount();
    } finally {
      this.#source.close?.();
    }
  }

  #allNames(): Map<string, Uint8Array> {
    if (this.#names !== undefined) return this.#names;
    const names = new Map<string, Uint8Array>();
    // Names that are the same as text: the first one counts, as in the C library's search.
    for (const { name, nameBytes } of this.#fs.list()) if (!names.has(name)) names.set(name, nameBytes);
    this.#names = names;
    return names;
  }

  #stored(path: string): Uint8Array | undefined {
    const names = this.#allNames();
    return names.get(path) ?? (path.startsWith('/') ? names.get(path.slice(1)) : names.get(`/${path}`));
  }
}

/** What the names of a directory's files begin with. */
function directoryPrefix(path: string): string {
  return `/${path
    .split('/')
    .filter((name) => name !== '')
    .join('/')}/`.replace('//', '/');
}

function notFound(path: string): LoadstoneError {
  return new LoadstoneError('NOT_FOUND', `the image has no file ${path}`, { path });
}
