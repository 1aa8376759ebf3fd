import { SpiffsError } from '../error.js';
import { DELET, DELETED_ID, FINAL, IXDELE, readField, USED, writeField } from '../fields.js';
import type { Geometry } from '../geometry.js';
import type { Volume } from '../volume.js';
import { type AccessType, FlashCache, type WriteKind } from './flash-cache.js';

/** The header of an object page. */
export interface PageHeader {
  objectId: number;
  span: number;
  flags: number;
}

/** A lookup entry. */
export interface LookupPlace {
  readonly block: number;
  readonly entry: number;
}

/** What a visitor wants next; `reload` reads the lookup page again because the visitor used its buffer. */
export type Visit = 'continue' | 'reload' | 'stop';

/**
 * Pages and lookup in the C library's way (spiffs_nucleus.c): the same searches from the same cursors, the same order of
 * flash programs, and its two page-sized buffers, `work` and `lookupWork`, because what happens on a damaged image depends on
 * when they are overwritten.
 */
export class Nucleus {
  readonly volume: Volume;
  readonly geometry: Geometry;
  /** `work` and `lookupWork` lie side by side, as the C library asks for them. */
  readonly buffers: Uint8Array;
  readonly work: Uint8Array;
  readonly lookupWork: Uint8Array;
  readonly cache: FlashCache;
  /** Where the next search starts. */
  cursor: LookupPlace = { block: 0, entry: 0 };
  /** Where the next free page is looked for. */
  freeCursor: LookupPlace = { block: 0, entry: 0 };
  /** True while a block is being emptied: the two spare blocks may be used. */
  cleaning = false;
  /** Erases a block without live pages; set by the garbage collector. */
  collectDeletedBlock: (maxFreePages: number) => boolean = () => false;

  constructor(volume: Volume, cachePages: number) {
    const { pageSize } = volume.geometry;
    this.volume = volume;
    this.geometry = volume.geometry;
    this.buffers = new Uint8Array(2 * pageSize);
    this.work = this.buffers.subarray(0, pageSize);
    this.lookupWork = this.buffers.subarray(pageSize);
    this.cache = new FlashCache(volume, cachePages);
  }

  field(bytes: Uint8Array, offset: number, width: number): number {
    return readField(bytes, offset, width, this.geometry.config.bigEndian);
  }

  setField(bytes: Uint8Array, offset: number, width: number, value: number): void {
    writeField(bytes, offset, width, this.geometry.config.bigEndian, value);
  }

  decodeHeader(bytes: Uint8Array): PageHeader {
    const { geometry } = this;
    return {
      objectId: this.field(bytes, 0, geometry.config.objIdBytes),
      span: this.field(bytes, geometry.spanOffset, geometry.config.spanIxBytes),
      flags: bytes[geometry.flagsOffset],
    };
  }

  encodeHeader(header: PageHeader, into: Uint8Array = new Uint8Array(this.geometry.headerLength)): Uint8Array {
    const { geometry } = this;
    this.setField(into, 0, geometry.config.objIdBytes, header.objectId);
    this.setField(into, geometry.spanOffset, geometry.config.spanIxBytes, header.span);
    into[geometry.flagsOffset] = header.flags;
    return into;
  }

  readHeader(page: number, type: AccessType = 'lookup2'): PageHeader {
    return this.decodeHeader(this.cache.read(type, this.geometry.pageAddress(page), this.geometry.headerLength));
  }

  /** Copies a page into one of the buffers. */
  loadPage(page: number, type: AccessType, into: Uint8Array): void {
    into.set(this.cache.read(type, this.geometry.pageAddress(page), this.geometry.pageSize));
  }

  loadLookup(block: number, lookupPage: number): void {
    const address = block * this.geometry.blockSize + lookupPage * this.geometry.pageSize;
    this.lookupWork.set(this.cache.read('lookup', address, this.geometry.pageSize));
  }

