import { SpiffsError, type SpiffsErrorCode } from './error.js';
import { DELET, FINAL, INDEX, readField, USED } from './fields.js';
import type { Volume } from './volume.js';

/** Reads file content by way of the index pages, with the checks and the error codes of the C library (nucleus, page check on). */
export class ObjectReader {
  readonly #volume: Volume;
  readonly #pageBytes: Uint8Array;
  readonly #table: Uint32Array;
  /** What `#table` was decoded from. */
  #tablePage = -1;
  #tableGeneration = -1;

  constructor(volume: Volume) {
    const { geometry } = volume;
    this.#volume = volume;
    this.#pageBytes = new Uint8Array(geometry.pageSize);
    this.#table = new Uint32Array(Math.max(geometry.headerEntries, geometry.indexEntries));
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
    let span = Math.floor(offset / dataSize);
    let within = offset - span * dataSize;
    let done = 0;
    while (done < into.length) {
      const indexSpan = geometry.indexSpanOf(span);
      this.#loadTable(objectId, headerPage, indexSpan);
      const lastSpan = geometry.firstSpanOf(indexSpan) + geometry.tableEntries(indexSpan);
      let entry = geometry.indexEntryOf(span);
      for (; span < lastSpan && done < into.length; span++, entry++) {
        const page = this.#table[entry];
        this.#checkDataPage(objectId, page, span);
        const end = Math.min(into.length, done + dataSize - within);
        volume.read(page * pageSize + headerLength + within, into.subarray(done, end));
        done = end;
        within = 0;
      }
    }
  }

  #loadTable(objectId: number, headerPage: number, indexSpan: number): void {
    const volume = this.#volume;
    const { geometry } = volume;
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
    if (this.#tablePage === page && this.#tableGeneration === volume.generation) return;
    checkIndexPage(volume, page, indexSpan);
    const bytes = this.#pageBytes;
    volume.read(geometry.pageAddress(page), bytes);
    const { pageIxBytes, bigEndian } = geometry.config;
    const start = geometry.tableOffset(indexSpan);
    const entries = geometry.tableEntries(indexSpan);
    const table = this.#table;
    for (let i = 0; i < entries; i++) table[i] = readField(bytes, start + i * pageIxBytes, pageIxBytes, bigEndian);
    this.#tablePage = page;
    this.#tableGeneration = volume.generation;
  }

  #checkDataPage(objectId: number, page: number, span: number): void {
    const volume = this.#volume;
    const { geometry } = volume;
    let code: SpiffsErrorCode;
    if (page === geometry.noPage) code = 'INDEX_REF_FREE';
    else if (geometry.isLookupPage(page)) code = 'INDEX_REF_LU';
    else if (page >= geometry.pages) code = 'INDEX_REF_INVALID';
    else {
      const flags = volume.headerFlags(page);
      if ((flags & (USED | DELET | FINAL | INDEX)) === (DELET | INDEX)) {
        if (volume.headerSpan(page) === span) return;
        code = 'DATA_SPAN_MISMATCH';
      } else if ((flags & USED) !== 0) code = 'IS_FREE';
      else if ((flags & DELET) === 0) code = 'DELETED';
      else if ((flags & FINAL) !== 0) code = 'NOT_FINALIZED';
      else code = 'IS_INDEX';
    }
    throw new SpiffsError(
      code,
      `object ${objectId}, data page ${span}: its index names page ${page}, ${EXPLANATION[code] ?? code}`,
      {
        objectId,
        span,
        page,
      },
    );
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
