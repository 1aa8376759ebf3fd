import { DELET, FINAL, INDEX, readField, UNDEFINED_SIZE, USED } from '../fields.js';
import { decodeHeader } from '../object-header.js';
import type { Volume } from '../volume.js';

/** A file as the flash has it. */
export interface StoredObject {
  readonly id: number;
  headerPage: number;
  /** Size as stored: UNDEFINED_SIZE for a file never written. */
  size: number;
  name: Uint8Array;
  /** Index pages by span; the header is the first. */
  indexPages: number[];
}

/** An index page to be written anew with some entries changed, the content of the file staying as it is. */
export interface IndexRepair {
  readonly object: StoredObject;
  readonly indexSpan: number;
  /** Entries whose data page is marked deleted although the index still names it: its content is copied. */
  readonly revive: readonly number[];
  /** Entries past the end of the file, left by an append that was cut short: cleared. */
  readonly clear: readonly number[];
  /** Entries that name no page of the file, where exactly one page has the right header. */
  readonly relink: readonly { readonly entry: number; readonly page: number }[];
  /** A size half written over an empty file: the file is empty still. */
  readonly isEmpty: boolean;
}

/** Whether all a file needs is there; or can be had back; or not. */
export type Soundness = 'whole' | 'revivable' | 'broken';

/** What an index page's table says about the data pages it should name. */
interface TableState {
  soundness: Soundness;
  readonly revive: number[];
  readonly clear: number[];
  readonly relink: { entry: number; page: number }[];
  readonly dataPages: number[];
}

/** A file as one header tells it. */
export interface Version {
  readonly object: StoredObject;
  readonly soundness: Soundness;
  readonly repairs: IndexRepair[];
  readonly dataPages: number[];
}

/** Assesses what the headers on a flash say about their files. */
export class VersionFinder {
  readonly #volume: Volume;
  /** Sound data pages by object and span. */
  readonly #dataPages = new Map<number, Map<number, number[]>>();

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  /**
   * Follows a header through its index pages to its data pages.
   * @param index live index pages of span 1 and up, by span; of several the soundest is taken
   */
  assess(id: number, headerPage: number, index: ReadonlyMap<number, readonly number[]>): Version {
    const volume = this.#volume;
    const { geometry } = volume;
    const header = decodeHeader(volume, headerPage, volume.readPage(headerPage));
    const count = header.storedSize === UNDEFINED_SIZE ? 0 : Math.ceil(header.storedSize / geometry.dataSize);
    const object = (indexPages: number[]): StoredObject => ({
      id,
      headerPage,
      size: header.storedSize,
      name: header.name,
      indexPages,
    });
    const broken = (): Version => ({
      object: object([headerPage]),
      soundness: 'broken',
      repairs: [],
      dataPages: [],
    });
    if (count > geometry.pages || header.storedSize === UNDEFINED_SIZE) {
      const isBlank = this.#assessTable(id, headerPage, 0, 0).clear.length === 0;
      if (!isBlank) return broken();
      if (header.storedSize !== UNDEFINED_SIZE) {
        const stored = object([headerPage]);
        const repair = { object: stored, indexSpan: 0, revive: [], clear: [], relink: [], isEmpty: true };
        return { object: stored, soundness: 'revivable', repairs: [repair], dataPages: [] };
      }
    }
    const lastIndexSpan = count === 0 ? 0 : geometry.indexSpanOf(count - 1);
    const indexPages: number[] = [];
    const found: TableState[] = [];
    for (let indexSpan = 0; indexSpan <= lastIndexSpan; indexSpan++) {
      const candidates = indexSpan === 0 ? [headerPage] : (index.get(indexSpan) ?? []);
      let best: { page: number; table: TableState } | undefined;
      for (const page of candidates) {
        const table = this.#assessTable(id, page, indexSpan, count);
        if (best === undefined || rank(table.soundness) > rank(best.table.soundness)) best = { page, table };
      }
      if (best === undefined) return broken();
      indexPages.push(best.page);
      found.push(best.table);
    }
    let soundness: Soundness = 'whole';
    for (const table of found) if (rank(table.soundness) < rank(soundness)) soundness = table.soundness;
    const stored = object(indexPages);
    const repairs: IndexRepair[] = [];
    found.forEach(({ revive, clear, relink }, indexSpan) => {
      if (revive.length + clear.length + relink.length === 0) return;
      repairs.push({ object: stored, indexSpan, revive, clear, relink, isEmpty: false });
    });
    return { object: stored, soundness, repairs, dataPages: found.flatMap((table) => table.dataPages) };
  }

