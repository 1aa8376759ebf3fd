import type { BlockDevice } from '@loadstone/fd-sources';
import type { VolumeParameters } from './boot-sector.js';

/** Bytes of one directory entry. */
export const ENTRY_SIZE = 32;

/** First mark of a bad cluster or the end of a chain, by FAT type (Microsoft FAT specification 1.03, section 4). */
const CHAIN_END = { fat12: 0xff7, fat16: 0xfff7, fat32: 0x0ffffff7 } as const;

/**
 * A volume's sectors and chains without FatFs: for the label and time stamps, which js-fatfs does not export, and for reading
 * along a chain at speed. What FatFs has not written yet, of a file open for writing, is not seen.
 */
export class RawVolume {
  readonly device: BlockDevice;
  readonly parameters: VolumeParameters;
  readonly #sector: Uint8Array;
  #sectorAddress = -1;

  constructor(device: BlockDevice, parameters: VolumeParameters) {
    this.device = device;
    this.parameters = parameters;
    this.#sector = new Uint8Array(parameters.bytesPerSector);
  }

  /** First cluster of the root directory; 0 stands for the fixed one of FAT12/16. */
  get rootCluster(): number {
    return this.parameters.rootCluster;
  }

  /** Byte address of a volume sector on the device. */
  address(sector: number): number {
    return this.parameters.partitionOffset + sector * this.parameters.bytesPerSector;
  }

  /** Bytes of a cluster. */
  get clusterSize(): number {
    return this.parameters.sectorsPerCluster * this.parameters.bytesPerSector;
  }

  /** Byte address of a cluster on the device. @param cluster 2 and up */
  clusterAddress(cluster: number): number {
    return this.address(this.#dataSector() + (cluster - 2) * this.parameters.sectorsPerCluster);
  }

  /** The first `count` clusters of a chain; undefined when it ends or leaves the volume before. */
  chain(startCluster: number, count: number): Uint32Array | undefined {
    const { clusters } = this.parameters;
    if (count > clusters) return undefined;
    const chain = new Uint32Array(count);
    let cluster = startCluster;
    for (let index = 0; index < count; index++) {
      if (cluster < 2 || cluster >= clusters + 2) return undefined;
      chain[index] = cluster;
      if (index + 1 < count) cluster = this.#nextCluster(cluster);
    }
    return chain;
  }

  /** Addresses of a directory's sectors in order; a chain that loops or leaves the volume ends there. */
  *directorySectors(startCluster: number): Generator<number> {
    const { bytesPerSector, sectorsPerCluster, clusters } = this.parameters;
    if (startCluster === 0 && this.parameters.type !== 'fat32') {
      const data = this.#dataSector();
      for (let sector = data - this.#rootSectors(); sector < data; sector++) yield this.address(sector);
      return;
    }
    const seen = new Set<number>();
    let cluster = startCluster === 0 ? this.rootCluster : startCluster;
    while (cluster >= 2 && cluster < clusters + 2 && !seen.has(cluster)) {
      seen.add(cluster);
      const first = this.clusterAddress(cluster);
      for (let index = 0; index < sectorsPerCluster; index++) yield first + index * bytesPerSector;
      cluster = this.#nextCluster(cluster);
    }
  }

  /** The FAT entry of a cluster; 0 when it ends the chain. */
  #nextCluster(cluster: number): number {
    const { type } = this.parameters;
    let entry: number;
    if (type === 'fat12') {
      const at = cluster + (cluster >>> 1);
      const pair = this.#fatByte(at) | (this.#fatByte(at + 1) << 8);
      entry = cluster & 1 ? pair >>> 4 : pair & 0xfff;
    } else if (type === 'fat16') {
      entry = this.#fatByte(cluster * 2) | (this.#fatByte(cluster * 2 + 1) << 8);
    } else {
      entry = 0;
      for (let index = 3; index >= 0; index--) entry = (entry << 8) | this.#fatByte(cluster * 4 + index);
      entry &= 0x0fffffff;
    }
    return entry >= CHAIN_END[type] ? 0 : entry;
  }

  #fatSector(): number {
    return this.parameters.reservedSectors;
  }

  #rootSectors(): number {
    return (this.parameters.rootEntries * ENTRY_SIZE) / this.parameters.bytesPerSector;
  }

  #dataSector(): number {
    return this.#fatSector() + this.parameters.fats * this.parameters.sectorsPerFat + this.#rootSectors();
  }

  #fatByte(offset: number): number {
    const { bytesPerSector } = this.parameters;
    const within = offset % bytesPerSector;
    const address = this.address(this.#fatSector()) + offset - within;
    if (address !== this.#sectorAddress) {
      this.device.read(address, this.#sector);
      this.#sectorAddress = address;
    }
    return this.#sector[within];
  }
}
