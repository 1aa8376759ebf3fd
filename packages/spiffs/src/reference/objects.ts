import type { Descriptor, DescriptorTable } from '../descriptors.js';
import { SpiffsError } from '../error.js';
import { FINAL, INDEX, IXDELE, TYPE_FILE, UNDEFINED_SIZE, USED } from '../fields.js';
import type { HeaderChange } from '../store.js';
import type { GarbageCollector } from './gc.js';
import { checkDataPage, checkIndexHeader, checkIndexPageNumber, dataPageFault } from './index-check.js';
import type { Nucleus } from './nucleus.js';

/** What is to be put into a header that is written anew. */
interface NewHeader extends HeaderChange {
  readonly size?: number;
}

/** Creating, growing, changing and cutting objects (spiffs_nucleus.c, spiffs_object_*). */
export class Objects {
  readonly #nucleus: Nucleus;
  readonly #gc: GarbageCollector;
  readonly #descriptors: DescriptorTable;

  constructor(nucleus: Nucleus, gc: GarbageCollector, descriptors: DescriptorTable) {
    this.#nucleus = nucleus;
    this.#gc = gc;
    this.#descriptors = descriptors;
  }

  /** Writes the header of an empty file: lookup entry, then the header, its table and size left all ones. */
  create(objectId: number, name: Uint8Array): number {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    this.#gc.makeRoom(geometry.dataSize);
    const id = nucleus.withIndexMark(objectId);
    const page = nucleus.takeFreeEntry();
    nucleus.writeLookup(page, id);
    nucleus.volume.pagesAllocated++;
    const header = new Uint8Array(geometry.headerTableOffset);
    nucleus.encodeHeader({ objectId: id, span: 0, flags: 0xff & ~(FINAL | INDEX | USED) }, header);
    nucleus.setField(header, geometry.sizeOffset, 4, UNDEFINED_SIZE);
    header[geometry.typeOffset] = TYPE_FILE;
    header.set(name, geometry.nameOffset);
    header.fill(0xff, geometry.metaOffset, geometry.metaOffset + geometry.config.metaLen);
    nucleus.write('data', geometry.pageAddress(page), header);
    this.#descriptors.headerMoved(objectId, page, UNDEFINED_SIZE);
    return page;
  }

  /**
   * Writes a header anew on another page (spiffs_object_update_index_hdr).
   * @param inWork the header is in `work` already; otherwise it is loaded there
   */
  updateHeader(objectId: number, page: number, inWork: boolean, change: NewHeader): number {
    const nucleus = this.#nucleus;
    const { geometry, work } = nucleus;
    if (!inWork) nucleus.loadPage(page, 'index', work);
    checkIndexHeader(nucleus.decodeHeader(work), page, 0);
    if (change.name !== undefined) {
      work.fill(0, geometry.nameOffset, geometry.metaOffset);
      work.set(change.name, geometry.nameOffset);
    }
    if (change.meta !== undefined) work.set(change.meta, geometry.metaOffset);
    if (change.size !== undefined && change.size !== 0) nucleus.setField(work, geometry.sizeOffset, 4, change.size);
    const newPage = nucleus.movePage(work, nucleus.withIndexMark(objectId), page);
    this.#descriptors.headerMoved(objectId, newPage, nucleus.field(work, geometry.sizeOffset, 4));
    return newPage;
  }

  /** Stores an index page held in `work` in place of `page`. */
  storeIndex(objectId: number, span: number, page: number): void {
    if (span === 0) {
      this.updateHeader(objectId, page, true, {});
      return;
    }
    const newPage = this.#nucleus.movePage(this.#nucleus.work, this.#nucleus.withIndexMark(objectId), page);
    this.#descriptors.indexMoved(objectId, span, newPage);
  }

