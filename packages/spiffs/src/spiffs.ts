import { type BlockDevice, type ByteSource, SourceError } from '@loadstone/fd-sources';
import { ESP_IDF_CONFIG, type SpiffsConfig } from './config.js';
import { type Descriptor, DescriptorTable } from './descriptors.js';
import { type DirectoryEntry, directoryEntry } from './directory-entry.js';
import { DurableStore } from './durable/durable-store.js';
import { examine } from './durable/examination.js';
import { SpiffsError } from './error.js';
import { UNDEFINED_SIZE } from './fields.js';
import { FileSource } from './file-source.js';
import { OpenFlags, Seek } from './flags.js';
import { Geometry } from './geometry.js';
import { memoryOverlay } from './memory-overlay.js';
import { nameBytes, nameText, readHeader, visibleSize } from './object-header.js';
import type { CheckResult, QuickCheckResult, SpiffsOptions } from './options.js';
import { ReferenceStore } from './reference/reference-store.js';
import { scanAndRenew } from './scan.js';
import type { CheckReport, ObjectStore } from './store.js';
import { Volume, type VolumeStats } from './volume.js';
import { WriteCaches } from './write-cache.js';

/** A mounted SPIFFS file system. Names and paths are text (UTF-8) or bytes. */
export class Spiffs {
  readonly geometry: Geometry;
  /** What the mount put right of operations cut by a power loss. */
  readonly recovered: readonly CheckReport[];
  /** The device cannot be written: what the mount had to put right exists in memory only, and nothing can be changed. */
  readonly isReadOnly: boolean;
  readonly #store: ObjectStore;
  readonly #volume: Volume;
  readonly #descriptors: DescriptorTable;
  readonly #caches: WriteCaches;
  #mounted = true;

