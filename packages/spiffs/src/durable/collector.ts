import { SpiffsError } from '../error.js';
import { DELETED_ID } from '../fields.js';
import type { Volume } from '../volume.js';
import type { Catalogue } from './catalogue.js';
import type { StoredObject } from './object-version.js';
import type { ObjectWriter } from './object-writer.js';
import type { PagePool } from './page-pool.js';

/** Weights of the C library's score (spiffs_config.h, SPIFFS_GC_HEUR_W_*). */
const WEIGHT_DEAD = 5;
const WEIGHT_LIVE = -1;
const WEIGHT_ERASE_AGE = 50;

/** A block is moved although it gives nothing back when all others were erased this often meanwhile, on average. */
const STATIC_ROUNDS = 4;

/** What lives in a block. */
interface BlockContent {
  /** Pages that nothing needs and that are not free. */
  dead: number;
  /** Live data pages by object and index span. */
  readonly data: Map<StoredObject, Map<number, number[]>>;
  /** Live index pages. */
  readonly index: { readonly object: StoredObject; readonly span: number }[];
  /** Pages of damaged objects, copied as they are. */
  readonly kept: number[];
  /** Pages needed elsewhere to empty it. */
  cost: number;
}

/** Empties and erases blocks. At every moment each file has a whole version, because a page is deleted only after its copy counts. */
export class Collector {
  readonly #volume: Volume;
  readonly #pool: PagePool;
  readonly #catalogue: Catalogue;
  readonly #writer: () => ObjectWriter;
  readonly #maxRuns: number;

  constructor(volume: Volume, pool: PagePool, catalogue: Catalogue, writer: () => ObjectWriter, maxRuns: number) {
    this.#volume = volume;
    this.#pool = pool;
    this.#catalogue = catalogue;
    this.#writer = writer;
    this.#maxRuns = maxRuns;
  }

  /**
   * Makes pages available.
   * @throws SpiffsError FULL, before anything is written when it is clear from the start
   */
  makeRoom(pages: number): void {
    const pool = this.#pool;
    if (pool.available >= pages) return;
    const dead = this.#volume.pagesDeleted;
    if (pool.available + dead < pages) throw this.#full(pages);
    const lagging = this.#laggingBlock();
    if (lagging >= 0) this.empty(lagging);
    // Each of these gives pages back, so that they come to an end.
    for (let run = 0; pool.available < pages; run++) {
      const block = this.#chooseBlock(run >= this.#maxRuns);
      if (block < 0) throw this.#full(pages);
      this.empty(block);
    }
  }

  /** Erases the first block that holds nothing needed and at most `maxFreePages` free pages. */
  collectDeletedBlock(maxFreePages: number): void {
    const { geometry } = this.#volume;
    for (let block = 0; block < geometry.blocks; block++) {
      const content = this.#content(block);
      if (content.dead > 0 && content.cost === 0 && this.#pool.freeIn(block) <= maxFreePages) {
        this.#pool.renewBlock(block);
        return;
      }
    }
    throw new SpiffsError('NO_DELETED_BLOCKS', 'no block has only deleted pages');
  }