  /** Adds at the end (spiffs_object_append). */
  append(file: Descriptor, from: number, bytes: Uint8Array): void {
    const nucleus = this.#nucleus;
    const { geometry, work } = nucleus;
    const { dataSize, headerLength } = geometry;
    const offset = Math.min(from, file.size);
    this.#gc.makeRoom(bytes.length + dataSize);
    const { objectId } = file;
    let written = 0;
    let span = Math.floor(offset / dataSize);
    let within = offset % dataSize;
    let indexSpan = -1;
    let indexPage = file.headerPage;
    let failure: unknown;
    while (written < bytes.length) {
      const wanted = geometry.indexSpanOf(span);
      if (wanted !== indexSpan) {
        if (written > 0) this.#storeAppended(file, offset, written, indexSpan, indexPage);
        indexPage = this.#loadAppendIndex(file, wanted, indexPage, written > 0);
        file.cursorPage = indexPage;
        file.cursorSpan = wanted;
        if (wanted !== 0) file.size = offset + written;
        indexSpan = wanted;
      }
      const part = bytes.subarray(written, written + Math.min(bytes.length - written, dataSize - within));
      let page: number;
      if (within === 0) {
        const header = { objectId, span, flags: 0xff & ~FINAL };
        const taken = attempt(() => nucleus.allocatePage(objectId, header, part, true));
        if ('failure' in taken) {
          failure = taken.failure;
          break;
        }
        page = taken.value;
      } else {
        page = this.#entry(indexSpan, span);
        checkDataPage(nucleus, page, span);
        nucleus.write('data', geometry.pageAddress(page) + headerLength + within, part);
      }
      this.#setEntry(indexSpan, span, page);
      if (indexSpan === 0) nucleus.setField(work, geometry.sizeOffset, 4, offset + written);
      within = 0;
      span++;
      written += part.length;
    }
    file.size = offset + written;
    file.cursorPage = indexPage;
    file.cursorSpan = Math.max(indexSpan, 0);
    this.#storeAppended(file, offset, written, indexSpan, indexPage);
    if (failure !== undefined) throw failure;
  }

