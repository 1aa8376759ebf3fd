// Values of TencentOS tiny's headers: components/fs/vfs/include/tos_vfs.h, tos_vfs_err.h, tos_vfs_file.h, tos_vfs_inode.h,
// tos_vfs_types.h, and kernel/core/include/tos_kerr.h.

export const VFS_ERR_NONE = 0;
export const VFS_ERR_BUFFER_NULL = 1;
export const VFS_ERR_DEVICE_NOT_REGISTERED = 2;
export const VFS_ERR_DEVICE_ALREADY_REGISTERED = 3;
export const VFS_ERR_FILE_NO_AVAILABLE = 4;
export const VFS_ERR_FILE_NOT_OPEN = 5;
export const VFS_ERR_FS_ALREADY_MOUNTED = 6;
export const VFS_ERR_FS_ALREADY_REGISTERED = 7;
export const VFS_ERR_FS_NOT_REGISTERED = 8;
export const VFS_ERR_FS_NOT_MOUNT = 9;
export const VFS_ERR_OPS_NULL = 10;
export const VFS_ERR_OPS_FAILED = 11;
export const VFS_ERR_INODE_NAME_TOO_LONG = 12;
export const VFS_ERR_INODE_CREATE_FAILED = 13;
export const VFS_ERR_INODE_NOT_FOUND = 14;
export const VFS_ERR_INODE_INVALID = 15;
export const VFS_ERR_INODE_BUSY = 16;
export const VFS_ERR_INODE_INAVALIABLE = 17;
export const VFS_ERR_OPEN_DIR = 18;
export const VFS_ERR_OUT_OF_MEMORY = 19;
export const VFS_ERR_PARA_INVALID = 20;
export const VFS_ERR_PATH_TOO_LONG = 21;

/** What `TOS_PTR_SANITY_CHECK` returns for a null pointer: positive, so that it looks like a descriptor. */
export const K_ERR_OBJ_PTR_NULL = 1100;

const ERROR_NAMES: readonly string[] = [
  'VFS_ERR_NONE',
  'VFS_ERR_BUFFER_NULL',
  'VFS_ERR_DEVICE_NOT_REGISTERED',
  'VFS_ERR_DEVICE_ALREADY_REGISTERED',
  'VFS_ERR_FILE_NO_AVAILABLE',
  'VFS_ERR_FILE_NOT_OPEN',
  'VFS_ERR_FS_ALREADY_MOUNTED',
  'VFS_ERR_FS_ALREADY_REGISTERED',
  'VFS_ERR_FS_NOT_REGISTERED',
  'VFS_ERR_FS_NOT_MOUNT',
  'VFS_ERR_OPS_NULL',
  'VFS_ERR_OPS_FAILED',
  'VFS_ERR_INODE_NAME_TOO_LONG',
  'VFS_ERR_INODE_CREATE_FAILED',
  'VFS_ERR_INODE_NOT_FOUND',
  'VFS_ERR_INODE_INVALID',
  'VFS_ERR_INODE_BUSY',
  'VFS_ERR_INODE_INAVALIABLE',
  'VFS_ERR_OPEN_DIR',
  'VFS_ERR_OUT_OF_MEMORY',
  'VFS_ERR_PARA_INVALID',
  'VFS_ERR_PATH_TOO_LONG',
];

/** The name of an error number of either sign; undefined when it is none. */
export function vfsErrorName(code: number): string | undefined {
  return Math.abs(code) === K_ERR_OBJ_PTR_NULL ? 'K_ERR_OBJ_PTR_NULL' : ERROR_NAMES[Math.abs(code)];
}

export const VFS_OFLAG_EXISTING = 0x00;
export const VFS_OFLAG_READ = 0x01;
export const VFS_OFLAG_WRITE = 0x02;
export const VFS_OFLAG_CREATE_NEW = 0x04;
export const VFS_OFLAG_CREATE_ALWAYS = 0x08;
export const VFS_OFLAG_OPEN_ALWAYS = 0x10;
export const VFS_OFLAG_OPEN_APPEND = 0x30;

export const VFS_SEEK_SET = 0;
export const VFS_SEEK_CUR = 1;
export const VFS_SEEK_END = 2;

export const VFS_TYPE_FILE = 0;
export const VFS_TYPE_DIRECTORY = 1;
export const VFS_TYPE_OTHER = 2;

export const VFS_MODE_READ_ONLY = 0;
export const VFS_MODE_WRITE_ONLY = 1;
export const VFS_MODE_READ_WRITE = 2;

export const VFS_INODE_TYPE_CHAR_DEVICE = 0;
export const VFS_INODE_TYPE_BLOCK_DEVICE = 1;
export const VFS_INODE_TYPE_FILESYSTEM = 2;
export const VFS_INODE_TYPE_UNUSED = 3;

/** Longest path the API takes, in bytes; names are GBK, so a character other than ASCII counts two. */
export const TOS_CFG_VFS_PATH_MAX = 26;
/** File slots. */
export const VFS_FILE_OPEN_MAX = 20;
/** Bytes of the name in a directory entry, the closing zero included. */
export const VFS_PATH_MAX = 31;
/** Longest name of a device or mount point, in bytes. */
export const VFS_INODE_NAME_MAX = 31;
/** Where the 6-bit reference counter stops. */
export const VFS_INODE_REFS_MAX = 0x3f;

// FatFs' disk commands (diskio.h), as block devices get them in ioctl.
export const CTRL_SYNC = 0;
export const GET_SECTOR_COUNT = 1;
export const GET_SECTOR_SIZE = 2;
export const GET_BLOCK_SIZE = 3;
