import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { HostFileError } from './host-file-error.js';

/** A file, or an empty folder, below a folder that was read. */
export interface HostEntry {
  /** Path below the folder, with `/` between names; a folder's ends in `/`. */
  readonly path: string;
  /** Where it lies. */
  readonly file: string;
  /** Bytes; 0 for a folder. */
  readonly size: number;
}

/**
 * Everything below a folder, sorted by path. A symbolic link is followed when it leads to a file inside the folder.
 * @throws HostFileError SYMBOLIC_LINK for one to a folder or out of the folder, WRONG_KIND for a device, socket or pipe, and
 *   when `folder` is none; what Node's `fs` throws when it cannot be read
 */
export function readHostTree(folder: string): HostEntry[] {
  if (!statSync(folder).isDirectory()) throw new HostFileError('WRONG_KIND', folder, 'not a folder');
  const inside = join(realpathSync(folder), sep);
  const entries: HostEntry[] = [];
  const pending = [''];
  for (let prefix = pending.pop(); prefix !== undefined; prefix = pending.pop()) {
    const children = readdirSync(join(folder, prefix), { withFileTypes: true });
    if (children.length === 0 && prefix !== '') {
      entries.push({ path: prefix, file: join(folder, prefix), size: 0 });
    }
    for (const child of children) {
      const path = prefix + child.name;
      const file = join(folder, path);
      if (child.isDirectory()) pending.push(`${path}/`);
      else entries.push({ path, file, size: fileSize(child, file, inside) });
    }
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function fileSize(child: Dirent, file: string, inside: string): number {
  const status = statSync(file);
  if (child.isSymbolicLink()) {
    if (!realpathSync(file).startsWith(inside)) {
      throw new HostFileError('SYMBOLIC_LINK', file, 'the symbolic link leads out of the folder');
    }
    if (status.isDirectory()) throw new HostFileError('SYMBOLIC_LINK', file, 'a symbolic link to a folder');
  }
  if (!status.isFile()) throw new HostFileError('WRONG_KIND', file, 'neither a file nor a folder');
  return status.size;
}
