import { LoadstoneError } from './error.js';
import type { ImageFile } from './image-tree.js';

/** A file of an image and where it goes when the image is unpacked. */
export interface ExtractedPath<File extends ImageFile = ImageFile> {
  readonly file: File;
  /** Names of the folders below the target, and of the file: none of them empty, `.` or `..`, none with a slash or NUL. */
  readonly names: readonly string[];
}

/**
 * The place of each file below a target folder. One leading slash is the image's root.
 * @throws LoadstoneError BAD_NAME, naming the entry, for a path with a part that is empty, `.` or `..`, or holds a NUL or a
 *   backslash, and for two entries that would need one place: the same path, or a file where another needs a folder
 */
export function extractionPaths<File extends ImageFile>(files: readonly File[]): ExtractedPath<File>[] {
  const places = new Set<string>();
  const folders = new Set<string>();
  const extracted = files.map((file) => {
    const names = (file.path.startsWith('/') ? file.path.slice(1) : file.path).split('/');
    for (const name of names) {
      if (name === '') throw badName(file, 'part of it is empty');
      if (name === '.' || name === '..') throw badName(file, `"${name}" leads elsewhere`);
      if (name.includes('\0') || name.includes('\\')) throw badName(file, 'it holds a NUL or a backslash');
    }
    const place = names.join('/');
    if (places.has(place)) throw badName(file, 'two entries have it');
    places.add(place);
    for (let length = 1; length < names.length; length++) folders.add(names.slice(0, length).join('/'));
    return { file, names };
  });
  const blocked = extracted.find(({ names }) => folders.has(names.join('/')));
  if (blocked !== undefined) throw badName(blocked.file, 'other entries need a folder there');
  return extracted;
}

function badName(file: ImageFile, reason: string): LoadstoneError {
  const path = JSON.stringify(file.path);
  return new LoadstoneError('BAD_NAME', `the entry ${path} cannot be a file's path: ${reason}`, { path: file.path });
}
