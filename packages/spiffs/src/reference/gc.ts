import { SpiffsError } from '../error.js';
import { DELET, DELETED_ID } from '../fields.js';
import { checkIndexHeader } from './index-check.js';
import type { Nucleus } from './nucleus.js';

/** Weights of the score by which a block is chosen for collection (spiffs_config.h, SPIFFS_GC_HEUR_W_*). */
const WEIGHT_DELETED = 5;
const WEIGHT_USED = -1;
const WEIGHT_ERASE_AGE = 50;

/** What a collection does to objects, and must tell others. */
export interface CollectorEvents {
  /** Stores an index page held in `work` in place of `page`. */
  storeIndex(objectId: number, span: number, page: number): void;
  indexMoved(objectId: number, span: number, page: number): void;
  indexDeleted(objectId: number, span: number): void;
}

/** Garbage collection (spiffs_gc.c). */
export class GarbageCollector {
  readonly #nucleus: Nucleus;
  readonly #events: CollectorEvents;
  readonly #maxRuns: number;

  constructor(nucleus: Nucleus, events: CollectorEvents, maxRuns: number) {
    this.#nucleus = nucleus;
    this.#events = events;
    this.#maxRuns = maxRuns;
    nucleus.collectDeletedBlock = (maxFreePages) => this.collectDeletedBlock(maxFreePages);
  }

