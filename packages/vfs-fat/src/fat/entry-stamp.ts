import type { BlockDevice } from '@loadstone/fd-sources';
import type { VolumeParameters } from './boot-sector.js';
import { onDevice } from './device-drive.js';
import { ATTRIBUTE } from './fresult.js';
import { FATFS_FIELD, FIL_FIELD } from './layout.js';
import { ENTRY_SIZE, RawVolume } from './raw-volume.js';
import type { VolumeMemory } from './volume-memory.js';

/** `FA_MODIFIED` in `FIL.flag` (ff.c): the entry is to be written. */
const FA_MODIFIED = 0x40;

/** Offsets in a directory entry (Microsoft FAT specification 1.03, section 6): first of the fields, and their bytes. */
const CREATED = [13, 5] as const;
const CHANGED = [22, 4] as const;

/**
 * Sets the times FatFs has just written to 0, as a board without a clock has them. js-fatfs always takes the host's clock, so
 * the entry is changed after FatFs has written it, on the device and in FatFs' window.
 */
export class EntryStamp {
  readonly #memory: VolumeMemory;
  readonly #device: BlockDevice;
  readonly #parameters: VolumeParameters;

  constructor(memory: VolumeMemory, device: BlockDevice, parameters: VolumeParameters) {
    this.#memory = memory;
    this.#device = device;
    this.#parameters = parameters;
  }

  /** Whether the next sync or close of a file writes its entry. @param pointer `FIL` */
  isModified(pointer: number): boolean {
    return (this.#memory.fatfs.HEAPU8[pointer + FIL_FIELD.flag] & FA_MODIFIED) !== 0;
  }

  /** Clears the times of a file whose entry was just written. @param created whether this opening made or emptied the file */
  clearFile(pointer: number, created: boolean): void {
    const sector = this.#memory.word(pointer + FIL_FIELD.dirSect);
    const window = this.#memory.volume + FATFS_FIELD.win;
    const offset = this.#memory.word(pointer + FIL_FIELD.dirPtr) - window;
    this.#clear(sector, offset, created ? [CREATED, CHANGED] : [CHANGED]);
  }

  /** Clears the times of a directory just made: its entry, and its own `.` and `..`. Clusters as in `DIR`, 0 for the root. */
  clearDirectory(parentCluster: number, cluster: number): void {
    const raw = new RawVolume(this.#device, this.#parameters);
    const { bytesPerSector } = this.#parameters;
    const bytes = new Uint8Array(bytesPerSector);
    const view = new DataView(bytes.buffer);
    for (const address of raw.directorySectors(parentCluster)) {
      onDevice('mkdir', () => this.#device.read(address, bytes));
      for (let offset = 0; offset < bytesPerSector; offset += ENTRY_SIZE) {
        const attributes = bytes[offset + 11];
        if (bytes[offset] === 0xe5 || (attributes & 0x3f) === ATTRIBUTE.LONG_NAME) continue;
        const first = view.getUint16(offset + 20, true) * 0x10000 + view.getUint16(offset + 26, true);
        if (first !== cluster || !(attributes & ATTRIBUTE.DIRECTORY)) continue;
        this.#clear(address / bytesPerSector, offset, [CREATED, CHANGED]);
        for (const own of raw.directorySectors(cluster)) {
          for (const dot of [0, ENTRY_SIZE]) this.#clear(own / bytesPerSector, dot, [CREATED, CHANGED]);
          return;
        }
      }
    }
  }

  #clear(sector: number, offset: number, fields: readonly (readonly [number, number])[]): void {
    const { bytesPerSector } = this.#parameters;
    const window = this.#memory.volume + FATFS_FIELD.win;
    const bytes = new Uint8Array(bytesPerSector);
    onDevice('stamp', () => this.#device.read(sector * bytesPerSector, bytes));
    for (const [start, length] of fields) bytes.fill(0, offset + start, offset + start + length);
    onDevice('stamp', () => this.#device.program(sector * bytesPerSector, bytes));
    if (this.#memory.word(this.#memory.volume + FATFS_FIELD.winsect) === sector)
      this.#memory.fatfs.HEAPU8.set(bytes, window);
  }
}
