import { describe, expect, it } from 'vitest';
import {
  K_ERR_OBJ_PTR_NULL,
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
  VFS_ERR_INODE_NOT_FOUND,
  VFS_ERR_OPS_FAILED,
  VFS_ERR_OPS_NULL,
  VFS_ERR_PARA_INVALID,
  VFS_ERR_PATH_TOO_LONG,
  VFS_OFLAG_READ,
  vfsErrorName,
} from './constants.js';
import type { VfsBehaviour, VfsFileSystemOperations } from './operations.js';
import { newFstat } from './structures.js';
import { Vfs } from './vfs.js';

const BOTH: readonly VfsBehaviour[] = ['correct', 'parity'];
const block = {};

/** A file system that answers everything with 0 and remembers what it was asked. */
function recorder(): { ops: VfsFileSystemOperations; calls: string[] } {
  const calls: string[] = [];
  const note = (text: string) => {
    calls.push(text);
    return 0;
  };
  return {
    calls,
    ops: {
      bind: (fs, dev) => note(`bind ${fs.name} ${dev.name}`),
      unbind: (fs) => note(`unbind ${fs.name}`),
      open: (_file, pathname, flags) => note(`open ${pathname} ${flags}`),
      close: () => note('close'),
      unlink: (_fs, pathname) => note(`unlink ${pathname}`),
      mkdir: (_fs, pathname) => note(`mkdir ${pathname}`),
      rename: (_fs, from, to) => note(`rename ${from} ${to}`),
      opendir: (_dir, pathname) => note(`opendir ${pathname}`),
      closedir: () => note('closedir'),
      mkfs: (dev, opt, arg) => note(`mkfs ${dev.name} ${opt} ${arg}`),
    },
  };
}

function mounted(behaviour: VfsBehaviour, messages: string[] = []) {
  const vfs = new Vfs({ behaviour, onDifference: (message) => messages.push(message) });
  const { ops, calls } = recorder();
  vfs.blockDeviceRegister('/dev/sd', block);
  vfs.fsRegister('fs', ops);
  vfs.fsMount('/dev/sd', '/fs/x', 'fs');
  calls.length = 0;
  return { vfs, calls };
}

