import {
  DATA_PAGE,
  DELET,
  FINAL,
  INDEX,
  INDEX_PAGE,
  IXDELE,
  readField,
  UNDEFINED_SIZE,
  USED,
  writeField,
} from '../fields.js';
import { readEntry, writeEntry, writeSize } from '../index-page.js';
import type { CheckReport } from '../store.js';
import type { Volume } from '../volume.js';
import type { PagePool } from './page-pool.js';

/** One file put together from what is found of a damaged object. */
interface Assembly {
  /** Bytes of the header page. */
  readonly header: Uint8Array;
  readonly size: number;
  /** Page of each data span. */
  readonly dataPages: number[];
  /** Spans whose page must be copied, because its lookup entry or header is wrong. */
  readonly copies: Set<number>;
  /** Data spans that are missing. */
  readonly missing: number;
}

/**
 * Puts a damaged object together again. Index pages and data pages are looked for by their page headers as well as by lookup and
 * index; one of the two being right is enough. What cannot be made whole is deleted; a size beyond the pages there are is cut.
 */
export class ObjectRepair {
  readonly #volume: Volume;
  readonly #pool: PagePool;
  readonly #objectId: number;
  /** Candidates by span, from the page headers. */
  readonly #indexBySpan = new Map<number, number[]>();
  readonly #dataBySpan = new Map<number, number[]>();
  /** Every page the lookup or its header gives to this object. */
  readonly #pages: number[] = [];

  constructor(volume: Volume, pool: PagePool, objectId: number, owner: Uint32Array) {
    this.#volume = volume;
    this.#pool = pool;
    this.#objectId = objectId;
    this.#collect(owner);
  }

