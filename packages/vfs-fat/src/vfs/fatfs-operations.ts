import { FatDirectory } from '../fat/directory.js';
import type { FatEntry } from '../fat/entry.js';
import { FatError } from '../fat/error.js';
import type { FatFs } from '../fat/fatfs.js';
import type { FatFile } from '../fat/file.js';
import { ATTRIBUTE, FA } from '../fat/fresult.js';
import { type FatVolume, resizeFile } from '../fat/volume.js';
import {
  VFS_ERR_PARA_INVALID,
  VFS_MODE_READ_ONLY,
  VFS_MODE_READ_WRITE,
  VFS_OFLAG_OPEN_ALWAYS,
  VFS_OFLAG_OPEN_APPEND,
  VFS_PATH_MAX,
  VFS_SEEK_CUR,
  VFS_SEEK_END,
  VFS_SEEK_SET,
  VFS_TYPE_DIRECTORY,
  VFS_TYPE_FILE,
  VFS_TYPE_OTHER,
} from './constants.js';
import { VfsDefect } from './defect.js';
import { openInodeDevice } from './inode-device.js';
import { byteLength, cutToBytes } from './names.js';
import type { VfsFileSystemOperations, VfsMode } from './operations.js';
import type { VfsDir, VfsFileSystemInode, VfsFstat, VfsInode, VfsOpenFile } from './structures.js';

/** The only sector size TencentOS tiny's FatFs is built for. */
const BOARD_SECTOR_SIZE = 512;
/** `FF_MAX_LFN` */
const NAME_MAX = 255;
/** `FS_FAT12`, `FS_FAT16`, `FS_FAT32` of ff.h. */
const FS_TYPE = { fat12: 1, fat16: 2, fat32: 3 } as const;

/** What a mounted file system inode keeps in `private`. */
class Mount {
  readonly #fatfs: FatFs;
  readonly #device: VfsInode;
  readonly #parity: boolean;
  #volume: FatVolume | undefined;

  constructor(fatfs: FatFs, device: VfsInode, parity: boolean) {
    this.#fatfs = fatfs;
    this.#device = device;
    this.#parity = parity;
  }

