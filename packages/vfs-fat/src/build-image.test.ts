import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import { buildFatImage } from './build-image.js';
import { decodeDateTime } from './fat/entry.js';
import { FatVolume } from './fat/volume.js';

const tree = {
  '1.o': new Uint8Array(1234).fill(1),
  'modules/long module name.so': new Uint8Array(70_000).fill(2),
  '/modules/deep/模块.so': new Uint8Array(10).fill(3),
  'Modules/other.bin': new Uint8Array(0),
  'empty/': new Uint8Array(0),
};

const mount = (image: Uint8Array) => FatVolume.mount(blockDevice(memorySource(image), { blockSize: 512 }));

describe('building an image', () => {
  it.each([
    { type: 'fat12', label: 'FLOPPY' },
    { type: 'fat16', size: 4 << 20, partition: true },
    { type: 'fat32', size: 36 << 20, label: 'SD', serial: 7 },
  ] as const)('puts the tree on it: %o', async (options) => {
    const volume = await mount(await buildFatImage(tree, options));
    const found = [...volume.walk()].map(({ path, size, type }) => (type === 'file' ? `${path} ${size}` : path));
    expect(found.sort()).toEqual([
      '/1.o 1234',
      '/Modules',
      '/Modules/deep',
      '/Modules/deep/模块.so 10',
      '/Modules/long module name.so 70000',
      '/Modules/other.bin 0',
      '/empty',
    ]);
    expect(volume.readFile('/modules/long module name.so')).toEqual(tree['modules/long module name.so']);
    expect(volume.label).toBe('label' in options ? options.label : '');
    volume.unmount();
  });

  it('gives the same bytes for the same tree in any order and at any time', async () => {
    const first = await buildFatImage(tree, { type: 'fat12' });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const second = await buildFatImage(Object.fromEntries(Object.entries(tree).reverse()), { type: 'fat12' });
    expect(Buffer.compare(first, second)).toBe(0);
  });

  it('stamps every entry with the time asked for', async () => {
    const timestamp = { year: 2021, month: 12, day: 31, hour: 23, minute: 59, second: 58 };
    const volume = await mount(await buildFatImage(tree, { type: 'fat12', timestamp }));
    for (const { date, time } of volume.walk()) expect(decodeDateTime(date, time)).toEqual(timestamp);
    volume.unmount();
  });

  it('refuses names that differ only by case', async () => {
    const twice = { 'a.txt': new Uint8Array(1), 'A.TXT': new Uint8Array(2) };
    await expect(buildFatImage(twice, { type: 'fat12' })).rejects.toMatchObject({ code: 'EXISTS' });
  });

  it('says when the tree does not fit', async () => {
    const big = { 'big.bin': new Uint8Array(2_000_000) };
    await expect(buildFatImage(big, { type: 'fat12' })).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(buildFatImage({}, { type: 'fat12', size: 100_000 })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
    });
  });
});
