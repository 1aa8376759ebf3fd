import type { BlockDevice } from '@loadstone/fd-sources';
import { readVolumeParameters, type VolumeParameters } from '../fat/boot-sector.js';
import { deviceSource, onDevice } from '../fat/device-drive.js';
import { FatError } from '../fat/error.js';
import { ATTRIBUTE, FRESULT } from '../fat/fresult.js';
import { FatTable } from './fat-table.js';
import { type EntryPlace, type RawEntry, readEntries } from './raw-entries.js';
import { SectorOverlay } from './sector-overlay.js';

/** What can be wrong with a volume; the repair is what `repair` does about it. */
export type FatProblemCode =
  /** The device ends before the volume does. No repair. */
  | 'VOLUME_TRUNCATED'
  /** The volume was not unmounted. Repair: the mark is cleared. */
  | 'DIRTY'
  /** The copies of the FAT differ. Repair: the first one counts. */
  | 'FATS_DIFFER'
  /** A first cluster that does not exist. Repair: the file is emptied, a directory's entry deleted. */
  | 'BAD_START'
  /** A chain leads to a cluster that does not exist, is free, or is marked bad. Repair: the chain ends before it. */
  | 'OUT_OF_RANGE'
  | 'FREE_IN_CHAIN'
  | 'BAD_IN_CHAIN'
  /** A chain leads back into itself. Repair: it ends before that. */
  | 'CHAIN_LOOP'
  /** A cluster belongs to two chains. Repair: the second ends before it; a directory that begins there is deleted. */
  | 'CROSS_LINK'
  /** A file's size and chain do not agree. Repair: the smaller one counts. */
  | 'SIZE_MISMATCH'
  /** A directory states a size. Repair: 0. */
  | 'DIRECTORY_SIZE'
  /** `.` or `..` is missing or leads elsewhere. Repair when it is there: corrected. */
  | 'DOT_ENTRY'
  /** Long-name entries that do not belong to the entry after them. A warning; no repair. */
  | 'LONG_NAME'
  /** Allocated clusters that nothing uses. Repair: freed. */
  | 'LOST_CLUSTERS'
  /** The free cluster count of FAT32's FSInfo is wrong. Repair: corrected. */
  | 'FREE_COUNT';

export interface FatProblem {
  readonly code: FatProblemCode;
  /** Warnings leave a volume clean. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly path?: string;
  readonly cluster?: number;
}

/** The outcome of a check. */
export interface FatCheck {
  readonly parameters: VolumeParameters;
  readonly problems: readonly FatProblem[];
  /** Whether no problem is an error. */
  readonly clean: boolean;
  readonly files: number;
  readonly directories: number;
  readonly freeClusters: number;
}

/**
 * Checks a volume: allocation tables, chains, directories, counts. The volume must not be mounted for writing.
 * @param options.repair writes what the problem codes describe
 * @throws FatError NO_FILESYSTEM, DISK_ERROR
 */
export function checkFat(device: BlockDevice, options: { readonly repair?: boolean } = {}): FatCheck {
  const parameters = onDevice('check', () => readVolumeParameters(deviceSource(device)));
  if (parameters === undefined) throw FatError.fromResult(FRESULT.FR_NO_FILESYSTEM, { operation: 'check' });
  return new Checker(device, parameters).run(options.repair ?? false);
}

/** A directory still to be read. */
interface PendingDirectory {
  readonly path: string;
  readonly clusters: readonly number[];
  /** First cluster, and the parent's as `..` states it: 0 for the root. */
  readonly start: number;
  readonly parent: number;
}

class Checker {
  readonly #parameters: VolumeParameters;
  readonly #sectors: SectorOverlay;
  readonly #fat: FatTable;
  readonly #problems: FatProblem[] = [];
  /** By cluster: which path uses it, as index into `#paths`, 0 for none. */
  readonly #owner: Uint32Array;
  readonly #paths: string[] = [''];
  readonly #dataStart: number;
  readonly #truncated: boolean;
  /** Whether the chain followed last went on behind what was needed. */
  #excess = false;
  #files = 0;
  #directories = 0;

