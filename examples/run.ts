/** Runs an example in Node: `npx tsx examples/run.ts tencentos-object`. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { examples } from './examples.js';

const images = new URL('../packages/testkit/fixtures/images/', import.meta.url);
const name = process.argv[2] ?? '';
const example = examples.find((each) => each.name === name);
if (!example) {
  process.stderr.write(`usage: tsx examples/run.ts ${examples.map((each) => each.name).join('|')}\n`);
  process.exitCode = 2;
} else {
  const file = readFileSync(new URL(example.image, images));
  const bytes = new Uint8Array(example.image.endsWith('.gz') ? gunzipSync(file) : file);
  await example.main((text) => process.stdout.write(text), bytes);
}
