import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { runSpiffsManifest } from './spiffs-corpus.js';

const folder = new URL('../../fixtures/spiffs/', import.meta.url);
const manifests = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { id: string; image: string });

describe('SPIFFS images', () => {
  test.each(manifests)('$id', (manifest) => {
    const image = new Uint8Array(gunzipSync(readFileSync(new URL(manifest.image, folder))));
    expect(runSpiffsManifest(manifest, image)).toEqual([]);
  });

  test('a changed image is not taken for the one described', () => {
    const image = new Uint8Array(gunzipSync(readFileSync(new URL(manifests[0].image, folder))));
    image[100] ^= 1;
    expect(runSpiffsManifest(manifests[0], image)).toEqual(['the image is not the one the manifest describes']);
  });
});
