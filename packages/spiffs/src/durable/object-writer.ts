import type { DescriptorTable } from '../descriptors.js';
import { SpiffsError } from '../error.js';
import { DATA_PAGE, FINAL, INDEX_PAGE, IXDELE, TYPE_FILE, UNDEFINED_SIZE } from '../fields.js';
import { readEntry, writeEntry, writeName, writeSize } from '../index-page.js';
import { nameText, visibleSize } from '../object-header.js';
import type { HeaderChange } from '../store.js';
import type { Volume } from '../volume.js';
import type { Catalogue } from './catalogue.js';
import type { IndexRepair, StoredObject } from './object-version.js';
import type { PagePool } from './page-pool.js';

/** A data page written for an update, not yet named by an index. */
interface NewDataPage {
  readonly span: number;
  readonly page: number;
  /** Page it replaces, or -1. */
  readonly old: number;
  /** Its content up to the old end of the file is what was there. */
  readonly isNeutral: boolean;
}

/**
 * Changes files so that each change takes effect with one flash program of one byte. Everything before it can be thrown away,
 * everything after it can be done later: see README, "Power cuts".
 */
export class ObjectWriter {
  readonly #volume: Volume;
  readonly #pool: PagePool;
  readonly #catalogue: Catalogue;
  readonly #descriptors: DescriptorTable;
  /** The data page being written. */
  readonly #dataPageBytes: Uint8Array;
  /** Makes this many pages available, or throws FULL. */
  readonly #makeRoom: (pages: number) => void;

  constructor(
    volume: Volume,
    pool: PagePool,
    catalogue: Catalogue,
    descriptors: DescriptorTable,
    makeRoom: (pages: number) => void,
  ) {
    this.#volume = volume;
    this.#pool = pool;
    this.#catalogue = catalogue;
    this.#descriptors = descriptors;
    this.#makeRoom = makeRoom;
    this.#dataPageBytes = new Uint8Array(volume.geometry.pageSize);
  }

  /** Makes an empty file. */
  create(name: Uint8Array): StoredObject {
    return this.createWith(name, new Uint8Array(0));
  }

