import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBoard } from 'loadstone';
import { type BlobCase, differencesOf, runCase } from './blob-case.js';
import { inInstructionRam } from './instruction-ram.js';
import type { CorpusCaseResult } from './loader-corpus.js';

/** A blob's result, and how it fares in instruction RAM. */
export interface BlobCaseResult extends CorpusCaseResult {
  /** It reads or writes less than a word of its own memory, which faults in instruction RAM. */
  readonly isNarrow: boolean;
}

/**
 * Loads and runs every blob of a folder in the format of the blob corpus: in byte-addressable memory, as the oracle did, and in
 * the ESP32's instruction RAM.
 */
export function runBlobCorpus(folder: string, report: (result: BlobCaseResult) => void): void {
  const cases = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as BlobCase[];
  for (const testCase of cases) {
    const bytes = new Uint8Array(readFileSync(join(folder, testCase.file)));
    const result = { name: testCase.file, notPortable: [] };
    try {
      // The oracle's memory was byte-addressable and its stack large: not an ESP32's.
      const run = runCase(testCase, bytes, createBoard('generic-xtensa'));
      const { isNarrow, differences } = inInstructionRam(testCase, bytes);
      report({ ...result, isNarrow, differences: [...differencesOf(testCase, run), ...differences] });
    } catch (error) {
      report({ ...result, isNarrow: false, differences: [String(error)] });
    }
  }
}