describe.each(BOTH)('registration, %s', (behaviour) => {
  it('gives the positive codes of vfs_err_t', () => {
    const vfs = new Vfs({ behaviour });
    expect(vfs.blockDeviceRegister('/dev/sd', block)).toBe(0);
    expect(vfs.blockDeviceRegister('/dev/sd', block)).toBe(VFS_ERR_DEVICE_ALREADY_REGISTERED);
    expect(vfs.charDeviceRegister('/dev/sd', {})).toBe(VFS_ERR_INODE_INAVALIABLE);
    expect(vfs.charDeviceRegister(`/dev/${'t'.repeat(21)}`, {})).toBe(0);
    expect(vfs.charDeviceRegister(`/dev/${'t'.repeat(22)}`, {})).toBe(VFS_ERR_PATH_TOO_LONG);
    expect(vfs.charDeviceUnregister('/dev/sd')).toBe(VFS_ERR_INODE_INVALID);
    expect(vfs.blockDeviceUnregister('/dev/none')).toBe(VFS_ERR_DEVICE_NOT_REGISTERED);
    expect(vfs.fsRegister('fs', {})).toBe(0);
    expect(vfs.fsRegister('fs', {})).toBe(VFS_ERR_FS_ALREADY_REGISTERED);
    expect(vfs.fsRegister(null, {})).toBe(VFS_ERR_PARA_INVALID);
    expect(vfs.fsUnregister('other')).toBe(VFS_ERR_FS_NOT_REGISTERED);
    expect(vfs.fsUnregister('fs')).toBe(0);
  });

  it('mounts under the C rules', () => {
    const { vfs } = mounted(behaviour);
    vfs.fsRegister('failing', { bind: () => -1, mkfs: () => -1 });
    vfs.fsRegister('empty', {});
    expect(vfs.fsMount('/dev/sd', '/a', 'nofs')).toBe(VFS_ERR_FS_NOT_REGISTERED);
    expect(vfs.fsMount('/dev/none', '/a', 'fs')).toBe(VFS_ERR_DEVICE_NOT_REGISTERED);
    expect(vfs.fsMount('/fs/x', '/a', 'fs')).toBe(VFS_ERR_INODE_INVALID);
    expect(vfs.fsMount('/dev/sd', '/fs/x', 'fs')).toBe(VFS_ERR_FS_ALREADY_MOUNTED);
    expect(vfs.fsMount('/dev/sd', '/dev/sd', 'fs')).toBe(VFS_ERR_INODE_INAVALIABLE);
    expect(vfs.fsMount('/dev/sd', `/${'m'.repeat(31)}`, 'fs')).toBe(VFS_ERR_INODE_CREATE_FAILED);
    expect(vfs.fsMount('/dev/sd', '/e', 'empty')).toBe(VFS_ERR_OPS_NULL);
    expect(vfs.fsMount('/dev/sd', '/f', 'failing')).toBe(VFS_ERR_OPS_FAILED);
    expect(vfs.fsUmount('/none')).toBe(VFS_ERR_FS_NOT_MOUNT);
    expect(vfs.fsUmount('/dev/sd')).toBe(VFS_ERR_INODE_INAVALIABLE);
    expect(vfs.fsMkfs('/dev/sd', 'fs', 8, 0)).toBe(0);
    expect(vfs.fsMkfs('/dev/sd', 'empty', 8, 0)).toBe(VFS_ERR_OPS_NULL);
    expect(vfs.fsMkfs('/dev/sd', 'failing', 8, 0)).toBe(VFS_ERR_OPS_FAILED);
  });
});

