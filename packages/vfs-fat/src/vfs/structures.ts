import type { VfsBlockDeviceOperations, VfsCharDeviceOperations, VfsFileSystemOperations } from './operations.js';

// The C structures of TencentOS tiny's VFS as objects, with the C field names (tos_vfs_file.h, tos_vfs_device.h,
// tos_vfs_inode.h). All numbers are 32 bit.

/** `vfs_fstat_t` */
export interface VfsFstat {
  /** VFS_TYPE_* */
  type: number;
  /** VFS_MODE_* */
  mode: number;
  /** Bytes. */
  size: number;
  blk_size: number;
  blk_num: number;
  atime: number;
  mtime: number;
  ctime: number;
}

/** `vfs_fsstat_t` */
export interface VfsFsstat {
  type: number;
  name_len: number;
  blk_size: number;
  blk_num: number;
  blk_free: number;
  blk_avail: number;
  file_num: number;
  file_free: number;
}

/** `vfs_dirent_t` */
export interface VfsDirent {
  /** VFS_TYPE_* */
  type: number;
  size: number;
  date: number;
  time: number;
  name: string;
}

/** `vfs_blkdev_geo_t` */
export interface VfsBlkdevGeo {
  is_available: number;
  sector_size: number;
  nsectors: number;
}

interface VfsInodeBase {
  /** 0 to VFS_INODE_REFS_MAX. */
  refs: number;
  /** Whatever the device or file system keeps. */
  private: unknown;
  readonly name: string;
}

export interface VfsCharDeviceInode extends VfsInodeBase {
  readonly type: 0;
  readonly ops: VfsCharDeviceOperations;
}

export interface VfsBlockDeviceInode extends VfsInodeBase {
  readonly type: 1;
  readonly ops: VfsBlockDeviceOperations;
}

export interface VfsFileSystemInode extends VfsInodeBase {
  readonly type: 2;
  readonly ops: VfsFileSystemOperations;
}

/** `vfs_inode_t` */
export type VfsInode = VfsCharDeviceInode | VfsBlockDeviceInode | VfsFileSystemInode;

/** `vfs_file_t`: one slot of the file pool; free while `inode` is null. */
export interface VfsFile {
  flags: number;
  pos: number;
  inode: VfsInode | null;
  private: unknown;
}

/** `vfs_file_t` of an open file, as operations get it. */
export interface VfsOpenFile extends VfsFile {
  inode: VfsInode;
}

/** `vfs_dir_t` */
export interface VfsDir {
  readonly dirent: VfsDirent;
  pos: number;
  readonly inode: VfsFileSystemInode;
  private: unknown;
}

/** An empty `vfs_fstat_t`. */
export function newFstat(): VfsFstat {
  return { type: 0, mode: 0, size: 0, blk_size: 0, blk_num: 0, atime: 0, mtime: 0, ctime: 0 };
}

/** An empty `vfs_fsstat_t`. */
export function newFsstat(): VfsFsstat {
  return { type: 0, name_len: 0, blk_size: 0, blk_num: 0, blk_free: 0, blk_avail: 0, file_num: 0, file_free: 0 };
}
