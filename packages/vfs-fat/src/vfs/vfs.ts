import {
  K_ERR_OBJ_PTR_NULL,
  TOS_CFG_VFS_PATH_MAX,
  VFS_ERR_BUFFER_NULL,
  VFS_ERR_FILE_NO_AVAILABLE,
  VFS_ERR_FILE_NOT_OPEN,
  VFS_ERR_INODE_INVALID,
  VFS_ERR_INODE_NOT_FOUND,
  VFS_ERR_PARA_INVALID,
  VFS_ERR_PATH_TOO_LONG,
} from './constants.js';
import { VfsDefect } from './defect.js';
import { FilePool } from './file-pool.js';
import type { FoundInode } from './inode-table.js';
import { byteLength } from './names.js';
import type { VfsIoctlArgument } from './operations.js';
import { type VfsOptions, VfsRegistry } from './registry.js';
import type { VfsDir, VfsDirent, VfsFile, VfsFileSystemInode, VfsFsstat, VfsFstat, VfsOpenFile } from './structures.js';

/** What a missing operation and every failure of FatFs give. */
const FAILED = -1;

/**
 * TencentOS tiny's virtual file system: `tos_vfs_open` is `open`, and so on, with the C functions' integers as results.
 * Functions on files and paths give a negated `VFS_ERR_*` on failure, -1 when the file system or device failed; those on
 * devices and mounts (see `VfsRegistry`) give the positive number.
 *
 * With `behaviour: 'parity'` every quirk of the board is kept, and a `VfsDefect` is thrown where its C code would run into
 * undefined behaviour.
 */
export class Vfs extends VfsRegistry {
  readonly #pool: FilePool;
  readonly #closedDirectories = new WeakSet<VfsDir>();

  constructor(options: VfsOptions = {}) {
    super(options);
    this.#pool = new FilePool(this.parity);
  }

  /**
   * `tos_vfs_open`
   * @param pathname name of a character device, or of a file below a mount point; at most 26 bytes
   * @param flags VFS_OFLAG_*
   * @returns a descriptor, or -21, -20, -14, -4, -1
   */
  open(pathname: string | null, flags: number): number {
    const where = 'tos_vfs_open';
    if (pathname === null) return this.#nullPointer(where);
    if (byteLength(pathname) > TOS_CFG_VFS_PATH_MAX) return -VFS_ERR_PATH_TOO_LONG;
    if (pathname.endsWith('/')) return -VFS_ERR_PARA_INVALID;
    const found = this.inodes.find(pathname);
    if (found === undefined) return -VFS_ERR_INODE_NOT_FOUND;
    const { inode } = found;
    const slot = this.#pool.allocate();
    if (slot === undefined) {
      if (this.parity) this.inodes.release(inode);
      return -VFS_ERR_FILE_NO_AVAILABLE;
    }
    const file: VfsOpenFile = Object.assign(slot, { flags, pos: 0, inode, private: null });
    const result = openOn(file, found, flags);
    if (result < 0) {
      this.#pool.free(slot);
      if (this.parity) this.inodes.release(inode);
      return result;
    }
    this.inodes.reference(inode);
    if (this.#pool.index(slot) > 0) {
      this.mode.differs(
        `${where}: a second file is open; the board numbers it ${this.#pool.index(slot) * 16}, which it cannot use`,
      );
    }
    return this.#pool.descriptor(slot);
  }

  /** `tos_vfs_close` @returns 0, -5, or what the file system or device says; the descriptor stays open unless 0 */
  close(fd: number): number {
    const file = this.#file('tos_vfs_close', fd);
    if (file === undefined) return -VFS_ERR_FILE_NOT_OPEN;
    const { inode } = file;
    if (inode.type === 1) return -VFS_ERR_INODE_INVALID;
    const result = inode.ops.close?.(file) ?? FAILED;
    if (result === 0) {
      this.inodes.release(inode);
      this.#pool.free(file);
    }
    return result;
  }

