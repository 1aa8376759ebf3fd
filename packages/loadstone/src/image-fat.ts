import { type ByteSource, blockDevice, windowSource } from '@loadstone/fd-sources';
import { decodeDateTime, FatError, type FatTreeEntry, FatVolume } from '@loadstone/vfs-fat';
import { LoadstoneError } from './error.js';
import type { EditableImage, ImageEntry, ImageFile, ImageSpace } from './image-tree.js';

/** What FatFs says of a path that leads nowhere. */
const ABSENT: readonly unknown[] = ['NO_FILE', 'NO_PATH', 'INVALID_NAME'];

/** A FAT volume as a device of 512-byte sectors; bytes behind the last whole sector are out of reach. */
export function fatDevice(source: ByteSource) {
  return blockDevice(windowSource(source, 0, Math.floor(source.size / 512) * 512), { blockSize: 512 });
}

/** A FAT volume as an image. */
export class FatImage implements EditableImage {
  readonly kind: EditableImage['kind'];
  readonly geometry: EditableImage['geometry'];
  readonly #volume: FatVolume;
  readonly #source: ByteSource;

  private constructor(volume: FatVolume, source: ByteSource) {
    const { type, ...geometry } = volume.parameters;
    this.kind = type;
    this.geometry = geometry;
    this.#volume = volume;
    this.#source = source;
  }

  /** @throws FatError NO_FILESYSTEM, DISK_ERROR */
  static async open(source: ByteSource, readOnly: boolean): Promise<FatImage> {
    return new FatImage(await FatVolume.mount(fatDevice(source), { readOnly }), source);
  }

  get label(): string {
    return this.#volume.label;
  }

  files(): ImageFile[] {
    return [...this.#volume.walk()]
      .filter(({ type }) => type === 'file')
      .map(({ path, size }): ImageFile => ({ path, size }));
  }

  entries(): ImageEntry[] {
    return [...this.#volume.walk()].map(treeEntry);
  }

  fileSource(path: string): ByteSource {
    return this.#found(path, () => this.#volume.fileSource(path));
  }

  space(): ImageSpace {
    const { totalBytes, freeBytes } = this.#volume.freeSpace();
    return { total: totalBytes, used: totalBytes - freeBytes };
  }

  hasFile(path: string): boolean {
    return this.#typeOf(path) === 'file';
  }

  hasDirectory(path: string): boolean {
    return this.#typeOf(path) === 'directory';
  }

  writeFile(path: string, content: Uint8Array): void {
    const names = namesOf(path);
    this.#makeDirectories(names.slice(0, -1));
    this.#volume.writeFile(`/${names.join('/')}`, content);
  }

  makeDirectory(path: string): void {
    this.#makeDirectories(namesOf(path));
  }

  remove(path: string, options: { readonly recursive?: boolean } = {}): string[] {
    const full = `/${namesOf(path).join('/')}`;
    const { type } = this.#found(path, () => this.#volume.stat(full));
    const inside = type === 'directory' && options.recursive === true ? [...this.#volume.walk(full)] : [];
    const removed = [...inside.map((entry) => entry.path).reverse(), full];
    for (const each of removed) this.#volume.unlink(each);
    return removed;
  }

  close(): void {
    try {
      this.#volume.unmount();
    } finally {
      this.#source.close?.();
    }
  }

  #makeDirectories(names: readonly string[]): void {
    let path = '';
    for (const name of names) {
      path += `/${name}`;
      if (!this.hasDirectory(path)) this.#volume.mkdir(path);
    }
  }

  #typeOf(path: string): ImageEntry['type'] | undefined {
    const names = namesOf(path);
    if (names.length === 0) return 'directory';
    try {
      return this.#volume.stat(`/${names.join('/')}`).type;
    } catch (error) {
      if (error instanceof FatError && ABSENT.includes(error.code)) return undefined;
      throw error;
    }
  }

  #found<T>(path: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof FatError && ABSENT.includes(error.code)) {
        throw new LoadstoneError('NOT_FOUND', `the image has no file ${path}`, { path, code: error.code });
      }
      throw error;
    }
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function treeEntry({ path, size, type, date, time }: FatTreeEntry): ImageEntry {
  if (date === 0) return { path, size, type };
  const at = decodeDateTime(date, time);
  const two = (value: number) => String(value).padStart(2, '0');
  const modified = `${at.year}-${two(at.month)}-${two(at.day)}T${two(at.hour)}:${two(at.minute)}:${two(at.second)}`;
  return { path, size, type, modified };
}