  /** The volume; a mount that failed is tried again, as FatFs does with a volume object it was once given. */
  get volume(): FatVolume {
    if (this.#volume === undefined) {
      const device = openInodeDevice(this.#device);
      // The board's clock function returns 0 (tos_fatfs_drv.c).
      this.#volume = this.#parity
        ? this.#fatfs.mount(device, { sectorSize: BOARD_SECTOR_SIZE, clock: 'none' })
        : this.#fatfs.mount(device, { sectorSize: device.blockSize });
    }
    return this.#volume;
  }

  unmount(): void {
    this.#volume?.unmount();
    if (this.#device.type === 1) this.#device.ops.close?.(this.#device);
  }
}

/** An open file; descriptors made by dup share it. */
class SharedFile {
  readonly file: FatFile;
  readonly volume: FatVolume;
  descriptors = 1;

  constructor(file: FatFile, volume: FatVolume) {
    this.file = file;
    this.volume = volume;
  }
}

/**
 * The table `fatfs_ops` of TencentOS tiny (components/fs/fatfs/wrapper): with `parity` exactly the functions the board has and
 * their quirks; with `correct` all functions, doing what their names say.
 */
export function fatFsOperations(fatfs: FatFs, mode: VfsMode): VfsFileSystemOperations {
  return mode.behaviour === 'parity' ? boardOperations(fatfs, mode) : correctOperations(fatfs, mode);
}

/** What both behaviours do alike. */
function commonOperations(fatfs: FatFs, mode: VfsMode) {
  const parity = mode.behaviour === 'parity';
  return {
    bind(fs, dev) {
      const mount = new Mount(fatfs, dev, parity);
      fs.private = mount;
      return perform(mode, 'bind', () => {
        checkGeometry(mode, mount.volume);
      });
    },
    mkfs: (dev, opt, arg) =>
      perform(mode, 'mkfs', () => {
        const device = openInodeDevice(dev);
        const sectorSize = parity ? BOARD_SECTOR_SIZE : device.blockSize;
        fatfs.formatRaw(device, { sectorSize, format: opt, clusterSize: arg >>> 0 });
      }),
    read: (file, buf, count) => attempt(mode, 'read', () => fileOf(file).read(buf.subarray(0, count))),
    write: (file, buf, count) => attempt(mode, 'write', () => fileOf(file).writeSome(buf.subarray(0, count))),
    sync: (file) => perform(mode, 'sync', () => fileOf(file).sync()),
    closedir: (dir) =>
      perform(mode, 'closedir', () => {
        directoryOf(dir).close();
        dir.private = null;
      }),
    mkdir: (fs, pathname) => perform(mode, 'mkdir', () => volumeOf(fs).mkdir(pathname)),
    unlink: (fs, pathname) => perform(mode, 'unlink', () => volumeOf(fs).unlink(pathname)),
    rename: (fs, oldpath, newpath) => perform(mode, 'rename', () => volumeOf(fs).rename(oldpath, newpath)),
  } satisfies VfsFileSystemOperations;
}

function boardOperations(fatfs: FatFs, mode: VfsMode): VfsFileSystemOperations {
  return {
    ...commonOperations(fatfs, mode),
    open: (file, pathname, flags) =>
      perform(mode, 'open', () => {
        // Bit tests with AND: 0x10 and 0x20 both match the OPEN_APPEND mask 0x30.
        const append = flags & VFS_OFLAG_OPEN_APPEND ? FA.OPEN_APPEND : 0;
        openFile(file, pathname, (flags & 0x0f) | append);
      }),
    close: (file) => perform(mode, 'close', () => closeFile(file)),
    lseek: (file, offset) =>
      attempt(mode, 'lseek', () => {
        fileOf(file).seek(offset >>> 0);
        return offset;
      }),
    truncate: (file) => perform(mode, 'truncate', () => fileOf(file).truncate()),
    opendir: (dir, pathname) =>
      perform(mode, 'opendir', () => {
        if (pathname === null) {
          throw new VfsDefect(
            'NULL_PATH',
            'fatfs_opendir',
            'the mount point itself gives FatFs a null path; end it with /',
          );
        }
        dir.private = volumeOf(dir.inode).openDirectory(pathname);
      }),
    readdir(dir, dirent) {
      return attempt(mode, 'readdir', () => {
        const entry = directoryOf(dir).read();
        if (entry === undefined) return -1;
        const { size, date, time } = entry;
        Object.assign(dirent, {
          type: boardType(entry),
          size,
          date,
          time,
          name: cutToBytes(entry.name, VFS_PATH_MAX - 1),
        });
        return 0;
      });
    },
    stat: (fs, pathname, buf) =>
      perform(mode, 'stat', () => {
        const entry = volumeOf(fs).stat(pathname);
        Object.assign(buf, { type: boardType(entry), size: entry.size, mtime: entry.time });
      }),
  };
}

function correctOperations(fatfs: FatFs, mode: VfsMode): VfsFileSystemOperations {
  return {
    ...commonOperations(fatfs, mode),
    open: (file, pathname, flags) =>
      perform(mode, 'open', () => {
        if ((flags & VFS_OFLAG_OPEN_APPEND) === VFS_OFLAG_OPEN_ALWAYS) {
          mode.differs(
            'fatfs open: with VFS_OFLAG_OPEN_ALWAYS the board starts at the end of the file, as with OPEN_APPEND',
          );
        }
        openFile(file, pathname, flags & 0x3f);
      }),
    close: (file) => perform(mode, 'close', () => closeFile(file)),
    lseek: (file, offset, whence) => attempt(mode, 'lseek', () => seek(mode, fileOf(file), offset, whence)),
    truncate: (file, length) =>
      attempt(mode, 'truncate', () => {
        if (length < 0) return -VFS_ERR_PARA_INVALID;
        if (length !== fileOf(file).position) {
          mode.differs('fatfs truncate: the board ignores the length and cuts at the current position');
        }
        resizeFile(fileOf(file), length);
        return 0;
      }),
    dup(oldFile, newFile) {
      newFile.private = oldFile.private;
      shared(oldFile).descriptors++;
      return 0;
    },
    fstat: (file, buf) =>
      perform(mode, 'fstat', () => {
        missing(mode, 'fstat');
        const { file: open, volume } = shared(file);
        fillStat(buf, { ...volume.stat(open.path), size: open.size }, volume);
      }),
    opendir: (dir, pathname) =>
      perform(mode, 'opendir', () => {
        if (pathname === null)
          mode.differs('fatfs opendir: the mount point itself gives the board a null path; end it with /');
        dir.private = volumeOf(dir.inode).openDirectory(pathname ?? '/');
      }),
    readdir: (dir, dirent) =>
      attempt(mode, 'readdir', () => {
        const entry = directoryOf(dir).read();
        if (entry === undefined) return -1;
        if (byteLength(entry.name) >= VFS_PATH_MAX) mode.differs('fatfs readdir: the board cuts names after 30 bytes');
        const { size, date, time, name } = entry;
        Object.assign(dirent, { type: correctType(mode, entry), size, date, time, name });
        return 0;
      }),
    rewinddir: (dir) => perform(mode, 'rewinddir', () => directoryOf(dir).rewind()),
    unbind: (fs) => perform(mode, 'unbind', () => mountOf(fs).unmount()),
    rmdir: (fs, pathname) =>
      perform(mode, 'rmdir', () => {
        missing(mode, 'rmdir');
        volumeOf(fs).rmdir(pathname);
      }),
    stat: (fs, pathname, buf) =>
      perform(mode, 'stat', () => {
        const volume = volumeOf(fs);
        const entry = volume.stat(pathname);
        mode.differs('fatfs stat: the board fills in only type, size and mtime (the FAT time word)');
        correctType(mode, entry);
        fillStat(buf, entry, volume);
      }),
    statfs: (fs, buf) =>
      perform(mode, 'statfs', () => {
        missing(mode, 'statfs');
        const volume = volumeOf(fs);
        const { clusterSize, clusters, freeClusters } = volume.freeSpace();
        Object.assign(buf, {
          type: FS_TYPE[volume.parameters.type],
          name_len: NAME_MAX,
          blk_size: clusterSize,
          blk_num: clusters,
          blk_free: freeClusters,
          blk_avail: freeClusters,
          file_num: 0,
          file_free: 0,
        });
      }),
  };
}

/** Runs an operation that gives a number: -1 for whatever FatFs refuses. */
function attempt(mode: VfsMode, operation: string, run: () => number): number {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FatError)) throw error;
    if (error.code === 'LOCKED') {
      const message = 'the file is open elsewhere; FatFs on the board has no locks and would damage the volume';
      if (mode.behaviour === 'parity') throw new VfsDefect('UNLOCKED_FILE', `fatfs_${operation}`, message);
      mode.differs(`fatfs ${operation}: ${message}`);
    }
    return -1;
  }
}

