import { FatError } from './error.js';
import { FRESULT } from './fresult.js';

/** Longest path handed to FatFs, in UTF-16 units; its stack holds the UTF-8 form. */
const PATH_MAX = 4096;

/**
 * The path as FatFs takes it: from the root, `/` between names.
 * FatFs ends a path at the first character below a space, so those are refused here instead of naming another file.
 * @throws FatError INVALID_NAME
 */
export function checkPath(operation: string, path: string): string {
  // biome finds no control characters in a class of code units, which is what has to be looked for.
  const hasControl = [...path].some((character) => character < ' ');
  if (path.length > PATH_MAX || hasControl || /\p{Surrogate}/u.test(path)) {
    throw FatError.fromResult(FRESULT.FR_INVALID_NAME, { operation, path: path.slice(0, PATH_MAX) });
  }
  return path.startsWith('/') ? path : `/${path}`;
}

/** Splits a path into its names, empty ones dropped, as FatFs does (both slashes separate). */
export function pathNames(path: string): string[] {
  return path.split(/[/\\]/).filter((name) => name !== '');
}
