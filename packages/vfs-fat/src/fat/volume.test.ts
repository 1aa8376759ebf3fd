import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFatImage } from './boot-sector.js';
import { FatError } from './error.js';
import { FA } from './fresult.js';
import { FatVolume } from './volume.js';

function image(name: string): Uint8Array {
  return new Uint8Array(
    gunzipSync(readFileSync(new URL(`../../../testkit/fixtures/fat/${name}.img.gz`, import.meta.url))),
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function failure(run: () => unknown): { code: string; fresult: number } {
  try {
    run();
  } catch (error) {
    if (error instanceof FatError) return { code: error.code, fresult: error.fresult };
    throw error;
  }
  return { code: 'no error', fresult: 0 };
}

const text = (string: string) => new TextEncoder().encode(string);

describe('a FAT32 SD card image with a partition table', () => {
  let bytes: Uint8Array;
  let volume: FatVolume;
  beforeEach(async () => {
    bytes = image('fat32-mbr');
    volume = await FatVolume.mount(blockDevice(memorySource(bytes), { blockSize: 512 }));
  });
  afterEach(() => volume.unmount());

  it('is found behind the partition table', () => {
    expect(isFatImage(memorySource(bytes))).toBe(true);
    expect(volume.parameters).toMatchObject({ type: 'fat32', partitionOffset: 1048576, clusters: 67898 });
  });

  it('gives the module file byte for byte, whole and as a source', () => {
    const expected = 'c1696dcf2e6bc1a8a849306670dcaef5f0587730ac2703b8f5131feedc2e2c8a';
    expect(sha256(volume.readFile('/1.o'))).toBe(expected);
    const source = volume.fileSource('1.O');
    const content = new Uint8Array(source.size);
    for (let offset = source.size - 100; offset > -100; offset -= 100) {
      const from = Math.max(0, offset);
      source.read(from, content.subarray(from, from + 100));
    }
    expect(sha256(content)).toBe(expected);
    source.close?.();
  });

  it('refuses to unlink, rename or rewrite an open file, whatever name it goes by', () => {
    const file = volume.open('/Long File Name With Spaces.elf');
    expect(failure(() => volume.unlink('/LONGFI~1.ELF'))).toEqual({ code: 'LOCKED', fresult: 16 });
    expect(failure(() => volume.rename('/long file name with spaces.elf', '/b'))).toEqual({
      code: 'LOCKED',
      fresult: 16,
    });
    expect(failure(() => volume.open('/LONGFI~1.ELF', FA.WRITE | FA.CREATE_ALWAYS))).toEqual({
      code: 'LOCKED',
      fresult: 16,
    });
    expect(volume.open('/LONGFI~1.ELF').size).toBe(3000);
    file.close();
  });

  it('refuses to move a directory into itself', () => {
    expect(failure(() => volume.rename('/sub', '/SUB/deeper/again'))).toEqual({ code: 'DENIED', fresult: 7 });
    volume.rename('/sub/a.o', '/sub/deeper/b.o');
    expect(volume.list('/sub/deeper').map(({ name }) => name)).toContain('b.o');
  });

  it('refuses paths that FatFs would cut short', () => {
    expect(failure(() => volume.unlink('/1.o\n.txt')).code).toBe('INVALID_NAME');
    expect(failure(() => volume.stat('/\ud800')).code).toBe('INVALID_NAME');
    expect(volume.stat('/1.o').size).toBe(1234);
  });

  it('names what is wrong with its own code and the FatFs number', () => {
    expect(failure(() => volume.readFile('/absent'))).toEqual({ code: 'NO_FILE', fresult: 4 });
    expect(failure(() => volume.readFile('/absent/x'))).toEqual({ code: 'NO_PATH', fresult: 5 });
    expect(failure(() => volume.mkdir('/sub'))).toEqual({ code: 'EXISTS', fresult: 8 });
    expect(failure(() => volume.unlink('/sub'))).toEqual({ code: 'DENIED', fresult: 7 });
    expect(failure(() => volume.rmdir('/1.o'))).toEqual({ code: 'DENIED', fresult: 7 });
    volume.unmount();
    expect(failure(() => volume.stat('/1.o'))).toEqual({ code: 'NOT_ENABLED', fresult: 12 });
  });

  it('keeps what was written over a remount', async () => {
    volume.mkdir('/new');
    volume.writeFile('/new/data.bin', text('one'));
    const file = volume.open('/new/data.bin', FA.WRITE | FA.OPEN_APPEND);
    file.write(text(' two'));
    file.close();
    volume.truncate('/MODULE.SO', 7);
    volume.unmount();
    volume = await FatVolume.mount(blockDevice(memorySource(bytes), { blockSize: 512 }), { readOnly: true });
    expect(new TextDecoder().decode(volume.readFile('/new/data.bin'))).toBe('one two');
    expect(volume.stat('/MODULE.SO').size).toBe(7);
    expect(failure(() => volume.writeFile('/x', text('x')))).toEqual({ code: 'WRITE_PROTECTED', fresult: 10 });
  });
});

describe('a full volume', () => {
  it('turns a short write into an error that says how much was written', async () => {
    const volume = await FatVolume.mount(blockDevice(memorySource(image('fat12-full')), { blockSize: 512 }));
    const { freeBytes } = volume.freeSpace();
    let error: unknown;
    try {
      volume.writeFile('/more.bin', new Uint8Array(freeBytes + 1));
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'DISK_FULL', data: { transferred: freeBytes, size: freeBytes + 1 } });
    expect(volume.stat('/more.bin').size).toBe(freeBytes);
    expect(volume.freeSpace().freeBytes).toBe(0);
    volume.unmount();
  });
});

describe('a volume without a clock', () => {
  it('writes times of 0 into what it makes or changes, and nothing else', async () => {
    const device = blockDevice(memorySource(image('fat16-mbr')), { blockSize: 512 });
    const volume = await FatVolume.mount(device, { clock: 'none' });
    const times = (path: string) => {
      const { date, time } = volume.stat(path);
      return [date, time];
    };
    const before = times('/1.o');
    expect(before[0]).toBeGreaterThan(0);
    volume.open('/1.o', FA.READ | FA.WRITE).close();
    expect(times('/1.o')).toEqual(before);
    volume.mkdir('/sub/made');
    const file = volume.open('/sub/made/file', FA.WRITE | FA.CREATE_NEW);
    for (let round = 0; round < 100; round++) {
      file.write(text(`round ${round}\n`));
      if (round % 10 === 0) file.sync();
    }
    file.close();
    volume.truncate('/1.o', 100);
    expect(['/sub/made', '/sub/made/file', '/1.o'].map(times)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(volume.stat('/sub/made/file').size).toBe(890);
    expect(times('/MODULE.SO')[0]).toBeGreaterThan(0);
    volume.unmount();
  });
});

describe('mounting', () => {
  it('refuses a device without a FAT volume', async () => {
    const empty = blockDevice(memorySource(new Uint8Array(65536)), { blockSize: 512 });
    await expect(FatVolume.mount(empty)).rejects.toMatchObject({ code: 'NO_FILESYSTEM', fresult: 13 });
    expect(isFatImage(memorySource(new Uint8Array(65536)))).toBe(false);
    expect(isFatImage(memorySource(new Uint8Array(3)))).toBe(false);
  });

  it('serves more volumes than one FatFs instance has drives', async () => {
    const bytes = image('fat12-small');
    const mounts = Array.from({ length: 25 }, () =>
      FatVolume.mount(blockDevice(memorySource(bytes), { blockSize: 512 })),
    );
    const volumes = await Promise.all(mounts);
    expect(volumes.map((volume) => volume.parameters.type)).toEqual(volumes.map(() => 'fat12'));
    for (const volume of volumes) volume.unmount();
  });

  it('passes the error of a failing device on as the cause', async () => {
    const device = blockDevice(memorySource(image('fat16-min')), { blockSize: 512 });
    let broken = false;
    const cause = new Error('the card was pulled out');
    const volume = await FatVolume.mount({
      size: device.size,
      blockSize: 512,
      read(address, into) {
        if (broken) throw cause;
        device.read(address, into);
      },
      program(address, from) {
        if (broken) throw cause;
        device.program(address, from);
      },
      erase: (block) => device.erase(block),
    });
    const path = volume.list().find((entry) => entry.size > 1000)?.name ?? '';
    broken = true;
    expect(() => volume.readFile(path)).toThrow(expect.objectContaining({ code: 'DISK_ERROR', fresult: 1, cause }));
    broken = false;
    const file = volume.open('/new', FA.WRITE | FA.CREATE_NEW);
    file.write(text('kept'));
    broken = true;
    expect(() => file.close()).toThrow(expect.objectContaining({ code: 'DISK_ERROR', cause }));
    broken = false;
    file.close();
    expect(volume.readFile('/new')).toEqual(text('kept'));
    expect(volume.readFile(path).length).toBe(volume.stat(path).size);
  });
});
