import { describe, expect, expectTypeOf, it } from 'vitest';
import type {
  el_err_t,
  el_section_t,
  el_symbol_t,
  k_err_t,
  ssize_t,
  VFS_DIR,
  vfs_blkdev_ops_t,
  vfs_chrdev_ops_t,
  vfs_dir_t,
  vfs_err_t,
  vfs_file_t,
  vfs_fs_ops_t,
  vfs_fsmap_t,
  vfs_inode_t,
  vfs_off_t,
  vfs_oflag_t,
} from '../tencentos.js';
import * as tencentos from '../tencentos.js';

// What TencentOS tiny's headers declare (commit 75e47d5404): components/elfloader/include, components/fs/vfs/include,
// kernel/core/include/tos_mmheap.h and tos_kerr.h. Written from the headers, not from our exports.

const FUNCTIONS = `
  tos_elfloader_load tos_elfloader_unload tos_elfloader_find_symbol elfloader_fd_read
  tos_vfs_block_device_register tos_vfs_block_device_unregister
  tos_vfs_char_device_register tos_vfs_char_device_unregister
  tos_vfs_fs_register tos_vfs_fs_unregister tos_vfs_fs_mount tos_vfs_fs_umount tos_vfs_fs_mkfs
  tos_vfs_open tos_vfs_close tos_vfs_read tos_vfs_write tos_vfs_lseek tos_vfs_ioctl tos_vfs_sync tos_vfs_dup
  tos_vfs_fstat tos_vfs_ftruncate tos_vfs_opendir tos_vfs_closedir tos_vfs_readdir tos_vfs_rewinddir tos_vfs_statfs
  tos_vfs_unlink tos_vfs_mkdir tos_vfs_rmdir tos_vfs_rename tos_vfs_stat
  tos_mmheap_alloc tos_mmheap_calloc tos_mmheap_aligned_alloc tos_mmheap_realloc tos_mmheap_free
  tos_mmheap_pool_add tos_mmheap_pool_rmv tos_mmheap_pool_check tos_mmheap_check
`;

const VARIABLES = 'sd_dev fatfs_ops';

const NUMBERS: Readonly<Record<string, number>> = {
  ELFLOADER_ERR_NONE: 0,
  ELFLOADER_ERR_FD_READ_FAILED: 1,
  ELFLOADER_ERR_HEADER_INVALID: 2,
  ELFLOADER_ERR_NO_DYN: 3,
  ELFLOADER_ERR_NO_SYMTAB: 4,
  ELFLOADER_ERR_NO_STRTAB: 5,
  ELFLOADER_ERR_NO_TEXT: 6,
  ELFLOADER_ERR_NO_LOAD_SEGMENTS: 7,
  ELFLOADER_ERR_OUT_OF_MEMORY: 8,
  ELFLOADER_ERR_RELOCATE_FAILED: 9,
  ELFLOADER_ERR_PTR_NULL: 10,
  ELFLOADER_ERR_SECTION_NOT_FOUND: 11,
  ELFLOADER_ERR_SYM_NOT_FOUND: 12,
  ELFLOADER_ERR_TYPE_INVALID: 13,
  TOS_CFG_VFS_PATH_MAX: 26,
  VFS_FILE_OPEN_MAX: 20,
  VFS_PATH_MAX: 31,
  VFS_INODE_NAME_MAX: 31,
  VFS_INODE_REFS_MAX: 0x3f,
  VFS_OFLAG_READ: 0x01,
  VFS_OFLAG_WRITE: 0x02,
  VFS_OFLAG_EXISTING: 0x00,
  VFS_OFLAG_CREATE_NEW: 0x04,
  VFS_OFLAG_CREATE_ALWAYS: 0x08,
  VFS_OFLAG_OPEN_ALWAYS: 0x10,
  VFS_OFLAG_OPEN_APPEND: 0x30,
  VFS_SEEK_SET: 0,
  VFS_SEEK_CUR: 1,
  VFS_SEEK_END: 2,
  VFS_TYPE_FILE: 0,
  VFS_TYPE_DIRECTORY: 1,
  VFS_TYPE_OTHER: 2,
  VFS_MODE_READ_ONLY: 0,
  VFS_MODE_WRITE_ONLY: 1,
  VFS_MODE_READ_WRITE: 2,
  VFS_INODE_TYPE_CHAR_DEVICE: 0,
  VFS_INODE_TYPE_BLOCK_DEVICE: 1,
  VFS_INODE_TYPE_FILESYSTEM: 2,
  VFS_INODE_TYPE_UNUSED: 3,
  VFS_ERR_NONE: 0,
  VFS_ERR_BUFFER_NULL: 1,
  VFS_ERR_DEVICE_NOT_REGISTERED: 2,
  VFS_ERR_DEVICE_ALREADY_REGISTERED: 3,
  VFS_ERR_FILE_NO_AVAILABLE: 4,
  VFS_ERR_FILE_NOT_OPEN: 5,
  VFS_ERR_FS_ALREADY_MOUNTED: 6,
  VFS_ERR_FS_ALREADY_REGISTERED: 7,
  VFS_ERR_FS_NOT_REGISTERED: 8,
  VFS_ERR_FS_NOT_MOUNT: 9,
  VFS_ERR_OPS_NULL: 10,
  VFS_ERR_OPS_FAILED: 11,
  VFS_ERR_INODE_NAME_TOO_LONG: 12,
  VFS_ERR_INODE_CREATE_FAILED: 13,
  VFS_ERR_INODE_NOT_FOUND: 14,
  VFS_ERR_INODE_INVALID: 15,
  VFS_ERR_INODE_BUSY: 16,
  VFS_ERR_INODE_INAVALIABLE: 17,
  VFS_ERR_OPEN_DIR: 18,
  VFS_ERR_OUT_OF_MEMORY: 19,
  VFS_ERR_PARA_INVALID: 20,
  VFS_ERR_PATH_TOO_LONG: 21,
  K_ERR_NONE: 0,
  K_ERR_MMHEAP_INVALID_POOL_ADDR: 800,
  K_ERR_MMHEAP_INVALID_POOL_SIZE: 801,
  K_ERR_MMHEAP_POOL_OVERFLOW: 802,
  K_ERR_MMHEAP_POOL_ALREADY_EXIST: 803,
  K_ERR_MMHEAP_POOL_NOT_EXIST: 804,
  K_ERR_OBJ_PTR_NULL: 1100,
  TOS_CFG_MMHEAP_DEFAULT_POOL_SIZE: 32768,
  CTRL_SYNC: 0,
  GET_SECTOR_COUNT: 1,
  GET_SECTOR_SIZE: 2,
  GET_BLOCK_SIZE: 3,
};

