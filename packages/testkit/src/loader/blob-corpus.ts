import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memorySource } from '@loadstone/fd-sources';
import { createBoard } from 'loadstone';
import { runBlobFrom } from 'loadstone/esp32';
import type { CorpusCaseResult } from './loader-corpus.js';

/** One blob and what its task did under qemu-xtensa. */
interface BlobCase {
  readonly file: string;
  readonly size: number;
  readonly entry: number;
  readonly input: string;
  readonly output: string;
  readonly outAddr: number;
}

const PROTOTYPE = 'void task(uintptr_t base, const char *input, uintptr_t *outAddr, char *output)';
/** The tasks write short strings; the oracle's buffer was larger. */
const OUTPUT_SIZE = 256;

function blobDifferences(testCase: BlobCase, bytes: Uint8Array): string[] {
  // The oracle's memory was byte-addressable and its stack large: not an ESP32's.
  const board = createBoard('generic-xtensa');
  const run = runBlobFrom(memorySource(bytes), {
    board,
    prototype: PROTOTYPE,
    generation: 'head',
    outputSize: OUTPUT_SIZE,
    input: testCase.input,
  });
  const actual = {
    size: run.blob?.size,
    entry: run.blob?.entryOffset,
    status: run.status,
    output: run.output,
    outAddr: run.outAddr,
  };
  const expected = {
    size: testCase.size,
    entry: testCase.entry,
    status: 'returned',
    output: testCase.output,
    outAddr: testCase.outAddr,
  };
  const found: string[] = [];
  for (const [key, want] of Object.entries(expected)) {
    const have = actual[key as keyof typeof actual];
    if (have !== want) found.push(`${key}: expected ${JSON.stringify(want)}, got ${JSON.stringify(have)}`);
  }
  return found;
}

/** Loads and runs every blob of a folder in the format of the blob corpus. */
export function runBlobCorpus(folder: string, report: (result: CorpusCaseResult) => void): void {
  const cases = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as BlobCase[];
  for (const testCase of cases) {
    const bytes = new Uint8Array(readFileSync(join(folder, testCase.file)));
    let differences: string[];
    try {
      differences = blobDifferences(testCase, bytes);
    } catch (error) {
      differences = [String(error)];
    }
    report({ name: testCase.file, differences, notPortable: [] });
  }
}
