import { SpiffsError, type SpiffsErrorCode } from './error.js';
import { DELET, FINAL, INDEX, readField, USED } from './fields.js';
import type { Volume } from './volume.js';

/** Reads file content by way of the index pages, with the checks and the error codes of the C library (nucleus, page check on). */
export class ObjectReader {
  readonly #volume: Volume;
  /** The index page used last, and what it was read from. */
  readonly #index: Uint8Array;
  #indexPage = -1;
  #indexGeneration = -1;
  readonly #pageBytes: Uint8Array;

  constructor(volume: Volume) {
    this.#volume = volume;
    this.#index = new Uint8Array(volume.geometry.pageSize);
    this.#pageBytes = new Uint8Array(volume.geometry.pageSize);
  }

  /**
   * Fills `into` with the content from `offset` on. All of it must lie inside the file's size.
   * @throws SpiffsError INDEX_REF_FREE, INDEX_REF_LU, INDEX_REF_INVALID, IS_FREE, DELETED, NOT_FINALIZED, IS_INDEX,
   *   DATA_SPAN_MISMATCH, NOT_INDEX, INDEX_SPAN_MISMATCH or NOT_FOUND where the structure is damaged
   */
  read(objectId: number, headerPage: number, offset: number, into: Uint8Array): void {
    const volume = this.#volume;
    const { geometry } = volume;
    const { dataSize, headerLength, pageSize } = geometry;
    const page = this.#pageBytes;
    let span = Math.floor(offset / dataSize);
    let within = offset - span * dataSize;
    let done = 0;
    while (done < into.length) {
      const indexSpan = geometry.indexSpanOf(span);
      this.#loadIndex(objectId, headerPage, indexSpan);
      const endSpan = geometry.firstSpanOf(indexSpan) + geometry.tableEntries(indexSpan);
      while (span < endSpan && done < into.length) {
        const first = this.#entry(indexSpan, span);
        this.#checkPageNumber(objectId, first, span);
        const whole = within === 0 ? Math.min(Math.floor((into.length - done) / pageSize), endSpan - span) : 0;
        if (whole > 0) {
          const pages = this.#consecutive(indexSpan, span, first, whole);
          this.#readPages(objectId, first, span, into, done, pages);
          span += pages;
          done += pages * dataSize;
          continue;
        }
        volume.read(first * pageSize, page);
        this.#checkHeader(objectId, first, span, page, 0);
        const length = Math.min(into.length - done, dataSize - within);
        into.set(page.subarray(headerLength + within, headerLength + within + length), done);
        done += length;
        within = 0;
        span++;
      }
    }
  }