describe.each(BOTH)('paths, %s', (behaviour) => {
  it('finds the mount by prefix and passes the rest on with its slash', () => {
    const { vfs, calls } = mounted(behaviour);
    expect(vfs.open('/fs/x/1.o', VFS_OFLAG_READ)).toBe(0);
    expect(vfs.unlink('/fs/x/a/b')).toBe(0);
    expect(vfs.mkdir('/fs/x/')).toBe(0);
    expect(vfs.rename('/fs/x/a', '/fs/x/b')).toBe(0);
    expect(calls).toEqual(['open /1.o 1', 'unlink /a/b', 'mkdir /', 'rename /a /b']);
  });

  it('gives the negated codes', () => {
    const { vfs } = mounted(behaviour);
    const stat = newFstat();
    expect(vfs.open('/fs/x/', 1)).toBe(-VFS_ERR_PARA_INVALID);
    expect(vfs.open('/fs/x', 1)).toBe(-VFS_ERR_PARA_INVALID);
    expect(vfs.open('/fs/xy', 1)).toBe(-VFS_ERR_INODE_NOT_FOUND);
    expect(vfs.open(`/fs/x/${'a'.repeat(20)}`, 1)).toBe(0);
    expect(vfs.open(`/fs/x/${'a'.repeat(21)}`, 1)).toBe(-VFS_ERR_PATH_TOO_LONG);
    expect(vfs.open(`/fs/x/${'模'.repeat(11)}`, 1)).toBe(-VFS_ERR_PATH_TOO_LONG);
    expect(vfs.open('/dev/sd', 1)).toBe(-1);
    expect(vfs.stat('/fs/x/a', stat)).toBe(-1);
    expect(vfs.stat('/dev/sd', stat)).toBe(-VFS_ERR_INODE_INVALID);
    expect(vfs.unlink('/fs/x')).toBe(-VFS_ERR_PARA_INVALID);
    expect(vfs.rename('/fs/x/a', '/dev/sd')).toBe(-VFS_ERR_PARA_INVALID);
    expect(vfs.rename('/fs/x/a', '/none')).toBe(-VFS_ERR_INODE_NOT_FOUND);
    expect(vfs.read(0, null, 1)).toBe(-VFS_ERR_BUFFER_NULL);
    expect(vfs.read(0, new Uint8Array(4))).toBe(-1);
    expect(vfs.read(20, new Uint8Array(4))).toBe(-VFS_ERR_FILE_NOT_OPEN);
    expect(vfs.close(-1)).toBe(-VFS_ERR_FILE_NOT_OPEN);
    expect(() => vfs.write(0, new Uint8Array(4), 5)).toThrow(expect.objectContaining({ code: 'BUFFER_OVERRUN' }));
  });

  it('has twenty slots', () => {
    const { vfs } = mounted(behaviour);
    const descriptors = Array.from({ length: 21 }, (_, index) => vfs.open(`/fs/x/${index}`, 1));
    const distance = behaviour === 'parity' ? 16 : 1;
    expect(descriptors.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index * distance));
    expect(descriptors[20]).toBe(-VFS_ERR_FILE_NO_AVAILABLE);
  });

  it('gives character devices the open file and the request', () => {
    const vfs = new Vfs({ behaviour });
    const seen: unknown[] = [];
    vfs.charDeviceRegister('/dev/uart', {
      open: (file) => {
        file.private = 'mine';
        return 0;
      },
      close: () => 0,
      write: (file, buf, count) => {
        seen.push(file.private, [...buf], count);
        return count;
      },
      ioctl: (_file, cmd, arg) => cmd + Number(arg),
    });
    const fd = vfs.open('/dev/uart', 2);
    expect(vfs.write(fd, Uint8Array.of(1, 2, 3), 2)).toBe(2);
    expect(seen).toEqual(['mine', [1, 2, 3], 2]);
    expect(vfs.ioctl(fd, 40, 2)).toBe(42);
    expect(vfs.ioctl(fd, 40)).toBe(40);
    expect(vfs.sync(fd)).toBe(-VFS_ERR_INODE_INVALID);
    expect(vfs.lseek(fd, 0, 0)).toBe(-1);
    expect(vfs.close(fd)).toBe(0);
  });
});

