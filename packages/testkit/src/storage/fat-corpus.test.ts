import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runFatManifest } from './fat-corpus.js';
import { runCorpus } from './storage-corpus.js';

const folder = fileURLToPath(new URL('../../fixtures/fat', import.meta.url));

describe('the FAT corpus', () => {
  it('reads as mkfs.fat, mtools and FatFs say, good and damaged', async () => {
    const failures: string[] = [];
    let count = 0;
    for await (const { manifest, differences } of runCorpus(folder)) {
      count++;
      failures.push(...differences.map((difference) => `${manifest}: ${difference}`));
    }
    expect(failures).toEqual([]);
    expect(count).toBe(30);
  });

  it('notices what differs', async () => {
    const manifest = JSON.parse(readFileSync(`${folder}/fat16-attrs.json`, 'utf8'));
    const image = new Uint8Array(gunzipSync(readFileSync(`${folder}/fat16-attrs.img.gz`)));
    const [first, second, ...others] = manifest.files;
    const files = [{ ...first, attributes: 32, shortName: 'X' }, { ...second, sha256: '00' }, ...others.slice(1)];
    const changed = { ...manifest, volume: { ...manifest.volume, fats: 1 }, files };
    expect(await runFatManifest(changed, image)).toEqual([
      'volume.fats: 2 instead of 1',
      '/RO.BIN short name: RO.BIN instead of X',
      '/RO.BIN attributes: 33 instead of 32',
      '/sys.bin is not expected',
      `/hid.bin content: ${second.sha256} instead of 00`,
    ]);
    image[0] ^= 1;
    expect(await runFatManifest(manifest, image)).toEqual(['the image is not the one the manifest describes']);
  });
});
