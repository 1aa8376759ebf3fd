import { type FatEntry, readFileInfo } from './entry.js';
import { FatError } from './error.js';
import { FRESULT } from './fresult.js';
import type { VolumeMemory } from './volume-memory.js';

/** An open directory. FatFs ends every directory at 65536 entries, so reading ends on damaged volumes too. */
export class FatDirectory {
  readonly path: string;
  readonly #memory: VolumeMemory;
  readonly #pointer: number;
  readonly #onClose: () => void;
  #open = true;

  /** Made by `FatVolume.openDirectory`. */
  constructor(memory: VolumeMemory, pointer: number, path: string, onClose: () => void) {
    this.#memory = memory;
    this.#pointer = pointer;
    this.path = path;
    this.#onClose = onClose;
  }

  /**
   * The next entry, undefined at the end. `.`, `..` and the volume label are never given.
   * @throws FatError CORRUPT, DISK_ERROR
   */
  read(): FatEntry | undefined {
    const pointer = this.#check('readdir');
    const result = this.#memory.call('readdir', (fatfs) => fatfs.f_readdir(pointer, this.#memory.fileInfo));
    if (result !== FRESULT.FR_OK) throw this.#memory.error(result, { operation: 'readdir', path: this.path });
    return readFileInfo(this.#memory.fatfs, this.#memory.fileInfo);
  }

  /** Begins again at the first entry. */
  rewind(): void {
    const pointer = this.#check('rewinddir');
    const result = this.#memory.call('rewinddir', (fatfs) => fatfs.f_readdir(pointer, 0));
    if (result !== FRESULT.FR_OK) throw this.#memory.error(result, { operation: 'rewinddir', path: this.path });
  }

  /** Releases the directory. Closing again does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#memory.call('closedir', (fatfs) => fatfs.f_closedir(this.#pointer));
    this.#onClose();
  }

  #check(operation: string): number {
    if (this.#open) return this.#pointer;
    throw new FatError(
      'CLOSED',
      FRESULT.FR_INVALID_OBJECT,
      `${operation} ${JSON.stringify(this.path)}: the directory is closed`,
      {
        operation,
        path: this.path,
      },
    );
  }
}