describe('the board', () => {
  it('numbers the second file 16, reads that as slot 16, and refuses the third', () => {
    const { vfs } = mounted('parity');
    expect([vfs.open('/fs/x/a', 1), vfs.open('/fs/x/b', 1), vfs.open('/fs/x/c', 1)]).toEqual([0, 16, 32]);
    expect(() => vfs.close(16)).toThrow(expect.objectContaining({ code: 'NULL_INODE', where: 'tos_vfs_close' }));
    expect(vfs.close(32)).toBe(-VFS_ERR_FILE_NOT_OPEN);
    expect(vfs.close(0)).toBe(0);
    expect(vfs.open('/fs/x/d', 1)).toBe(0);
  });

  it('never unregisters or unmounts', () => {
    const { vfs } = mounted('parity');
    expect(vfs.fsUmount('/fs/x')).toBe(VFS_ERR_INODE_BUSY);
    expect(vfs.blockDeviceUnregister('/dev/sd')).toBe(VFS_ERR_INODE_BUSY);
  });

  it('keeps a mount point whose bind failed', () => {
    const { vfs } = mounted('parity');
    vfs.fsRegister('failing', { bind: () => -1, open: () => 0 });
    expect(vfs.fsMount('/dev/sd', '/f', 'failing')).toBe(VFS_ERR_OPS_FAILED);
    expect(vfs.fsMount('/dev/sd', '/f', 'failing')).toBe(VFS_ERR_FS_ALREADY_MOUNTED);
    expect(vfs.open('/f/a', 1)).toBe(0);
  });

  it('answers null pointers with 1100 where it looks, and runs into them where it does not', () => {
    const { vfs } = mounted('parity');
    expect(vfs.open(null, 1)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(vfs.unlink(null)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(vfs.closedir(null)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(() => vfs.blockDeviceRegister(null, block)).toThrow(expect.objectContaining({ code: 'NULL_PATH' }));
  });

  it('rewinds no directory, and returns a freed one when opendir fails', () => {
    const { vfs } = mounted('parity');
    const dir = vfs.opendir('/fs/x/');
    expect(vfs.rewinddir(dir)).toBe(K_ERR_OBJ_PTR_NULL);
    expect(vfs.closedir(dir)).toBe(0);
    expect(() => vfs.readdir(dir)).toThrow(expect.objectContaining({ code: 'CLOSED_DIRECTORY' }));
    vfs.fsRegister('nodir', { bind: () => 0 });
    vfs.fsMount('/dev/sd', '/n', 'nodir');
    expect(() => vfs.opendir('/n/')).toThrow(expect.objectContaining({ code: 'FREED_DIRECTORY' }));
    expect(vfs.opendir('/none')).toBeNull();
  });

  it('returns what the file system says from dup', () => {
    const vfs = new Vfs({ behaviour: 'parity' });
    vfs.blockDeviceRegister('/dev/sd', block);
    vfs.fsRegister('fs', { bind: () => 0, open: () => 0, dup: () => 7 });
    vfs.fsMount('/dev/sd', '/fs', 'fs');
    expect(vfs.dup(vfs.open('/fs/a', 1))).toBe(7);
  });
});

describe('the correct behaviour', () => {
  it('uses slot numbers, counts references, and unmounts', () => {
    const messages: string[] = [];
    const { vfs, calls } = mounted('correct', messages);
    expect([vfs.open('/fs/x/a', 1), vfs.open('/fs/x/b', 1)]).toEqual([0, 1]);
    expect(vfs.fsUmount('/fs/x')).toBe(VFS_ERR_INODE_BUSY);
    expect([vfs.close(1), vfs.close(0)]).toEqual([0, 0]);
    expect(vfs.close(0)).toBe(-VFS_ERR_FILE_NOT_OPEN);
    expect(vfs.blockDeviceUnregister('/dev/sd')).toBe(VFS_ERR_INODE_BUSY);
    expect(vfs.fsUmount('/fs/x')).toBe(0);
    expect(vfs.blockDeviceUnregister('/dev/sd')).toBe(0);
    expect(calls.at(-1)).toBe('unbind /fs/x');
    expect(messages).toEqual([
      expect.stringContaining('numbers it 16'),
      expect.stringContaining('null inode'),
      expect.stringContaining('tos_vfs_fs_umount: the board always answers 16'),
      expect.stringContaining('tos_vfs_block_device_unregister: the board always answers 16'),
    ]);
  });

  it('lets a failed mount be tried again', () => {
    const { vfs } = mounted('correct');
    let result = -1;
    vfs.fsRegister('late', { bind: () => result });
    expect(vfs.fsMount('/dev/sd', '/f', 'late')).toBe(VFS_ERR_OPS_FAILED);
    result = 0;
    expect(vfs.fsMount('/dev/sd', '/f', 'late')).toBe(0);
  });

  it('answers null pointers with a negative code', () => {
    const { vfs } = mounted('correct');
    expect(vfs.open(null, 1)).toBe(-VFS_ERR_PARA_INVALID);
    expect(vfs.blockDeviceRegister(null, block)).toBe(VFS_ERR_PARA_INVALID);
  });
});

describe('error names', () => {
  it('are found for both signs', () => {
    expect(vfsErrorName(-21)).toBe('VFS_ERR_PATH_TOO_LONG');
    expect(vfsErrorName(16)).toBe('VFS_ERR_INODE_BUSY');
    expect(vfsErrorName(1100)).toBe('K_ERR_OBJ_PTR_NULL');
    expect(vfsErrorName(22)).toBeUndefined();
  });
});
