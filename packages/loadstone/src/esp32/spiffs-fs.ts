import type { BlockDevice } from '@loadstone/fd-sources';
import { OpenFlags, Spiffs, type SpiffsConfig, SpiffsError } from '@loadstone/spiffs';
import { File, type FileHost } from './file.js';
import { openFlags } from './open-mode.js';
import type { Formatter } from './print.js';

/** How true to ESP-IDF's SPIFFS library: `parity` programs, checks and loses as it does. */
export type SpiffsBehaviour = 'correct' | 'parity';

export interface SpiffsFsOptions {
  readonly partition: BlockDevice;
  /** What the firmware was built with. */
  readonly config: SpiffsConfig;
  readonly behaviour: SpiffsBehaviour;
  readonly format: Formatter;
  /** Seconds of the firmware's clock. */
  readonly clock: () => number;
}

/** Label of the data partition in Arduino-ESP32's default table. */
const PARTITION_LABEL = 'spiffs';

/** Arduino-ESP32's `SPIFFS` object. Paths begin with `/`; what cannot be done gives false, 0 or null. */
export class SpiffsFs {
  readonly #options: SpiffsFsOptions;
  #fs: Spiffs | undefined;
  #maxOpenFiles = 10;

  constructor(options: SpiffsFsOptions) {
    this.#options = options;
  }

  /**
   * Mounts the partition.
   * @param formatOnFail make an empty file system when there is none
   * @param _basePath where the VFS would mount it; paths given to this object do not have it
   * @param partitionLabel null for the first SPIFFS partition
   */
  begin(formatOnFail = false, _basePath = '/spiffs', maxOpenFiles = 10, partitionLabel: string | null = null): boolean {
    if (this.#fs !== undefined) return true;
    if (partitionLabel !== null && partitionLabel !== PARTITION_LABEL) return false;
    this.#maxOpenFiles = maxOpenFiles;
    if (this.#mount()) return true;
    return formatOnFail && this.format() && this.#mount();
  }

  /** Unmounts; open files are flushed and closed. */
  end(): void {
    const fs = this.#fs;
    this.#fs = undefined;
    refused(() => fs?.unmount());
  }

  /** Makes an empty file system, mounted again when it was. */
  format(): boolean {
    const { partition, config } = this.#options;
    const wasMounted = this.#fs !== undefined;
    this.end();
    if (refused(() => Spiffs.format(partition, config))) return false;
    return !wasMounted || this.#mount();
  }

  /** Bytes that fit in all, file headers included; 0 when not mounted. */
  totalBytes(): number {
    return this.#fs?.info().total ?? 0;
  }

  usedBytes(): number {
    return this.#fs?.info().used ?? 0;
  }

  /** Whether there is a file of this path. */
  exists(path: string): boolean {
    const fs = this.#fs;
    return fs !== undefined && path.startsWith('/') && !refused(() => fs.stat(path));
  }

  /**
   * Opens a file, or with mode `r` or `r+` a directory: `/`, or what stands before a `/` in a file's name.
   * @param mode of C's fopen: `r`, `w`, `a`, each with or without `+`
   * @returns null when there is no such file, no room for it, no free descriptor, or nothing is mounted
   */
  open(path: string, mode = 'r'): File | null {
    const fs = this.#fs;
    const flags = openFlags(mode);
    if (fs === undefined || flags === undefined || !path.startsWith('/')) return null;
    if (mode.startsWith('r') && !this.exists(path)) return this.#openDirectory(fs, path);
    if (path === '/') return null;
    let fd = 0;
    const failed = refused(() => {
      fd = fs.open(path, flags);
      if ((flags & OpenFlags.WRONLY) !== 0) this.#stamp(fs, fd);
    });
    if (!failed) return new File(this.#host(fs), path, fd);
    if (fd > 0) refused(() => fs.close(fd));
    return null;
  }

  remove(path: string): boolean {
    const fs = this.#fs;
    return fs !== undefined && path.startsWith('/') && !refused(() => fs.remove(path));
  }

  /** @returns false when there is no file `from`, or there is one of the new name */
  rename(from: string, to: string): boolean {
    const fs = this.#fs;
    return fs !== undefined && from.startsWith('/') && to.startsWith('/') && !refused(() => fs.rename(from, to));
  }

  /** SPIFFS has no directories to make. */
  mkdir(_path: string): boolean {
    return false;
  }

  rmdir(_path: string): boolean {
    return false;
  }

  #mount(): boolean {
    const { partition, config, behaviour } = this.#options;
    return !refused(() => {
      this.#fs = Spiffs.mount(partition, config, {
        parity: behaviour === 'parity',
        maxOpenFiles: this.#maxOpenFiles,
      });
    });
  }

  #openDirectory(fs: Spiffs, path: string): File | null {
    const host = this.#host(fs);
    const isDirectory = path === '/' || host.list(path.endsWith('/') ? path : `${path}/`).length > 0;
    return isDirectory ? new File(host, path, undefined) : null;
  }

  /** ESP-IDF keeps the time of the last opening for writing in the metadata (esp_spiffs.c). */
  #stamp(fs: Spiffs, fd: number): void {
    if (fs.config.metaLen < 4) return;
    const meta = new Uint8Array(fs.config.metaLen).fill(0xff);
    new DataView(meta.buffer).setUint32(0, this.#options.clock() >>> 0, true);
    fs.setMetaOpen(fd, meta);
  }

  #host(fs: Spiffs): FileHost {
    return {
      format: this.#options.format,
      spiffs: () => (this.#fs === fs ? fs : undefined),
      open: (path, mode) => (this.#fs === fs ? this.open(path, mode) : null),
      list: (prefix) =>
        fs
          .list()
          .map(({ name }) => name)
          .filter((name) => name.startsWith(prefix)),
    };
  }
}

/** Whether SPIFFS refused to do something. Other errors, such as a power loss, are thrown on. */
function refused(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof SpiffsError) return true;
    throw error;
  }
}