  /** Pages the repair takes. */
  get cost(): number {
    const best = this.#bestAssembly();
    if (best === undefined) return 0;
    const spans = best.dataPages.length;
    return best.copies.size + (spans === 0 ? 1 : this.#volume.geometry.indexSpanOf(spans - 1) + 1);
  }

  run(reports: CheckReport[]): void {
    const { ixFlag } = this.#volume.geometry;
    const best = this.#bestAssembly();
    if (best === undefined) {
      reports.push({ stage: 'page', report: 'delete-bad-file', arg1: this.#objectId + ixFlag, arg2: 0 });
      this.#deletePages(new Set());
      return;
    }
    reports.push({
      stage: 'page',
      report: 'fix-index',
      arg1: this.#objectId + ixFlag,
      arg2: best.copies.values().next().value ?? 0,
    });
    this.#rebuild(best);
  }

  #collect(owner: Uint32Array): void {
    const volume = this.#volume;
    const { geometry, lookup } = volume;
    const indexId = this.#objectId + geometry.ixFlag;
    for (let page = 0; page < geometry.pages; page++) {
      if (geometry.isLookupPage(page) || owner[page] !== 0) continue;
      const flags = volume.headerFlags(page);
      const headerId = volume.headerId(page);
      const byLookup = lookup[page] === this.#objectId || lookup[page] === indexId;
      const isLive = (flags & (DELET | USED)) === DELET;
      if (byLookup || (isLive && (headerId === this.#objectId || headerId === indexId))) this.#pages.push(page);
      if (!isLive) continue;
      const span = volume.headerSpan(page);
      // Of lookup, id and flags two are enough to tell a data page from an index page.
      if (headerId === this.#objectId && ((flags & INDEX) !== 0 || lookup[page] === this.#objectId)) {
        push(this.#dataBySpan, span, page);
      } else if ((lookup[page] === indexId || headerId === indexId) && (flags & (FINAL | IXDELE)) === IXDELE) {
        push(this.#indexBySpan, span, page);
      }
    }
  }

  #bestAssembly(): Assembly | undefined {
    let best: Assembly | undefined;
    for (const page of this.#indexBySpan.get(0) ?? []) {
      const assembly = this.#assemble(page);
      if (assembly !== undefined && (best === undefined || assembly.missing < best.missing)) best = assembly;
    }
    if (best === undefined || best.missing === 0) return best;
    // Only a tail is missing: the size is wrong, not the pages.
    const present = best.dataPages.findIndex((page) => page < 0);
    if (present <= 0 || best.dataPages.slice(present).some((page) => page >= 0)) return undefined;
    const size = present * this.#volume.geometry.dataSize;
    return { ...best, size, dataPages: best.dataPages.slice(0, present), missing: 0 };
  }

  #assemble(headerPage: number): Assembly | undefined {
    const volume = this.#volume;
    const { geometry } = volume;
    const { bigEndian } = geometry.config;
    const header = volume.readPage(headerPage);
    if (!header.subarray(geometry.nameOffset, geometry.metaOffset).includes(0)) return undefined;
    const stored = readField(header, geometry.sizeOffset, 4, bigEndian);
    const size = stored === UNDEFINED_SIZE ? 0 : stored;
    const spans = Math.min(geometry.pages, Math.ceil(size / geometry.dataSize));
    const dataPages: number[] = [];
    const copies = new Set<number>();
    let missing = 0;
    let table: Uint8Array | undefined;
    for (let span = 0; span < spans; span++) {
      const indexSpan = geometry.indexSpanOf(span);
      if (span === geometry.firstSpanOf(indexSpan)) {
        const page = indexSpan === 0 ? headerPage : this.#indexBySpan.get(indexSpan)?.[0];
        table = page === undefined ? undefined : volume.readPage(page);
      }
      const named = table === undefined ? geometry.noPage : readEntry(geometry, table, span);
      const page = this.#chooseDataPage(span, named);
      dataPages.push(page);
      if (page < 0) missing++;
      else if (!this.#isSound(page, span)) copies.add(span);
    }
    return { header, size, dataPages, copies, missing };
  }

  /** The page the index names when it is right or nearly so, else one whose header is. */
  #chooseDataPage(span: number, named: number): number {
    const volume = this.#volume;
    const { geometry, lookup } = volume;
    const candidates = this.#dataBySpan.get(span) ?? [];
    if (candidates.includes(named)) return named;
    const finished = candidates.filter((page) => (volume.headerFlags(page) & FINAL) === 0);
    if (finished.length > 0) return finished[0];
    if (candidates.length > 0) return candidates[0];
    if (named >= geometry.pages || geometry.isLookupPage(named)) return -1;
    const flags = volume.headerFlags(named);
    const isOurs = lookup[named] === this.#objectId && this.#pages.includes(named);
    return isOurs && (flags & (USED | INDEX | DELET)) === (INDEX | DELET) ? named : -1;
  }

  #isSound(page: number, span: number): boolean {
    const volume = this.#volume;
    return (
      volume.lookup[page] === this.#objectId &&
      volume.headerId(page) === this.#objectId &&
      volume.headerSpan(page) === span &&
      (volume.headerFlags(page) & (USED | FINAL | INDEX | DELET)) === (INDEX | DELET)
    );
  }

  /** Writes new index pages and a new header, which then count together; see ObjectWriter. */
  #rebuild(assembly: Assembly): void {
    const volume = this.#volume;
    const pool = this.#pool;
    const { geometry } = volume;
    const { bigEndian, objIdBytes, spanIxBytes } = geometry.config;
    const id = this.#objectId;
    const indexId = id + geometry.ixFlag;
    const keep = new Set<number>();
    const spans = assembly.dataPages.length;
    const lastIndexSpan = spans === 0 ? 0 : geometry.indexSpanOf(spans - 1);
    const tables = Array.from({ length: lastIndexSpan + 1 }, (_, span) =>
      pool.composePage(indexId, span, INDEX_PAGE | FINAL),
    );
    tables[0].set(assembly.header.subarray(0, geometry.headerTableOffset));
    writeField(tables[0], 0, objIdBytes, bigEndian, indexId);
    writeField(tables[0], geometry.spanOffset, spanIxBytes, bigEndian, 0);
    tables[0][geometry.flagsOffset] = INDEX_PAGE | FINAL;
    writeSize(geometry, tables[0], spans === 0 ? UNDEFINED_SIZE : assembly.size);
    assembly.dataPages.forEach((source, span) => {
      let page = source;
      if (assembly.copies.has(span)) {
        const bytes = pool.composePage(id, span, DATA_PAGE);
        bytes.set(volume.readPage(source).subarray(geometry.headerLength), geometry.headerLength);
        page = pool.writePage(id, bytes);
      }
      keep.add(page);
      writeEntry(geometry, tables[geometry.indexSpanOf(span)], span, page);
    });
    const newPages = tables.map((bytes) => pool.writePage(indexId, bytes));
    for (const page of newPages) keep.add(page);
    for (const page of this.#indexBySpan.get(0) ?? []) pool.markLeaving(page, IXDELE);
    for (const [span, pages] of this.#indexBySpan) if (span !== 0) for (const page of pages) pool.deletePage(page);
    for (const page of newPages.slice(1)) pool.finalize(page);
    pool.finalize(newPages[0]);
    this.#deletePages(keep);
  }

  #deletePages(keep: Set<number>): void {
    for (const page of this.#pages) if (!keep.has(page)) this.#pool.deletePage(page);
  }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