/** Structures that firmware code declares, and their fields in order. */
const STRUCTURES: Readonly<Record<string, string>> = {
  el_module_t: 'fd base info symtab_offset symtab_size symtab_entsize strtab_offset',
  vfs_fstat_t: 'type mode size blk_size blk_num atime mtime ctime',
  vfs_fsstat_t: 'type name_len blk_size blk_num blk_free blk_avail file_num file_free',
  vfs_dirent_t: 'type size date time name',
  vfs_blkdev_geo_t: 'is_available sector_size nsectors',
  k_mmheap_info_t: 'used free',
};

const words = (text: string) => text.trim().split(/\s+/);
const exported: Readonly<Record<string, unknown>> = tencentos;

describe('loadstone/tencentos', () => {
  it('has every function and driver of the headers', async () => {
    const firmware: Readonly<Record<string, unknown>> = await tencentos.createTencentos();
    const missing = words(FUNCTIONS).filter((name) => typeof firmware[name] !== 'function');
    expect(missing).toEqual([]);
    expect(words(VARIABLES).filter((name) => typeof firmware[name] !== 'object')).toEqual([]);
  });

  it('has no function of such a name that the headers lack', async () => {
    const firmware = await tencentos.createTencentos();
    const named = Object.keys(firmware).filter((name) => /^tos_/.test(name));
    expect(named.filter((name) => !words(FUNCTIONS).includes(name))).toEqual([]);
  });

  it('has every constant with its C value', () => {
    const values = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, exported[name]]));
    expect(values).toEqual(NUMBERS);
    const numbers = Object.keys(exported).filter((name) => typeof exported[name] === 'number');
    expect(numbers.filter((name) => !(name in NUMBERS))).toEqual([]);
    expect(tencentos.K_NULL).toBeNull();
  });

  it.each(Object.entries(STRUCTURES))('%s has its fields in order', (name, fields) => {
    const Structure = exported[name] as new () => object;
    expect(Object.keys(new Structure())).toEqual(words(fields));
  });

  it('has the types that only name things', () => {
    expectTypeOf<el_err_t & k_err_t & vfs_err_t & ssize_t & vfs_off_t & vfs_oflag_t>().toEqualTypeOf<number>();
    expectTypeOf<keyof vfs_file_t>().toEqualTypeOf<'flags' | 'pos' | 'inode' | 'private'>();
    expectTypeOf<keyof vfs_dir_t>().toEqualTypeOf<'dirent' | 'pos' | 'inode' | 'private'>();
    expectTypeOf<VFS_DIR>().toEqualTypeOf<vfs_dir_t>();
    expectTypeOf<keyof el_symbol_t>().toEqualTypeOf<'name' | 'value'>();
    expectTypeOf<keyof el_section_t>().toEqualTypeOf<'shndx' | 'address'>();
    expectTypeOf<'type' | 'refs' | 'ops' | 'private' | 'name'>().toEqualTypeOf<keyof vfs_inode_t>();
    expectTypeOf<keyof vfs_fsmap_t>().toEqualTypeOf<'name' | 'ops'>();
    expectTypeOf<keyof vfs_chrdev_ops_t>().toEqualTypeOf<
      'open' | 'close' | 'read' | 'write' | 'lseek' | 'ioctl' | 'suspend' | 'resume'
    >();
    expectTypeOf<keyof vfs_blkdev_ops_t>().toEqualTypeOf<
      'open' | 'close' | 'read' | 'write' | 'geometry' | 'erase' | 'ioctl' | 'suspend' | 'resume'
    >();
    type FileOperation =
      | 'open'
      | 'close'
      | 'read'
      | 'write'
      | 'lseek'
      | 'ioctl'
      | 'sync'
      | 'dup'
      | 'fstat'
      | 'truncate';
    type DirectoryOperation = 'opendir' | 'closedir' | 'readdir' | 'rewinddir';
    type VolumeOperation = 'bind' | 'unbind' | 'statfs' | 'unlink' | 'mkdir' | 'rmdir' | 'rename' | 'stat' | 'mkfs';
    expectTypeOf<keyof vfs_fs_ops_t>().toEqualTypeOf<FileOperation | DirectoryOperation | VolumeOperation>();
  });

  it('names numbers', () => {
    expect(tencentos.elfLoaderErrorName(9)).toBe('ELFLOADER_ERR_RELOCATE_FAILED');
    expect(tencentos.vfsErrorName(-21)).toBe('VFS_ERR_PATH_TOO_LONG');
    expect(tencentos.kErrorName(804)).toBe('K_ERR_MMHEAP_POOL_NOT_EXIST');
    expect(tencentos.kErrorName(0)).toBe('K_ERR_NONE');
    expect(tencentos.kErrorName(7)).toBe('k_err_t 7');
  });
});
