export { buildFatImage, type FatImageOptions } from './build-image.js';
export { checkFat, type FatCheck, type FatProblem, type FatProblemCode } from './check/check.js';
export { isFatImage, readVolumeParameters, type VolumeParameters } from './fat/boot-sector.js';
export type { FatDirectory } from './fat/directory.js';
export { decodeDateTime, type FatDateTime, type FatEntry } from './fat/entry.js';
export { FatError, type FatErrorCode, type FatErrorData } from './fat/error.js';
export { createFatFs, FatFs, type FatFsOptions } from './fat/fatfs.js';
export type { FatFile } from './fat/file.js';
export type { FormatOptions, RawFormatOptions } from './fat/format.js';
export { ATTRIBUTE, FA, FRESULT, type Fresult } from './fat/fresult.js';
export { type FatSpace, type FatTreeEntry, FatVolume, type MountOptions } from './fat/volume.js';
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
  vfsErrorName,
} from './vfs/constants.js';
export { VfsDefect, type VfsDefectCode } from './vfs/defect.js';
export type {
  VfsBehaviour,
  VfsBlockDeviceOperations,
  VfsCharDeviceOperations,
  VfsDriver,
  VfsFileSystemOperations,
  VfsIoctlArgument,
  VfsMode,
} from './vfs/operations.js';
export type { VfsOptions } from './vfs/registry.js';
export { type SdDeviceOptions, sdDevice } from './vfs/sd-device.js';
export {
  newFsstat,
  newFstat,
  type VfsBlkdevGeo,
  type VfsBlockDeviceInode,
  type VfsCharDeviceInode,
  type VfsDir,
  type VfsDirent,
  type VfsFileSystemInode,
  type VfsFsstat,
  type VfsFstat,
  type VfsInode,
  type VfsOpenFile,
} from './vfs/structures.js';
export { Vfs } from './vfs/vfs.js';