  /** Reads pages that follow each other at once into their place, then closes the gaps that their headers leave. */
  #readPages(objectId: number, first: number, span: number, into: Uint8Array, at: number, pages: number): void {
    const { dataSize, headerLength, pageSize } = this.#volume.geometry;
    this.#volume.read(first * pageSize, into.subarray(at, at + pages * pageSize));
    for (let i = 0; i < pages; i++) {
      const start = at + i * pageSize;
      this.#checkHeader(objectId, first + i, span + i, into, start);
      into.copyWithin(at + i * dataSize, start + headerLength, start + pageSize);
    }
  }

  /** How many of the next index entries name pages that follow `first` directly. */
  #consecutive(indexSpan: number, span: number, first: number, most: number): number {
    const { pages, pagesPerBlock } = this.#volume.geometry;
    const end = Math.min(most, pagesPerBlock - (first % pagesPerBlock), pages - first);
    let count = 1;
    while (count < end && this.#entry(indexSpan, span + count) === first + count) count++;
    return count;
  }

  #entry(indexSpan: number, span: number): number {
    const { geometry } = this.#volume;
    const { pageIxBytes, bigEndian } = geometry.config;
    const place = geometry.tableOffset(indexSpan) + (span - geometry.firstSpanOf(indexSpan)) * pageIxBytes;
    return readField(this.#index, place, pageIxBytes, bigEndian);
  }

  #loadIndex(objectId: number, headerPage: number, indexSpan: number): void {
    const volume = this.#volume;
    let page = headerPage;
    if (indexSpan !== 0) {
      page = volume.findIndexPage(objectId, indexSpan);
      if (page < 0) {
        throw new SpiffsError('NOT_FOUND', `object ${objectId} has no index page of span ${indexSpan}`, {
          objectId,
          span: indexSpan,
        });
      }
    }
    if (this.#indexPage === page && this.#indexGeneration === volume.generation) return;
    checkIndexPage(volume, page, indexSpan);
    volume.read(volume.geometry.pageAddress(page), this.#index);
    this.#indexPage = page;
    this.#indexGeneration = volume.generation;
  }

  #checkPageNumber(objectId: number, page: number, span: number): void {
    const { geometry } = this.#volume;
    if (page === geometry.noPage) throw this.#fault('INDEX_REF_FREE', objectId, page, span);
    if (geometry.isLookupPage(page)) throw this.#fault('INDEX_REF_LU', objectId, page, span);
    if (page >= geometry.pages) throw this.#fault('INDEX_REF_INVALID', objectId, page, span);
  }

  /** @param at where the page's header lies in `bytes` */
  #checkHeader(objectId: number, page: number, span: number, bytes: Uint8Array, at: number): void {
    const { geometry } = this.#volume;
    const { spanIxBytes, bigEndian } = geometry.config;
    const flags = bytes[at + geometry.flagsOffset];
    if ((flags & (USED | DELET | FINAL | INDEX)) === (DELET | INDEX)) {
      if (readField(bytes, at + geometry.spanOffset, spanIxBytes, bigEndian) === span) return;
      throw this.#fault('DATA_SPAN_MISMATCH', objectId, page, span);
    }
    if ((flags & USED) !== 0) throw this.#fault('IS_FREE', objectId, page, span);
    if ((flags & DELET) === 0) throw this.#fault('DELETED', objectId, page, span);
    if ((flags & FINAL) !== 0) throw this.#fault('NOT_FINALIZED', objectId, page, span);
    throw this.#fault('IS_INDEX', objectId, page, span);
  }

  #fault(code: SpiffsErrorCode, objectId: number, page: number, span: number): SpiffsError {
    const message = `object ${objectId}, data page ${span}: its index names page ${page}, ${EXPLANATION[code] ?? code}`;
    return new SpiffsError(code, message, { objectId, span, page });
  }
}

/**
 * Checks an index page as the C library does before it uses one (SPIFFS_VALIDATE_OBJIX).
 * @throws SpiffsError IS_FREE, DELETED, NOT_FINALIZED, NOT_INDEX, INDEX_SPAN_MISMATCH
 */
export function checkIndexPage(volume: Volume, page: number, span: number): void {
  const flags = volume.headerFlags(page);
  let code: SpiffsErrorCode;
  if ((flags & USED) !== 0) code = 'IS_FREE';
  else if ((flags & DELET) === 0) code = 'DELETED';
  else if ((flags & FINAL) !== 0) code = 'NOT_FINALIZED';
  else if ((flags & INDEX) !== 0) code = 'NOT_INDEX';
  else if (volume.lookup[page] < volume.geometry.ixFlag) code = 'NOT_INDEX';
  else if (volume.headerSpan(page) !== span) code = 'INDEX_SPAN_MISMATCH';
  else return;
  throw new SpiffsError(
    code,
    `page ${page} should be an index page of span ${span}, but ${EXPLANATION[code] ?? code}`,
    {
      page,
      span,
    },
  );
}

const EXPLANATION: Partial<Record<SpiffsErrorCode, string>> = {
  INDEX_REF_FREE: 'which means none',
  INDEX_REF_LU: 'a lookup page',
  INDEX_REF_INVALID: 'past the end',
  IS_FREE: 'its header says free',
  DELETED: 'its header says deleted',
  NOT_FINALIZED: 'its header says not finished',
  IS_INDEX: 'its header says index page',
  NOT_INDEX: 'its header or lookup says data page',
  DATA_SPAN_MISMATCH: 'its header has another span',
  INDEX_SPAN_MISMATCH: 'its header has another span',
};
