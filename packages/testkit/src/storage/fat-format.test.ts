import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { buildFatImage, FatVolume, type FormatOptions, isFatImage } from '@loadstone/vfs-fat';
import { describe, expect, it } from 'vitest';
import { fsckFat, mtoolsTree } from './fat-tools.js';

const MIB = 1 << 20;

/** Size in bytes, what to make, and the bytes per cluster it should get. */
const GOOD: readonly (readonly [number, FormatOptions, number])[] = [
  [128 * 512, { type: 'fat12' }, 512],
  [1_474_560, { type: 'fat12', label: 'FLOPPY', rootEntries: 224 }, 512],
  [16 * MIB, { type: 'fat12', partition: true }, 8192],
  [MIB, { type: 'fat12', sectorSize: 1024 }, 1024],
  [MIB, { type: 'fat12', sectorSize: 4096, fats: 1 }, 4096],
  [3 * MIB, { type: 'fat16', label: 'A B_C' }, 512],
  [64 * MIB, { type: 'fat16', partition: true }, 1024],
  [64 * MIB, { type: 'fat16', clusterSize: 8192 }, 8192],
  [20 * MIB, { type: 'fat16', sectorSize: 2048 }, 2048],
  [34 * MIB, { type: 'fat32', label: 'LOADSTONE' }, 512],
  [34 * MIB, { type: 'fat32', partition: true, serial: 0x12345678 }, 512],
  [160 * MIB, { type: 'fat32', clusterSize: 1024, fats: 1 }, 1024],
  [68 * MIB, { type: 'fat32', sectorSize: 1024 }, 1024],
];

describe('building an image', () => {
  it.each([
    { type: 'fat12', label: 'BUILT' },
    { type: 'fat16' },
    { type: 'fat32', size: 36 * MIB, partition: true },
  ] as const)('gives one that fsck.fat and mtools agree with: %o', async (options) => {
    const tree = {
      '/1.o': new Uint8Array(1234).fill(1),
      '/a directory/模块.so': new Uint8Array(70_000).fill(2),
      '/a directory/empty': new Uint8Array(0),
    };
    const image = await buildFatImage(tree, options);
    const partition = image.subarray('partition' in options ? 63 * 512 : 0);
    expect(fsckFat(partition)).toMatchObject({ exitCode: 0 });
    expect(mtoolsTree(partition)).toEqual(new Map<string, unknown>([...Object.entries(tree), ['/a directory', null]]));
  });
});

describe('formatting', () => {
  it.each(GOOD)('%i bytes as %o passes fsck.fat and can be used', async (size, options, clusterSize) => {
    const image = new Uint8Array(size);
    const device = blockDevice(memorySource(image), { blockSize: options.sectorSize ?? 512 });
    const parameters = await FatVolume.format(device, options);
    expect(isFatImage(memorySource(image))).toBe(true);
    expect(parameters).toMatchObject({ type: options.type, fats: options.fats ?? 2 });
    expect(parameters.bytesPerSector * parameters.sectorsPerCluster).toBe(clusterSize);
    expect(parameters.partitionOffset > 0).toBe(options.partition ?? false);
    const volume = await FatVolume.mount(device);
    expect(volume.label).toBe(options.label ?? '');
    volume.mkdir('/directory');
    volume.writeFile('/directory/a file.bin', new Uint8Array(10_000).fill(65));
    volume.unmount();
    const partition = image.subarray(parameters.partitionOffset);
    expect(fsckFat(partition)).toMatchObject({ exitCode: 0 });
    const tree = mtoolsTree(partition);
    expect(tree.get('/directory/a file.bin')).toEqual(new Uint8Array(10_000).fill(65));
  });

  it.each<[number, FormatOptions, RegExp]>([
    [64 * 512, { type: 'fat12' }, /FORMAT_ABORTED/],
    [MIB, { type: 'fat16' }, /needs 4101 clusters/],
    [16 * MIB, { type: 'fat32' }, /needs 65541 clusters/],
    [32 * MIB, { type: 'fat12', clusterSize: 512 }, /4068 clusters at most/],
    [MIB, { type: 'fat12', clusterSize: 1000 }, /cluster size 1000/],
    [MIB, { type: 'fat12', label: 'lower' }, /no volume label/],
    [MIB, { type: 'fat12', sectorSize: 256 }, /sector size 256/],
    [MIB, { type: 'fat12', rootEntries: 15 }, /15 root entries/],
  ])('%i bytes as %o is refused with the reason', async (size, options, reason) => {
    const image = new Uint8Array(size);
    const attempt = FatVolume.format(blockDevice(memorySource(image), { blockSize: 512 }), options);
    await expect(attempt.catch((error: Error & { code: string }) => `${error.code} ${error.message}`)).resolves.toMatch(
      reason,
    );
    expect(image.every((byte) => byte === 0)).toBe(true);
  });

  it('changes and removes a label of a volume in use', async () => {
    const image = new Uint8Array(3 * MIB);
    const device = blockDevice(memorySource(image), { blockSize: 512 });
    await FatVolume.format(device, { type: 'fat16', label: 'FIRST' });
    const volume = await FatVolume.mount(device);
    volume.writeFile('/file', new Uint8Array(3));
    for (const label of ['SECOND', '', 'THIRD']) {
      volume.setLabel(label);
      expect(volume.label).toBe(label);
      expect(volume.list().map(({ name }) => name)).toEqual(['file']);
      expect(fsckFat(image)).toMatchObject({ exitCode: 0 });
    }
    const open = volume.open('/file');
    expect(() => volume.setLabel('NO')).toThrow(expect.objectContaining({ code: 'LOCKED' }));
    open.close();
    volume.unmount();
  });
});
