import { DELET, FINAL, INDEX, IXDELE, USED } from '../fields.js';
import type { Nucleus, PageHeader } from './nucleus.js';

/** The page an object's index names for a data span, and the index page that does; nothing when there is no index page. */
export function indexReference(
  nucleus: Nucleus,
  objectId: number,
  span: number,
): { readonly page: number; readonly indexPage: number } | undefined {
  const { geometry } = nucleus;
  const width = geometry.config.pageIxBytes;
  const indexSpan = geometry.indexSpanOf(span);
  const indexPage = nucleus.findPage(nucleus.withIndexMark(objectId), indexSpan);
  if (indexPage < 0) return undefined;
  const address =
    geometry.pageAddress(indexPage) + geometry.tableOffset(indexSpan) + geometry.indexEntryOf(span) * width;
  return { page: nucleus.field(nucleus.cache.read('lookup2', address, width), 0, width), indexPage };
}

/** Copies a page's content to a new page with the given header, left as final as the header says (spiffs_rewrite_page). */
export function rewritePage(nucleus: Nucleus, page: number, header: PageHeader): number {
  const newPage = nucleus.allocatePage(header.objectId, header, undefined, false);
  copyContent(nucleus, page, newPage);
  return newPage;
}

export function copyContent(nucleus: Nucleus, from: number, to: number): void {
  const { geometry } = nucleus;
  nucleus.copyBytes(
    geometry.pageAddress(from) + geometry.headerLength,
    geometry.pageAddress(to) + geometry.headerLength,
    geometry.dataSize,
  );
}

/**
 * Writes an index page anew with one entry changed (spiffs_rewrite_index).
 * @returns false when the page turns out to be no good index page; the page taken for it is deleted again
 */
export function rewriteIndex(
  nucleus: Nucleus,
  objectId: number,
  span: number,
  page: number,
  indexPage: number,
): boolean {
  const { geometry, lookupWork } = nucleus;
  const width = geometry.config.pageIxBytes;
  const id = nucleus.withIndexMark(objectId);
  const newPage = nucleus.takeFreeEntry();
  const indexSpan = geometry.indexSpanOf(span);
  nucleus.loadPage(indexPage, 'lookup2', lookupWork);
  const header = nucleus.decodeHeader(lookupWork);
  const live = (header.flags & (USED | IXDELE | INDEX | FINAL | DELET)) === (IXDELE | DELET);
  if (header.objectId !== id || header.span !== indexSpan || !live) {
    nucleus.deletePage(newPage);
    return false;
  }
  const offset = geometry.tableOffset(indexSpan) + geometry.indexEntryOf(span) * width;
  nucleus.setField(lookupWork, offset, width, page);
  nucleus.write('data', geometry.pageAddress(newPage), lookupWork);
  nucleus.writeLookup(newPage, id);
  nucleus.deletePage(indexPage);
  return true;
}

/** Marks an object's header as being removed, blindly (spiffs_delete_obj_lazy). */
export function removeLazily(nucleus: Nucleus, objectId: number): void {
  const header = nucleus.findPage(objectId, 0);
  if (header >= 0) nucleus.writeFlags(header, 0xff & ~IXDELE, 'lookup');
}
