import { readField, writeField } from './fields.js';
import type { Geometry } from './geometry.js';

/** Where the entry of a data span lies in the index page that lists it. */
function entryOffset(geometry: Geometry, span: number): number {
  const indexSpan = geometry.indexSpanOf(span);
  return geometry.tableOffset(indexSpan) + geometry.indexEntryOf(span) * geometry.config.pageIxBytes;
}

/** The page that an index page names for a data span. */
export function readEntry(geometry: Geometry, indexPage: Uint8Array, span: number): number {
  const { pageIxBytes, bigEndian } = geometry.config;
  return readField(indexPage, entryOffset(geometry, span), pageIxBytes, bigEndian);
}

export function writeEntry(geometry: Geometry, indexPage: Uint8Array, span: number, page: number): void {
  const { pageIxBytes, bigEndian } = geometry.config;
  writeField(indexPage, entryOffset(geometry, span), pageIxBytes, bigEndian, page);
}

/** Puts a name into an object index header, filled up with zeros. */
export function writeName(geometry: Geometry, header: Uint8Array, name: Uint8Array): void {
  header.fill(0, geometry.nameOffset, geometry.metaOffset);
  header.set(name, geometry.nameOffset);
}

/** Puts a size into an object index header. */
export function writeSize(geometry: Geometry, header: Uint8Array, size: number): void {
  writeField(header, geometry.sizeOffset, 4, geometry.config.bigEndian, size);
}
