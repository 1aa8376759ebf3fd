import type { BlockDevice, ByteSource } from '@loadstone/fd-sources';
import { readVolumeParameters, type VolumeParameters } from './boot-sector.js';
import { checkSectorSize, deviceDrive, deviceSource, onDevice, SECTOR_SIZES } from './device-drive.js';
import { FatDirectory } from './directory.js';
import { type FatEntry, readFileInfo } from './entry.js';
import { EntryStamp } from './entry-stamp.js';
import { FatError } from './error.js';
import { FatFile, isWriting } from './file.js';
import { fatFileSource } from './file-source.js';
import { type FormatOptions, format } from './format.js';
import { FA, FRESULT } from './fresult.js';
import { readLabel, writeLabel } from './label.js';
import { SIZE } from './layout.js';
import { FatFsLibrary } from './library.js';
import { OpenEntries } from './open-entries.js';
import { pathNames } from './path.js';
import { RawVolume } from './raw-volume.js';
import { VolumeMemory } from './volume-memory.js';

/** How a volume is mounted. */
export interface MountOptions {
  /** Bytes per sector of the device; without it the size the boot sector names, else the device's block size. */
  readonly sectorSize?: number;
  /** Refuses every change with WRITE_PROTECTED. */
  readonly readOnly?: boolean;
  /** `none` writes date and time 0, as a board without a clock does; `host` (unless given) the host's local time. */
  readonly clock?: 'host' | 'none';
}

/** Room on a volume, in bytes and clusters. */
export interface FatSpace {
  readonly clusterSize: number;
  readonly clusters: number;
  readonly freeClusters: number;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** An entry and where it is. */
export interface FatTreeEntry extends FatEntry {
  readonly path: string;
}

/** A mounted FAT12, FAT16 or FAT32 volume. Paths begin at the root; names match without regard to case. */
export class FatVolume {
  /** Geometry from the boot sector. */
  readonly parameters: VolumeParameters;
  readonly readOnly: boolean;
  readonly #device: BlockDevice;
  readonly #memory: VolumeMemory;
  readonly #open: OpenEntries;
  readonly #stamp: EntryStamp | undefined;
  #mounted = true;

  /**
   * Mounts the device's FAT volume in a FatFs instance shared by all volumes mounted this way.
   * @throws FatError NO_FILESYSTEM, DISK_ERROR, INVALID_PARAMETER (sector size)
   */
  static async mount(device: BlockDevice, options: MountOptions = {}): Promise<FatVolume> {
    return FatFsLibrary.withShared((library) => new FatVolume(library, device, options));
  }

  /**
   * Makes a FAT volume on the device; everything on it is lost.
   * @throws FatError FORMAT_ABORTED when the device is too small or too large for the type and cluster size, …
   */
  static async format(device: BlockDevice, options: FormatOptions): Promise<VolumeParameters> {
    return FatFsLibrary.withShared((library) => format(library, device, options));
  }

  /** Made by `FatVolume.mount` and `FatFs.mount`. */
  constructor(library: FatFsLibrary, device: BlockDevice, options: MountOptions = {}) {
    if (options.sectorSize !== undefined) checkSectorSize(options.sectorSize);
    const found = onDevice('mount', () => readVolumeParameters(deviceSource(device), options.sectorSize));
    const guess = SECTOR_SIZES.includes(device.blockSize) ? device.blockSize : SECTOR_SIZES[0];
    const sectorSize = options.sectorSize ?? found?.bytesPerSector ?? guess;
    this.readOnly = options.readOnly ?? false;
    this.#device = device;
    this.#memory = new VolumeMemory(library, deviceDrive(device, sectorSize, this.readOnly));
    const result = this.#memory.call('mount', (fatfs) =>
      fatfs.f_mount(this.#memory.volume, this.#path('mount', ''), 1),
    );
    if (result !== FRESULT.FR_OK || found === undefined) {
      const error = this.#memory.error(result || FRESULT.FR_NO_FILESYSTEM, { operation: 'mount' });
      this.#release();
      throw error;
    }
    this.parameters = found;
    this.#open = new OpenEntries(this.#memory);
    this.#stamp = options.clock === 'none' ? new EntryStamp(this.#memory, device, found) : undefined;
  }

