import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import { createFatFs } from '../fat/fatfs.js';
import {
  VFS_OFLAG_CREATE_ALWAYS,
  VFS_OFLAG_EXISTING,
  VFS_OFLAG_OPEN_ALWAYS,
  VFS_OFLAG_READ,
  VFS_OFLAG_WRITE,
  VFS_SEEK_CUR,
  VFS_SEEK_END,
  VFS_SEEK_SET,
  VFS_TYPE_DIRECTORY,
  VFS_TYPE_FILE,
  VFS_TYPE_OTHER,
} from './constants.js';
import type { VfsBehaviour } from './operations.js';
import { sdDevice } from './sd-device.js';
import { newFsstat, newFstat } from './structures.js';
import { Vfs } from './vfs.js';

async function card(name: string, behaviour: VfsBehaviour, onDifference?: (message: string) => void) {
  const image = new Uint8Array(
    gunzipSync(readFileSync(new URL(`../../../testkit/fixtures/fat/${name}.img.gz`, import.meta.url))),
  );
  const vfs = new Vfs(onDifference === undefined ? { behaviour } : { behaviour, onDifference });
  expect(vfs.blockDeviceRegister('/dev/sd', sdDevice(blockDevice(memorySource(image), { blockSize: 512 })))).toBe(0);
  expect(vfs.fsRegister('fatfs_sd', await createFatFs())).toBe(0);
  const result = vfs.fsMount('/dev/sd', '/fs/fatfs_sd', 'fatfs_sd');
  return { vfs, result };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe.each(['correct', 'parity'] as const)('the loader example, %s', (behaviour) => {
  it('reads /fs/fatfs_sd/1.o', async () => {
    const { vfs, result } = await card('fat32-mbr', behaviour);
    expect(result).toBe(0);
    const fd = vfs.open('/fs/fatfs_sd/1.o', VFS_OFLAG_READ | VFS_OFLAG_EXISTING);
    expect(fd).toBe(0);
    const bytes = new Uint8Array(2000);
    expect(vfs.lseek(fd, 18, VFS_SEEK_SET)).toBe(18);
    expect(vfs.read(fd, bytes, 18)).toBe(18);
    expect(text(bytes.subarray(0, 18))).toBe('0001872c:00000001\n');
    expect(vfs.read(fd, bytes)).toBe(1234 - 36);
    expect(vfs.read(fd, bytes)).toBe(0);
    expect(vfs.close(fd)).toBe(0);
    expect(vfs.open('/fs/fatfs_sd/2.o', VFS_OFLAG_READ)).toBe(-1);
    expect(vfs.open('/fs/fatfs_sd/1.o', VFS_OFLAG_READ)).toBe(0);
  });

  it('answers 11 when there is no FAT volume', async () => {
    const vfs = new Vfs({ behaviour });
    vfs.blockDeviceRegister(
      '/dev/sd',
      sdDevice(blockDevice(memorySource(new Uint8Array(1 << 20)), { blockSize: 512 })),
    );
    vfs.fsRegister('fatfs_sd', await createFatFs());
    expect(vfs.fsMount('/dev/sd', '/fs', 'fatfs_sd')).toBe(11);
  });

  it('formats, and mounts what it formatted', async () => {
    const vfs = new Vfs({ behaviour });
    vfs.blockDeviceRegister(
      '/dev/sd',
      sdDevice(blockDevice(memorySource(new Uint8Array(4 << 20)), { blockSize: 512 })),
    );
    vfs.fsRegister('fatfs_sd', await createFatFs());
    expect(vfs.fsMkfs('/dev/sd', 'fatfs_sd', 3, 0)).toBe(0);
    expect(vfs.fsMount('/dev/sd', '/fs', 'fatfs_sd')).toBe(0);
    const fd = vfs.open('/fs/sample.txt', VFS_OFLAG_CREATE_ALWAYS | VFS_OFLAG_WRITE);
    expect(vfs.write(fd, new TextEncoder().encode('sample'))).toBe(6);
    expect(vfs.sync(fd)).toBe(0);
    expect(vfs.close(fd)).toBe(0);
    const stat = newFstat();
    expect(vfs.stat('/fs/sample.txt', stat)).toBe(0);
    expect(stat).toMatchObject({ type: VFS_TYPE_FILE, size: 6 });
  });
});

describe('FatFs as the board binds it', () => {
  it('seeks from the start whatever whence says, and wraps negative offsets', async () => {
    const { vfs } = await card('fat32-mbr', 'parity');
    const fd = vfs.open('/fs/fatfs_sd/1.o', VFS_OFLAG_READ);
    const bytes = new Uint8Array(9);
    expect(vfs.lseek(fd, 18, VFS_SEEK_SET)).toBe(18);
    expect(vfs.lseek(fd, 36, VFS_SEEK_CUR)).toBe(36);
    vfs.read(fd, bytes);
    expect(text(bytes)).toBe('0001872c:');
    expect(vfs.lseek(fd, 5000, VFS_SEEK_SET)).toBe(5000);
    expect(vfs.read(fd, bytes)).toBe(0);
    expect(vfs.lseek(fd, -9, VFS_SEEK_END)).toBe(-9);
    expect(vfs.read(fd, bytes)).toBe(0);
  });

  it('truncates at the position and appends with OPEN_ALWAYS', async () => {
    const { vfs } = await card('fat12-small', 'parity');
    const path = '/fs/fatfs_sd/t';
    const fd = vfs.open(path, VFS_OFLAG_CREATE_ALWAYS | VFS_OFLAG_WRITE);
    vfs.write(fd, new Uint8Array(100));
    vfs.lseek(fd, 40, VFS_SEEK_SET);
    expect(vfs.ftruncate(fd, 10)).toBe(0);
    vfs.close(fd);
    const stat = newFstat();
    expect(vfs.stat(path, stat)).toBe(0);
    expect(stat.size).toBe(40);
    const again = vfs.open(path, VFS_OFLAG_OPEN_ALWAYS | VFS_OFLAG_WRITE);
    vfs.write(again, new Uint8Array(2));
    vfs.close(again);
    vfs.stat(path, stat);
    expect(stat.size).toBe(42);
  });

  it('has no fstat, dup, statfs, rmdir, ioctl', async () => {
    const { vfs } = await card('fat12-small', 'parity');
    const fd = vfs.open('/fs/fatfs_sd/t', VFS_OFLAG_CREATE_ALWAYS | VFS_OFLAG_WRITE);
    expect(vfs.fstat(fd, newFstat())).toBe(-1);
    expect(vfs.dup(fd)).toBe(-1);
    expect(vfs.ioctl(fd, 0)).toBe(-1);
    expect(vfs.statfs('/fs/fatfs_sd', newFsstat())).toBe(-1);
    vfs.mkdir('/fs/fatfs_sd/d');
    expect(vfs.rmdir('/fs/fatfs_sd/d')).toBe(-1);
    expect(vfs.unlink('/fs/fatfs_sd/d')).toBe(0);
  });

  it('tells only plain files and directories, and leaves the rest of stat alone', async () => {
    const { vfs } = await card('fat16-attrs', 'parity');
    const types = new Map<string, number>();
    const dir = vfs.opendir('/fs/fatfs_sd/');
    for (let entry = vfs.readdir(dir); entry !== null; entry = vfs.readdir(dir)) types.set(entry.name, entry.type);
    expect(vfs.closedir(dir)).toBe(0);
    const other = VFS_TYPE_OTHER;
    expect(Object.fromEntries(types)).toEqual({
      'RO.BIN': other,
      'hid.bin': other,
      'sys.bin': other,
      'noarch.bin': other,
      HIDDIR: other,
    });
    const stat = { ...newFstat(), mode: 7, ctime: 8 };
    vfs.stat('/fs/fatfs_sd/RO.BIN', stat);
    expect(stat).toMatchObject({ type: other, size: 300, mode: 7, ctime: 8, blk_size: 0 });
  });

  it('gives FatFs a null path when the mount point itself is opened as a directory', async () => {
    const { vfs } = await card('fat12-small', 'parity');
    expect(() => vfs.opendir('/fs/fatfs_sd')).toThrow(expect.objectContaining({ code: 'NULL_PATH' }));
  });

  it('would damage the volume by unlinking an open file', async () => {
    const { vfs } = await card('fat32-mbr', 'parity');
    vfs.open('/fs/fatfs_sd/1.o', VFS_OFLAG_READ);
    expect(() => vfs.unlink('/fs/fatfs_sd/1.O')).toThrow(expect.objectContaining({ code: 'UNLOCKED_FILE' }));
  });
});

describe('FatFs as the header promises it', () => {
  it('seeks by whence and says that the board does not', async () => {
    const messages: string[] = [];
    const { vfs } = await card('fat32-mbr', 'correct', (message) => messages.push(message));
    const fd = vfs.open('/fs/fatfs_sd/1.o', VFS_OFLAG_READ);
    expect(vfs.lseek(fd, 100, VFS_SEEK_SET)).toBe(100);
    expect(messages).toEqual([]);
    expect(vfs.lseek(fd, 10, VFS_SEEK_CUR)).toBe(110);
    expect(vfs.lseek(fd, -4, VFS_SEEK_END)).toBe(1230);
    expect(vfs.lseek(fd, -1, VFS_SEEK_SET)).toBe(-20);
    expect(vfs.lseek(fd, 0, 3)).toBe(-20);
    expect(messages[0]).toContain('ignores whence');
    expect(vfs.close(fd)).toBe(0);
    expect(vfs.fsUmount('/fs/fatfs_sd')).toBe(0);
  });

  it('has what the board lacks', async () => {
    const messages: string[] = [];
    const { vfs } = await card('fat16-attrs', 'correct', (message) => messages.push(message));
    const fd = vfs.open('/fs/fatfs_sd/t', VFS_OFLAG_CREATE_ALWAYS | VFS_OFLAG_WRITE);
    vfs.write(fd, new Uint8Array(100));
    const stat = newFstat();
    expect(vfs.fstat(fd, stat)).toBe(0);
    expect(stat).toMatchObject({ type: VFS_TYPE_FILE, size: 100, blk_size: 512, blk_num: 1 });
    expect(vfs.ftruncate(fd, 10)).toBe(0);
    const second = vfs.dup(fd);
    expect(second).toBe(1);
    expect(vfs.close(fd)).toBe(0);
    expect(vfs.lseek(second, 0, VFS_SEEK_END)).toBe(10);
    expect(vfs.close(second)).toBe(0);
    const fsstat = newFsstat();
    expect(vfs.statfs('/fs/fatfs_sd', fsstat)).toBe(0);
    expect(fsstat).toMatchObject({ type: 2, blk_size: 512, blk_num: 5903, blk_free: 5903 - 7 });
    expect(vfs.mkdir('/fs/fatfs_sd/d')).toBe(0);
    expect(vfs.rmdir('/fs/fatfs_sd/t')).toBe(-1);
    expect(vfs.rmdir('/fs/fatfs_sd/d')).toBe(0);
    const dir = vfs.opendir('/fs/fatfs_sd');
    const first = vfs.readdir(dir)?.name;
    vfs.readdir(dir);
    expect(vfs.rewinddir(dir)).toBe(0);
    expect(vfs.readdir(dir)?.name).toBe(first);
    expect(vfs.closedir(dir)).toBe(0);
    vfs.stat('/fs/fatfs_sd/HIDDIR', stat);
    expect(stat.type).toBe(VFS_TYPE_DIRECTORY);
    vfs.stat('/fs/fatfs_sd/RO.BIN', stat);
    expect(stat).toMatchObject({ type: VFS_TYPE_FILE, mode: 0 });
    expect(messages.map((message) => message.split(':')[0])).toEqual([
      'fatfs fstat',
      'fatfs truncate',
      'tos_vfs_dup',
      'fatfs lseek',

      'fatfs statfs',
      'fatfs rmdir',
      'fatfs opendir',
      'fatfs stat and readdir',
      'tos_vfs_rewinddir',
      'fatfs stat',
    ]);
  });

  it('opens with OPEN_ALWAYS at the start', async () => {
    const { vfs } = await card('fat12-small', 'correct');
    const path = '/fs/fatfs_sd/t';
    const fd = vfs.open(path, VFS_OFLAG_OPEN_ALWAYS | VFS_OFLAG_WRITE);
    vfs.write(fd, new Uint8Array(10));
    vfs.close(fd);
    const again = vfs.open(path, VFS_OFLAG_OPEN_ALWAYS | VFS_OFLAG_WRITE);
    expect(vfs.lseek(again, 0, VFS_SEEK_CUR)).toBe(0);
    vfs.close(again);
  });
});

describe('sd_dev', () => {
  const differs = () => undefined;
  const sparse = { size: 8 * 2 ** 30, blockSize: 512 };
  const device = (reads: number[]) => ({
    ...sparse,
    read: (address: number) => void reads.push(address),
    program: () => undefined,
    erase: () => undefined,
  });
  const inode = { type: 1, refs: 1, private: null, name: '/dev/sd', ops: {} } as const;

  it('wraps at 4 GiB on the board only', async () => {
    const reads: number[] = [];
    const buffer = new Uint8Array(512);
    for (const behaviour of ['parity', 'correct'] as const) {
      const ops = sdDevice(device(reads)).operations({ behaviour, differs });
      expect(ops.read?.(inode, buffer, 2 ** 23 + 3, 1)).toBe(0);
    }
    expect(reads).toEqual([3 * 512, (2 ** 23 + 3) * 512]);
  });

  it('answers the four disk commands', async () => {
    const ops = sdDevice(device([])).operations({ behaviour: 'parity', differs });
    const answer = (cmd: number) => {
      const bytes = new Uint8Array(4).fill(0xee);
      return [ops.ioctl?.(inode, cmd, bytes), ...bytes];
    };
    expect(ops.ioctl?.(inode, 0, null)).toBe(0);
    expect(answer(1)).toEqual([0, 0, 0, 0, 1]);
    expect(answer(2)).toEqual([0, 0, 2, 0, 0]);
    expect(answer(3)).toEqual([0, 0, 2, 0xee, 0xee]);
    expect(answer(4)[0]).toBe(-1);
    expect(ops.ioctl?.(inode, 1, null)).toBe(-1);
  });
});
