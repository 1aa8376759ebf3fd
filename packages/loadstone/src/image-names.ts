import { LoadstoneError } from './error.js';
import type { ImageEntry } from './image-tree.js';

/** An entry of an image and where it goes when the image is unpacked. */
export interface ExtractedPath {
  readonly entry: ImageEntry;
  /** Names of the folders below the target, and the entry's own: none of them empty, `.` or `..`, none with a slash or NUL. */
  readonly names: readonly string[];
}

/**
 * The place of each file and directory below a target folder. One leading slash is the image's root.
 * @throws LoadstoneError BAD_NAME, naming the entry, for a path with a part that is empty, `.` or `..`, or holds a NUL or a
 *   backslash, and for two entries that would need one place: the same path, or a file where another needs a folder
 */
export function extractionPaths(entries: readonly ImageEntry[]): ExtractedPath[] {
  const places = new Set<string>();
  const folders = new Set<string>();
  const extracted = entries.map((entry) => {
    const names = (entry.path.startsWith('/') ? entry.path.slice(1) : entry.path).split('/');
    for (const name of names) {
      if (name === '') throw badName(entry, 'part of it is empty');
      if (name === '.' || name === '..') throw badName(entry, `"${name}" leads elsewhere`);
      if (name.includes('\0') || name.includes('\\')) throw badName(entry, 'it holds a NUL or a backslash');
    }
    const place = names.join('/');
    if (places.has(place)) throw badName(entry, 'two entries have it');
    places.add(place);
    for (let length = 1; length < names.length; length++) folders.add(names.slice(0, length).join('/'));
    return { entry, names };
  });
  const blocked = extracted.find(({ entry, names }) => entry.type === 'file' && folders.has(names.join('/')));
  if (blocked !== undefined) throw badName(blocked.entry, 'other entries need a folder there');
  return extracted;
}

function badName(entry: ImageEntry, reason: string): LoadstoneError {
  const path = JSON.stringify(entry.path);
  return new LoadstoneError('BAD_NAME', `the entry ${path} cannot be a file's path: ${reason}`, { path: entry.path });
}