  /**
   * Moves everything needed out of a block and erases it.
   * @throws SpiffsError FULL when the other blocks have no room
   */
  empty(block: number): void {
    const content = this.#content(block);
    if (content.cost > this.#pool.freeOutside(block)) throw this.#full(content.cost);
    const writer = this.#writer();
    try {
      for (const [object, byIndexSpan] of content.data) {
        for (const [indexSpan, spans] of byIndexSpan) writer.moveDataPages(object, indexSpan, spans, block);
      }
      for (const { object, span } of content.index) {
        const page = object.indexPages[span];
        if (this.#volume.geometry.blockOf(page) === block) writer.moveIndexPage(object, span, block);
      }
      for (const page of content.kept) this.#moveKept(page, block);
      this.#pool.renewBlock(block);
    } catch (error) {
      this.#volume.fail(error);
      throw error;
    }
  }

  #moveKept(page: number, block: number): void {
    const { lookup } = this.#volume;
    const copy = this.#pool.writePage(lookup[page], this.#volume.readPage(page), block);
    this.#catalogue.kept[copy] = 1;
    this.#catalogue.kept[page] = 0;
    const headers = this.#catalogue.damagedHeaders;
    if (headers.includes(page)) {
      this.#catalogue.damagedHeaders = headers.map((header) => (header === page ? copy : header)).sort((a, b) => a - b);
    }
    this.#pool.deletePage(page);
  }

  #content(block: number): BlockContent {
    const volume = this.#volume;
    const { geometry, lookup } = volume;
    const { owner, kept, objects } = this.#catalogue;
    const content: BlockContent = { dead: 0, data: new Map(), index: [], kept: [], cost: 0 };
    const first = geometry.entryPage(block, 0);
    const rewritten = new Set<number>();
    for (let page = first; page < first + geometry.entriesPerBlock; page++) {
      const object = objects.get(owner[page]);
      if (owner[page] !== 0 && object !== undefined) {
        const indexSpan = object.indexPages.indexOf(page);
        if (indexSpan >= 0) {
          content.index.push({ object, span: indexSpan });
          rewritten.add(page);
          continue;
        }
        const span = volume.headerSpan(page);
        const owningSpan = geometry.indexSpanOf(span);
        const byIndexSpan = content.data.get(object) ?? new Map<number, number[]>();
        content.data.set(object, byIndexSpan);
        const spans = byIndexSpan.get(owningSpan);
        if (spans === undefined) byIndexSpan.set(owningSpan, [span]);
        else spans.push(span);
        rewritten.add(object.indexPages[owningSpan]);
        content.cost++;
      } else if (kept[page] !== 0 && lookup[page] !== DELETED_ID && lookup[page] !== geometry.freeId) {
        content.kept.push(page);
        content.cost++;
      } else if (lookup[page] !== geometry.freeId) {
        content.dead++;
      }
    }
    content.cost += rewritten.size;
    return content;
  }

  /**
   * The block to empty next, of those that give pages back; the one erased longest ago comes first.
   * @param forSpace what counts is only how many pages are gained
   */
  #chooseBlock(forSpace: boolean): number {
    const { geometry } = this.#volume;
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let block = 0; block < geometry.blocks; block++) {
      const live = this.#liveIn(block);
      const free = this.#pool.freeIn(block);
      const dead = geometry.entriesPerBlock - live - free;
      if (dead === 0) continue;
      const { cost } = this.#content(block);
      const gain = live + dead - cost;
      if (gain <= 0 || cost > this.#pool.freeOutside(block)) continue;
      const score = forSpace ? gain : dead * WEIGHT_DEAD + live * WEIGHT_LIVE + this.#age(block) * WEIGHT_ERASE_AGE;
      if (score > bestScore) {
        best = block;
        bestScore = score;
      }
    }
    return best;
  }

  /** Erases of any block since this one's: the counter goes on with each erase, and a block keeps its value (15 bits). */
  #age(block: number): number {
    const { maxEraseCount, geometry } = this.#volume;
    const count = this.#volume.readId(geometry.eraseCountAddress(block));
    return maxEraseCount > count ? maxEraseCount - count : geometry.freeId - (count - maxEraseCount);
  }

  /** A block whose content never changes, and that was left alone while all others were erased many times. */
  #laggingBlock(): number {
    const { geometry } = this.#volume;
    let [oldest, oldestAge] = [-1, STATIC_ROUNDS * geometry.blocks];
    for (let block = 0; block < geometry.blocks; block++) {
      if (this.#pool.freeIn(block) === geometry.entriesPerBlock) continue;
      const isCounted = this.#volume.readId(geometry.eraseCountAddress(block)) !== geometry.freeId;
      const age = this.#age(block);
      if (isCounted && age > oldestAge && age <= geometry.ixFlag) [oldest, oldestAge] = [block, age];
    }
    return oldest >= 0 && this.#content(oldest).cost <= this.#pool.freeOutside(oldest) ? oldest : -1;
  }

  #liveIn(block: number): number {
    const { geometry, lookup } = this.#volume;
    const { owner, kept } = this.#catalogue;
    const first = geometry.entryPage(block, 0);
    let live = 0;
    for (let page = first; page < first + geometry.entriesPerBlock; page++) {
      const isShown = lookup[page] !== DELETED_ID && lookup[page] !== geometry.freeId;
      if (owner[page] !== 0 || (kept[page] !== 0 && isShown)) live++;
    }
    return live;
  }

  #full(pages: number): SpiffsError {
    return new SpiffsError('FULL', `no room for ${pages} pages: ${this.#pool.available} are available`);
  }
}
