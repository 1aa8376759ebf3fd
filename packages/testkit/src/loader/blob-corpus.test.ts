import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runBlobCorpus } from './blob-corpus.js';
import type { CorpusCaseResult } from './loader-corpus.js';

const results: CorpusCaseResult[] = [];
runBlobCorpus(fileURLToPath(new URL('../../fixtures/loader/blobs', import.meta.url)), (result) => results.push(result));

test.each(results)('$name does what it did under qemu-xtensa', ({ differences }) => {
  expect(differences).toEqual([]);
});
