import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import { openImage, openLocation } from './image.js';

const fixtures = fileURLToPath(new URL('../../testkit/fixtures/', import.meta.url));
const object = new Uint8Array(readFileSync(`${fixtures}modules/tencentos/1.o`));

function bytesOf(source: { readonly size: number; read(offset: number, into: Uint8Array): number }): Uint8Array {
  const bytes = new Uint8Array(source.size);
  expect(source.read(0, bytes)).toBe(source.size);
  return bytes;
}

describe('openLocation', () => {
  it('reads a file of a FAT32 image as mtools wrote it', async () => {
    const { source, name } = await openLocation(`${fixtures}images/sd.img.gz:/1.o`);
    expect(name).toBe('1.o');
    expect(bytesOf(source)).toEqual(object);
  });

  it('reads a file of a SPIFFS image', async () => {
    const { source } = await openLocation(`${fixtures}images/spiffs.img.gz:/task.bin`);
    expect(bytesOf(source)).toEqual(new Uint8Array(readFileSync(`${fixtures}modules/gp-iot/task.bin`)));
  });

  it('reads from an offset of raw flash', async () => {
    const { source } = await openLocation(`${fixtures}images/flash.bin@0x2000`);
    const module = new Uint8Array(readFileSync(`${fixtures}modules/tencentos/1-none-eabi.so`));
    expect(source.size).toBe(0x6000 - 0x2000);
    expect(bytesOf(source).subarray(0, module.length)).toEqual(module);
  });

  it.each([
    ['images/sd.img.gz:/none.o', 'NOT_FOUND'],
    ['images/spiffs.img.gz:/none.bin', 'NOT_FOUND'],
    ['images/flash.bin@0x6000', 'BAD_LOCATION'],
    ['modules/tencentos/1.o:/x', 'UNKNOWN_FORMAT'],
    ['no-such-file', 'IO'],
  ])('%s: %s', async (location, code) => {
    await expect(openLocation(fixtures + location)).rejects.toMatchObject({ code });
  });
});

describe('openImage', () => {
  it('lists the files of a FAT32 volume', async () => {
    const image = await openImage(`${fixtures}images/sd.img.gz`);
    expect(image.kind).toBe('fat32');
    expect(image.geometry).toMatchObject({ bytesPerSector: 512, sectorsPerCluster: 1 });
    expect(image.files()).toContainEqual({ path: '/1.o', size: object.length });
    expect(image.files()).toHaveLength(7);
  });

  it('lists the files of a SPIFFS and leaves the image alone', async () => {
    const bytes = new Uint8Array(gunzipSync(readFileSync(`${fixtures}images/spiffs.img.gz`)));
    const before = Uint8Array.from(bytes);
    const image = await openImage(memorySource(bytes));
    expect(image.kind).toBe('spiffs');
    expect(image.geometry).toMatchObject({ pageSize: 256, blockSize: 4096, totalSize: 0x160000 });
    expect(image.files().map((file) => file.path)).toEqual(['/task.bin', '/task-base.bin', '/task-globals.bin']);
    expect(Buffer.compare(bytes, before)).toBe(0);
  });

  it('refuses what is no file system', async () => {
    await expect(openImage(new Uint8Array(8192))).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' });
  });
});
