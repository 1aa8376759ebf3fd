import { VFS_INODE_NAME_MAX, VFS_INODE_REFS_MAX } from './constants.js';
import { byteLength } from './names.js';
import type { VfsInode } from './structures.js';

/** An inode and what of the path lies behind its name: null when the path is the name itself. */
export interface FoundInode {
  readonly inode: VfsInode;
  readonly relativePath: string | null;
}

/**
 * The inodes of devices and mount points (tos_vfs_inode.c), newest first. `countLookups` is the board's way of counting: each
 * successful look-up adds a reference, which most callers never give back.
 */
export class InodeTable {
  readonly #inodes: VfsInode[] = [];
  readonly #countLookups: boolean;

  constructor(countLookups: boolean) {
    this.#countLookups = countLookups;
  }

  /** Looks a path up: devices by their whole name, file systems also by the part before a `/`. */
  find(path: string): FoundInode | undefined {
    for (const inode of this.#inodes) {
      const exact = path === inode.name;
      const below = inode.type === 2 && path.startsWith(inode.name) && path[inode.name.length] === '/';
      if (!exact && !below) continue;
      if (this.#countLookups) this.reference(inode);
      return { inode, relativePath: below ? path.slice(inode.name.length) : null };
    }
    return undefined;
  }

  /** Adds an inode with one reference, unless its name is too long. */
  create<Inode extends VfsInode>(inode: Inode): Inode | undefined {
    if (byteLength(inode.name) > VFS_INODE_NAME_MAX) return undefined;
    inode.refs = 1;
    this.#inodes.unshift(inode);
    return inode;
  }

  reference(inode: VfsInode): void {
    if (inode.refs < VFS_INODE_REFS_MAX) inode.refs++;
  }

  /** Takes a reference back; the last one removes the inode. */
  release(inode: VfsInode): void {
    if (inode.refs > 0) inode.refs--;
    if (inode.refs === 0) this.remove(inode);
  }

  isBusy(inode: VfsInode): boolean {
    return inode.refs > 1;
  }

  remove(inode: VfsInode): void {
    const index = this.#inodes.indexOf(inode);
    if (index >= 0) this.#inodes.splice(index, 1);
  }
}