  /** Entry `index` of the lookup page in `lookupWork`. */
  lookupEntry(index: number): number {
    const width = this.geometry.config.objIdBytes;
    return this.field(this.lookupWork, index * width, width);
  }

  get entriesPerLookupPage(): number {
    return Math.floor(this.geometry.pageSize / this.geometry.config.objIdBytes);
  }

  isFree(id: number): boolean {
    return id === this.geometry.freeId;
  }

  /** In use: neither free nor deleted. */
  isUsed(id: number): boolean {
    return id !== DELETED_ID && id !== this.geometry.freeId;
  }

  isIndexId(id: number): boolean {
    return id >= this.geometry.ixFlag;
  }

  withIndexMark(id: number): number {
    return this.isIndexId(id) ? id : id + this.geometry.ixFlag;
  }

  withoutIndexMark(id: number): number {
    return this.isIndexId(id) ? id - this.geometry.ixFlag : id;
  }

  /**
   * Walks the lookup from a place on, once around (spiffs_obj_lu_find_entry_visitor).
   * @param options.id visit only entries with this id
   * @param options.wrap false to end at the last block
   * @returns the entry the visitor stopped at, or nothing
   */
  visit(
    from: LookupPlace,
    options: { readonly id?: number; readonly wrap?: boolean },
    visitor: (id: number, block: number, entry: number) => Visit,
  ): LookupPlace | undefined {
    const { blocks, entriesPerBlock, lookupPages } = this.geometry;
    const perPage = this.entriesPerLookupPage;
    let left = blocks * entriesPerBlock;
    let { block, entry } = from;
    if (entry > entriesPerBlock - 1) {
      entry = 0;
      block++;
      if (block >= blocks) {
        if (options.wrap === false) return undefined;
        block = 0;
      }
    }
    while (left > 0) {
      for (let lookupPage = Math.floor(entry / perPage); lookupPage < lookupPages; lookupPage++) {
        const first = lookupPage * perPage;
        this.loadLookup(block, lookupPage);
        for (; entry - first < perPage && entry < entriesPerBlock; entry++, left--) {
          const id = this.lookupEntry(entry - first);
          if (options.id !== undefined && id !== options.id) continue;
          const next = visitor(id, block, entry);
          if (next === 'stop') return { block, entry };
          if (next === 'reload') this.loadLookup(block, lookupPage);
        }
      }
      entry = 0;
      block++;
      if (block >= blocks) {
        if (options.wrap === false) return undefined;
        block = 0;
      }
    }
    return undefined;
  }

  /**
   * Finds the page with an id and a span, and remembers where (spiffs_obj_lu_find_id_and_span). Uses `lookupWork`.
   * @param exclude a page that does not count
   * @param byHeader trust the page headers only, not the lookup
   * @returns the page, or -1
   */
  findPage(id: number, span: number, exclude = 0, byHeader = false): number {
    const { geometry } = this;
    const place = this.visit(this.cursor, byHeader ? {} : { id }, (_, block, entry) => {
      const page = geometry.entryPage(block, entry);
      const header = this.readHeader(page, 'lookup');
      const live = (header.flags & (FINAL | DELET | USED)) === DELET;
      const leaving = this.isIndexId(id) && (header.flags & IXDELE) === 0 && header.span === 0;
      const found =
        header.objectId === id && header.span === span && live && !leaving && (exclude === 0 || page !== exclude);
      return found ? 'stop' : 'continue';
    });
    if (place === undefined) return -1;
    this.cursor = place;
    return geometry.entryPage(place.block, place.entry);
  }

  /**
   * Takes the next free lookup entry (spiffs_obj_lu_find_free).
   * @throws SpiffsError FULL when fewer than two blocks are free, NOT_FOUND when no entry is
   */
  takeFreeEntry(): number {
    const { volume, geometry } = this;
    if (!this.cleaning && volume.freeBlocks < 2) {
      this.collectDeletedBlock(0);
      if (volume.freeBlocks < 2) throw new SpiffsError('FULL', 'fewer than two blocks are free');
    }
    const place = this.visit(this.freeCursor, { id: geometry.freeId }, () => 'stop');
    if (place === undefined) throw new SpiffsError('NOT_FOUND', 'no page is free');
    this.freeCursor = { block: place.block, entry: place.entry + 1 };
    if (place.entry === 0) volume.freeBlocks--;
    return geometry.entryPage(place.block, place.entry);
  }