  /** Makes a file with its content at once. */
  createWith(name: Uint8Array, content: Uint8Array): StoredObject {
    const { geometry } = this.#volume;
    const spans = Math.ceil(content.length / geometry.dataSize);
    this.#makeRoom(spans + this.#indexPagesFor(spans));
    const id = this.#catalogue.freeId();
    if (id === undefined) throw new SpiffsError('FULL', `no object id is free for ${nameText(name)}`);
    return this.#update(() => {
      const size = content.length === 0 ? UNDEFINED_SIZE : content.length;
      const object: StoredObject = { id, headerPage: 0, size, name, indexPages: [] };
      const tables = this.#blankTables(object, this.#indexPagesFor(spans));
      writeName(this.#volume.geometry, tables[0], name);
      tables[0].fill(0xff, geometry.metaOffset, geometry.headerTableOffset);
      tables[0][geometry.typeOffset] = TYPE_FILE;
      writeSize(this.#volume.geometry, tables[0], size);
      for (const { span, page } of this.#writeContent(id, content))
        writeEntry(geometry, tables[geometry.indexSpanOf(span)], span, page);
      for (let indexSpan = 1; indexSpan < tables.length; indexSpan++) {
        object.indexPages[indexSpan] = this.#writeIndex(id, tables[indexSpan], true);
      }
      object.headerPage = this.#writeIndex(id, tables[0], false);
      object.indexPages[0] = object.headerPage;
      this.#pool.finalize(object.headerPage);
      this.#catalogue.objects.set(id, object);
      this.#catalogue.addName(object);
      return object;
    });
  }

  /** Replaces the whole content. */
  replaceContent(object: StoredObject, content: Uint8Array): void {
    const { geometry } = this.#volume;
    const spans = Math.ceil(content.length / geometry.dataSize);
    this.#makeRoom(spans + this.#indexPagesFor(spans));
    this.#update(() => {
      const oldPages = this.#dataPages(object);
      const oldIndexPages = object.indexPages.slice();
      const tables = this.#blankTables(object, this.#indexPagesFor(spans));
      const header = this.#volume.readPage(object.headerPage);
      header.fill(0xff, geometry.headerTableOffset);
      tables[0].set(header);
      const size = content.length === 0 ? UNDEFINED_SIZE : content.length;
      writeSize(this.#volume.geometry, tables[0], size);
      for (const { span, page } of this.#writeContent(object.id, content))
        writeEntry(geometry, tables[geometry.indexSpanOf(span)], span, page);
      const changed = new Map(tables.entries());
      this.#commit(object, changed, [...changed.keys()], tables.length);
      this.#resize(object, size);
      object.indexPages.length = tables.length;
      for (const page of oldIndexPages.slice(tables.length)) this.#giveBack(page);
      for (const page of oldPages) this.#giveBack(page);
    });
  }

  /** Writes at `offset`, inside the file or at its end, as one change. */
  write(object: StoredObject, offset: number, bytes: Uint8Array): void {
    const volume = this.#volume;
    const { geometry } = volume;
    const { dataSize } = geometry;
    const oldSize = visibleSize(object.size);
    const newSize = Math.max(oldSize, offset + bytes.length);
    const firstSpan = Math.floor(offset / dataSize);
    const lastSpan = Math.floor((offset + bytes.length - 1) / dataSize);
    const indexSpans = geometry.indexSpanOf(lastSpan) - geometry.indexSpanOf(firstSpan) + 1;
    this.#makeRoom(lastSpan - firstSpan + 1 + indexSpans + 1);
    this.#update(() => {
      const newPages = this.#writeSpans(object, offset, bytes, oldSize);
      const changed = new Map<number, Uint8Array>();
      const essential = new Set<number>();
      for (const { span, page, isNeutral } of newPages) {
        const indexSpan = geometry.indexSpanOf(span);
        let table = changed.get(indexSpan);
        if (table === undefined) {
          table = this.#loadIndex(object, indexSpan);
          changed.set(indexSpan, table);
        }
        writeEntry(this.#volume.geometry, table, span, page);
        if (!isNeutral) essential.add(indexSpan);
      }
      if (newSize !== oldSize || object.size === UNDEFINED_SIZE) {
        const header = changed.get(0) ?? this.#loadIndex(object, 0);
        writeSize(this.#volume.geometry, header, newSize);
        changed.set(0, header);
        essential.add(0);
      }
      this.#commit(object, changed, [...essential], object.indexPages.length);
      this.#resize(object, newSize);
      for (const { old } of newPages) if (old >= 0) this.#giveBack(old);
    });
  }

  /** Cuts a file. */
  truncate(object: StoredObject, newSize: number): void {
    const { geometry } = this.#volume;
    const { dataSize } = geometry;
    this.#makeRoom(4);
    this.#update(() => {
      const dataPages = this.#dataPages(object);
      const spans = Math.ceil(newSize / dataSize);
      const lastIndexSpan = spans === 0 ? 0 : geometry.indexSpanOf(spans - 1);
      const size = newSize === 0 ? UNDEFINED_SIZE : newSize;
      const keptPart = newSize % dataSize;
      const cut = this.#loadIndex(object, lastIndexSpan);
      let copy = -1;
      if (keptPart > 0) {
        const content = this.#volume.readPage(dataPages[spans - 1]).subarray(0, geometry.headerLength + keptPart);
        const bytes = this.#pool.composePage(object.id, spans - 1, DATA_PAGE);
        bytes.set(content.subarray(geometry.headerLength), geometry.headerLength);
        copy = this.#pool.writePage(object.id, bytes);
        writeEntry(this.#volume.geometry, cut, spans - 1, copy);
      }
      const width = geometry.config.pageIxBytes;
      const used = spans - geometry.firstSpanOf(lastIndexSpan);
      const table = geometry.tableOffset(lastIndexSpan);
      cut.fill(0xff, table + used * width, table + geometry.tableEntries(lastIndexSpan) * width);
      const header = lastIndexSpan === 0 ? cut : this.#loadIndex(object, 0);
      writeSize(this.#volume.geometry, header, size);
      this.#replaceIndex(object, 0, header);
      this.#resize(object, size);
      if (lastIndexSpan !== 0) this.#replaceIndex(object, lastIndexSpan, cut);
      if (copy >= 0) this.#own(copy, object.id);
      for (const page of object.indexPages.splice(lastIndexSpan + 1)) this.#giveBack(page);
      for (const page of dataPages.slice(keptPart > 0 ? spans - 1 : spans)) this.#giveBack(page);
    });
  }

  /** Removes a file: it is gone with one byte, its pages follow. */
  remove(object: StoredObject): void {
    const dataPages = this.#dataPages(object);
    this.#pool.markLeaving(object.headerPage, IXDELE);
    this.#catalogue.objects.delete(object.id);
    this.#catalogue.dropName(object);
    for (const page of dataPages.reverse()) this.#giveBack(page);
    for (const page of object.indexPages.slice(1)) this.#giveBack(page);
    this.#giveBack(object.headerPage);
    this.#descriptors.removed(object.id);
  }

  /** Changes name or metadata. */
  changeHeader(object: StoredObject, change: HeaderChange): void {
    this.#makeRoom(1);
    this.#update(() => {
      const header = this.#loadIndex(object, 0);
      if (change.name !== undefined) writeName(this.#volume.geometry, header, change.name);
      if (change.meta !== undefined) header.set(change.meta, this.#volume.geometry.metaOffset);
      this.#replaceIndex(object, 0, header);
      if (change.name !== undefined) {
        this.#catalogue.dropName(object);
        object.name = change.name;
        this.#catalogue.addName(object);
      }
    });
  }

  /** Moves data pages of one index page elsewhere, the content staying as it is. */
  moveDataPages(object: StoredObject, indexSpan: number, spans: readonly number[], exclude: number): void {
    const volume = this.#volume;
    const { geometry } = volume;
    const table = this.#loadIndex(object, indexSpan);
    const moved: number[] = [];
    for (const span of spans) {
      const old = readEntry(this.#volume.geometry, table, span);
      const page = this.#pool.writePage(object.id, this.#copyOf(old, object.id, span), exclude);
      writeEntry(this.#volume.geometry, table, span, page);
      this.#own(page, object.id);
      moved.push(old);
    }
    this.#replaceIndex(object, indexSpan, table, exclude);
    for (const page of moved) this.#giveBack(page);
    if (indexSpan !== 0) this.#descriptors.indexMoved(object.id, indexSpan, geometry.noPage);
  }

  /** Moves an index page elsewhere as it is. */
  moveIndexPage(object: StoredObject, indexSpan: number, exclude: number): void {
    this.#replaceIndex(object, indexSpan, this.#loadIndex(object, indexSpan), exclude);
  }

  /** Writes an index page anew as an examination asks for. */
  repairIndex({ object, indexSpan, revive, clear, relink, isEmpty }: IndexRepair): void {
    const { geometry } = this.#volume;
    const table = this.#loadIndex(object, indexSpan);
    const first = geometry.firstSpanOf(indexSpan);
    for (const entry of revive) {
      const old = readEntry(this.#volume.geometry, table, first + entry);
      const page = this.#pool.writePage(object.id, this.#copyOf(old, object.id, first + entry));
      writeEntry(this.#volume.geometry, table, first + entry, page);
      this.#own(page, object.id);
    }
    for (const entry of clear) writeEntry(this.#volume.geometry, table, first + entry, geometry.noPage);
    for (const { entry, page } of relink) writeEntry(this.#volume.geometry, table, first + entry, page);
    if (isEmpty) writeSize(this.#volume.geometry, table, UNDEFINED_SIZE);
    this.#replaceIndex(object, indexSpan, table);
  }

  /** Runs an update. One that fails half-way is left to the next mount, which puts it right. */
  #update<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#volume.fail(error);
      throw error;
    }
  }

  /** Pages of index, header included, that list `spans` data pages. */
  #indexPagesFor(spans: number): number {
    return spans === 0 ? 1 : this.#volume.geometry.indexSpanOf(spans - 1) + 1;
  }

  #blankTables(object: StoredObject, count: number): Uint8Array[] {
    const id = object.id + this.#volume.geometry.ixFlag;
    return Array.from({ length: count }, (_, span) => this.#pool.composePage(id, span, INDEX_PAGE | FINAL));
  }

  #writeContent(id: number, content: Uint8Array): { span: number; page: number }[] {
    const { dataSize, headerLength } = this.#volume.geometry;
    const written: { span: number; page: number }[] = [];
    for (let span = 0; span * dataSize < content.length; span++) {
      const bytes = this.#pool.composePage(id, span, DATA_PAGE, this.#dataPageBytes);
      bytes.set(content.subarray(span * dataSize, (span + 1) * dataSize), headerLength);
      const page = this.#pool.writePage(id, bytes);
      this.#own(page, id);
      written.push({ span, page });
    }
    return written;
  }

  /** Writes the data pages of a write, or programs the blank rest of the last one in place. */
  #writeSpans(object: StoredObject, offset: number, bytes: Uint8Array, oldSize: number): NewDataPage[] {
    const volume = this.#volume;
    const { geometry } = volume;
    const { dataSize, headerLength } = geometry;
    const oldSpans = Math.ceil(oldSize / dataSize);
    const newPages: NewDataPage[] = [];
    let done = 0;
    for (let span = Math.floor(offset / dataSize); done < bytes.length; span++) {
      const within = done === 0 ? offset % dataSize : 0;
      const part = bytes.subarray(done, done + dataSize - within);
      done += part.length;
      const old = span < oldSpans ? this.#dataPage(object, span) : -1;
      const oldPart = Math.max(0, Math.min(dataSize, oldSize - span * dataSize));
      if (old >= 0 && within >= oldPart && this.#isBlank(old, within, part.length)) {
        volume.program(geometry.pageAddress(old) + headerLength + within, part);
        continue;
      }
      const page = this.#pool.composePage(object.id, span, DATA_PAGE, this.#dataPageBytes);
      if (old >= 0)
        volume.read(geometry.pageAddress(old) + headerLength, page.subarray(headerLength, headerLength + oldPart));
      page.set(part, headerLength + within);
      const written = this.#pool.writePage(object.id, page);
      this.#own(written, object.id);
      newPages.push({ span, page: written, old, isNeutral: old < 0 || within >= oldPart });
    }
    return newPages;
  }

  #isBlank(page: number, within: number, length: number): boolean {
    const { geometry } = this.#volume;
    const bytes = new Uint8Array(length);
    this.#volume.read(geometry.pageAddress(page) + geometry.headerLength + within, bytes);
    return bytes.every((byte) => byte === 0xff);
  }

  /**
   * Puts new index pages in place of the old ones. Those whose change does not show yet (entries past the end of the file) come
   * first; then one program makes the others count, all together.
   * @param changed index pages by span, not final yet
   * @param essential the spans whose change shows
   * @param existing index pages the file has; later spans are new
   */
  #commit(
    object: StoredObject,
    changed: Map<number, Uint8Array>,
    essential: readonly number[],
    existing: number,
  ): void {
    const isTogether = essential.length > 1 || (essential.length === 1 && essential[0] >= existing);
    for (const [span, bytes] of changed) {
      if (essential.includes(span)) continue;
      if (span >= existing) object.indexPages[span] = this.#writeIndex(object.id, bytes, true);
      else this.#programEntries(object, span, bytes);
    }
    if (!isTogether) {
      for (const span of essential)
        this.#replaceIndex(object, span, changed.get(span) ?? this.#loadIndex(object, span));
      return;
    }
    const header = changed.get(0) ?? this.#loadIndex(object, 0);
    const newPages = new Map<number, number>();
    for (const span of essential) {
      const bytes = changed.get(span);
      if (span !== 0 && bytes !== undefined) newPages.set(span, this.#writeIndex(object.id, bytes, false));
    }
    const newHeader = this.#writeIndex(object.id, header, false);
    const oldHeader = object.headerPage;
    this.#pool.markLeaving(oldHeader, IXDELE);
    for (const [span, page] of newPages) {
      const old = object.indexPages[span];
      if (old !== undefined) this.#giveBack(old);
      this.#pool.finalize(page);
      object.indexPages[span] = page;
    }
    this.#pool.finalize(newHeader);
    object.headerPage = newHeader;
    object.indexPages[0] = newHeader;
    this.#giveBack(oldHeader);
  }

  /** Programs new entries into an index page in place when they are blank there; otherwise writes the page anew. */
  #programEntries(object: StoredObject, span: number, bytes: Uint8Array): void {
    const volume = this.#volume;
    const { geometry } = volume;
    const page = object.indexPages[span];
    const before = volume.readPage(page);
    const table = geometry.tableOffset(span);
    let [first, last] = [-1, -1];
    for (let i = table; i < geometry.pageSize; i++) {
      if (before[i] === bytes[i]) continue;
      if (before[i] !== 0xff) {
        this.#replaceIndex(object, span, bytes);
        return;
      }
      if (first < 0) first = i;
      last = i;
    }
    if (first < 0) return;
    volume.program(geometry.pageAddress(page) + first, bytes.subarray(first, last + 1));
  }

  /** Writes an index page anew, makes it count, deletes the old one. */
  #replaceIndex(object: StoredObject, span: number, bytes: Uint8Array, exclude = -1): void {
    const old = object.indexPages[span];
    const page = this.#writeIndex(object.id, bytes, false, exclude);
    this.#pool.finalize(page);
    object.indexPages[span] = page;
    if (span === 0) {
      object.headerPage = page;
      this.#descriptors.headerMoved(object.id, page);
    } else {
      this.#descriptors.indexMoved(object.id, span, page);
    }
    this.#giveBack(old);
  }

