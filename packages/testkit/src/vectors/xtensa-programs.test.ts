import { readdirSync, readFileSync } from 'node:fs';
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
const BLOB_BASE = 0x2010_0400;
const INPUT = 0x2020_0000;
const OUT_ADDRESS = 0x2020_0100;
const OUTPUT = 0x2020_0200;

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

const IMAGE_BASE = 0x2010_1000;

/** Programs with the output that qemu-xtensa recorded: `NAME.bin` and `NAME.txt`. */
function programs(abi: 'windowed' | 'call0'): string[] {
  return readdirSync(`${folder}${abi}`)
    .filter((name) => name.endsWith('.bin'))
    .map((name) => name.slice(0, -4));
}

describe.each(availableEngines())('whole programs on %s', (engine) => {
  describe.each(['windowed', 'call0'] as const)('%s', (abi) => {
    it.each(programs(abi))('%s', (name) => {
      const image = new Uint8Array(readFileSync(`${folder}${abi}/${name}.bin`));
      const header = new DataView(image.buffer, image.byteOffset);
      const [entry, output, lengthAt] = [0, 4, 8].map((at) => header.getUint32(at, true));
      const run = runProgram({ image, base: IMAGE_BASE, entry, abi }, engine);
      expect(run.stop).toMatchObject({ kind: 'trap' });
      expect(run.returned).toBe(true);
      const length = run.memory.load(lengthAt, 4);
      const text = new Uint8Array(typeof length === 'number' ? length : 0);
      run.memory.read(output, text);
      expect(new TextDecoder().decode(text)).toBe(readFileSync(`${folder}${abi}/${name}.txt`, 'utf8'));
    });
  });
});