  constructor(device: BlockDevice, parameters: VolumeParameters) {
    const { reservedSectors, fats, sectorsPerFat, rootEntries, bytesPerSector, totalSectors, partitionOffset } =
      parameters;
    this.#parameters = parameters;
    this.#sectors = new SectorOverlay(device, bytesPerSector);
    this.#dataStart = reservedSectors + fats * sectorsPerFat + (rootEntries * 32) / bytesPerSector;
    this.#truncated = partitionOffset + totalSectors * bytesPerSector > device.size;
    // The tables and the root directory have to be there before anything can be said.
    this.#sectors.read(partitionOffset + (this.#dataStart - 1) * bytesPerSector);
    this.#fat = new FatTable(this.#sectors, parameters);
    this.#owner = new Uint32Array(parameters.clusters + 2);
  }

  run(repair: boolean): FatCheck {
    if (this.#truncated) this.#report('VOLUME_TRUNCATED', 'the device ends before the volume does');
    this.#checkDirty();
    this.#checkCopies();
    this.#checkTree();
    this.#checkLost();
    const freeClusters = this.#checkFreeCount();
    if (repair && !this.#truncated) {
      this.#fat.store(this.#sectors);
      this.#sectors.flush();
    }
    return {
      parameters: this.#parameters,
      problems: this.#problems,
      clean: this.#problems.every(({ severity }) => severity === 'warning'),
      files: this.#files,
      directories: this.#directories,
      freeClusters,
    };
  }

  #report(code: FatProblemCode, message: string, where: { path?: string; cluster?: number } = {}): void {
    const severity = code === 'LONG_NAME' ? 'warning' : 'error';
    this.#problems.push({
      code,
      severity,
      message: where.path === undefined ? message : `${where.path}: ${message}`,
      ...where,
    });
  }

  /** `BS_Reserved1`, bit 0 (section 3.3), as Windows and fsck.fat use it. */
  #checkDirty(): void {
    const at = this.#parameters.type === 'fat32' ? 65 : 37;
    const address = this.#parameters.partitionOffset;
    if (!(this.#sectors.read(address)[at] & 1)) return;
    this.#report('DIRTY', 'the volume was not unmounted');
    this.#sectors.change(address, (sector) => (sector[at] &= ~1));
  }

  #checkCopies(): void {
    if (this.#parameters.fats < 2) return;
    const [first, second] = [this.#fat.readCopy(this.#sectors, 0), this.#fat.readCopy(this.#sectors, 1)];
    const at = first.findIndex((byte, index) => byte !== second[index]);
    if (at >= 0) this.#report('FATS_DIFFER', `the two FATs differ, first at their byte ${at}`);
  }

  #checkTree(): void {
    const { type, rootCluster } = this.#parameters;
    let rootClusters: readonly number[] = [];
    if (type === 'fat32') rootClusters = this.#followChain('/', rootCluster, Number.POSITIVE_INFINITY);
    const pending: PendingDirectory[] = [{ path: '', clusters: rootClusters, start: 0, parent: 0 }];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      const below: PendingDirectory[] = [];
      const dots = new Set<string>();
      for (const entry of readEntries(this.#sectors, this.#addresses(directory))) {
        if (entry.badLongName) {
          this.#report('LONG_NAME', 'long-name entries that do not belong to it', {
            path: `${directory.path}/${entry.name}`,
          });
        }
        if (directory.path !== '' && (entry.name === '.' || entry.name === '..')) {
          dots.add(entry.name);
          this.#checkDot(directory, entry);
        } else if (entry.attributes & ATTRIBUTE.DIRECTORY) {
          const found = this.#checkDirectory(directory, entry);
          if (found !== undefined) below.push(found);
        } else {
          this.#checkFile(`${directory.path}/${entry.name}`, entry);
        }
      }
      if (directory.path !== '' && dots.size < 2)
        this.#report('DOT_ENTRY', '. or .. is missing', { path: directory.path });
      pending.push(...below.reverse());
    }
  }

  /** Addresses of a directory's sectors, those that are on the device. */
  *#addresses({ path, clusters }: PendingDirectory): Generator<number> {
    const { partitionOffset, bytesPerSector, sectorsPerCluster, rootEntries, type } = this.#parameters;
    if (path === '' && type !== 'fat32') {
      const rootSectors = (rootEntries * 32) / bytesPerSector;
      for (let back = rootSectors; back > 0; back--) yield partitionOffset + (this.#dataStart - back) * bytesPerSector;
    }
    for (const cluster of clusters) {
      const first = this.#dataStart + (cluster - 2) * sectorsPerCluster;
      for (let index = 0; index < sectorsPerCluster; index++) {
        const address = partitionOffset + (first + index) * bytesPerSector;
        if (address + bytesPerSector <= this.#sectors.device.size) yield address;
      }
    }
  }

  #checkDot(directory: PendingDirectory, entry: RawEntry): void {
    const wanted = entry.name === '.' ? directory.start : directory.parent;
    // On FAT32, `..` to the root may state the root's own cluster, which some tools write.
    const root = wanted === 0 && entry.firstCluster === this.#parameters.rootCluster;
    if (entry.firstCluster === wanted || root) return;
    const message = `${entry.name} leads to cluster ${entry.firstCluster}, not ${wanted}`;
    this.#report('DOT_ENTRY', message, { path: directory.path, cluster: entry.firstCluster });
    this.#setCluster(entry, wanted);
  }

  #checkDirectory(parent: PendingDirectory, entry: RawEntry): PendingDirectory | undefined {
    const path = `${parent.path}/${entry.name}`;
    this.#directories++;
    const clusters = this.#followChain(path, entry.firstCluster, Number.POSITIVE_INFINITY);
    if (clusters.length === 0) {
      if (entry.firstCluster === 0) this.#report('BAD_START', 'a directory without a cluster', { path, cluster: 0 });
      for (const place of [...entry.longName, entry]) this.#change(place, (bytes) => (bytes[0] = 0xe5));
      return undefined;
    }
    if (entry.size !== 0) {
      this.#report('DIRECTORY_SIZE', `a directory that states a size of ${entry.size} bytes`, { path });
      this.#setSize(entry, 0);
    }
    return { path, clusters, start: entry.firstCluster, parent: parent.start };
  }

  #checkFile(path: string, entry: RawEntry): void {
    this.#files++;
    const clusterSize = this.#parameters.bytesPerSector * this.#parameters.sectorsPerCluster;
    const needed = Math.ceil(entry.size / clusterSize);
    const clusters = entry.firstCluster === 0 ? [] : this.#followChain(path, entry.firstCluster, needed);
    if (clusters.length === 0 && entry.firstCluster !== 0) this.#setCluster(entry, 0);
    if (clusters.length < needed) {
      const room = clusters.length * clusterSize;
      this.#report('SIZE_MISMATCH', `${entry.size} bytes, but its chain holds ${room}`, { path });
      this.#setSize(entry, room);
    } else if (this.#excess) {
      this.#report('SIZE_MISMATCH', `${entry.size} bytes, but its chain goes on behind them`, { path });
      if (needed === 0) this.#setCluster(entry, 0);
    }
  }

  /**
   * Follows a chain up to `needed` clusters, taking each for the path; reports what is wrong and ends the chain there.
   * Clusters behind `needed` are left to be found as lost.
   */
  #followChain(path: string, start: number, needed: number): number[] {
    const { entries } = this.#fat;
    const id = this.#paths.push(path) - 1;
    const clusters: number[] = [];
    this.#excess = false;
    for (let cluster = start; ; cluster = entries[cluster]) {
      const wrong = this.#wrongInChain(cluster, id, clusters.length);
      if (wrong !== undefined) {
        if (!(start === 0 && clusters.length === 0)) this.#report(wrong[0], wrong[1], { path, cluster });
        if (clusters.length > 0) entries[clusters[clusters.length - 1]] = this.#fat.end;
        return clusters;
      }
      if (clusters.length === needed) {
        this.#excess = true;
        if (needed > 0) entries[clusters[needed - 1]] = this.#fat.end;
        return clusters;
      }
      this.#owner[cluster] = id;
      clusters.push(cluster);
      if (this.#fat.isEnd(entries[cluster])) return clusters;
    }
  }

  #wrongInChain(cluster: number, id: number, length: number): [FatProblemCode, string] | undefined {
    const { entries } = this.#fat;
    if (cluster < 2 || cluster >= entries.length) {
      return [
        length === 0 ? 'BAD_START' : 'OUT_OF_RANGE',
        `its chain leads to cluster ${cluster}, which does not exist`,
      ];
    }
    if (this.#owner[cluster] === id) return ['CHAIN_LOOP', `its chain leads back to cluster ${cluster}`];
    if (this.#owner[cluster] !== 0) {
      return ['CROSS_LINK', `shares cluster ${cluster} with ${this.#paths[this.#owner[cluster]]}`];
    }
    if (this.#fat.isFree(entries[cluster]))
      return ['FREE_IN_CHAIN', `its chain leads to cluster ${cluster}, which is free`];
    if (this.#fat.isBad(entries[cluster]))
      return ['BAD_IN_CHAIN', `its chain leads to cluster ${cluster}, which is bad`];
    return undefined;
  }

  #checkLost(): void {
    const { entries } = this.#fat;
    let lost = 0;
    for (let cluster = 2; cluster < entries.length; cluster++) {
      if (this.#owner[cluster] !== 0 || this.#fat.isFree(entries[cluster]) || this.#fat.isBad(entries[cluster]))
        continue;
      lost++;
      entries[cluster] = 0;
    }
    if (lost > 0) this.#report('LOST_CLUSTERS', `${lost} clusters are allocated but belong to nothing`);
  }

  /** Section 5: FSInfo's signatures, and its free count, 0xFFFFFFFF when unknown. */
  #checkFreeCount(): number {
    const { type, partitionOffset, bytesPerSector, reservedSectors } = this.#parameters;
    let free = 0;
    for (let cluster = 2; cluster < this.#fat.entries.length; cluster++) if (this.#fat.entries[cluster] === 0) free++;
    if (type !== 'fat32') return free;
    const sector = new DataView(this.#sectors.read(partitionOffset).buffer).getUint16(48, true);
    if (sector === 0 || sector >= reservedSectors) return free;
    const address = partitionOffset + sector * bytesPerSector;
    const view = new DataView(this.#sectors.read(address).buffer);
    if (view.getUint32(0, true) !== 0x41615252 || view.getUint32(484, true) !== 0x61417272) return free;
    const stated = view.getUint32(488, true);
    if (stated === free || stated === 0xffffffff) return free;
    this.#report('FREE_COUNT', `FSInfo states ${stated} free clusters, there are ${free}`);
    this.#sectors.change(address, (bytes) => new DataView(bytes.buffer).setUint32(488, free, true));
    return free;
  }

  #change(place: EntryPlace, edit: (entry: Uint8Array) => void): void {
    this.#sectors.change(place.address, (sector) => edit(sector.subarray(place.offset, place.offset + 32)));
  }

  #setCluster(place: EntryPlace, cluster: number): void {
    this.#change(place, (entry) => {
      const view = new DataView(entry.buffer, entry.byteOffset, 32);
      view.setUint16(20, cluster >>> 16, true);
      view.setUint16(26, cluster & 0xffff, true);
    });
  }

  #setSize(place: EntryPlace, size: number): void {
    this.#change(place, (entry) => new DataView(entry.buffer, entry.byteOffset, 32).setUint32(28, size, true));
  }
}
