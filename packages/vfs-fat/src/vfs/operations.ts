import type {
  VfsBlkdevGeo,
  VfsBlockDeviceInode,
  VfsDir,
  VfsDirent,
  VfsFileSystemInode,
  VfsFsstat,
  VfsFstat,
  VfsInode,
  VfsOpenFile,
} from './structures.js';

// The tables of functions a driver gives (tos_vfs_device.h, tos_vfs_fs.h). A member left out is a null pointer in C.

/** What `ioctl` takes: an unsigned long, which in C is as often a pointer. */
export type VfsIoctlArgument = number | Uint8Array | null;

/** `vfs_chrdev_ops_t`. Negative results are errors; `open` and `close` give 0. */
export interface VfsCharDeviceOperations {
  open?(file: VfsOpenFile): number;
  close?(file: VfsOpenFile): number;
  /** @returns bytes read into `buf`, at most `count` */
  read?(file: VfsOpenFile, buf: Uint8Array, count: number): number;
  /** @returns bytes taken from `buf` */
  write?(file: VfsOpenFile, buf: Uint8Array, count: number): number;
  lseek?(file: VfsOpenFile, offset: number, whence: number): number;
  ioctl?(file: VfsOpenFile, cmd: number, arg: VfsIoctlArgument): number;
  suspend?(): number;
  resume?(): number;
}

/** `vfs_blkdev_ops_t`. Every function gives 0 on success, `read` and `write` too; FatFs takes anything else as an error. */
export interface VfsBlockDeviceOperations {
  open?(dev: VfsBlockDeviceInode): number;
  close?(dev: VfsBlockDeviceInode): number;
  read?(dev: VfsBlockDeviceInode, buf: Uint8Array, startSector: number, nsectors: number): number;
  write?(dev: VfsBlockDeviceInode, buf: Uint8Array, startSector: number, nsectors: number): number;
  geometry?(dev: VfsBlockDeviceInode, geo: VfsBlkdevGeo): number;
  erase?(dev: VfsBlockDeviceInode, startSector: number, nsectors: number): number;
  ioctl?(dev: VfsBlockDeviceInode, cmd: number, arg: VfsIoctlArgument): number;
  suspend?(): number;
  resume?(): number;
}

/**
 * `vfs_fs_ops_t`. Negative results are errors. `pathname` begins with the `/` behind the mount point; `opendir` gets null for
 * the mount point itself.
 */
export interface VfsFileSystemOperations {
  open?(file: VfsOpenFile, pathname: string, flags: number): number;
  close?(file: VfsOpenFile): number;
  read?(file: VfsOpenFile, buf: Uint8Array, count: number): number;
  write?(file: VfsOpenFile, buf: Uint8Array, count: number): number;
  lseek?(file: VfsOpenFile, offset: number, whence: number): number;
  ioctl?(file: VfsOpenFile, cmd: number, arg: VfsIoctlArgument): number;
  sync?(file: VfsOpenFile): number;
  dup?(oldFile: VfsOpenFile, newFile: VfsOpenFile): number;
  fstat?(file: VfsOpenFile, buf: VfsFstat): number;
  truncate?(file: VfsOpenFile, length: number): number;
  opendir?(dir: VfsDir, pathname: string | null): number;
  closedir?(dir: VfsDir): number;
  /** Fills `dirent`. @returns 0, or anything else at the end and on error */
  readdir?(dir: VfsDir, dirent: VfsDirent): number;
  rewinddir?(dir: VfsDir): number;
  /** `dev` is the block or character device to mount. */
  bind?(fs: VfsFileSystemInode, dev: VfsInode): number;
  unbind?(fs: VfsFileSystemInode): number;
  statfs?(fs: VfsFileSystemInode, buf: VfsFsstat): number;
  unlink?(fs: VfsFileSystemInode, pathname: string): number;
  mkdir?(fs: VfsFileSystemInode, pathname: string): number;
  rmdir?(fs: VfsFileSystemInode, pathname: string): number;
  rename?(fs: VfsFileSystemInode, oldpath: string, newpath: string): number;
  stat?(fs: VfsFileSystemInode, pathname: string, buf: VfsFstat): number;
  mkfs?(dev: VfsInode, opt: number, arg: number): number;
}

/** `correct`: what the header promises. `parity`: what the board does, its defects included. */
export type VfsBehaviour = 'correct' | 'parity';

/** What a driver needs to know of the VFS it is registered with. */
export interface VfsMode {
  readonly behaviour: VfsBehaviour;
  /** Says that the board would now behave otherwise; each message is passed on once. */
  differs(message: string): void;
}

/** A driver whose table depends on the behaviour asked for. A plain table serves both. */
export interface VfsDriver<Operations> {
  operations(mode: VfsMode): Operations;
}

/** The table of a driver, or the table itself. */
export function operationsOf<Operations extends object>(
  given: Operations | VfsDriver<Operations>,
  mode: VfsMode,
): Operations {
  return 'operations' in given ? given.operations(mode) : given;
}
