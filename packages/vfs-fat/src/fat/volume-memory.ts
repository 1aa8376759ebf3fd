import type { FatFs } from 'js-fatfs';
import { FatError, type FatErrorData } from './error.js';
import { SIZE } from './layout.js';
import type { Drive, FatFsLibrary } from './library.js';
import { checkPath } from './path.js';

/** Bytes one call to FatFs moves at most. */
const TRANSFER_SIZE = 65536;

/** The memory and the drive number one volume holds inside a FatFs instance. */
export class VolumeMemory {
  readonly #library: FatFsLibrary;
  readonly number: number;
  /** `FATFS` object. */
  readonly volume: number;
  /** `FILINFO` object for `f_stat` and `f_readdir`. */
  readonly fileInfo: number;
  /** `FIL` object used for the length of one call. */
  readonly probe: number;
  /** A 32-bit result. */
  readonly counter: number;
  readonly transfer: number;
  readonly transferSize = TRANSFER_SIZE;
  readonly #block: number;

  constructor(library: FatFsLibrary, drive: Drive) {
    this.#library = library;
    const sizes = [SIZE.FATFS, SIZE.FILINFO, SIZE.FIL, 8, TRANSFER_SIZE].map((size) => (size + 7) & ~7);
    this.#block = library.allocate(sizes.reduce((sum, size) => sum + size, 0));
    const at = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, this.#block));
    [this.volume, this.fileInfo, this.probe, this.counter, this.transfer] = at as [
      number,
      number,
      number,
      number,
      number,
    ];
    library.fatfs.HEAPU8.fill(0, this.#block, this.transfer);
    try {
      this.number = library.attach(drive);
    } catch (error) {
      library.fatfs.free(this.#block);
      throw error;
    }
  }

  /** js-fatfs; take `HEAPU8` from it anew after every call. */
  get fatfs(): FatFs {
    return this.#library.fatfs;
  }

  /** Calls FatFs and returns its result number. */
  call(operation: string, run: (fatfs: FatFs) => number): number {
    return this.#library.call(operation, run);
  }

  /** The error for a result number, with the device's own error as its cause. */
  error(result: number, data: FatErrorData): FatError {
    const cause = this.#library.deviceError;
    return FatError.fromResult(result, cause === undefined ? data : { ...data, cause });
  }

  allocate(size: number): number {
    return this.#library.allocate(size);
  }

  free(pointer: number): void {
    this.fatfs.free(pointer);
  }

  /** A 32-bit field in FatFs' memory. */
  word(pointer: number): number {
    return this.fatfs.getValue(pointer, 'i32') >>> 0;
  }

  /** A path as FatFs takes it, with the drive number. @throws FatError INVALID_NAME */
  path(operation: string, path: string): string {
    return `${this.number}:${checkPath(operation, path)}`;
  }

  /** Gives memory and drive number back. */
  release(): void {
    this.#library.detach(this.number);
    this.fatfs.free(this.#block);
  }
}