  /**
   * `tos_vfs_read`
   * @param count bytes wanted, at most `buf.length`
   * @returns bytes read (0 at the end of a file), or -1, -5
   */
  read(fd: number, buf: Uint8Array | null, count: number = buf?.length ?? 0): number {
    const where = 'tos_vfs_read';
    if (buf === null) return -VFS_ERR_BUFFER_NULL;
    const file = this.#file(where, fd);
    if (file === undefined) return -VFS_ERR_FILE_NOT_OPEN;
    const { inode } = file;
    if (inode.type === 1) return -VFS_ERR_INODE_INVALID;
    checkBuffer(where, buf, count);
    return inode.ops.read?.(file, buf, count) ?? FAILED;
  }

  /** `tos_vfs_write` @returns bytes written, fewer than `count` when the volume is full, or -1, -5 */
  write(fd: number, buf: Uint8Array | null, count: number = buf?.length ?? 0): number {
    const where = 'tos_vfs_write';
    if (buf === null) return -VFS_ERR_BUFFER_NULL;
    const file = this.#file(where, fd);
    if (file === undefined) return -VFS_ERR_FILE_NOT_OPEN;
    const { inode } = file;
    if (inode.type === 1) return -VFS_ERR_INODE_INVALID;
    checkBuffer(where, buf, count);
    return inode.ops.write?.(file, buf, count) ?? FAILED;
  }

  /** `tos_vfs_lseek` @param whence VFS_SEEK_* @returns the new position, or -5, -1 */
  lseek(fd: number, offset: number, whence: number): number {
    const file = this.#file('tos_vfs_lseek', fd);
    if (file === undefined) return -VFS_ERR_FILE_NOT_OPEN;
    const { inode } = file;
    if (inode.type === 1) return -VFS_ERR_INODE_INVALID;
    return inode.ops.lseek?.(file, offset | 0, whence) ?? FAILED;
  }

  /** `tos_vfs_ioctl` @returns what the device or file system says, or -5, -1 */
  ioctl(fd: number, request: number, arg: VfsIoctlArgument = 0): number {
    const file = this.#file('tos_vfs_ioctl', fd);
    if (file === undefined) return -VFS_ERR_FILE_NOT_OPEN;
    const { inode } = file;
    if (inode.type === 1) return -VFS_ERR_INODE_INVALID;
    return inode.ops.ioctl?.(file, request, arg) ?? FAILED;
  }

  /** `tos_vfs_sync` @returns 0, or -5, -15 (a device), -1 */
  sync(fd: number): number {
    return this.#onFile('tos_vfs_sync', fd, (ops, file) => ops.sync?.(file));
  }

