import type { BlockDevice } from '@loadstone/fd-sources';
import { SpiffsError } from './error.js';
import { DELET, DELETED_ID, FINAL, IXDELE, readField, USED, writeField } from './fields.js';
import type { Geometry } from './geometry.js';

/** Block and page counters, as the C library keeps them (spiffs.h, `spiffs`). */
export interface VolumeStats {
  readonly blockCount: number;
  /** Blocks whose first lookup entry is free. */
  readonly freeBlocks: number;
  readonly pagesAllocated: number;
  readonly pagesDeleted: number;
  /** Erase count the next erased block gets. */
  readonly maxEraseCount: number;
}

/**
 * A device seen as SPIFFS blocks and pages, with the object lookup and the page headers read so far kept in memory. They are
 * coherent because every program and erase goes through here and refreshes or forgets what it touched.
 */
export class Volume {
  readonly device: BlockDevice;
  readonly geometry: Geometry;
  /** Object id in the lookup, per page of the area; unused for lookup pages. */
  readonly lookup: Uint32Array;
  /** Blocks whose first lookup entry is free. */
  freeBlocks = 0;
  pagesAllocated = 0;
  pagesDeleted = 0;
  /** Erase count the next erased block gets: 15 bits of an object id. */
  maxEraseCount = 0;
  /** Grows with every program and erase: what was derived under an older value may be stale. */
  generation = 0;
  readonly #headerKnown: Uint8Array;
  readonly #headerId: Uint32Array;
  readonly #headerSpan: Uint32Array;
  readonly #headerFlags: Uint8Array;
  readonly #headerBytes: Uint8Array;
  readonly #idBytes: Uint8Array;
  /** Pages by the index object id in their lookup entry, in page order. */
  readonly #indexPages = new Map<number, number[]>();
  #broken: unknown;

  constructor(device: BlockDevice, geometry: Geometry) {
    if (geometry.blockSize % device.blockSize !== 0) {
      throw new SpiffsError(
        'NOT_CONFIGURED',
        `a SPIFFS block of ${geometry.blockSize} bytes is not made of the device's erase blocks of ${device.blockSize} bytes`,
      );
    }
    this.device = device;
    this.geometry = geometry;
    this.lookup = new Uint32Array(geometry.pages);
    this.#headerKnown = new Uint8Array(geometry.pages);
    this.#headerId = new Uint32Array(geometry.pages);
    this.#headerSpan = new Uint32Array(geometry.pages);
    this.#headerFlags = new Uint8Array(geometry.pages);
    this.#headerBytes = new Uint8Array(geometry.headerLength);
    this.#idBytes = new Uint8Array(geometry.config.objIdBytes);
  }

  get stats(): VolumeStats {
    return {
      blockCount: this.geometry.blocks,
      freeBlocks: this.freeBlocks,
      pagesAllocated: this.pagesAllocated,
      pagesDeleted: this.pagesDeleted,
      maxEraseCount: this.maxEraseCount,
    };
  }

  /** Reads the lookup of every block. */
  loadLookup(): void {
    this.#indexPages.clear();
    this.lookup.fill(DELETED_ID);
    for (let block = 0; block < this.geometry.blocks; block++) this.#loadBlock(block);
  }

  read(address: number, into: Uint8Array): void {
    this.device.read(address, into);
  }

  /** A fresh copy of a page. */
  readPage(page: number): Uint8Array {
    const bytes = new Uint8Array(this.geometry.pageSize);
    this.read(this.geometry.pageAddress(page), bytes);
    return bytes;
  }

