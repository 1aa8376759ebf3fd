import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { examples } from './examples.js';
import { expectedOutput } from './expected-output.js';

const images = new URL('../packages/testkit/fixtures/images/', import.meta.url);

describe('examples', () => {
  it.each(examples)('$name prints what the original prints', async ({ name, image, main }) => {
    const file = readFileSync(new URL(image, images));
    let output = '';
    await main(
      (text) => {
        output += text;
      },
      new Uint8Array(image.endsWith('.gz') ? gunzipSync(file) : file),
    );
    expect(output).toMatch(expectedOutput[name]);
  });
});
