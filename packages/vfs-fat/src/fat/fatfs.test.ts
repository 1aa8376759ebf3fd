import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import { createFatFs } from './fatfs.js';

const card = () => blockDevice(memorySource(new Uint8Array(400 * 512)), { blockSize: 512 });

describe('an instance of FatFs', () => {
  it('serves ten volumes and says so at the eleventh', async () => {
    const fatfs = await createFatFs();
    const volumes = Array.from({ length: 10 }, () => {
      const device = card();
      fatfs.formatRaw(device, { sectorSize: 512, format: 9, clusterSize: 0 });
      return fatfs.mount(device);
    });
    for (const [index, volume] of volumes.entries()) volume.writeFile('/number', Uint8Array.of(index));
    expect(volumes.map((volume) => volume.readFile('/number')[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(fatfs.usable).toBe(false);
    expect(() => fatfs.mount(card())).toThrow(expect.objectContaining({ code: 'TOO_MANY_OPEN' }));
    volumes[4].unmount();
    expect(fatfs.usable).toBe(true);
  });

  it('can be made from bytes, and with another code page', async () => {
    const path = createRequire(import.meta.url)
      .resolve('js-fatfs')
      .replace(/fatfs\.js$/, 'fatfs.wasm');
    const shortNames: string[] = [];
    for (const codePage of [936, 437]) {
      const fatfs = await createFatFs({ wasm: new Uint8Array(readFileSync(path)), codePage });
      const device = card();
      fatfs.format(device, { type: 'fat12' });
      const volume = fatfs.mount(device);
      volume.writeFile('/模块.so', new Uint8Array(1));
      shortNames.push(volume.list()[0].shortName);
      expect(volume.list()[0].name).toBe('模块.so');
    }
    // GBK holds the characters, code page 437 does not.
    expect(shortNames).toEqual(['模块.SO', '__~1.SO']);
    await expect(createFatFs({ codePage: 1 })).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
  });
});
