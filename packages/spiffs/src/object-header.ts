import { DELET, FINAL, IXDELE, readField, UNDEFINED_SIZE } from './fields.js';
import type { Volume } from './volume.js';

/** What an object index header says about its file. */
export interface ObjectHeader {
  /** Page of the header. */
  readonly page: number;
  /** Object id from the lookup, without the index mark. */
  readonly objectId: number;
  /** Size in bytes as stored: UNDEFINED_SIZE for a file never written. */
  readonly storedSize: number;
  readonly type: number;
  /** Name without its closing zero. */
  readonly name: Uint8Array;
  readonly meta: Uint8Array;
}

/** Decodes the header in a page's bytes. */
export function decodeHeader(volume: Volume, page: number, bytes: Uint8Array): ObjectHeader {
  const { geometry } = volume;
  const nameEnd = geometry.nameOffset + geometry.config.objNameLen;
  const zero = bytes.indexOf(0, geometry.nameOffset);
  return {
    page,
    objectId: volume.lookup[page] % geometry.ixFlag,
    storedSize: readField(bytes, geometry.sizeOffset, 4, geometry.config.bigEndian),
    type: bytes[geometry.typeOffset],
    name: bytes.slice(geometry.nameOffset, zero >= 0 && zero < nameEnd ? zero : nameEnd),
    meta: bytes.slice(geometry.metaOffset, geometry.metaOffset + geometry.config.metaLen),
  };
}

export function readHeader(volume: Volume, page: number): ObjectHeader {
  const bytes = new Uint8Array(volume.geometry.headerTableOffset);
  volume.read(volume.geometry.pageAddress(page), bytes);
  return decodeHeader(volume, page, bytes);
}

/**
 * Whether a page is a header that the C library lists and finds by name: an index id in the lookup, span 0, final, neither
 * deleted nor being removed. The bits for used and index are not looked at (spiffs_read_dir_v).
 */
export function isListed(volume: Volume, page: number): boolean {
  return volume.headerSpan(page) === 0 && (volume.headerFlags(page) & (DELET | FINAL | IXDELE)) === (DELET | IXDELE);
}

/** The size a user sees: 0 for a file never written. */
export function visibleSize(storedSize: number): number {
  return storedSize === UNDEFINED_SIZE ? 0 : storedSize;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A name as bytes: text in UTF-8, bytes as they are. */
export function nameBytes(name: string | Uint8Array): Uint8Array {
  return typeof name === 'string' ? encoder.encode(name) : name;
}

/** A name as text, bytes that are no UTF-8 replaced by U+FFFD. */
export function nameText(name: Uint8Array): string {
  return decoder.decode(name);
}

/** A name as a map key: one character per byte. */
export function nameKey(name: Uint8Array): string {
  let key = '';
  for (const byte of name) key += String.fromCharCode(byte);
  return key;
}
