import type { EntryStamp } from './entry-stamp.js';
import { FatError } from './error.js';
import { FA, FRESULT } from './fresult.js';
import { FIL_FIELD } from './layout.js';
import type { VolumeMemory } from './volume-memory.js';

/** An open file of a FAT volume. Positions and lengths are bytes, 0 to 2^32 - 1. */
export class FatFile {
  readonly path: string;
  readonly #memory: VolumeMemory;
  readonly #pointer: number;
  readonly #onClose: () => void;
  readonly #stamp: EntryStamp | undefined;
  readonly #created: boolean;
  #open = true;

  /** Made by `FatVolume.open`. */
  constructor(memory: VolumeMemory, pointer: number, path: string, onClose: () => void, stamp: EntryStamp | undefined) {
    this.#stamp = stamp;
    this.#created = stamp?.isModified(pointer) ?? false;
    this.#memory = memory;
    this.#pointer = pointer;
    this.path = path;
    this.#onClose = onClose;
  }

  /** Length of the file. */
  get size(): number {
    return this.#memory.fatfs.f_size(this.#check('size'));
  }

  /** First cluster of the file's chain; 0 for an empty file. */
  get startCluster(): number {
    return this.#memory.word(this.#check('startCluster') + FIL_FIELD.startCluster);
  }

  /** Where the next read or write begins. */
  get position(): number {
    return this.#memory.fatfs.f_tell(this.#check('position'));
  }

  /**
   * Reads from the position on and moves it.
   * @returns bytes read; fewer than `into.length` only at the end of the file
   * @throws FatError CORRUPT, DISK_ERROR (`data.transferred` bytes of `into` are filled), DENIED when not open for reading
   */
  read(into: Uint8Array): number {
    const pointer = this.#check('read');
    const { transfer, transferSize, counter } = this.#memory;
    let done = 0;
    while (done < into.length) {
      const wanted = Math.min(transferSize, into.length - done);
      const result = this.#memory.call('read', (fatfs) => fatfs.f_read(pointer, transfer, wanted, counter));
      const count = this.#memory.fatfs.getValue(counter, 'i32');
      into.set(this.#memory.fatfs.HEAPU8.subarray(transfer, transfer + count), done);
      done += count;
      if (result !== FRESULT.FR_OK)
        throw this.#memory.error(result, { operation: 'read', path: this.path, transferred: done });
      if (count < wanted) break;
    }
    return done;
  }

  /**
   * Writes at the position and moves it; the file grows as needed.
   * @throws FatError DISK_FULL when not everything fitted (`data.transferred` bytes were written), DENIED when not open for
   *   writing, DISK_ERROR, CORRUPT
   */
  write(from: Uint8Array): void {
    const done = this.writeSome(from);
    if (done < from.length) {
      throw new FatError(
        'DISK_FULL',
        FRESULT.FR_DENIED,
        `write ${JSON.stringify(this.path)}: the volume is full after ${done} of ${from.length} bytes`,
        { operation: 'write', path: this.path, transferred: done, size: from.length },
      );
    }
  }

  /**
   * Writes as `f_write` does: what does not fit on the volume is left out without an error.
   * @returns bytes written, 0 to `from.length`
   */
  writeSome(from: Uint8Array): number {
    const pointer = this.#check('write');
    const { transfer, transferSize, counter } = this.#memory;
    let done = 0;
    while (done < from.length) {
      const wanted = Math.min(transferSize, from.length - done);
      this.#memory.fatfs.HEAPU8.set(from.subarray(done, done + wanted), transfer);
      const result = this.#memory.call('write', (fatfs) => fatfs.f_write(pointer, transfer, wanted, counter));
      const count = this.#memory.fatfs.getValue(counter, 'i32');
      done += count;
      if (result !== FRESULT.FR_OK)
        throw this.#memory.error(result, { operation: 'write', path: this.path, transferred: done });
      if (count < wanted) break;
    }
    return done;
  }

  /**
   * Moves the position. Past the end, a file open for writing is stretched (its new bytes are whatever the clusters hold),
   * a file open for reading stops at the end.
   * @returns the position reached
   * @throws FatError CORRUPT, DISK_ERROR
   */
  seek(position: number): number {
    const pointer = this.#check('seek');
    if (!Number.isInteger(position) || position < 0 || position > 0xffff_ffff) {
      throw new FatError(
        'INVALID_PARAMETER',
        FRESULT.FR_INVALID_PARAMETER,
        `seek: ${position} is not a file position`,
        {
          operation: 'seek',
          path: this.path,
        },
      );
    }
    this.#run('seek', (fatfs) => fatfs.f_lseek(pointer, position));
    return this.position;
  }

  /** Cuts the file at the position. */
  truncate(): void {
    const pointer = this.#check('truncate');
    this.#run('truncate', (fatfs) => fatfs.f_truncate(pointer));
  }

  /** Writes everything pending of this file to the device, its directory entry included. */
  sync(): void {
    const pointer = this.#check('sync');
    this.#writingEntry(pointer, () => this.#run('sync', (fatfs) => fatfs.f_sync(pointer)));
  }

  /**
   * Writes what is pending and releases the file. When writing fails the file stays open, so that closing can be tried again.
   * Closing a closed file does nothing.
   */
  close(): void {
    if (!this.#open) return;
    const pointer = this.#pointer;
    this.#writingEntry(pointer, () => this.#run('close', (fatfs) => fatfs.f_close(pointer)));
    this.discard();
  }

  /** Releases the file without writing what is pending. */
  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onClose();
  }

  #writingEntry(pointer: number, write: () => void): void {
    const modified = this.#stamp?.isModified(pointer) ?? false;
    write();
    if (modified) this.#stamp?.clearFile(pointer, this.#created);
  }

  #check(operation: string): number {
    if (this.#open) return this.#pointer;
    throw new FatError(
      'CLOSED',
      FRESULT.FR_INVALID_OBJECT,
      `${operation} ${JSON.stringify(this.path)}: the file is closed`,
      {
        operation,
        path: this.path,
      },
    );
  }

  #run(operation: string, run: Parameters<VolumeMemory['call']>[1]): void {
    const result = this.#memory.call(operation, run);
    if (result !== FRESULT.FR_OK) throw this.#memory.error(result, { operation, path: this.path });
  }
}

/** Whether these mode bits can change the file. */
export function isWriting(mode: number): boolean {
  return (mode & ~FA.READ) !== 0;
}
