import { VFS_FILE_OPEN_MAX } from './constants.js';
import type { VfsFile } from './structures.js';

/** Bytes of `vfs_file_t` on a 32-bit ARM. */
const SIZEOF_VFS_FILE = 16;

/**
 * The static pool of open files (tos_vfs_file.c). A slot is free while its inode is null. `byteDescriptors` is the board's
 * way: a descriptor is handed out as the byte distance of its slot from the start of the pool, but read as a slot number.
 */
export class FilePool {
  readonly #slots: VfsFile[];
  readonly #byteDescriptors: boolean;

  constructor(byteDescriptors: boolean) {
    this.#byteDescriptors = byteDescriptors;
    this.#slots = Array.from({ length: VFS_FILE_OPEN_MAX }, () => ({ flags: 0, pos: 0, inode: null, private: null }));
  }

  /** The first free slot. */
  allocate(): VfsFile | undefined {
    return this.#slots.find((slot) => slot.inode === null);
  }

  free(file: VfsFile): void {
    file.inode = null;
    file.pos = 0;
  }

  /** The slot a descriptor is read as. */
  slot(fd: number): VfsFile | undefined {
    return Number.isInteger(fd) && fd >= 0 && fd < VFS_FILE_OPEN_MAX ? this.#slots[fd] : undefined;
  }

  /** Slot number, 0 to 19. */
  index(file: VfsFile): number {
    return this.#slots.indexOf(file);
  }

  /** The descriptor handed out for a slot. */
  descriptor(file: VfsFile): number {
    return this.index(file) * (this.#byteDescriptors ? SIZEOF_VFS_FILE : 1);
  }
}