  /**
   * `tos_vfs_dup`
   * @returns a second descriptor for the same open file, or -5, -15, -4, -1; the board gives what the file system says
   *   instead of the descriptor
   */
  dup(oldfd: number): number {
    const where = 'tos_vfs_dup';
    return this.#onFile(where, oldfd, (ops, oldFile) => {
      const slot = this.#pool.allocate();
      if (slot === undefined) return -VFS_ERR_FILE_NO_AVAILABLE;
      this.inodes.reference(oldFile.inode);
      const newFile: VfsOpenFile = Object.assign(slot, oldFile);
      const result = ops.dup?.(oldFile, newFile) ?? FAILED;
      if (result < 0) {
        if (!this.parity) this.inodes.release(oldFile.inode);
        this.#pool.free(slot);
        return result;
      }
      this.mode.differs(`${where}: the board gives the file system's result, not a descriptor`);
      return this.parity ? result : this.#pool.descriptor(slot);
    });
  }

  /** `tos_vfs_fstat` @returns 0, or -1, -5, -15 */
  fstat(fd: number, buf: VfsFstat | null): number {
    if (buf === null) return -VFS_ERR_BUFFER_NULL;
    return this.#onFile('tos_vfs_fstat', fd, (ops, file) => ops.fstat?.(file, buf));
  }

  /** `tos_vfs_ftruncate` @returns 0, or -5, -15, -1 */
  ftruncate(fd: number, length: number): number {
    return this.#onFile('tos_vfs_ftruncate', fd, (ops, file) => ops.truncate?.(file, length | 0));
  }

  /** `tos_vfs_opendir` @returns the directory, or null */
  opendir(name: string | null): VfsDir | null {
    const where = 'tos_vfs_opendir';
    if (name === null || byteLength(name) > TOS_CFG_VFS_PATH_MAX) return null;
    const found = this.inodes.find(name);
    if (found === undefined || found.inode.type !== 2) return null;
    const { inode, relativePath } = found;
    const dirent: VfsDirent = { type: 0, size: 0, date: 0, time: 0, name: '' };
    const dir: VfsDir = { dirent, pos: 0, inode, private: null };
    const result = inode.ops.opendir?.(dir, relativePath) ?? FAILED;
    if (result < 0) {
      if (this.parity) {
        throw new VfsDefect(
          'FREED_DIRECTORY',
          where,
          `${name} cannot be opened, and the board returns the freed directory`,
        );
      }
      this.mode.differs(`${where} failed: the board returns a pointer to the freed directory instead of null`);
      return null;
    }
    this.inodes.reference(inode);
    return dir;
  }

  /** `tos_vfs_closedir` @returns 0, or -1 */
  closedir(dirp: VfsDir | null): number {
    const where = 'tos_vfs_closedir';
    if (dirp === null) return this.#nullPointer(where);
    this.#checkOpen(where, dirp);
    const result = dirp.inode.ops.closedir?.(dirp) ?? FAILED;
    if (result === 0) {
      this.inodes.release(dirp.inode);
      this.#closedDirectories.add(dirp);
    }
    return result;
  }

  /** `tos_vfs_readdir` @returns the directory's one entry object, overwritten by the next call; null at the end or on error */
  readdir(dirp: VfsDir | null): VfsDirent | null {
    if (dirp === null) return null;
    this.#checkOpen('tos_vfs_readdir', dirp);
    const result = dirp.inode.ops.readdir?.(dirp, dirp.dirent) ?? FAILED;
    return result === 0 ? dirp.dirent : null;
  }

  /** `tos_vfs_rewinddir` @returns 0, or -1; the board always gives 1100 and does nothing */
  rewinddir(dirp: VfsDir | null): number {
    const where = 'tos_vfs_rewinddir';
    if (this.parity) return K_ERR_OBJ_PTR_NULL;
    if (dirp === null) return this.#nullPointer(where);
    this.mode.differs(`${where}: the board does nothing and gives ${K_ERR_OBJ_PTR_NULL}`);
    this.#checkOpen(where, dirp);
    return dirp.inode.ops.rewinddir?.(dirp) ?? FAILED;
  }

  /** `tos_vfs_statfs` @param path any path on the file system, the mount point too @returns 0, or -1, -14, -15 */
  statfs(path: string | null, buf: VfsFsstat | null): number {
    if (path === null) return this.#nullPointer('tos_vfs_statfs');
    if (buf === null) return -VFS_ERR_BUFFER_NULL;
    const inode = this.inodes.find(path)?.inode;
    if (inode === undefined) return -VFS_ERR_INODE_NOT_FOUND;
    if (inode.type !== 2) return -VFS_ERR_INODE_INVALID;
    return inode.ops.statfs?.(inode, buf) ?? FAILED;
  }

  /** `tos_vfs_unlink` @returns 0, or -21, -20, -14, -15, -1 */
  unlink(pathname: string | null): number {
    return this.#onPath('tos_vfs_unlink', pathname, true, (fs, path) => fs.ops.unlink?.(fs, path));
  }

  /** `tos_vfs_mkdir` @returns 0, or -21, -14, -15, -20, -1 */
  mkdir(pathname: string | null): number {
    return this.#onPath('tos_vfs_mkdir', pathname, false, (fs, path) => fs.ops.mkdir?.(fs, path));
  }

  /** `tos_vfs_rmdir` @returns 0, or -21, -14, -15, -20, -1 */
  rmdir(pathname: string | null): number {
    return this.#onPath('tos_vfs_rmdir', pathname, false, (fs, path) => fs.ops.rmdir?.(fs, path));
  }

  /** `tos_vfs_rename` @returns 0, or -21, -14, -15, -20 (on two mounts too), -1 */
  rename(oldpath: string | null, newpath: string | null): number {
    if (oldpath === null || newpath === null) return this.#nullPointer('tos_vfs_rename');
    if (byteLength(oldpath) > TOS_CFG_VFS_PATH_MAX || byteLength(newpath) > TOS_CFG_VFS_PATH_MAX) {
      return -VFS_ERR_PATH_TOO_LONG;
    }
    const from = this.inodes.find(oldpath);
    if (from === undefined) return -VFS_ERR_INODE_NOT_FOUND;
    const to = this.inodes.find(newpath);
    if (to === undefined) return -VFS_ERR_INODE_NOT_FOUND;
    if (from.inode.type !== 2) return -VFS_ERR_INODE_INVALID;
    if (from.inode !== to.inode || from.relativePath === null || to.relativePath === null) return -VFS_ERR_PARA_INVALID;
    return from.inode.ops.rename?.(from.inode, from.relativePath, to.relativePath) ?? FAILED;
  }

  /** `tos_vfs_stat` @returns 0, or -1, -21, -20, -14, -15 */
  stat(pathname: string | null, buf: VfsFstat | null): number {
    if (pathname === null) return this.#nullPointer('tos_vfs_stat');
    if (buf === null) return -VFS_ERR_BUFFER_NULL;
    return this.#onPath('tos_vfs_stat', pathname, true, (fs, path) => fs.ops.stat?.(fs, path, buf));
  }

  /** The answer to a null pointer that the board's code does look for. */
  #nullPointer(where: string): number {
    if (this.parity) return K_ERR_OBJ_PTR_NULL;
    this.mode.differs(`${where}: for a null pointer the board gives ${K_ERR_OBJ_PTR_NULL}, positive`);
    return -VFS_ERR_PARA_INVALID;
  }

  /** The open file of a descriptor, undefined when the board would refuse it. */
  #file(where: string, fd: number): VfsOpenFile | undefined {
    const slot = this.#pool.slot(fd);
    if (slot === undefined || isOpen(slot)) return slot;
    const message = `descriptor ${fd} is not open, and the board reads through its null inode`;
    if (this.parity) throw new VfsDefect('NULL_INODE', where, message);
    this.mode.differs(`${where}: a descriptor that is not open makes the board read through a null inode`);
    return undefined;
  }

  #onFile(
    where: string,
    fd: number,
    run: (ops: VfsFileSystemInode['ops'], file: VfsOpenFile) => number | undefined,
  ): number {
    const file = this.#file(where, fd);
    if (file === undefined) return -VFS_ERR_FILE_NOT_OPEN;
    const { inode } = file;
    if (inode.type !== 2) return -VFS_ERR_INODE_INVALID;
    return run(inode.ops, file) ?? FAILED;
  }

  #onPath(
    where: string,
    pathname: string | null,
    refuseSlash: boolean,
    run: (fs: VfsFileSystemInode, relativePath: string) => number | undefined,
  ): number {
    if (pathname === null) return this.#nullPointer(where);
    if (byteLength(pathname) > TOS_CFG_VFS_PATH_MAX) return -VFS_ERR_PATH_TOO_LONG;
    if (refuseSlash && pathname.endsWith('/')) return -VFS_ERR_PARA_INVALID;
    const found = this.inodes.find(pathname);
    if (found === undefined) return -VFS_ERR_INODE_NOT_FOUND;
    if (found.inode.type !== 2) return -VFS_ERR_INODE_INVALID;
    if (found.relativePath === null) return -VFS_ERR_PARA_INVALID;
    return run(found.inode, found.relativePath) ?? FAILED;
  }

  #checkOpen(where: string, dir: VfsDir): void {
    if (this.#closedDirectories.has(dir))
      throw new VfsDefect('CLOSED_DIRECTORY', where, 'the directory was closed and freed');
  }
}

function isOpen(file: VfsFile): file is VfsOpenFile {
  return file.inode !== null;
}

function openOn(file: VfsOpenFile, { inode, relativePath }: FoundInode, flags: number): number {
  if (inode.type === 0) return inode.ops.open?.(file) ?? FAILED;
  // A block device cannot be opened.
  if (inode.type === 1) return FAILED;
  if (relativePath === null) return -VFS_ERR_PARA_INVALID;
  return inode.ops.open?.(file, relativePath, flags) ?? FAILED;
}

function checkBuffer(where: string, buf: Uint8Array, count: number): void {
  if (count >= 0 && count <= buf.length) return;
  throw new VfsDefect('BUFFER_OVERRUN', where, `${count} bytes do not fit the buffer of ${buf.length}`);
}
