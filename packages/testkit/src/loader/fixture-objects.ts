import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExportedSymbol } from '@loadstone/module-loader';
import type { CorpusCase, LoaderCorpus } from './loader-corpus.js';

const folder = fileURLToPath(new URL('../../fixtures/loader/elfloader/', import.meta.url));

/** The cases of the committed part of the loader corpus that load one file. */
export const SINGLE_CASES: readonly CorpusCase[] = (
  JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as LoaderCorpus
).cases.filter(({ files }) => files.length === 1);

export function fixtureObject(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${folder}obj/${name}`));
}

export function exportsOf({ ext }: CorpusCase): ExportedSymbol[] {
  return Object.entries(ext).map(([name, address]) => ({ name, address }));
}
