import { DELET, FINAL, INDEX, IXDELE, USED } from '../fields.js';
import type { Report } from './check.js';
import { indexReference, removeLazily, rewriteIndex } from './check-repair.js';
import type { Nucleus, PageHeader } from './nucleus.js';

const PAGE_USED = 1;
const PAGE_REFERENCED = 2;
const PAGE_INDEX = 4;

/**
 * Checks that every used data page is named by exactly one index entry, and every index entry names such a page
 * (spiffs_check.c, page consistency). Four bits per page are kept in `work`, so that a large area takes several passes; a
 * repair starts the pass anew.
 */
export function checkPages(nucleus: Nucleus, report: Report): void {
  const { geometry } = nucleus;
  const perPass = geometry.pageSize * 2;
  for (let first = 0; first < geometry.pages; ) {
    if (!new PagePass(nucleus, report, first, perPass).run()) first += perPass;
  }
}

class PagePass {
  readonly #nucleus: Nucleus;
  readonly #report: Report;
  readonly #first: number;
  readonly #end: number;
  #restart = false;

  constructor(nucleus: Nucleus, report: Report, first: number, count: number) {
    this.#nucleus = nucleus;
    this.#report = report;
    this.#first = first;
    this.#end = first + count;
  }

  /** @returns true when something was repaired and the pass must be done again */
  run(): boolean {
    const { geometry, work } = this.#nucleus;
    work.fill(0);
    for (let block = 0; block < geometry.blocks && !this.#restart; block++) {
      const start = geometry.entryPage(block, 0);
      for (let page = start; page < start + geometry.entriesPerBlock && !this.#restart; page++) this.#markPage(page);
    }
    for (let page = this.#first; page < this.#end && !this.#restart; page++) {
      if (this.#marks(page) === PAGE_USED) this.#unreferenced(page);
    }
    return this.#restart;
  }

  #inRange(page: number): boolean {
    return page >= this.#first && page < this.#end;
  }

  #mark(page: number, mark: number): void {
    this.#nucleus.work[(page - this.#first) >> 1] |= mark << ((page & 1) * 4);
  }

  #marks(page: number): number {
    return (this.#nucleus.work[(page - this.#first) >> 1] >> ((page & 1) * 4)) & 7;
  }

  #markPage(page: number): void {
    const nucleus = this.#nucleus;
    const header = nucleus.readHeader(page);
    const inRange = this.#inRange(page);
    if (inRange && (header.flags & (DELET | USED)) === DELET) this.#mark(page, PAGE_USED);
    if ((header.flags & (DELET | IXDELE | INDEX | USED)) !== (DELET | IXDELE)) return;
    if (inRange) this.#mark(page, PAGE_INDEX);
    this.#followIndex(page, header);
  }

  #followIndex(indexPage: number, header: PageHeader): void {
    const nucleus = this.#nucleus;
    const { geometry, lookupWork } = nucleus;
    const width = geometry.config.pageIxBytes;
    nucleus.loadPage(indexPage, 'lookup2', lookupWork);
    const firstSpan = geometry.firstSpanOf(header.span);
    const table = geometry.tableOffset(header.span);
    for (let i = 0; i < geometry.tableEntries(header.span) && !this.#restart; i++) {
      // Searches load lookup pages into this buffer, after which these are not the index page's entries any more.
      const page = nucleus.field(lookupWork, table + i * width, width);
      const inRange = this.#inRange(page);
      if ((page !== geometry.noPage && page > geometry.pages) || (inRange && geometry.isLookupPage(page))) {
        this.#badReference(indexPage, firstSpan + i);
      } else if (inRange && !this.#followEntry(indexPage, header, firstSpan + i, page)) {
        return;
      }
    }
  }

  /** An entry that names no object page: name the right one, or a new empty one. */
  #badReference(indexPage: number, span: number): void {
    const nucleus = this.#nucleus;
    const owner = (): PageHeader => nucleus.decodeHeader(nucleus.lookupWork);
    let page = nucleus.findPage(nucleus.withoutIndexMark(owner().objectId), span);
    if (page <= 0) {
      const objectId = nucleus.withoutIndexMark(owner().objectId);
      page = nucleus.allocatePage(objectId, { objectId, span, flags: 0xff & ~(USED | FINAL) }, undefined, true);
    }
    if (rewriteIndex(nucleus, owner().objectId, span, page, indexPage)) {
      this.#report('fix-index', owner().objectId, owner().span);
    } else {
      this.#report('delete-bad-file', owner().objectId, 0);
      nucleus.deletePage(indexPage);
    }
    this.#restart = true;
  }

  /** @returns false when the object was given up and its index is not to be followed further */
  #followEntry(indexPage: number, header: PageHeader, span: number, page: number): boolean {
    const nucleus = this.#nucleus;
    const target = nucleus.readHeader(page);
    const objectId = nucleus.withoutIndexMark(header.objectId);
    const isData = (target.flags & (DELET | INDEX | USED)) === (DELET | INDEX);
    if (target.objectId !== objectId || target.span !== span || !isData) {
      const right = nucleus.findPage(objectId, span, page);
      if (right <= 0) {
        this.#report('delete-bad-file', header.objectId, 0);
        removeLazily(nucleus, header.objectId);
        return false;
      }
      if (rewriteIndex(nucleus, header.objectId, span, right, indexPage)) {
        this.#report('fix-index', header.objectId, header.span);
      } else {
        this.#report('delete-bad-file', header.objectId, 0);
        removeLazily(nucleus, header.objectId);
      }
      this.#restart = true;
      return true;
    }
    if ((this.#marks(page) & PAGE_REFERENCED) !== 0) {
      this.#report('delete-bad-file', header.objectId, 0);
      removeLazily(nucleus, header.objectId);
      nucleus.deletePage(indexPage);
      this.#restart = true;
    }
    this.#mark(page, PAGE_REFERENCED);
    return true;
  }

  /** A used data page that no index names: let the index of its object name it, or delete it. */
  #unreferenced(page: number): void {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    const header = nucleus.readHeader(page);
    const reference = indexReference(nucleus, header.objectId, header.span);
    let rewrite = false;
    if (reference !== undefined) {
      const named = reference.page;
      if (named === geometry.noPage || named > geometry.pages || geometry.isLookupPage(named)) {
        rewrite = true;
      } else {
        const target = nucleus.readHeader(named);
        const isData = (target.flags & (INDEX | DELET | USED | FINAL)) === (INDEX | DELET);
        const good = target.objectId === nucleus.withoutIndexMark(header.objectId) && isData;
        if (!good && named === page) return;
        rewrite = !good;
      }
    }
    if (reference === undefined || !rewrite) {
      this.#report('delete-page', page, 0);
      nucleus.deletePage(page);
      return;
    }
    if (rewriteIndex(nucleus, header.objectId, header.span, page, reference.indexPage)) {
      this.#report('fix-index', header.objectId, header.span);
    } else {
      this.#report('delete-bad-file', header.objectId, 0);
      nucleus.deletePage(page);
      removeLazily(nucleus, header.objectId);
    }
    this.#restart = true;
  }
}