  /** @param isFinal nothing refers to it yet, so it may be final from the start */
  #writeIndex(id: number, bytes: Uint8Array, isFinal: boolean, exclude = -1): number {
    const { geometry } = this.#volume;
    bytes[geometry.flagsOffset] = isFinal ? INDEX_PAGE : INDEX_PAGE | FINAL;
    const page = this.#pool.writePage(id + geometry.ixFlag, bytes, exclude);
    this.#own(page, id);
    return page;
  }

  #copyOf(page: number, id: number, span: number): Uint8Array {
    const { geometry } = this.#volume;
    const bytes = this.#pool.composePage(id, span, DATA_PAGE);
    bytes.set(this.#volume.readPage(page).subarray(geometry.headerLength), geometry.headerLength);
    return bytes;
  }

  #own(page: number, id: number): void {
    this.#catalogue.owner[page] = id;
  }

  #giveBack(page: number): void {
    this.#catalogue.owner[page] = 0;
    this.#pool.deletePage(page);
  }

  #loadIndex(object: StoredObject, span: number): Uint8Array {
    const page = object.indexPages[span];
    if (page !== undefined) return this.#volume.readPage(page);
    const id = object.id + this.#volume.geometry.ixFlag;
    return this.#pool.composePage(id, span, INDEX_PAGE | FINAL);
  }

  #dataPages(object: StoredObject): number[] {
    const { geometry } = this.#volume;
    const spans = Math.ceil(visibleSize(object.size) / geometry.dataSize);
    const pages: number[] = [];
    for (let indexSpan = 0; pages.length < spans; indexSpan++) {
      const table = this.#loadIndex(object, indexSpan);
      const end = Math.min(spans, geometry.firstSpanOf(indexSpan) + geometry.tableEntries(indexSpan));
      while (pages.length < end) pages.push(readEntry(this.#volume.geometry, table, pages.length));
    }
    return pages;
  }

  #dataPage(object: StoredObject, span: number): number {
    const { geometry } = this.#volume;
    return readEntry(geometry, this.#volume.readPage(object.indexPages[geometry.indexSpanOf(span)]), span);
  }

  #resize(object: StoredObject, size: number): void {
    object.size = size;
    this.#descriptors.headerMoved(object.id, object.headerPage, size);
  }
}
