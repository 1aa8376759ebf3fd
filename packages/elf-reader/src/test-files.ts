import { readFileSync } from 'node:fs';
import { memorySource } from '@loadstone/fd-sources';
import { ElfError, ElfFile } from './index.js';

/** Bytes of a file in fixtures/. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
}

export function open(name: string): ElfFile {
  return ElfFile.open(memorySource(fixture(name)));
}

/** What `action` throws; fails when it does not throw an ElfError. */
export function errorOf(action: () => unknown): ElfError {
  try {
    action();
  } catch (error) {
    if (error instanceof ElfError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
