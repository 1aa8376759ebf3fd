import type { BoardSymbol } from '@loadstone/emulator-host';
import type {
  VfsBlkdevGeo,
  VfsDirent,
  VfsFileSystemOperations,
  VfsFsstat,
  VfsFstat,
  VfsInode,
} from '@loadstone/vfs-fat';

// The C structures that a firmware's code declares, as classes with the C field names: `new vfs_fstat_t()`. Numbers are 32 bit
// and start as 0, as static memory does in C.

/** `vfs_fstat_t` (tos_vfs_file.h) */
export class VfsFstatStruct implements VfsFstat {
  /** VFS_TYPE_* */
  type = 0;
  /** VFS_MODE_* */
  mode = 0;
  /** Bytes. */
  size = 0;
  blk_size = 0;
  blk_num = 0;
  atime = 0;
  mtime = 0;
  ctime = 0;
}

/** `vfs_fsstat_t` (tos_vfs_file.h) */
export class VfsFsstatStruct implements VfsFsstat {
  type = 0;
  name_len = 0;
  blk_size = 0;
  blk_num = 0;
  blk_free = 0;
  blk_avail = 0;
  file_num = 0;
  file_free = 0;
}

/** `vfs_dirent_t` (tos_vfs_file.h) */
export class VfsDirentStruct implements VfsDirent {
  /** VFS_TYPE_* */
  type = 0;
  size = 0;
  date = 0;
  time = 0;
  name = '';
}

/** `vfs_blkdev_geo_t` (tos_vfs_device.h) */
export class VfsBlkdevGeoStruct implements VfsBlkdevGeo {
  is_available = 0;
  sector_size = 0;
  nsectors = 0;
}

/** `k_mmheap_info_t` (tos_mmheap.h): payload bytes of used and of free blocks. */
export class KMmheapInfo {
  used = 0;
  free = 0;
}

/** `vfs_file_t` (tos_vfs_file.h): a slot of the file pool, free while `inode` is null. */
export interface VfsFileStruct {
  flags: number;
  pos: number;
  inode: VfsInode | null;
  private: unknown;
}

/** `vfs_fsmap_t` (tos_vfs_fs.h): a registered file system. */
export interface VfsFsmap {
  readonly name: string;
  readonly ops: VfsFileSystemOperations;
}

/** `el_symbol_t` (tos_elfloader.h): a row of `el_symbols`; one with the name `K_NULL` ends the table. */
export interface ElSymbol {
  readonly name: string | null;
  /** A function or variable of the firmware, or an address as a C pointer. */
  readonly value: BoardSymbol | number | null;
}
