import type { VolumeParameters } from '../fat/boot-sector.js';
import type { SectorOverlay } from './sector-overlay.js';

/** Highest value of an entry by type; the top eight mark the end of a chain, the one below a bad cluster (section 4). */
const ENTRY_MASK = { fat12: 0xfff, fat16: 0xffff, fat32: 0x0fffffff } as const;

/** The file allocation table in memory: entry n is the cluster that follows cluster n. */
export class FatTable {
  readonly entries: Uint32Array;
  readonly #parameters: VolumeParameters;
  readonly #mask: number;

  /** Reads the first copy. @throws FatError DISK_ERROR */
  constructor(sectors: SectorOverlay, parameters: VolumeParameters) {
    this.#parameters = parameters;
    this.#mask = ENTRY_MASK[parameters.type];
    this.entries = this.#decode(this.readCopy(sectors, 0));
  }

  /** The bytes of one copy. */
  readCopy(sectors: SectorOverlay, copy: number): Uint8Array {
    const { bytesPerSector, sectorsPerFat } = this.#parameters;
    const bytes = new Uint8Array(sectorsPerFat * bytesPerSector);
    for (let index = 0; index < sectorsPerFat; index++) {
      bytes.set(sectors.read(this.#address(copy, index)), index * bytesPerSector);
    }
    return bytes;
  }

  isFree(entry: number): boolean {
    return entry === 0;
  }

  isBad(entry: number): boolean {
    return entry === this.#mask - 8;
  }

  isEnd(entry: number): boolean {
    return entry > this.#mask - 8;
  }

  /** What marks the end of a chain. */
  get end(): number {
    return this.#mask;
  }

  /** Puts the table into every copy, sectors that differ only. */
  store(sectors: SectorOverlay): void {
    const { bytesPerSector, sectorsPerFat, fats } = this.#parameters;
    const bytes = this.readCopy(sectors, 0);
    this.#encode(bytes);
    for (let copy = 0; copy < fats; copy++) {
      for (let index = 0; index < sectorsPerFat; index++) {
        const wanted = bytes.subarray(index * bytesPerSector, (index + 1) * bytesPerSector);
        const there = sectors.read(this.#address(copy, index));
        if (wanted.some((byte, at) => byte !== there[at])) {
          sectors.change(this.#address(copy, index), (sector) => sector.set(wanted));
        }
      }
    }
  }

  #address(copy: number, index: number): number {
    const { partitionOffset, reservedSectors, sectorsPerFat, bytesPerSector } = this.#parameters;
    return partitionOffset + (reservedSectors + copy * sectorsPerFat + index) * bytesPerSector;
  }

  #decode(bytes: Uint8Array): Uint32Array {
    const { clusters, type } = this.#parameters;
    const entries = new Uint32Array(clusters + 2);
    for (let cluster = 0; cluster < entries.length; cluster++) {
      if (type === 'fat12') {
        const at = cluster + (cluster >>> 1);
        const pair = bytes[at] | (bytes[at + 1] << 8);
        entries[cluster] = cluster & 1 ? pair >>> 4 : pair & 0xfff;
      } else if (type === 'fat16') {
        entries[cluster] = bytes[cluster * 2] | (bytes[cluster * 2 + 1] << 8);
      } else {
        const at = cluster * 4;
        entries[cluster] =
          (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) & ENTRY_MASK.fat32;
      }
    }
    return entries;
  }

  /** Entries 2 and up; the top four bits of a FAT32 entry stay. */
  #encode(bytes: Uint8Array): void {
    const { type } = this.#parameters;
    for (let cluster = 2; cluster < this.entries.length; cluster++) {
      const entry = this.entries[cluster];
      if (type === 'fat12') {
        const at = cluster + (cluster >>> 1);
        if (cluster & 1) {
          bytes[at] = (bytes[at] & 0x0f) | ((entry & 0x0f) << 4);
          bytes[at + 1] = entry >>> 4;
        } else {
          bytes[at] = entry & 0xff;
          bytes[at + 1] = (bytes[at + 1] & 0xf0) | (entry >>> 8);
        }
      } else if (type === 'fat16') {
        bytes[cluster * 2] = entry & 0xff;
        bytes[cluster * 2 + 1] = entry >>> 8;
      } else {
        const at = cluster * 4;
        bytes[at] = entry & 0xff;
        bytes[at + 1] = (entry >>> 8) & 0xff;
        bytes[at + 2] = (entry >>> 16) & 0xff;
        bytes[at + 3] = (bytes[at + 3] & 0xf0) | (entry >>> 24);
      }
    }
  }
}
