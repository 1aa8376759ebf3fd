import { describe, expect, it } from 'vitest';
import {
  createTencentos,
  K_ERR_OBJ_PTR_NULL,
  VFS_ERR_DEVICE_NOT_REGISTERED,
  VFS_ERR_FILE_NOT_OPEN,
  VFS_ERR_FS_ALREADY_MOUNTED,
  VFS_ERR_FS_NOT_MOUNT,
  VFS_ERR_FS_NOT_REGISTERED,
  VFS_ERR_INODE_BUSY,
  VFS_ERR_INODE_NOT_FOUND,
  VFS_ERR_NONE,
  VFS_ERR_OPS_FAILED,
  VFS_ERR_PATH_TOO_LONG,
  VFS_OFLAG_CREATE_ALWAYS,
  VFS_OFLAG_EXISTING,
  VFS_OFLAG_READ,
  VFS_OFLAG_WRITE,
  VFS_SEEK_CUR,
  VFS_SEEK_END,
  VFS_SEEK_SET,
  VFS_TYPE_DIRECTORY,
  VFS_TYPE_FILE,
  VfsDefect,
  type vfs_chrdev_ops_t,
  vfs_fsstat_t,
  vfs_fstat_t,
} from '../tencentos.js';

const FAT12 = 1;
const text = (words: string) => new TextEncoder().encode(words);

async function formatted(vfs: 'correct' | 'parity') {
  const tos = await createTencentos({ vfs, sdCard: new Uint8Array(512 * 2880) });
  expect(tos.tos_vfs_block_device_register('/dev/sd', tos.sd_dev)).toBe(VFS_ERR_NONE);
  expect(tos.tos_vfs_fs_register('fatfs_sd', tos.fatfs_ops)).toBe(VFS_ERR_NONE);
  expect(tos.tos_vfs_fs_mkfs('/dev/sd', 'fatfs_sd', FAT12, 0)).toBe(VFS_ERR_NONE);
  expect(tos.tos_vfs_fs_mount('/dev/sd', '/fs', 'fatfs_sd')).toBe(VFS_ERR_NONE);
  return tos;
}