  /** An object id field anywhere on the flash: a magic, an erase count. */
  readId(address: number): number {
    this.read(address, this.#idBytes);
    return readField(this.#idBytes, 0, this.#idBytes.length, this.geometry.config.bigEndian);
  }

  /** An object id as it is on the flash; the bytes are good until the next id is read or written. */
  idBytes(id: number): Uint8Array {
    const bytes = this.#idBytes;
    writeField(bytes, 0, bytes.length, this.geometry.config.bigEndian, id);
    return bytes;
  }

  /** Programs bytes inside one page. */
  program(address: number, bytes: Uint8Array): void {
    this.#guard(() => this.device.program(address, bytes));
    const { geometry } = this;
    const page = Math.floor(address / geometry.pageSize);
    if (geometry.isLookupPage(page)) this.#reloadLookup(address, bytes.length);
    else if (address - page * geometry.pageSize < geometry.headerLength) this.#headerKnown[page] = 0;
  }

  /** Programs a page's lookup entry. */
  programLookup(page: number, id: number): void {
    const { geometry } = this;
    this.#guard(() => this.device.program(geometry.lookupAddress(page), this.idBytes(id)));
    this.#setLookup(page, this.readId(geometry.lookupAddress(page)));
  }

  /** Erases one SPIFFS block; its lookup is free afterwards, without magic and erase count. */
  erase(block: number): void {
    const { geometry } = this;
    const perBlock = geometry.blockSize / this.device.blockSize;
    for (let i = 0; i < perBlock; i++) this.#guard(() => this.device.erase(block * perBlock + i));
    this.#loadBlock(block);
    const first = block * geometry.pagesPerBlock;
    this.#headerKnown.fill(0, first, first + geometry.pagesPerBlock);
  }

  /**
   * Erases a block, then writes its erase count, then its magic (spiffs_erase_block), and counts it as free. The pages that
   * were in it are not taken off the page counters.
   */
  renewBlock(block: number): void {
    const { geometry } = this;
    this.erase(block);
    this.freeBlocks++;
    this.program(geometry.eraseCountAddress(block), this.idBytes(this.maxEraseCount));
    if (geometry.config.useMagic) this.program(geometry.magicAddress(block), this.idBytes(geometry.magic(block)));
    this.maxEraseCount++;
    if (this.maxEraseCount === geometry.ixFlag) this.maxEraseCount = 0;
  }

  /** Counts free blocks, used and deleted pages anew from the lookup. */
  countPages(): void {
    const { geometry, lookup } = this;
    let [free, allocated, deleted] = [0, 0, 0];
    for (let block = 0; block < geometry.blocks; block++) {
      const first = geometry.entryPage(block, 0);
      if (lookup[first] === geometry.freeId) free++;
      for (let page = first; page < first + geometry.entriesPerBlock; page++) {
        const id = lookup[page];
        if (id === DELETED_ID) deleted++;
        else if (id !== geometry.freeId) allocated++;
      }
    }
    this.freeBlocks = free;
    this.pagesAllocated = allocated;
    this.pagesDeleted = deleted;
  }

  headerId(page: number): number {
    if (this.#headerKnown[page] === 0) this.#loadHeader(page);
    return this.#headerId[page];
  }

  headerSpan(page: number): number {
    if (this.#headerKnown[page] === 0) this.#loadHeader(page);
    return this.#headerSpan[page];
  }

  headerFlags(page: number): number {
    if (this.#headerKnown[page] === 0) this.#loadHeader(page);
    return this.#headerFlags[page];
  }

  /** Pages whose lookup entry is that of an index page of `objectId` (without the index mark), in page order. */
  indexPagesOf(objectId: number): readonly number[] {
    return this.#indexPages.get(objectId) ?? [];
  }

  /** Every page whose lookup entry marks an index page, in page order. */
  *allIndexPages(): Generator<number> {
    const { geometry, lookup } = this;
    for (let page = 0; page < geometry.pages; page++) {
      const id = lookup[page];
      if (id >= geometry.ixFlag && id !== geometry.freeId && !geometry.isLookupPage(page)) yield page;
    }
  }

  /**
   * Finds the index page with this span as the C library does (spiffs_obj_lu_find_id_and_span): lookup and header agree, in
   * use, final, not deleted, and for a header not being removed.
   * @returns the page, or -1
   */
  findIndexPage(objectId: number, span: number): number {
    const id = objectId + this.geometry.ixFlag;
    for (const page of this.indexPagesOf(objectId)) {
      if (this.headerId(page) !== id || this.headerSpan(page) !== span) continue;
      const flags = this.headerFlags(page);
      if ((flags & (FINAL | DELET | USED)) !== DELET) continue;
      if (span === 0 && (flags & IXDELE) === 0) continue;
      return page;
    }
    return -1;
  }

  /** After an update that stopped half-way nothing may be programmed any more: what is in memory and on the flash may differ. */
  fail(error: unknown): void {
    this.#broken ??= error;
  }

  #guard(act: () => void): void {
    if (this.#broken !== undefined) {
      throw new SpiffsError('NOT_MOUNTED', 'a flash operation failed before; mount again');
    }
    this.generation++;
    try {
      act();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  #loadHeader(page: number): void {
    const { geometry } = this;
    const { objIdBytes, spanIxBytes, bigEndian } = geometry.config;
    const bytes = this.#headerBytes;
    this.device.read(page * geometry.pageSize, bytes);
    this.#headerId[page] = readField(bytes, 0, objIdBytes, bigEndian);
    this.#headerSpan[page] = readField(bytes, objIdBytes, spanIxBytes, bigEndian);
    this.#headerFlags[page] = bytes[geometry.flagsOffset];
    this.#headerKnown[page] = 1;
  }

  #loadBlock(block: number): void {
    const { geometry } = this;
    const { objIdBytes, bigEndian } = geometry.config;
    const bytes = new Uint8Array(geometry.entriesPerBlock * objIdBytes);
    this.device.read(block * geometry.blockSize, bytes);
    for (let entry = 0; entry < geometry.entriesPerBlock; entry++) {
      this.#setLookup(geometry.entryPage(block, entry), readField(bytes, entry * objIdBytes, objIdBytes, bigEndian));
    }
  }

  /** Reads the lookup entries under a programmed range again. */
  #reloadLookup(address: number, length: number): void {
    const { geometry } = this;
    const width = geometry.config.objIdBytes;
    const block = Math.floor(address / geometry.blockSize);
    const first = Math.floor((address - block * geometry.blockSize) / width);
    const end = Math.ceil((address - block * geometry.blockSize + length) / width);
    for (let entry = first; entry < Math.min(end, geometry.entriesPerBlock); entry++) {
      this.#setLookup(geometry.entryPage(block, entry), this.readId(block * geometry.blockSize + entry * width));
    }
  }

  #setLookup(page: number, id: number): void {
    const before = this.lookup[page];
    if (before === id) return;
    this.lookup[page] = id;
    const { ixFlag, freeId } = this.geometry;
    if (before >= ixFlag && before !== freeId) {
      const pages = this.#indexPages.get(before - ixFlag) ?? [];
      const at = pages.indexOf(page);
      if (at >= 0) pages.splice(at, 1);
      if (pages.length === 0) this.#indexPages.delete(before - ixFlag);
    }
    if (id >= ixFlag && id !== freeId) {
      const pages = this.#indexPages.get(id - ixFlag);
      if (pages === undefined) {
        this.#indexPages.set(id - ixFlag, [page]);
      } else {
        let at = pages.length;
        while (at > 0 && pages[at - 1] > page) at--;
        pages.splice(at, 0, page);
      }
    }
  }
}