  /**
   * Opens a file.
   * @param mode `FA` bits: READ and WRITE, with one of OPEN_EXISTING, CREATE_NEW, CREATE_ALWAYS, OPEN_ALWAYS, OPEN_APPEND
   * @throws FatError NO_FILE, NO_PATH, INVALID_NAME, EXISTS, DENIED, WRITE_PROTECTED, LOCKED (open for writing already, or
   *   to be opened for writing while open), CORRUPT, DISK_ERROR
   */
  open(path: string, mode: number = FA.READ): FatFile {
    const full = this.#path('open', path);
    const writing = isWriting(mode);
    this.#open.checkShared('open', path, writing);
    const pointer = this.#memory.allocate(SIZE.FIL);
    const result = this.#memory.call('open', (fatfs) => fatfs.f_open(pointer, full, mode));
    if (result !== FRESULT.FR_OK) {
      this.#memory.free(pointer);
      throw this.#memory.error(result, { operation: 'open', path });
    }
    const release = () => {
      this.#open.remove(file);
      this.#memory.free(pointer);
    };
    const file = new FatFile(this.#memory, pointer, path, release, this.#stamp);
    this.#open.addFile(file, pointer, writing);
    return file;
  }

  /**
   * Looks an entry up. The root directory has none, as on the device.
   * @throws FatError NO_FILE, NO_PATH, INVALID_NAME (the root too), CORRUPT, DISK_ERROR
   */
  stat(path: string): FatEntry {
    const full = this.#path('stat', path);
    this.#run('stat', path, () => this.#memory.fatfs.f_stat(full, this.#memory.fileInfo));
    const entry = readFileInfo(this.#memory.fatfs, this.#memory.fileInfo);
    if (entry === undefined) throw FatError.fromResult(FRESULT.FR_INT_ERR, { operation: 'stat', path });
    return entry;
  }

  /** Opens a directory for reading entry by entry. */
  openDirectory(path: string): FatDirectory {
    const full = this.#path('opendir', path);
    const pointer = this.#memory.allocate(SIZE.DIR);
    const result = this.#memory.call('opendir', (fatfs) => fatfs.f_opendir(pointer, full));
    if (result !== FRESULT.FR_OK) {
      this.#memory.free(pointer);
      throw this.#memory.error(result, { operation: 'opendir', path });
    }
    const directory = new FatDirectory(this.#memory, pointer, path, () => {
      this.#open.remove(directory);
      this.#memory.free(pointer);
    });
    this.#open.addDirectory(directory, pointer);
    return directory;
  }

  /** Every entry of a directory, at most 65536, in the order they are stored. */
  list(path = '/'): FatEntry[] {
    const directory = this.openDirectory(path);
    try {
      const entries: FatEntry[] = [];
      for (let entry = directory.read(); entry !== undefined; entry = directory.read()) entries.push(entry);
      return entries;
    } finally {
      directory.close();
    }
  }

  /**
   * Every entry below a directory, a directory before what is in it.
   * @throws FatError CORRUPT at a directory that was already walked: the tree loops or is cross-linked
   */
  *walk(path = '/'): Generator<FatTreeEntry> {
    const seen = new Set([this.#open.directoryCluster(path)]);
    const pending = [path.replace(/\/+$/, '')];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      const below: string[] = [];
      for (const entry of this.list(directory)) {
        const entryPath = `${directory}/${entry.name}`;
        yield { ...entry, path: entryPath };
        if (entry.type === 'file') continue;
        const cluster = this.#open.directoryCluster(entryPath);
        if (cluster !== undefined && seen.has(cluster)) {
          const message = `walk ${JSON.stringify(entryPath)}: the directory lies at two places of the tree`;
          throw new FatError('CORRUPT', FRESULT.FR_INT_ERR, message, { operation: 'walk', path: entryPath });
        }
        seen.add(cluster);
        below.push(entryPath);
      }
      pending.push(...below.reverse());
    }
  }

  /** Makes a directory. @throws FatError EXISTS, NO_PATH, DENIED (no room), … */
  mkdir(path: string): void {
    const full = this.#path('mkdir', path);
    this.#run('mkdir', path, (fatfs) => fatfs.f_mkdir(full));
    if (this.#stamp === undefined) return;
    const parent = this.#open.directoryCluster(pathNames(path).slice(0, -1).join('/'));
    const made = this.#open.directoryCluster(path);
    if (parent !== undefined && made !== undefined) this.#stamp.clearDirectory(parent, made);
  }

  /**
   * Removes a file or an empty directory, as `f_unlink`.
   * @throws FatError LOCKED when it is open, DENIED when read-only or not empty, NO_FILE, NO_PATH
   */
  unlink(path: string): void {
    const full = this.#path('unlink', path);
    this.#open.checkClosed('unlink', path);
    this.#run('unlink', path, (fatfs) => fatfs.f_unlink(full));
  }

  /** Removes an empty directory. @throws FatError DENIED for a file or when not empty, LOCKED when it is open */
  rmdir(path: string): void {
    if (this.stat(path).type !== 'directory')
      throw FatError.fromResult(FRESULT.FR_DENIED, { operation: 'rmdir', path });
    this.unlink(path);
  }

  /**
   * Renames or moves an entry within the volume.
   * @throws FatError EXISTS when the new name is taken, LOCKED when it is open, DENIED when a directory would become part of
   *   itself, NO_FILE, NO_PATH
   */
  rename(from: string, to: string): void {
    const [fullFrom, fullTo] = [this.#path('rename', from), this.#path('rename', to)];
    this.#open.checkClosed('rename', from);
    if (this.stat(from).type === 'directory') this.#open.checkOutside(from, to);
    this.#run('rename', from, (fatfs) => fatfs.f_rename(fullFrom, fullTo));
  }

  /**
   * Cuts or stretches a file; new bytes are zero.
   * @param length bytes, 0 to 2^32 - 1
   */
  truncate(path: string, length: number): void {
    const file = this.open(path, FA.READ | FA.WRITE);
    try {
      resizeFile(file, length);
    } finally {
      file.close();
    }
  }

  /** Counts the free clusters. @throws FatError CORRUPT, DISK_ERROR */
  freeSpace(): FatSpace {
    const root = this.#path('freeSpace', '');
    const { counter } = this.#memory;
    this.#run('freeSpace', '/', (fatfs) => fatfs.f_getfree(root, counter, counter + 4));
    const { bytesPerSector, sectorsPerCluster, clusters } = this.parameters;
    const clusterSize = bytesPerSector * sectorsPerCluster;
    const freeClusters = this.#memory.word(counter);
    return {
      clusterSize,
      clusters,
      freeClusters,
      totalBytes: clusters * clusterSize,
      freeBytes: freeClusters * clusterSize,
    };
  }

  /** The volume label, '' when there is none. */
  get label(): string {
    this.#checkMounted('label');
    return onDevice('label', () => readLabel(this.#device, this.parameters));
  }

  /**
   * Changes the volume label; nothing may be open.
   * @param label up to 11 upper-case ASCII characters; '' removes it
   * @throws FatError INVALID_NAME, LOCKED, WRITE_PROTECTED, DENIED (no room in the root directory)
   */
  setLabel(label: string): void {
    this.#checkMounted('label');
    if (this.readOnly) throw FatError.fromResult(FRESULT.FR_WRITE_PROTECTED, { operation: 'label' });
    if (!this.#open.isEmpty) throw FatError.fromResult(FRESULT.FR_LOCKED, { operation: 'label' });
    const drive = this.#path('label', '');
    this.#run('label', '/', (fatfs) => fatfs.f_mount(0, drive, 0));
    try {
      onDevice('label', () => writeLabel(this.#device, this.parameters, label));
    } finally {
      this.#run('label', '/', (fatfs) => fatfs.f_mount(this.#memory.volume, drive, 1));
    }
  }

  /**
   * The whole content of a file.
   * @throws FatError CORRUPT when the entry claims more bytes than the volume has, or its chain ends early
   */
  readFile(path: string): Uint8Array {
    const file = this.open(path);
    try {
      const { size } = file;
      const { clusters, sectorsPerCluster, bytesPerSector } = this.parameters;
      if (size > clusters * sectorsPerCluster * bytesPerSector) {
        throw new FatError(
          'CORRUPT',
          FRESULT.FR_INT_ERR,
          `read ${JSON.stringify(path)}: ${size} bytes do not fit on the volume`,
          {
            operation: 'read',
            path,
            size,
          },
        );
      }
      const content = new Uint8Array(size);
      file.read(content);
      return content;
    } finally {
      file.close();
    }
  }

  /** Makes or replaces a file. @throws FatError DISK_FULL (the file then holds what fitted), … */
  writeFile(path: string, content: Uint8Array): void {
    const file = this.open(path, FA.WRITE | FA.CREATE_ALWAYS);
    try {
      file.write(content);
    } finally {
      file.close();
    }
  }

  /** A file as a source of bytes; it stays open until the source is closed. */
  fileSource(path: string): ByteSource {
    return fatFileSource(this.open(path), new RawVolume(this.#device, this.parameters));
  }

  /** Writes everything pending of all open files and asks the device to make it durable. */
  sync(): void {
    this.#checkMounted('sync');
    for (const file of this.#open.files) file.sync();
    onDevice('sync', () => this.#device.sync?.());
  }

  /**
   * Closes what is open and releases the volume, even when a file cannot be written any more. Unmounting again does nothing.
   * @throws FatError of the first file that could not be closed
   */
  unmount(): void {
    if (!this.#mounted) return;
    try {
      for (const directory of this.#open.directories) directory.close();
      for (const file of this.#open.files) file.close();
    } finally {
      for (const file of this.#open.files) file.discard();
      this.#release();
    }
  }

  #release(): void {
    this.#mounted = false;
    try {
      this.#memory.call('unmount', (fatfs) => fatfs.f_mount(0, `${this.#memory.number}:`, 0));
    } finally {
      this.#memory.release();
    }
  }

  #checkMounted(operation: string): void {
    if (!this.#mounted)
      throw new FatError('NOT_ENABLED', FRESULT.FR_NOT_ENABLED, `${operation}: the volume is not mounted`);
  }

  #path(operation: string, path: string): string {
    this.#checkMounted(operation);
    return this.#memory.path(operation, path);
  }

  #run(operation: string, path: string, run: Parameters<VolumeMemory['call']>[1]): void {
    const result = this.#memory.call(operation, run);
    if (result !== FRESULT.FR_OK) throw this.#memory.error(result, { operation, path });
  }
}

/** Cuts or stretches an open file; new bytes are zero, and the position ends at the smaller of itself and the length. */
export function resizeFile(file: FatFile, length: number): void {
  const position = file.position;
  const size = file.size;
  if (length <= size) {
    file.seek(length);
    file.truncate();
  } else {
    file.seek(size);
    const zeros = new Uint8Array(Math.min(65536, length - size));
    for (let left = length - size; left > 0; left -= zeros.length)
      file.write(zeros.subarray(0, Math.min(left, zeros.length)));
  }
  file.seek(Math.min(position, length));
}