  /** Erases the first block with only deleted pages and at most `maxFreePages` free ones (spiffs_gc_quick). */
  collectDeletedBlock(maxFreePages: number): boolean {
    const { geometry, volume } = this.#nucleus;
    for (let block = 0; block < geometry.blocks; block++) {
      let [deleted, free] = [0, 0];
      this.#eachEntry(block, (id) => {
        if (id === DELETED_ID) deleted++;
        else if (this.#nucleus.isFree(id) && free <= maxFreePages) free++;
        else return false;
        return free <= maxFreePages;
      });
      if (deleted + free === geometry.entriesPerBlock && free <= maxFreePages) {
        volume.pagesDeleted -= deleted;
        this.#nucleus.renewBlock(block);
        return true;
      }
    }
    return false;
  }

  /**
   * Makes room for `bytes` when there is little (spiffs_gc_check).
   * @throws SpiffsError FULL
   */
  makeRoom(bytes: number): void {
    const { geometry, volume } = this.#nucleus;
    const { dataSize } = geometry;
    let free = this.#freePages();
    if (volume.freeBlocks > 3 && bytes < free * dataSize) return;
    const needed = Math.ceil(bytes / dataSize);
    const full = (): SpiffsError => new SpiffsError('FULL', `no room for ${bytes} bytes: ${free} pages are free`);
    if (needed > free + volume.pagesDeleted) throw full();
    let tries = 0;
    do {
      const before = free;
      const block = this.#chooseBlock(free <= 0);
      this.#nucleus.cleaning = true;
      try {
        this.#emptyBlock(block);
      } finally {
        this.#nucleus.cleaning = false;
      }
      this.#forgetPages(block);
      this.#nucleus.renewBlock(block);
      free = this.#freePages();
      if (before <= 0 && before === free) break;
    } while (++tries < this.#maxRuns && (volume.freeBlocks <= 2 || bytes > free * dataSize));
    if (bytes > free * dataSize) throw full();
  }

  /** Pages that are neither used nor deleted, less two blocks. */
  #freePages(): number {
    const { geometry, volume } = this.#nucleus;
    return geometry.entriesPerBlock * (geometry.blocks - 2) - volume.pagesAllocated - volume.pagesDeleted;
  }

  /** Calls back with each lookup entry of a block until told to stop. */
  #eachEntry(block: number, visitor: (id: number, entry: number) => boolean): void {
    const nucleus = this.#nucleus;
    const perPage = nucleus.entriesPerLookupPage;
    let entry = 0;
    for (let lookupPage = 0; lookupPage < nucleus.geometry.lookupPages; lookupPage++) {
      nucleus.loadLookup(block, lookupPage);
      const first = lookupPage * perPage;
      for (; entry - first < perPage && entry < nucleus.geometry.entriesPerBlock; entry++) {
        if (!visitor(nucleus.lookupEntry(entry - first), entry)) return;
      }
    }
  }

  /** The block of the highest score, the first of them (spiffs_gc_find_candidate). */
  #chooseBlock(crammed: boolean): number {
    const nucleus = this.#nucleus;
    const { geometry, volume } = nucleus;
    nucleus.work.fill(0xff);
    let best = { block: 0, score: Number.NEGATIVE_INFINITY };
    for (let block = 0; block < geometry.blocks; block++) {
      let [deleted, used] = [0, 0];
      this.#eachEntry(block, (id) => {
        if (nucleus.isFree(id)) return false;
        if (id === DELETED_ID) deleted++;
        else used++;
        return true;
      });
      const width = geometry.config.objIdBytes;
      const count = nucleus.field(nucleus.cache.read('lookup2', geometry.eraseCountAddress(block), width), 0, width);
      const age =
        volume.maxEraseCount > count ? volume.maxEraseCount - count : geometry.freeId - (count - volume.maxEraseCount);
      const score = deleted * WEIGHT_DELETED + used * WEIGHT_USED + (crammed ? 0 : age * WEIGHT_ERASE_AGE);
      if (score > best.score) best = { block, score };
    }
    return best.block;
  }

  /** Takes the pages of a block that is about to be erased off the counters (spiffs_gc_erase_page_stats). */
  #forgetPages(block: number): void {
    const { volume } = this.#nucleus;
    let [deleted, used] = [0, 0];
    this.#eachEntry(block, (id) => {
      if (id === DELETED_ID) deleted++;
      else if (!this.#nucleus.isFree(id)) used++;
      return true;
    });
    volume.pagesAllocated -= used;
    volume.pagesDeleted -= deleted;
  }

  /** Moves every live page out of a block (spiffs_gc_clean): data pages index page by index page, then index pages. */
  #emptyBlock(block: number): void {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    if (nucleus.freeCursor.block === block) {
      nucleus.freeCursor = { block: (block + 1) % geometry.blocks, entry: 0 };
    }
    for (let entry = 0; entry < geometry.entriesPerBlock; ) {
      const found = this.#nextDataEntry(block, entry);
      if (found === undefined) break;
      entry = found.entry + 1;
      this.#moveDataPages(block, found.id, geometry.entryPage(block, found.entry));
    }
    this.#moveIndexPages(block);
  }

  #nextDataEntry(block: number, from: number): { id: number; entry: number } | undefined {
    const nucleus = this.#nucleus;
    const perPage = nucleus.entriesPerLookupPage;
    let entry = from;
    for (let lookupPage = Math.floor(from / perPage); lookupPage < nucleus.geometry.lookupPages; lookupPage++) {
      nucleus.loadLookup(block, lookupPage);
      const first = lookupPage * perPage;
      for (; entry - first < perPage && entry < nucleus.geometry.entriesPerBlock; entry++) {
        const id = nucleus.lookupEntry(entry - first);
        if (nucleus.isUsed(id) && !nucleus.isIndexId(id)) return { id, entry };
      }
    }
    return undefined;
  }

  /** Moves the data pages of one object that lie in the block and belong to one index page, then stores that page. */
  #moveDataPages(block: number, objectId: number, firstPage: number): void {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    const { pageIxBytes } = geometry.config;
    const indexSpan = geometry.indexSpanOf(nucleus.readHeader(firstPage).span);
    const indexId = nucleus.withIndexMark(objectId);
    const indexPage = nucleus.findPage(indexId, indexSpan);
    if (indexPage < 0) {
      nucleus.deletePage(firstPage);
      return;
    }
    nucleus.loadPage(indexPage, 'lookup2', nucleus.work);
    checkIndexHeader(nucleus.decodeHeader(nucleus.work), indexPage, indexSpan);
    const perPage = nucleus.entriesPerLookupPage;
    let entry = 0;
    for (let lookupPage = 0; lookupPage < geometry.lookupPages; lookupPage++) {
      nucleus.loadLookup(block, lookupPage);
      const first = lookupPage * perPage;
      for (; entry - first < perPage && entry < geometry.entriesPerBlock; entry++) {
        if (nucleus.lookupEntry(entry - first) !== objectId) continue;
        const page = geometry.entryPage(block, entry);
        const header = nucleus.readHeader(page);
        if (geometry.indexSpanOf(header.span) !== indexSpan) continue;
        let newPage = geometry.noPage;
        if ((header.flags & DELET) !== 0) {
          newPage = nucleus.movePage(undefined, objectId, page);
          nucleus.loadLookup(block, lookupPage);
        } else {
          nucleus.deletePage(page);
        }
        const offset = geometry.tableOffset(indexSpan) + geometry.indexEntryOf(header.span) * pageIxBytes;
        nucleus.setField(nucleus.work, offset, pageIxBytes, newPage);
      }
    }
    this.#events.storeIndex(objectId, indexSpan, indexPage);
  }

  #moveIndexPages(block: number): void {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    const perPage = nucleus.entriesPerLookupPage;
    let entry = 0;
    for (let lookupPage = 0; lookupPage < geometry.lookupPages; lookupPage++) {
      nucleus.loadLookup(block, lookupPage);
      const first = lookupPage * perPage;
      for (; entry - first < perPage && entry < geometry.entriesPerBlock; entry++) {
        const id = nucleus.lookupEntry(entry - first);
        if (!nucleus.isUsed(id) || !nucleus.isIndexId(id)) continue;
        const page = geometry.entryPage(block, entry);
        const header = nucleus.readHeader(page);
        if ((header.flags & DELET) !== 0) {
          const newPage = nucleus.movePage(undefined, id, page);
          this.#events.indexMoved(nucleus.withoutIndexMark(id), header.span, newPage);
          nucleus.loadLookup(block, lookupPage);
        } else {
          nucleus.deletePage(page);
          this.#events.indexDeleted(nucleus.withoutIndexMark(id), header.span);
        }
      }
    }
  }
}