  #assessTable(id: number, indexPage: number, indexSpan: number, count: number): TableState {
    const volume = this.#volume;
    const { geometry } = volume;
    const { pageIxBytes, bigEndian } = geometry.config;
    const bytes = volume.readPage(indexPage);
    const first = geometry.firstSpanOf(indexSpan);
    const table = geometry.tableOffset(indexSpan);
    const state: TableState = { soundness: 'whole', revive: [], clear: [], relink: [], dataPages: [] };
    for (let entry = 0; entry < geometry.tableEntries(indexSpan); entry++) {
      const page = readField(bytes, table + entry * pageIxBytes, pageIxBytes, bigEndian);
      if (first + entry >= count) {
        if (page !== geometry.noPage) state.clear.push(entry);
        continue;
      }
      let soundness = this.#assessDataPage(id, first + entry, page);
      if (soundness === 'whole') state.dataPages.push(page);
      else if (soundness === 'revivable') state.revive.push(entry);
      else {
        const candidates = this.#dataPagesOf(id).get(first + entry) ?? [];
        if (candidates.length === 1 && !this.#isReadable(first + entry, page)) {
          soundness = 'revivable';
          state.relink.push({ entry, page: candidates[0] });
          state.dataPages.push(candidates[0]);
        }
      }
      if (rank(soundness) < rank(state.soundness)) state.soundness = soundness;
    }
    return state;
  }

  /** Whether the C library reads the page without an error, though it may be another object's. */
  #isReadable(span: number, page: number): boolean {
    const volume = this.#volume;
    const { geometry } = volume;
    if (page >= geometry.pages || geometry.isLookupPage(page)) return false;
    const isData = (volume.headerFlags(page) & (USED | FINAL | INDEX | DELET)) === (INDEX | DELET);
    return isData && volume.headerSpan(page) === span;
  }

  /** Sound data pages of an object by span, whatever its index says. */
  #dataPagesOf(id: number): Map<number, number[]> {
    let bySpan = this.#dataPages.get(id);
    if (bySpan !== undefined) return bySpan;
    bySpan = new Map();
    this.#dataPages.set(id, bySpan);
    const volume = this.#volume;
    for (let page = 0; page < volume.geometry.pages; page++) {
      if (volume.lookup[page] !== id || volume.geometry.isLookupPage(page) || volume.headerId(page) !== id) continue;
      if ((volume.headerFlags(page) & (USED | FINAL | INDEX | DELET)) !== (INDEX | DELET)) continue;
      const span = volume.headerSpan(page);
      const pages = bySpan.get(span);
      if (pages === undefined) bySpan.set(span, [page]);
      else pages.push(page);
    }
    return bySpan;
  }

  /**
   * A page marked deleted, in its flags or in the lookup, keeps its content until its block is erased: an index that still names
   * it can have it back.
   */
  #assessDataPage(id: number, span: number, page: number): Soundness {
    const volume = this.#volume;
    const { geometry } = volume;
    if (page === geometry.noPage || page >= geometry.pages || geometry.isLookupPage(page)) return 'broken';
    if (volume.headerId(page) !== id || volume.headerSpan(page) !== span) return 'broken';
    const flags = volume.headerFlags(page);
    if ((flags & (USED | FINAL | INDEX)) !== INDEX) return 'broken';
    const isShown = volume.lookup[page] === id || volume.lookup[page] === geometry.freeId;
    return (flags & DELET) === 0 || !isShown ? 'revivable' : 'whole';
  }
}

/** Larger is sounder. */
export function rank(soundness: Soundness): number {
  return soundness === 'whole' ? 2 : soundness === 'revivable' ? 1 : 0;
}
