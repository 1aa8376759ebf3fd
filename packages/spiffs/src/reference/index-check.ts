import { SpiffsError, type SpiffsErrorCode } from '../error.js';
import { DELET, FINAL, INDEX, USED } from '../fields.js';
import type { Nucleus, PageHeader } from './nucleus.js';

/**
 * An index page must be used, not deleted, final, an index page, and of the span wanted (SPIFFS_VALIDATE_OBJIX).
 * @throws SpiffsError IS_FREE, DELETED, NOT_FINALIZED, NOT_INDEX, INDEX_SPAN_MISMATCH
 */
export function checkIndexHeader(header: PageHeader, page: number, span: number): void {
  const { flags } = header;
  let code: SpiffsErrorCode;
  if ((flags & USED) !== 0) code = 'IS_FREE';
  else if ((flags & DELET) === 0) code = 'DELETED';
  else if ((flags & FINAL) !== 0) code = 'NOT_FINALIZED';
  else if ((flags & INDEX) !== 0) code = 'NOT_INDEX';
  else if (header.span !== span) code = 'INDEX_SPAN_MISMATCH';
  else return;
  throw new SpiffsError(code, `page ${page} is no index page of span ${span}`, { page, span });
}

/**
 * The same by page number, before an index page is written again (spiffs_page_index_check).
 * @throws SpiffsError INDEX_FREE, INDEX_LU, INDEX_INVALID too
 */
export function checkIndexPageNumber(nucleus: Nucleus, page: number, span: number): void {
  const { geometry } = nucleus;
  let code: SpiffsErrorCode | undefined;
  if (page === geometry.noPage) code = 'INDEX_FREE';
  else if (geometry.isLookupPage(page)) code = 'INDEX_LU';
  else if (page > geometry.pages) code = 'INDEX_INVALID';
  if (code !== undefined) throw new SpiffsError(code, `page ${page} cannot be an index page`, { page, span });
  checkIndexHeader(nucleus.readHeader(page, 'index'), page, span);
}

/**
 * A data page must be used, not deleted, final, no index page, and of the span wanted (spiffs_page_data_check).
 * @returns the error it would be, or nothing
 */
export function dataPageFault(nucleus: Nucleus, page: number, span: number): SpiffsErrorCode | undefined {
  const { geometry } = nucleus;
  if (page === geometry.noPage) return 'INDEX_REF_FREE';
  if (geometry.isLookupPage(page)) return 'INDEX_REF_LU';
  if (page > geometry.pages) return 'INDEX_REF_INVALID';
  const { flags, span: pageSpan } = nucleus.readHeader(page, 'data');
  if ((flags & USED) !== 0) return 'IS_FREE';
  if ((flags & DELET) === 0) return 'DELETED';
  if ((flags & FINAL) !== 0) return 'NOT_FINALIZED';
  if ((flags & INDEX) === 0) return 'IS_INDEX';
  return pageSpan === span ? undefined : 'DATA_SPAN_MISMATCH';
}

export function checkDataPage(nucleus: Nucleus, page: number, span: number): void {
  const code = dataPageFault(nucleus, page, span);
  if (code !== undefined) throw new SpiffsError(code, `data page ${span} cannot be page ${page}`, { page, span });
}