describe('the VFS under its C names, correct', () => {
  it('works through the life of a file', async () => {
    const tos = await formatted('correct');
    const fd = tos.tos_vfs_open('/fs/a.txt', VFS_OFLAG_READ | VFS_OFLAG_WRITE | VFS_OFLAG_CREATE_ALWAYS);
    expect(fd).toBe(0);
    expect(tos.tos_vfs_write(fd, text('hello world'), 11)).toBe(11);
    expect(tos.tos_vfs_lseek(fd, -5, VFS_SEEK_END)).toBe(6);
    expect(tos.tos_vfs_lseek(fd, 0, VFS_SEEK_CUR)).toBe(6);
    const buf = new Uint8Array(16);
    expect(tos.tos_vfs_read(fd, buf, 16)).toBe(5);
    expect(new TextDecoder().decode(buf.subarray(0, 5))).toBe('world');
    expect(tos.tos_vfs_ftruncate(fd, 5)).toBe(0);
    expect(tos.tos_vfs_sync(fd)).toBe(0);
    const status = new vfs_fstat_t();
    expect(tos.tos_vfs_fstat(fd, status)).toBe(0);
    expect(status).toMatchObject({ type: VFS_TYPE_FILE, size: 5 });
    const second = tos.tos_vfs_dup(fd);
    expect(second).toBe(1);
    expect(tos.tos_vfs_close(second)).toBe(0);
    expect(tos.tos_vfs_ioctl(fd, 0)).toBeLessThan(0);
    expect(tos.tos_vfs_close(fd)).toBe(0);
    expect(tos.tos_vfs_close(fd)).toBe(-VFS_ERR_FILE_NOT_OPEN);
    expect(tos.tos_vfs_stat('/fs/a.txt', status)).toBe(0);
    expect(tos.tos_vfs_rename('/fs/a.txt', '/fs/b.txt')).toBe(0);
    expect(tos.tos_vfs_unlink('/fs/a.txt')).toBeLessThan(0);
    expect(tos.tos_vfs_unlink('/fs/b.txt')).toBe(0);
  });

  it('works through the life of a directory and of the mount', async () => {
    const tos = await formatted('correct');
    expect(tos.tos_vfs_mkdir('/fs/d')).toBe(0);
    const dir = tos.tos_vfs_opendir('/fs/');
    expect(tos.tos_vfs_readdir(dir)).toMatchObject({ type: VFS_TYPE_DIRECTORY, name: 'd' });
    expect(tos.tos_vfs_readdir(dir)).toBeNull();
    expect(tos.tos_vfs_rewinddir(dir)).toBe(0);
    expect(tos.tos_vfs_readdir(dir)?.name).toBe('d');
    expect(tos.tos_vfs_closedir(dir)).toBe(0);
    expect(tos.tos_vfs_rmdir('/fs/d')).toBe(0);
    const volume = new vfs_fsstat_t();
    expect(tos.tos_vfs_statfs('/fs', volume)).toBe(0);
    expect(volume.blk_size * volume.blk_num).toBeGreaterThan(1_000_000);
    expect(tos.tos_vfs_fs_mount('/dev/sd', '/fs', 'fatfs_sd')).toBe(VFS_ERR_FS_ALREADY_MOUNTED);
    expect(tos.tos_vfs_block_device_unregister('/dev/sd')).toBe(VFS_ERR_INODE_BUSY);
    expect(tos.tos_vfs_fs_umount('/fs')).toBe(VFS_ERR_NONE);
    expect(tos.tos_vfs_fs_umount('/fs')).toBe(VFS_ERR_FS_NOT_MOUNT);
    expect(tos.tos_vfs_fs_unregister('fatfs_sd')).toBe(VFS_ERR_NONE);
    expect(tos.tos_vfs_block_device_unregister('/dev/sd')).toBe(VFS_ERR_NONE);
    expect(tos.tos_vfs_open('/fs/a.txt', VFS_OFLAG_READ)).toBe(-VFS_ERR_INODE_NOT_FOUND);
  });

  it('gives the numbers of the header when something is missing', async () => {
    const tos = await createTencentos();
    expect(tos.tos_vfs_fs_mount('/dev/sd', '/fs', 'fatfs_sd')).toBe(VFS_ERR_FS_NOT_REGISTERED);
    tos.tos_vfs_fs_register('fatfs_sd', tos.fatfs_ops);
    expect(tos.tos_vfs_fs_mount('/dev/sd', '/fs', 'fatfs_sd')).toBe(VFS_ERR_DEVICE_NOT_REGISTERED);
    tos.tos_vfs_block_device_register('/dev/sd', tos.sd_dev);
    // Without a card there is nothing to bind to.
    expect(tos.tos_vfs_fs_mount('/dev/sd', '/fs', 'fatfs_sd')).toBe(VFS_ERR_OPS_FAILED);
    const path = `/fs/${'x'.repeat(23)}`;
    expect(tos.tos_vfs_open(path, VFS_OFLAG_READ | VFS_OFLAG_EXISTING)).toBe(-VFS_ERR_PATH_TOO_LONG);
  });

  it('takes a character device written as a table of operations', async () => {
    const { tos_vfs_char_device_register, tos_vfs_char_device_unregister, tos_vfs_open, tos_vfs_ioctl, tos_vfs_close } =
      await createTencentos();
    const requests: unknown[] = [];
    const uart: vfs_chrdev_ops_t = {
      open: () => 0,
      close: () => 0,
      ioctl(_file, cmd, arg) {
        requests.push([cmd, arg]);
        return 7;
      },
    };
    expect(tos_vfs_char_device_register('/dev/uart', uart)).toBe(VFS_ERR_NONE);
    const fd = tos_vfs_open('/dev/uart', 0);
    expect(tos_vfs_ioctl(fd, 3, 115200)).toBe(7);
    expect(requests).toEqual([[3, 115200]]);
    expect(tos_vfs_close(fd)).toBe(0);
    expect(tos_vfs_char_device_unregister('/dev/uart')).toBe(VFS_ERR_NONE);
  });
});

describe('the VFS under its C names, parity', () => {
  it('does what the board does', async () => {
    const tos = await formatted('parity');
    expect(tos.behaviour).toEqual({ loader: 'full', vfs: 'parity' });
    const flags = VFS_OFLAG_WRITE | VFS_OFLAG_CREATE_ALWAYS;
    expect(tos.tos_vfs_open('/fs/a', flags)).toBe(0);
    expect(tos.tos_vfs_open('/fs/b', flags)).toBe(16);
    expect(() => tos.tos_vfs_write(16, text('x'), 1)).toThrow(VfsDefect);
    expect(tos.tos_vfs_lseek(0, 9, VFS_SEEK_SET)).toBe(9);
    expect(tos.tos_vfs_fstat(0, new vfs_fstat_t())).toBe(-1);
    expect(tos.tos_vfs_rmdir('/fs/d')).toBe(-1);
    expect(tos.tos_vfs_rewinddir(tos.tos_vfs_opendir('/fs/'))).toBe(K_ERR_OBJ_PTR_NULL);
    expect(tos.tos_vfs_open(null, flags)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(tos.tos_vfs_fs_umount('/fs')).toBe(VFS_ERR_INODE_BUSY);
  });
});
