/** Flags of a page header, active low: a cleared bit says yes (spiffs_nucleus.h). */
export const USED = 0x01;
export const FINAL = 0x02;
export const INDEX = 0x04;
/** The object index header is being removed. */
export const IXDELE = 0x40;
export const DELET = 0x80;

/** Flags of a finished data page and a finished index page. */
export const DATA_PAGE = 0xff & ~(USED | FINAL);
export const INDEX_PAGE = 0xff & ~(USED | FINAL | INDEX);

/** Object id in the lookup of a deleted page. */
export const DELETED_ID = 0;
/** Size of a file that was never written. */
export const UNDEFINED_SIZE = 0xffffffff;
/** The one object type in use (spiffs.h). */
export const TYPE_FILE = 1;

/** Reads an unsigned field of 1, 2 or 4 bytes. */
export function readField(bytes: Uint8Array, offset: number, width: number, bigEndian: boolean): number {
  if (width === 2) {
    return bigEndian ? (bytes[offset] << 8) | bytes[offset + 1] : bytes[offset] | (bytes[offset + 1] << 8);
  }
  if (width === 1) return bytes[offset];
  const [a, b, c, d] = [bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]];
  return (bigEndian ? (a << 24) | (b << 16) | (c << 8) | d : a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

/** Writes an unsigned field of 1, 2 or 4 bytes. */
export function writeField(bytes: Uint8Array, offset: number, width: number, bigEndian: boolean, value: number): void {
  for (let i = 0; i < width; i++) {
    bytes[offset + (bigEndian ? width - 1 - i : i)] = (value >>> (8 * i)) & 0xff;
  }
}
