import { DELET, DELETED_ID, FINAL, INDEX, IXDELE, USED } from '../fields.js';
import type { Report } from './check.js';
import { copyContent, indexReference, removeLazily, rewriteIndex, rewritePage } from './check-repair.js';
import type { Nucleus, PageHeader, Visit } from './nucleus.js';

/** Compares every lookup entry with the header of its page (spiffs_check.c, look up consistency). */
export function checkLookup(nucleus: Nucleus, report: Report): void {
  nucleus.visit({ block: 0, entry: 0 }, {}, (id, block, entry) => {
    const page = nucleus.geometry.entryPage(block, entry);
    return new EntryCheck(nucleus, report, id, page).run();
  });
}

class EntryCheck {
  readonly #nucleus: Nucleus;
  readonly #report: Report;
  /** Id in the lookup. */
  readonly #id: number;
  readonly #page: number;
  readonly #header: PageHeader;
  #reload = false;
  #deletePage = false;

  constructor(nucleus: Nucleus, report: Report, id: number, page: number) {
    this.#nucleus = nucleus;
    this.#report = report;
    this.#id = id;
    this.#page = page;
    this.#header = nucleus.readHeader(page);
  }

  run(): Visit {
    const { flags, objectId } = this.#header;
    const id = this.#id;
    const nucleus = this.#nucleus;
    if ((id === DELETED_ID && (flags & DELET) !== 0) || (nucleus.isFree(id) && (flags & USED) === 0)) {
      this.#missingInLookup();
    }
    if (nucleus.isUsed(id)) {
      if (nucleus.withIndexMark(objectId) !== nucleus.withIndexMark(id)) this.#otherId();
      else if (nucleus.isIndexId(id) === ((flags & INDEX) !== 0)) this.#otherIndexMark();
      else if ((flags & DELET) === 0) this.#deletePage = true;
      else if ((flags & FINAL) !== 0) this.#notFinal();
    }
    if (this.#deletePage) {
      this.#report('delete-page', this.#page, 0);
      nucleus.deletePage(this.#page);
    }
    return this.#reload ? 'reload' : 'continue';
  }

  /** Deleted or free in the lookup, but in use by its header. */
  #missingInLookup(): void {
    const nucleus = this.#nucleus;
    const header = this.#header;
    this.#reload = true;
    this.#deletePage = true;
    if ((header.flags & INDEX) !== 0) {
      const reference = indexReference(nucleus, header.objectId, header.span);
      if (reference?.page === this.#page) this.#moveReferred(reference.indexPage, true);
      return;
    }
    const id = nucleus.withIndexMark(header.objectId);
    if (nucleus.findPage(id, header.span, this.#page) >= 0) return;
    if (nucleus.findPage(id, 0, 0, true) < 0) return;
    rewritePage(nucleus, this.#page, header);
    this.#report('fix-lookup', header.objectId, header.span);
  }

  /** Copies a data page that its index names to a new page, and lets the index name that. */
  #moveReferred(indexPage: number, reportFix: boolean): void {
    const nucleus = this.#nucleus;
    const header = this.#header;
    const newPage = rewritePage(nucleus, this.#page, header);
    if (!rewriteIndex(nucleus, header.objectId, header.span, newPage, indexPage)) {
      nucleus.deletePage(newPage);
      removeLazily(nucleus, header.objectId);
      this.#reload = true;
      this.#report('delete-bad-file', header.objectId, 0);
    } else if (reportFix) {
      this.#report('fix-index', header.objectId, header.span);
    }
  }

  /** Lookup and header name different objects. */
  #otherId(): void {
    const nucleus = this.#nucleus;
    const header = this.#header;
    this.#deletePage = true;
    const { flags } = header;
    if ((flags & DELET) === 0 || (flags & FINAL) !== 0 || (flags & (INDEX | IXDELE)) === 0) return;
    if ((flags & INDEX) !== 0) {
      const reference = indexReference(nucleus, header.objectId, header.span);
      if (reference?.page === this.#page) this.#moveReferred(reference.indexPage, false);
      return;
    }
    const byLookup = nucleus.withIndexMark(this.#id);
    const byHeader = nucleus.withIndexMark(header.objectId);
    let indexByLookup = Math.max(0, nucleus.findPage(byLookup, header.span));
    let indexByHeader = Math.max(0, nucleus.findPage(byHeader, header.span));
    if (indexByHeader !== 0 && indexByLookup !== 0) return;
    // Where no data page is found the C library forgets the index page found instead, and goes on with a page number it never
    // set; 0 is what the observed builds had there.
    const dataByLookup = Math.max(0, nucleus.findPage(nucleus.withoutIndexMark(this.#id), 0));
    if (dataByLookup === 0) indexByLookup = 0;
    const dataByHeader = Math.max(0, nucleus.findPage(nucleus.withoutIndexMark(header.objectId), 0));
    if (dataByHeader === 0) indexByHeader = 0;
    const keepHeaderId = indexByHeader === 0 && dataByHeader !== 0 && (indexByLookup === 0 || dataByLookup !== 0);
    const keepLookupId = indexByLookup === 0 && dataByLookup !== 0 && (indexByHeader === 0 || dataByHeader !== 0);
    if (!keepHeaderId && !keepLookupId) return;
    const newHeader = {
      objectId: keepHeaderId ? byHeader : byLookup,
      span: header.span,
      flags: 0xff & ~(USED | INDEX | FINAL),
    };
    rewritePage(nucleus, this.#page, newHeader);
    this.#report('fix-lookup', header.objectId, header.span);
    this.#reload = true;
  }

  /** One says index page, the other data page. */
  #otherIndexMark(): void {
    const nucleus = this.#nucleus;
    const { span } = this.#header;
    const dataId = nucleus.withoutIndexMark(this.#id);
    const indexId = nucleus.withIndexMark(this.#id);
    const dataPage = Math.max(0, nucleus.findPage(dataId, span, this.#page));
    const indexPage = Math.max(0, nucleus.findPage(indexId, span, this.#page));
    this.#deletePage = true;
    if ((dataPage === 0) === (indexPage === 0)) return;
    const makeIndex = dataPage !== 0;
    this.#report(makeIndex ? 'fix-index' : 'fix-lookup', this.#id, span);
    const header = makeIndex
      ? { objectId: indexId, span, flags: 0xff & ~(USED | FINAL | INDEX) }
      : { objectId: dataId, span, flags: 0xff & ~(USED | FINAL) };
    copyContent(nucleus, this.#page, nucleus.allocatePage(header.objectId, header, undefined, true));
  }

  /** In use, but never finished. */
  #notFinal(): void {
    const nucleus = this.#nucleus;
    const header = this.#header;
    this.#reload = true;
    const reference = indexReference(nucleus, this.#id, header.span);
    if (reference === undefined || reference.page !== this.#page) {
      this.#deletePage = true;
      return;
    }
    this.#report('fix-lookup', header.objectId, header.span);
    nucleus.writeFlags(this.#page, 0xff & ~FINAL);
  }
}
