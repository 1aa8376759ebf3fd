import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type BlobCaseResult, runBlobCorpus } from './blob-corpus.js';

function resultsOf(folder: string): BlobCaseResult[] {
  const results: BlobCaseResult[] = [];
  const path = fileURLToPath(new URL(`../../fixtures/loader/${folder}`, import.meta.url));
  runBlobCorpus(path, (result) => results.push(result));
  return results;
}

test.each(resultsOf('blobs'))('$name does in both memories what it did under qemu-xtensa', (result) => {
  expect(result).toMatchObject({ differences: [], isNarrow: false });
});

test.each(resultsOf('blobs-narrow'))('$name runs in bytes and faults in instruction RAM', (result) => {
  expect(result).toMatchObject({ differences: [], isNarrow: true });
});