/** Runs an operation that gives 0 on success. */
function perform(mode: VfsMode, operation: string, run: () => void): number {
  return attempt(mode, operation, () => {
    run();
    return 0;
  });
}

function missing(mode: VfsMode, operation: string): void {
  mode.differs(`fatfs ${operation}: the board has no such operation and gives -1`);
}

function checkGeometry(mode: VfsMode, volume: FatVolume): void {
  if (volume.parameters.bytesPerSector !== BOARD_SECTOR_SIZE) {
    mode.differs('fatfs bind: the board mounts only volumes with sectors of 512 bytes');
  }
}

function mountOf(fs: VfsFileSystemInode): Mount {
  if (fs.private instanceof Mount) return fs.private;
  throw new TypeError(`${fs.name} is not mounted with FatFs`);
}

function volumeOf(fs: VfsFileSystemInode): FatVolume {
  return mountOf(fs).volume;
}

function shared(file: VfsOpenFile): SharedFile {
  if (file.private instanceof SharedFile) return file.private;
  throw new TypeError('the descriptor holds no FatFs file');
}

function fileOf(file: VfsOpenFile): FatFile {
  return shared(file).file;
}

function directoryOf(dir: VfsDir): FatDirectory {
  if (dir.private instanceof FatDirectory) return dir.private;
  throw new TypeError('the directory holds no FatFs directory');
}

function openFile(file: VfsOpenFile, pathname: string, mode: number): void {
  if (file.inode.type !== 2) throw new TypeError(`${file.inode.name} is no file system`);
  const volume = volumeOf(file.inode);
  file.private = new SharedFile(volume.open(pathname, mode), volume);
}

function closeFile(file: VfsOpenFile): void {
  const open = shared(file);
  if (open.descriptors === 1) open.file.close();
  open.descriptors--;
  file.private = null;
}

function seek(mode: VfsMode, file: FatFile, offset: number, whence: number): number {
  if (whence !== VFS_SEEK_SET)
    mode.differs('fatfs lseek: the board ignores whence and takes every offset from the start');
  const { size, position } = file;
  const base = { [VFS_SEEK_SET]: 0, [VFS_SEEK_CUR]: position, [VFS_SEEK_END]: size }[whence];
  if (base === undefined || base + offset < 0) {
    mode.differs(
      'fatfs lseek: the board takes a negative position as a large unsigned one, and any whence as SEEK_SET',
    );
    return -VFS_ERR_PARA_INVALID;
  }
  const reached = file.seek(base + offset);
  if (reached !== base + offset)
    mode.differs('fatfs lseek: the board gives the offset asked for even if it stops at the end');
  return reached;
}

/** The board compares the whole attribute byte: anything but plain directory or plain archive is "other". */
function boardType(entry: FatEntry): number {
  if (entry.attributes === ATTRIBUTE.DIRECTORY) return VFS_TYPE_DIRECTORY;
  return entry.attributes === ATTRIBUTE.ARCHIVE ? VFS_TYPE_FILE : VFS_TYPE_OTHER;
}

function correctType(mode: VfsMode, entry: FatEntry): number {
  const type = entry.type === 'directory' ? VFS_TYPE_DIRECTORY : VFS_TYPE_FILE;
  if (type !== boardType(entry)) {
    mode.differs(
      'fatfs stat and readdir: entries with other attributes than plain archive or directory are VFS_TYPE_OTHER',
    );
  }
  return type;
}

function fillStat(buf: VfsFstat, entry: FatEntry, volume: FatVolume): void {
  const clusterSize = volume.parameters.bytesPerSector * volume.parameters.sectorsPerCluster;
  buf.type = entry.type === 'directory' ? VFS_TYPE_DIRECTORY : VFS_TYPE_FILE;
  buf.mode = entry.attributes & ATTRIBUTE.READ_ONLY ? VFS_MODE_READ_ONLY : VFS_MODE_READ_WRITE;
  buf.size = entry.size;
  buf.blk_size = clusterSize;
  buf.blk_num = Math.ceil(entry.size / clusterSize);
  buf.mtime = entry.date * 0x10000 + entry.time;
  buf.atime = buf.mtime;
  buf.ctime = buf.mtime;
}
