import type { FatDirectory } from './directory.js';
import { FatError } from './error.js';
import type { FatFile } from './file.js';
import { FA, FRESULT } from './fresult.js';
import { DIR_FIELD, FIL_FIELD } from './layout.js';
import { pathNames } from './path.js';
import type { VolumeMemory } from './volume-memory.js';

interface OpenFile {
  readonly file: FatFile;
  readonly writing: boolean;
  /** Where the directory entry lies, the same for every name of the file: its sector and its address in FatFs' window. */
  readonly sector: number;
  readonly address: number;
}

interface OpenDirectory {
  readonly directory: FatDirectory;
  readonly startCluster: number;
}

/**
 * What is open on one volume. FatFs is built without locks: of two openings of one file, one of them writing, each would lose
 * the other's clusters, and an unlinked or renamed file's object would write into an entry that is no longer its own.
 */
export class OpenEntries {
  readonly #memory: VolumeMemory;
  readonly #files = new Map<FatFile, OpenFile>();
  readonly #directories = new Map<FatDirectory, OpenDirectory>();

  constructor(memory: VolumeMemory) {
    this.#memory = memory;
  }

  get files(): readonly FatFile[] {
    return [...this.#files.keys()];
  }

  get directories(): readonly FatDirectory[] {
    return [...this.#directories.keys()];
  }

  get isEmpty(): boolean {
    return this.#files.size + this.#directories.size === 0;
  }

  /** @param pointer the file's `FIL` */
  addFile(file: FatFile, pointer: number, writing: boolean): void {
    this.#files.set(file, { file, writing, ...this.#identity(pointer) });
  }

  /** @param pointer the directory's `DIR` */
  addDirectory(directory: FatDirectory, pointer: number): void {
    this.#directories.set(directory, { directory, startCluster: this.#memory.word(pointer + DIR_FIELD.startCluster) });
  }

  remove(entry: FatFile | FatDirectory): void {
    for (const entries of [this.#files, this.#directories] as Map<unknown, unknown>[]) entries.delete(entry);
  }

  /** @throws FatError LOCKED when the file is open and either opening is for writing */
  checkShared(operation: string, path: string, writing: boolean): void {
    if (this.#files.size > 0) this.#refuse(operation, path, (open) => writing || open.writing);
  }

  /** @throws FatError LOCKED when the file or directory is open */
  checkClosed(operation: string, path: string): void {
    if (this.#files.size > 0) this.#refuse(operation, path, () => true);
    if (this.#directories.size === 0) return;
    const startCluster = this.directoryCluster(path);
    for (const open of this.#directories.values()) {
      if (open.startCluster === startCluster) throw FatError.fromResult(FRESULT.FR_LOCKED, { operation, path });
    }
  }

  /** @throws FatError DENIED when `to` lies inside the directory; FatFs would cut it off the tree */
  checkOutside(directory: string, to: string): void {
    const startCluster = this.directoryCluster(directory);
    const names = pathNames(to);
    for (let depth = 1; depth < names.length; depth++) {
      if (this.directoryCluster(names.slice(0, depth).join('/')) === startCluster) {
        throw FatError.fromResult(FRESULT.FR_DENIED, { operation: 'rename', path: directory });
      }
    }
  }

  /** First cluster of a directory, 0 for the root; undefined when there is none at the path. */
  directoryCluster(path: string): number | undefined {
    const full = this.#memory.path('opendir', path);
    const { probe } = this.#memory;
    if (this.#memory.call('opendir', (fatfs) => fatfs.f_opendir(probe, full)) !== FRESULT.FR_OK) return undefined;
    const startCluster = this.#memory.word(probe + DIR_FIELD.startCluster);
    this.#memory.call('closedir', (fatfs) => fatfs.f_closedir(probe));
    return startCluster;
  }

  #identity(pointer: number): { sector: number; address: number } {
    return {
      sector: this.#memory.word(pointer + FIL_FIELD.dirSect),
      address: this.#memory.word(pointer + FIL_FIELD.dirPtr),
    };
  }

  #refuse(operation: string, path: string, clashes: (open: OpenFile) => boolean): void {
    const { probe } = this.#memory;
    const full = this.#memory.path(operation, path);
    if (this.#memory.call(operation, (fatfs) => fatfs.f_open(probe, full, FA.READ)) !== FRESULT.FR_OK) return;
    const { sector, address } = this.#identity(probe);
    this.#memory.call(operation, (fatfs) => fatfs.f_close(probe));
    for (const open of this.#files.values()) {
      if (open.sector === sector && open.address === address && clashes(open)) {
        throw FatError.fromResult(FRESULT.FR_LOCKED, { operation, path });
      }
    }
  }
}
