import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Example } from './examples.js';

/** The folder of the examples' images. */
export const imageFolder = new URL('../packages/testkit/fixtures/images/', import.meta.url);

/** The bytes of an example's image, unpacked, in Node. */
export function imageBytes(name: Example['image']): Uint8Array {
  const file = readFileSync(new URL(name, imageFolder));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(file) : file);
}
