import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type CorpusCaseResult, runTencentosCorpus } from './loader-corpus.js';

const folder = fileURLToPath(new URL('../../fixtures/loader/elfloader', import.meta.url));

describe('answers of the original elfLoader', () => {
  const results: CorpusCaseResult[] = [];
  runTencentosCorpus(folder, (result) => results.push(result));

  test.each(results)('$name', ({ differences }) => {
    expect(differences).toEqual([]);
  });

  test('only files that lack what the loader needs depend on stack contents', () => {
    const names = results.filter(({ notPortable }) => notPortable.length > 0).map(({ name }) => name);
    expect(names.sort()).toEqual(['bad-entsize0-sec2-obj', 'basic-so-ne.v8000', 'switch-so-ne', 'switch-so-ne.v8000']);
  });
});
