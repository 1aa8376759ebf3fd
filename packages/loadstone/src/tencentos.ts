/**
 * TencentOS tiny's elfLoader, VFS and heap under their C names: `createTencentos()` gives the functions, this entry the types
 * and constants with their C values.
 */
export { type FaultReport, faultText, GuestFault, host, SharedVariable, variable } from '@loadstone/emulator-host';
export { elfLoaderErrorName, LoaderDefect, LoaderError } from '@loadstone/module-loader';
export {
  CTRL_SYNC,
  GET_BLOCK_SIZE,
  GET_SECTOR_COUNT,
  GET_SECTOR_SIZE,
  K_ERR_OBJ_PTR_NULL,
  TOS_CFG_VFS_PATH_MAX,
  VFS_ERR_BUFFER_NULL,
  VFS_ERR_DEVICE_ALREADY_REGISTERED,
  VFS_ERR_DEVICE_NOT_REGISTERED,
  VFS_ERR_FILE_NO_AVAILABLE,
  VFS_ERR_FILE_NOT_OPEN,
  VFS_ERR_FS_ALREADY_MOUNTED,
  VFS_ERR_FS_ALREADY_REGISTERED,
  VFS_ERR_FS_NOT_MOUNT,
  VFS_ERR_FS_NOT_REGISTERED,
  VFS_ERR_INODE_BUSY,
  VFS_ERR_INODE_CREATE_FAILED,
  VFS_ERR_INODE_INAVALIABLE,
  VFS_ERR_INODE_INVALID,
  VFS_ERR_INODE_NAME_TOO_LONG,
  VFS_ERR_INODE_NOT_FOUND,
  VFS_ERR_NONE,
  VFS_ERR_OPEN_DIR,
  VFS_ERR_OPS_FAILED,
  VFS_ERR_OPS_NULL,
  VFS_ERR_OUT_OF_MEMORY,
  VFS_ERR_PARA_INVALID,
  VFS_ERR_PATH_TOO_LONG,
  VFS_FILE_OPEN_MAX,
  VFS_INODE_NAME_MAX,
  VFS_INODE_REFS_MAX,
  VFS_INODE_TYPE_BLOCK_DEVICE,
  VFS_INODE_TYPE_CHAR_DEVICE,
  VFS_INODE_TYPE_FILESYSTEM,
  VFS_INODE_TYPE_UNUSED,
  VFS_MODE_READ_ONLY,
  VFS_MODE_READ_WRITE,
  VFS_MODE_WRITE_ONLY,
  VFS_OFLAG_CREATE_ALWAYS,
  VFS_OFLAG_CREATE_NEW,
  VFS_OFLAG_EXISTING,
  VFS_OFLAG_OPEN_ALWAYS,
  VFS_OFLAG_OPEN_APPEND,
  VFS_OFLAG_READ,
  VFS_OFLAG_WRITE,
  VFS_PATH_MAX,
  VFS_SEEK_CUR,
  VFS_SEEK_END,
  VFS_SEEK_SET,
  VFS_TYPE_DIRECTORY,
  VFS_TYPE_FILE,
  VFS_TYPE_OTHER,
  type VfsBehaviour,
  type VfsBlockDeviceOperations as vfs_blkdev_ops_t,
  type VfsCharDeviceOperations as vfs_chrdev_ops_t,
  VfsDefect,
  type VfsDir as VFS_DIR,
  type VfsDir as vfs_dir_t,
  type VfsFileSystemOperations as vfs_fs_ops_t,
  type VfsInode as vfs_inode_t,
  vfsErrorName,
} from '@loadstone/vfs-fat';
export {
  type ElfloaderFdRead,
  type ElfloaderReport,
  ElModule,
  ElModule as el_module_t,
  type ElSection,
  type ElSection as el_section_t,
  type LoaderMode,
} from './tencentos/elfloader.js';
export {
  ELFLOADER_ERR_FD_READ_FAILED,
  ELFLOADER_ERR_HEADER_INVALID,
  ELFLOADER_ERR_NO_DYN,
  ELFLOADER_ERR_NO_LOAD_SEGMENTS,
  ELFLOADER_ERR_NO_STRTAB,
  ELFLOADER_ERR_NO_SYMTAB,
  ELFLOADER_ERR_NO_TEXT,
  ELFLOADER_ERR_NONE,
  ELFLOADER_ERR_OUT_OF_MEMORY,
  ELFLOADER_ERR_PTR_NULL,
  ELFLOADER_ERR_RELOCATE_FAILED,
  ELFLOADER_ERR_SECTION_NOT_FOUND,
  ELFLOADER_ERR_SYM_NOT_FOUND,
  ELFLOADER_ERR_TYPE_INVALID,
} from './tencentos/error-numbers.js';
export { createTencentos, type ElSymbols, type Tencentos, type TencentosOptions } from './tencentos/firmware.js';
export {
  K_ERR_MMHEAP_INVALID_POOL_ADDR,
  K_ERR_MMHEAP_INVALID_POOL_SIZE,
  K_ERR_MMHEAP_POOL_ALREADY_EXIST,
  K_ERR_MMHEAP_POOL_NOT_EXIST,
  K_ERR_MMHEAP_POOL_OVERFLOW,
  K_ERR_NONE,
  K_NULL,
  kErrorName,
  TOS_CFG_MMHEAP_DEFAULT_POOL_SIZE,
} from './tencentos/kernel-errors.js';
export type { GuestPointer } from './tencentos/mmheap.js';
export {
  type ElSymbol as el_symbol_t,
  KMmheapInfo as k_mmheap_info_t,
  VfsBlkdevGeoStruct as vfs_blkdev_geo_t,
  VfsDirentStruct as vfs_dirent_t,
  type VfsFileStruct as vfs_file_t,
  type VfsFsmap as vfs_fsmap_t,
  VfsFsstatStruct as vfs_fsstat_t,
  VfsFstatStruct as vfs_fstat_t,
} from './tencentos/structures.js';

/** `vfs_off_t`: int32_t. */
export type vfs_off_t = number;
/** `vfs_oflag_t`: uint32_t, a sum of VFS_OFLAG_*. */
export type vfs_oflag_t = number;
/** `ssize_t`: int. */
export type ssize_t = number;
/** `vfs_err_t`: VFS_ERR_*. */
export type vfs_err_t = number;
/** `k_err_t`: K_ERR_*. */
export type k_err_t = number;
/** `el_err_t`: ELFLOADER_ERR_*. */
export type el_err_t = number;