  write(type: AccessType, address: number, bytes: Uint8Array, kind: WriteKind = 'update'): void {
    this.cache.write(type, kind, address, bytes);
  }

  writeLookup(page: number, id: number, kind: WriteKind = 'update'): void {
    this.write('lookup', this.geometry.lookupAddress(page), this.volume.idBytes(id), kind);
  }

  writeFlags(page: number, flags: number, type: AccessType = 'data', kind: WriteKind = 'update'): void {
    this.write(type, this.geometry.pageAddress(page) + this.geometry.flagsOffset, Uint8Array.of(flags), kind);
  }

  /**
   * Takes a page for an object: lookup entry, header, content, and the final bit last when asked for
   * (spiffs_page_allocate_data).
   * @param header its flags lose the used bit, and the final bit when `finalize`
   */
  allocatePage(id: number, header: PageHeader, content: Uint8Array | undefined, finalize: boolean): number {
    const { geometry, volume } = this;
    const page = this.takeFreeEntry();
    this.writeLookup(page, id);
    volume.pagesAllocated++;
    header.flags &= ~USED & 0xff;
    this.write('data', geometry.pageAddress(page), this.encodeHeader(header));
    if (content !== undefined) this.write('data', geometry.pageAddress(page) + geometry.headerLength, content);
    if (finalize && (header.flags & FINAL) !== 0) {
      header.flags &= ~FINAL & 0xff;
      this.writeFlags(page, header.flags);
    }
    return page;
  }

  /**
   * Puts a page onto a free one and deletes it where it was (spiffs_page_move).
   * @param bytes the whole page, to be written unfinished and then finalised; without it the page is copied as it is
   */
  movePage(bytes: Uint8Array | undefined, id: number, source: number): number {
    const { geometry, volume } = this;
    const page = this.takeFreeEntry();
    const address = geometry.pageAddress(page);
    let wasFinal = false;
    if (bytes !== undefined) {
      wasFinal = (bytes[geometry.flagsOffset] & FINAL) === 0;
      bytes[geometry.flagsOffset] = (bytes[geometry.flagsOffset] | FINAL) & ~USED & 0xff;
      this.write('data', address, bytes);
    } else {
      this.copyBytes(geometry.pageAddress(source), address, geometry.pageSize);
    }
    this.writeLookup(page, id);
    volume.pagesAllocated++;
    if (bytes !== undefined && wasFinal) {
      bytes[geometry.flagsOffset] &= ~(FINAL | USED) & 0xff;
      this.writeFlags(page, bytes[geometry.flagsOffset]);
    }
    this.deletePage(source);
    return page;
  }

  /** Marks a page deleted: first in the lookup, then, blindly, in its flags (spiffs_page_delete). */
  deletePage(page: number): void {
    this.writeLookup(page, DELETED_ID, 'delete');
    this.volume.pagesDeleted++;
    this.volume.pagesAllocated--;
    this.writeFlags(page, 0xff & ~(DELET | USED), 'data', 'delete');
  }

  /** Copies through a buffer of 256 bytes, as the C library does with bytes inside one page (spiffs_phys_cpy). */
  copyBytes(from: number, to: number, length: number): void {
    for (let done = 0; done < length; done += 256) {
      const part = Math.min(256, length - done);
      this.write('data', to + done, this.cache.read('data', from + done, part).slice());
    }
  }

  /** Erases a block as the garbage collector does, and forgets what was cached of it. */
  renewBlock(block: number): void {
    this.volume.renewBlock(block);
    this.cache.dropBlock(block);
  }
}