  private constructor(volume: Volume, options: SpiffsOptions, isReadOnly: boolean) {
    this.geometry = volume.geometry;
    this.isReadOnly = isReadOnly;
    this.#volume = volume;
    this.#descriptors = new DescriptorTable(options.maxOpenFiles ?? 16);
    const gcMaxRuns = options.gcMaxRuns ?? 10;
    volume.loadLookup();
    if (options.parity === true) {
      const cachePages = options.cachePages ?? 5;
      this.recovered = [];
      scanAndRenew(volume);
      this.#store = new ReferenceStore(volume, this.#descriptors, { gcMaxRuns, cachePages });
      this.#caches = new WriteCaches(this.#store, this.#descriptors, cachePages);
    } else {
      const store = new DurableStore(volume, this.#descriptors, { gcMaxRuns });
      this.#store = store;
      this.recovered = store.recovered;
      this.#caches = new WriteCaches(store, this.#descriptors, Number.POSITIVE_INFINITY);
    }
  }

  /**
   * Mounts the file system on a device. Operations that a power loss cut short are completed or undone first; on a device that
   * cannot be written this is done in memory.
   * @param config must be what the file system was made with: there is no superblock to tell
   * @throws SpiffsError NOT_A_FS, NOT_CONFIGURED, MAGIC_NOT_POSSIBLE
   */
  static mount(device: BlockDevice, config: SpiffsConfig = ESP_IDF_CONFIG, options: SpiffsOptions = {}): Spiffs {
    const geometry = new Geometry(config, device.size);
    if (options.readOnly === true) return new Spiffs(new Volume(memoryOverlay(device), geometry), options, true);
    try {
      return new Spiffs(new Volume(device, geometry), options, false);
    } catch (error) {
      if (!(error instanceof SourceError) || error.code !== 'READ_ONLY') throw error;
      return new Spiffs(new Volume(memoryOverlay(device), geometry), options, true);
    }
  }

  /**
   * Makes an empty file system: erases every block and writes erase count 0 and magic (SPIFFS_format).
   * @throws SpiffsError NOT_CONFIGURED, MAGIC_NOT_POSSIBLE
   */
  static format(device: BlockDevice, config: SpiffsConfig = ESP_IDF_CONFIG): void {
    const volume = new Volume(device, new Geometry(config, device.size));
    for (let block = 0; block < volume.geometry.blocks; block++) {
      volume.maxEraseCount = 0;
      volume.renewBlock(block);
    }
  }

  get config(): SpiffsConfig {
    return this.geometry.config;
  }

  get stats(): VolumeStats {
    return this.#volume.stats;
  }

  /** Bytes that fit in all, and bytes in use, index pages included (SPIFFS_info). */
  info(): { readonly total: number; readonly used: number } {
    this.#checkMounted();
    const { blocks, entriesPerBlock, dataSize } = this.geometry;
    return {
      total: ((blocks - 2) * entriesPerBlock + 1) * dataSize,
      used: this.#volume.pagesAllocated * dataSize,
    };
  }

  /** The files, in the order of their headers on the flash. */
  list(): DirectoryEntry[] {
    this.#checkMounted();
    return this.#store.list().map(directoryEntry);
  }

  /** Whether there is a file of this name. */
  exists(name: string | Uint8Array): boolean {
    this.#checkMounted();
    return this.#store.findByName(this.#checkName(name)) >= 0;
  }

  /**
   * @throws SpiffsError NOT_FOUND, NAME_TOO_LONG
   */
  stat(name: string | Uint8Array): DirectoryEntry {
    this.#checkMounted();
    return directoryEntry(readHeader(this.#volume, this.#find(name)));
  }

  /** @throws SpiffsError BAD_DESCRIPTOR, FILE_CLOSED */
  fstat(fd: number): DirectoryEntry {
    const file = this.#open(fd);
    this.#caches.flush(file);
    return directoryEntry(readHeader(this.#volume, file.headerPage));
  }

  /** Makes an empty file. @throws SpiffsError CONFLICTING_NAME, NAME_TOO_LONG, FULL */
  creat(name: string | Uint8Array): void {
    this.#checkChangeable();
    const wanted = this.#checkName(name);
    if (this.#store.findByName(wanted) >= 0) throw conflict(wanted);
    this.#store.create(wanted);
  }

  /**
   * Opens a file.
   * @param flags a sum of OpenFlags
   * @returns a descriptor, 1 and up
   * @throws SpiffsError NOT_FOUND, FILE_EXISTS, NAME_TOO_LONG, OUT_OF_FILE_DESCS, FULL, or the code of the damage met
   */
  open(name: string | Uint8Array, flags: number = OpenFlags.RDONLY): number {
    this.#checkMounted();
    if ((flags & (OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.WRONLY)) !== 0) this.#checkChangeable();
    const wanted = this.#checkName(name);
    const { descriptor, knownPage } = this.#descriptors.take(wanted);
    try {
      let page = this.#store.findByName(wanted, knownPage);
      let truncate = (flags & OpenFlags.TRUNC) !== 0;
      if (page >= 0) {
        const exclusive = OpenFlags.CREAT | OpenFlags.EXCL;
        if ((flags & exclusive) === exclusive) {
          throw new SpiffsError('FILE_EXISTS', `there is a file ${nameText(wanted)}`, { name: nameText(wanted) });
        }
      } else {
        if ((flags & OpenFlags.CREAT) === 0) throw notFound(wanted);
        page = this.#store.create(wanted);
        truncate = false;
      }
      this.#store.open(descriptor, page);
      descriptor.flags = flags;
      if (truncate) this.#store.truncate(descriptor, 0);
      descriptor.position = 0;
      return descriptor.number;
    } catch (error) {
      this.#descriptors.release(descriptor);
      throw error;
    }
  }

  /**
   * Reads from the descriptor's position on.
   * @returns bytes read; 0 at the end
   * @throws SpiffsError NOT_READABLE, BAD_DESCRIPTOR, FILE_CLOSED, or the code of the damage met
   */
  read(fd: number, into: Uint8Array): number {
    const file = this.#open(fd);
    if ((file.flags & OpenFlags.RDONLY) === 0) {
      throw new SpiffsError('NOT_READABLE', `descriptor ${fd} is open for writing only`, { fd });
    }
    this.#caches.flush(file);
    const count = Math.max(0, Math.min(into.length, visibleSize(file.size) - file.position));
    if (count > 0) this.#store.read(file, file.position, into.subarray(0, count));
    file.position += count;
    return count;
  }

  /**
   * Writes at the descriptor's position, or with APPEND at the end. Writes smaller than a page are kept together in a cache of
   * one page per file until it is full, another place is written, or the file is read, flushed or closed.
   * @returns bytes written: all of them
   * @throws SpiffsError NOT_WRITABLE, FULL, BAD_DESCRIPTOR, FILE_CLOSED
   */
  write(fd: number, bytes: Uint8Array): number {
    const file = this.#open(fd);
    if ((file.flags & OpenFlags.WRONLY) === 0) {
      throw new SpiffsError('NOT_WRITABLE', `descriptor ${fd} is open for reading only`, { fd });
    }
    const append = (file.flags & OpenFlags.APPEND) !== 0;
    if (append && file.size !== UNDEFINED_SIZE && file.size > file.position) file.position = file.size;
    file.cache ??= this.#descriptors.cacheOf(file.objectId);
    let offset = file.position;
    if (append) {
      offset = visibleSize(file.size);
      if (file.cache !== undefined) offset = Math.max(offset, file.cache.offset + file.cache.size);
    }
    if ((file.flags & OpenFlags.DIRECT) === 0) {
      if (bytes.length < this.geometry.pageSize) {
        if (this.#caches.keep(file, offset, bytes)) {
          file.position += bytes.length;
          return bytes.length;
        }
      } else {
        this.#caches.flush(file);
      }
    }
    this.#store.write(file, offset, bytes);
    file.position += bytes.length;
    return bytes.length;
  }

  /**
   * Moves the descriptor's position.
   * @param offset bytes, negative ones back
   * @param whence one of Seek
   * @returns the new position
   * @throws SpiffsError SEEK_BOUNDS before the start; END_OF_OBJECT past the end, the position then being at the end
   */
  seek(fd: number, offset: number, whence: number = Seek.SET): number {
    const file = this.#open(fd);
    this.#caches.flush(file);
    const size = visibleSize(file.size);
    let position = offset;
    if (whence === Seek.CUR) position += file.position;
    else if (whence === Seek.END) position += size;
    if (position < 0) throw new SpiffsError('SEEK_BOUNDS', `a seek to ${position}`, { fd, offset: position });
    if (position > size) {
      file.position = size;
      throw new SpiffsError('END_OF_OBJECT', `a seek to ${position} in a file of ${size} bytes`, {
        fd,
        offset: position,
      });
    }
    file.position = position;
    return position;
  }

  tell(fd: number): number {
    const file = this.#open(fd);
    this.#caches.flush(file);
    return file.position;
  }

  eof(fd: number): boolean {
    const file = this.#open(fd);
    this.#caches.flush(file);
    return file.position >= visibleSize(file.size);
  }

  /** Writes what is cached of the descriptor's file. */
  flush(fd: number): void {
    this.#caches.flush(this.#open(fd));
  }

  /** Flushes and closes. When the flush fails the descriptor stays open. */
  close(fd: number): void {
    const file = this.#open(fd);
    this.#caches.flush(file);
    this.#descriptors.release(file);
  }

  /**
   * Cuts a file. It cannot grow this way.
   * @throws SpiffsError NOT_WRITABLE, END_OF_OBJECT when `size` is larger than the file
   */
  truncate(fd: number, size: number): void {
    const file = this.#open(fd);
    this.#checkWritable(file);
    this.#caches.flush(file);
    const current = visibleSize(file.size);
    if (size > current) {
      throw new SpiffsError('END_OF_OBJECT', `a file of ${current} bytes cannot be cut to ${size}`, {
        fd,
        offset: size,
      });
    }
    if (size < current) this.#store.truncate(file, size);
  }

  /** @throws SpiffsError NOT_FOUND, NAME_TOO_LONG, or the code of the damage met */
  remove(name: string | Uint8Array): void {
    this.#checkChangeable();
    const wanted = this.#checkName(name);
    const { descriptor } = this.#descriptors.take();
    try {
      this.#store.open(descriptor, this.#find(wanted));
      this.#store.remove(descriptor);
    } finally {
      this.#descriptors.release(descriptor);
    }
  }

  /** Removes an open file; its descriptors are closed. */
  removeOpen(fd: number): void {
    const file = this.#open(fd);
    this.#checkWritable(file);
    if (file.cache !== undefined) this.#descriptors.dropCache(file.cache);
    this.#store.remove(file);
    this.#descriptors.release(file);
  }

  /** @throws SpiffsError NOT_FOUND, CONFLICTING_NAME when there is a file of the new name, NAME_TOO_LONG */
  rename(from: string | Uint8Array, to: string | Uint8Array): void {
    this.#checkChangeable();
    const [before, after] = [this.#checkName(from), this.#checkName(to)];
    const page = this.#find(before);
    if (this.#store.findByName(after) >= 0) throw conflict(after);
    this.#changeHeader(page, { name: after });
    this.#descriptors.rename(before, after);
  }

  /**
   * Replaces a file's metadata.
   * @param meta at most `metaLen` bytes; what it leaves out is 0xFF
   */
  setMeta(name: string | Uint8Array, meta: Uint8Array): void {
    this.#checkChangeable();
    this.#changeHeader(this.#find(name), { meta: this.#checkMeta(meta) });
  }

  /** Replaces an open file's metadata. */
  setMetaOpen(fd: number, meta: Uint8Array): void {
    const file = this.#open(fd);
    this.#checkWritable(file);
    this.#store.changeHeader(file, { meta: this.#checkMeta(meta) });
  }

  /**
   * The whole content of a file.
   * @throws SpiffsError NOT_FOUND, NAME_TOO_LONG, or the code of the damage met
   */
  readFile(name: string | Uint8Array): Uint8Array {
    const fd = this.open(name, OpenFlags.RDONLY);
    const file = this.#descriptors.get(fd);
    try {
      this.#caches.flush(file);
      // A damaged size may be anything; no file is larger than all data pages.
      const most = this.geometry.pages * this.geometry.dataSize;
      const content = new Uint8Array(Math.min(visibleSize(file.size), most));
      this.#store.read(file, 0, content);
      return content;
    } finally {
      this.#descriptors.release(file);
    }
  }

  /**
   * A file as a source; its size is that of now. It reads what is on the flash, so flush before.
   * @throws SpiffsError NOT_FOUND, NAME_TOO_LONG, or the code of the damage met
   */
  fileSource(name: string | Uint8Array): ByteSource {
    const fd = this.open(name, OpenFlags.RDONLY);
    const file = this.#descriptors.get(fd);
    try {
      this.#caches.flush(file);
      return new FileSource(this.#volume, file.objectId, file.headerPage, visibleSize(file.size));
    } finally {
      this.#descriptors.release(file);
    }
  }

  /**
   * Makes or replaces a file. Without parity in one step: a power cut leaves the old content or the new.
   * @throws SpiffsError FULL, the old file being as it was (unless parity), NAME_TOO_LONG
   */
  writeFile(name: string | Uint8Array, content: Uint8Array): void {
    this.#checkChangeable();
    if (this.#store.putFile !== undefined) {
      this.#store.putFile(this.#checkName(name), content);
      return;
    }
    const fd = this.open(name, OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.RDWR | OpenFlags.DIRECT);
    try {
      if (content.length > 0) this.write(fd, content);
    } finally {
      this.#descriptors.release(this.#descriptors.get(fd));
    }
  }

  /**
   * Collects garbage until `bytes` more can be written (SPIFFS_gc).
   * @throws SpiffsError FULL
   */
  gc(bytes: number): void {
    this.#checkChangeable();
    this.#store.collectGarbage(bytes);
  }

  /**
   * Erases one block whose pages are all deleted, but for at most `maxFreePages` free ones (SPIFFS_gc_quick).
   * @throws SpiffsError NO_DELETED_BLOCKS
   */
  gcQuick(maxFreePages = 0): void {
    this.#checkChangeable();
    this.#store.collectDeletedBlock(maxFreePages);
  }

  /** Checks the file system and repairs what is wrong (SPIFFS_check). */
  check(): CheckResult {
    this.#checkMounted();
    return { reports: this.#store.check() };
  }

  /** Looks for damage without repairing any: every used page against the lookup, every index entry against its page. */
  quickCheck(): QuickCheckResult {
    this.#checkMounted();
    const found = examine(this.#volume);
    const damaged = found.damagedHeaders.map((page) => nameText(readHeader(this.#volume, page).name));
    const leftovers =
      found.dead.length +
      found.halfErased.length +
      found.lostLookups.length +
      found.indexRepairs.length +
      found.rollForwards.length;
    return { isClean: found.damaged.size === 0 && leftovers === 0, damaged, leftovers };
  }

  /** Flushes and closes all files. Afterwards every call fails with NOT_MOUNTED. */
  unmount(): void {
    this.#checkMounted();
    for (const file of this.#descriptors.open) {
      this.#caches.flush(file);
      this.#descriptors.release(file);
    }
    this.#mounted = false;
  }

  #changeHeader(page: number, change: { name?: Uint8Array; meta?: Uint8Array }): void {
    const { descriptor } = this.#descriptors.take();
    try {
      this.#store.open(descriptor, page);
      this.#store.changeHeader(descriptor, change);
    } finally {
      this.#descriptors.release(descriptor);
    }
  }

  #open(fd: number): Descriptor {
    this.#checkMounted();
    return this.#descriptors.get(fd);
  }

  #find(name: string | Uint8Array): number {
    const wanted = this.#checkName(name);
    const page = this.#store.findByName(wanted);
    if (page < 0) throw notFound(wanted);
    return page;
  }

  #checkMounted(): void {
    if (!this.#mounted) throw new SpiffsError('NOT_MOUNTED', 'the file system was unmounted');
  }

  #checkChangeable(): void {
    this.#checkMounted();
    if (this.isReadOnly) throw new SpiffsError('RO_NOT_IMPL', 'the file system is mounted read-only');
  }

  #checkWritable(file: Descriptor): void {
    if ((file.flags & OpenFlags.WRONLY) === 0) {
      throw new SpiffsError('NOT_WRITABLE', `descriptor ${file.number} is open for reading only`, { fd: file.number });
    }
  }

  #checkName(name: string | Uint8Array): Uint8Array {
    const bytes = nameBytes(name);
    const most = this.config.objNameLen - 1;
    if (bytes.length > most) {
      throw new SpiffsError('NAME_TOO_LONG', `a name has at most ${most} bytes: ${nameText(bytes)}`, {
        name: nameText(bytes),
      });
    }
    return bytes;
  }

  #checkMeta(meta: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(this.config.metaLen).fill(0xff);
    if (meta.length > bytes.length) {
      throw new SpiffsError(
        'NOT_CONFIGURED',
        `${meta.length} bytes of metadata; this file system keeps ${bytes.length}`,
      );
    }
    bytes.set(meta);
    return bytes;
  }
}

function notFound(name: Uint8Array): SpiffsError {
  return new SpiffsError('NOT_FOUND', `no file ${nameText(name)}`, { name: nameText(name) });
}

function conflict(name: Uint8Array): SpiffsError {
  return new SpiffsError('CONFLICTING_NAME', `there is a file ${nameText(name)}`, { name: nameText(name) });
}
