import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { availableEngines } from './engine.js';
import { runProgram, textAt } from './xtensa-program.js';

const folder = fileURLToPath(new URL('../../fixtures/programs/xtensa/', import.meta.url));

interface BlobCase {
  readonly file: string;
  readonly size: number;
  readonly entry: number;
  readonly input: string;
  readonly output: string;
  readonly outAddr: number;
}

const blobs = JSON.parse(readFileSync(`${folder}blobs/expected.json`, 'utf8')) as BlobCase[];
const BLOB_BASE = 0x4010_0400;
const INPUT = 0x4020_0000;
const OUT_ADDRESS = 0x4020_0100;
const OUTPUT = 0x4020_0200;

describe.each(availableEngines())('flat blobs on %s', (engine) => {
  it.each(blobs)('$file', (blob) => {
    const image = new Uint8Array(readFileSync(`${folder}blobs/${blob.file}`));
    expect(image.length).toBe(blob.size);
    const run = runProgram(
      {
        image,
        base: BLOB_BASE,
        entry: BLOB_BASE + blob.entry,
        abi: 'windowed',
        args: [BLOB_BASE, INPUT, OUT_ADDRESS, OUTPUT],
        data: [[INPUT, new TextEncoder().encode(`${blob.input}\0`)]],
      },
      engine,
    );
    expect(run.stop).toMatchObject({ kind: 'trap' });
    expect(run.returned).toBe(true);
    expect(textAt(run.memory, OUTPUT)).toBe(blob.output);
    expect(run.memory.load(OUT_ADDRESS, 4)).toBe(blob.outAddr);
  });
});