  /** Stores the index page in `work` after an append, and the new size in the header. */
  #storeAppended(file: Descriptor, offset: number, written: number, indexSpan: number, indexPage: number): void {
    const nucleus = this.#nucleus;
    const { geometry, work } = nucleus;
    const size = offset + written;
    if (indexSpan !== 0) {
      checkIndexPageNumber(nucleus, indexPage, indexSpan);
      nucleus.write('index', geometry.pageAddress(indexPage), work);
      this.#descriptors.indexMoved(file.objectId, indexSpan, indexPage);
      file.headerPage = this.updateHeader(file.objectId, file.headerPage, false, { size });
    } else {
      nucleus.setField(work, geometry.sizeOffset, 4, size);
      if (offset === 0) {
        checkIndexPageNumber(nucleus, indexPage, 0);
        nucleus.write('index', geometry.pageAddress(indexPage), work);
        this.#descriptors.headerMoved(file.objectId, indexPage, size);
      } else {
        file.headerPage = this.updateHeader(file.objectId, file.headerPage, true, { size });
      }
    }
    file.size = size;
  }

  /** Loads the index page of a span into `work`, or makes a new one. */
  #loadAppendIndex(file: Descriptor, indexSpan: number, headerPage: number, isLater: boolean): number {
    const nucleus = this.#nucleus;
    const { geometry, work } = nucleus;
    if (indexSpan === 0) {
      nucleus.loadPage(headerPage, 'index', work);
      checkIndexHeader(nucleus.decodeHeader(work), headerPage, 0);
      return headerPage;
    }
    const id = nucleus.withIndexMark(file.objectId);
    const lastSpan = Math.floor((file.size - 1) / geometry.dataSize);
    if (isLater || indexSpan > geometry.indexSpanOf(lastSpan)) {
      const header = { objectId: id, span: indexSpan, flags: 0xff & ~(FINAL | INDEX) };
      const page = nucleus.allocatePage(id, header, undefined, true);
      work.fill(0xff);
      nucleus.encodeHeader(header, work);
      this.#descriptors.indexMoved(file.objectId, indexSpan, page);
      return page;
    }
    return this.#loadIndex(file, indexSpan);
  }

  #loadIndex(file: Descriptor, indexSpan: number): number {
    const nucleus = this.#nucleus;
    const page = this.#indexPage(file, indexSpan);
    nucleus.loadPage(page, 'index', nucleus.work);
    checkIndexHeader(nucleus.decodeHeader(nucleus.work), page, indexSpan);
    return page;
  }

  #indexPage(file: Descriptor, indexSpan: number): number {
    if (indexSpan === 0) return file.headerPage;
    if (file.cursorSpan === indexSpan) return file.cursorPage;
    return this.findIndex(file.objectId, indexSpan);
  }

  findIndex(objectId: number, indexSpan: number): number {
    const page = this.#nucleus.findPage(this.#nucleus.withIndexMark(objectId), indexSpan);
    if (page < 0) {
      throw new SpiffsError('NOT_FOUND', `object ${objectId} has no index page of span ${indexSpan}`, {
        objectId,
        span: indexSpan,
      });
    }
    return page;
  }

  /** Replaces bytes inside the file: new data pages, the old ones deleted, then the index page anew (spiffs_object_modify). */
  modify(file: Descriptor, offset: number, bytes: Uint8Array): void {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    const { dataSize } = geometry;
    this.#gc.makeRoom(bytes.length + dataSize);
    let written = 0;
    let span = Math.floor(offset / dataSize);
    let within = offset % dataSize;
    let indexSpan = -1;
    let indexPage = file.headerPage;
    let failure: unknown;
    while (written < bytes.length) {
      const wanted = geometry.indexSpanOf(span);
      if (wanted !== indexSpan) {
        if (written > 0) this.#storeModified(file, indexSpan, indexPage);
        indexPage = this.#loadIndex(file, wanted);
        file.cursorPage = indexPage;
        file.cursorSpan = wanted;
        indexSpan = wanted;
      }
      const part = bytes.subarray(written, written + Math.min(bytes.length - written, dataSize - within));
      const old = this.#entry(indexSpan, span);
      const isWhole = within === 0 && part.length === dataSize;
      if (!isWhole) checkDataPage(nucleus, old, span);
      const rewritten = attempt(() => this.#rewriteDataPage(file.objectId, span, old, within, part));
      if ('failure' in rewritten) {
        failure = rewritten.failure;
        break;
      }
      nucleus.deletePage(old);
      this.#setEntry(indexSpan, span, rewritten.value);
      within = 0;
      span++;
      written += part.length;
    }
    file.cursorPage = indexPage;
    file.cursorSpan = indexSpan;
    this.#storeModified(file, indexSpan, indexPage);
    if (failure !== undefined) throw failure;
  }

  #rewriteDataPage(objectId: number, span: number, old: number, within: number, part: Uint8Array): number {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    const { dataSize, headerLength } = geometry;
    const header = { objectId, span, flags: 0xff };
    if (within === 0 && part.length === dataSize) return nucleus.allocatePage(objectId, header, part, true);
    const page = nucleus.allocatePage(objectId, header, undefined, false);
    const [from, to] = [geometry.pageAddress(old) + headerLength, geometry.pageAddress(page) + headerLength];
    const end = within + part.length;
    if (within > 0) nucleus.copyBytes(from, to, within);
    if (end < dataSize) nucleus.copyBytes(from + end, to + end, dataSize - end);
    nucleus.write('data', to + within, part);
    nucleus.writeFlags(page, header.flags & ~FINAL & 0xff);
    return page;
  }

  #storeModified(file: Descriptor, indexSpan: number, indexPage: number): void {
    const nucleus = this.#nucleus;
    if (indexSpan === 0) {
      file.headerPage = this.updateHeader(file.objectId, file.headerPage, true, {});
      return;
    }
    checkIndexPageNumber(nucleus, indexPage, indexSpan);
    const newPage = nucleus.movePage(nucleus.work, nucleus.withIndexMark(file.objectId), indexPage);
    file.cursorPage = newPage;
    this.#descriptors.indexMoved(file.objectId, indexSpan, newPage);
  }

  /**
   * Cuts a file to a smaller size from its end, or removes it (spiffs_object_truncate). A damaged data page ends the cutting
   * where it is, without an error.
   */
  truncate(file: Descriptor, newSize: number, remove: boolean): void {
    const nucleus = this.#nucleus;
    const { geometry, work } = nucleus;
    const { dataSize } = geometry;
    const { objectId } = file;
    if ((file.size === UNDEFINED_SIZE || file.size === 0) && !remove) return;
    if (!remove) this.#gc.makeRoom(2 * dataSize);
    let indexPage = file.headerPage;
    let span = Math.floor((file.size > 0 ? file.size - 1 : 0) / dataSize);
    let size = file.size === UNDEFINED_SIZE ? 0 : file.size;
    let indexSpan = 0;
    let loadedSpan = -1;
    if (remove) nucleus.writeFlags(file.headerPage, 0xff & ~(USED | INDEX | FINAL | IXDELE), 'index');
    while (size > newSize) {
      indexSpan = geometry.indexSpanOf(span);
      if (indexSpan !== loadedSpan) {
        if (loadedSpan >= 0) this.#deleteIndex(file, indexPage, loadedSpan, size, remove);
        indexPage = indexSpan === 0 ? file.headerPage : this.findIndex(objectId, indexSpan);
        nucleus.loadPage(indexPage, 'index', work);
        checkIndexHeader(nucleus.decodeHeader(work), indexPage, indexSpan);
        file.cursorPage = indexPage;
        file.cursorSpan = indexSpan;
        loadedSpan = indexSpan;
      }
      const page = this.#entry(indexSpan, span);
      this.#setEntry(indexSpan, span, geometry.noPage);
      if (newSize === 0 || remove || size - newSize >= dataSize) {
        const fault = dataPageFault(nucleus, page, span);
        if (fault === undefined) nucleus.deletePage(page);
        else if (fault !== 'DELETED' && fault !== 'INDEX_REF_FREE') break;
        size -= size % dataSize === 0 ? dataSize : size % dataSize;
        file.size = size;
      } else {
        if (dataPageFault(nucleus, page, span) !== undefined) break;
        const kept = attempt(() => this.#keepStart(objectId, span, page, newSize % dataSize));
        if ('failure' in kept) break;
        this.#setEntry(indexSpan, span, kept.value);
        size = newSize;
        file.size = size;
        break;
      }
      span--;
    }
    this.#storeTruncated(file, indexSpan, indexPage, size, remove);
    file.size = size;
  }

  /** Deletes an index page all of whose data pages are gone, and lets the header say so. */
  #deleteIndex(file: Descriptor, page: number, indexSpan: number, size: number, remove: boolean): void {
    checkIndexPageNumber(this.#nucleus, page, indexSpan);
    this.#nucleus.deletePage(page);
    this.#descriptors.indexMoved(file.objectId, indexSpan, 0);
    if (indexSpan > 0) {
      if (!remove) file.headerPage = this.updateHeader(file.objectId, file.headerPage, false, { size });
      file.size = size;
    }
  }

  /** Copies the first bytes of a data page to a new one; the old one is deleted before the new one is final. */
  #keepStart(objectId: number, span: number, page: number, length: number): number {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    const header = { objectId, span, flags: 0xff };
    const newPage = nucleus.allocatePage(objectId, header, undefined, false);
    nucleus.copyBytes(
      geometry.pageAddress(page) + geometry.headerLength,
      geometry.pageAddress(newPage) + geometry.headerLength,
      length,
    );
    nucleus.deletePage(page);
    nucleus.writeFlags(newPage, header.flags & ~FINAL & 0xff);
    return newPage;
  }

  #storeTruncated(file: Descriptor, indexSpan: number, indexPage: number, size: number, remove: boolean): void {
    const nucleus = this.#nucleus;
    const { geometry, work } = nucleus;
    const { objectId } = file;
    if (indexSpan !== 0) {
      checkIndexPageNumber(nucleus, indexPage, indexSpan);
      const newPage = nucleus.movePage(work, nucleus.withIndexMark(objectId), indexPage);
      file.cursorPage = newPage;
      file.cursorSpan = indexSpan;
      this.#descriptors.indexMoved(objectId, indexSpan, newPage);
      file.headerPage = this.updateHeader(objectId, file.headerPage, false, { size });
    } else if (size > 0) {
      file.headerPage = this.updateHeader(objectId, indexPage, true, { size });
    } else if (remove) {
      checkIndexPageNumber(nucleus, indexPage, 0);
      nucleus.deletePage(indexPage);
      this.#descriptors.removed(objectId);
    } else {
      work.fill(0xff, geometry.headerTableOffset);
      file.headerPage = this.updateHeader(objectId, indexPage, true, { size: UNDEFINED_SIZE });
    }
  }

  #entry(indexSpan: number, span: number): number {
    const { geometry } = this.#nucleus;
    const width = geometry.config.pageIxBytes;
    return this.#nucleus.field(
      this.#nucleus.work,
      geometry.tableOffset(indexSpan) + geometry.indexEntryOf(span) * width,
      width,
    );
  }

  #setEntry(indexSpan: number, span: number, page: number): void {
    const { geometry } = this.#nucleus;
    const width = geometry.config.pageIxBytes;
    const offset = geometry.tableOffset(indexSpan) + geometry.indexEntryOf(span) * width;
    this.#nucleus.setField(this.#nucleus.work, offset, width, page);
  }
}

/** Runs what may fail with a SpiffsError after which the C library still stores what it has. */
function attempt<T>(work: () => T): { readonly value: T } | { readonly failure: SpiffsError } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof SpiffsError) return { failure: error };
    throw error;
  }
}
