import { ATTRIBUTE } from '../fat/fresult.js';
import { ENTRY_SIZE } from '../fat/raw-volume.js';
import type { SectorOverlay } from './sector-overlay.js';

/** Where one 32-byte entry lies. */
export interface EntryPlace {
  /** Byte address of its sector. */
  readonly address: number;
  /** Offset in the sector. */
  readonly offset: number;
}

/** An entry as stored, with the long-name entries before it. */
export interface RawEntry extends EntryPlace {
  readonly name: string;
  readonly attributes: number;
  readonly firstCluster: number;
  readonly size: number;
  readonly longName: readonly EntryPlace[];
  /** Whether long-name entries stand before it that do not belong to it. */
  readonly badLongName: boolean;
}

const DELETED = 0xe5;
/** First byte that stands for 0xE5, which marks deleted entries (section 6.1). */
const KANJI_E5 = 0x05;
const LAST_LONG_ENTRY = 0x40;
/** Offsets of the 13 UTF-16 units in a long-name entry (section 7). */
const LONG_UNITS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

interface LongPart extends EntryPlace {
  readonly order: number;
  readonly checksum: number;
  readonly units: readonly number[];
}

/** The entries of a directory, `.` and `..` too, without the volume label. @param addresses its sectors, in order */
export function* readEntries(sectors: SectorOverlay, addresses: Iterable<number>): Generator<RawEntry> {
  let parts: LongPart[] = [];
  for (const address of addresses) {
    const sector = sectors.read(address);
    for (let offset = 0; offset < sector.length; offset += ENTRY_SIZE) {
      const bytes = sector.subarray(offset, offset + ENTRY_SIZE);
      if (bytes[0] === 0) return;
      const attributes = bytes[11];
      if (bytes[0] === DELETED) {
        parts = [];
      } else if ((attributes & 0x3f) === ATTRIBUTE.LONG_NAME) {
        parts.push(readLongPart(bytes, address, offset));
      } else {
        if (!(attributes & ATTRIBUTE.VOLUME_ID)) yield readEntry(bytes, address, offset, parts);
        parts = [];
      }
    }
  }
}

function readLongPart(bytes: Uint8Array, address: number, offset: number): LongPart {
  const units = LONG_UNITS.map((at) => bytes[at] | (bytes[at + 1] << 8));
  return { address, offset, order: bytes[0], checksum: bytes[13], units };
}

function readEntry(bytes: Uint8Array, address: number, offset: number, parts: readonly LongPart[]): RawEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, ENTRY_SIZE);
  const checksum = shortNameChecksum(bytes);
  const belongs = parts.every(({ order, checksum: theirs }, index) => {
    const last = index === 0 ? LAST_LONG_ENTRY : 0;
    return order === ((parts.length - index) | last) && theirs === checksum;
  });
  return {
    address,
    offset,
    name: parts.length > 0 && belongs ? longName(parts) : shortName(bytes),
    attributes: bytes[11],
    firstCluster: view.getUint16(20, true) * 0x10000 + view.getUint16(26, true),
    size: view.getUint32(28, true),
    longName: belongs ? parts : [],
    badLongName: !belongs,
  };
}

function longName(parts: readonly LongPart[]): string {
  const units = parts.toReversed().flatMap((part) => part.units);
  const end = units.indexOf(0);
  return String.fromCharCode(...(end < 0 ? units : units.slice(0, end)));
}

/** The 8.3 name; NT's case bits in byte 12 are shown, bytes above 0x7F are GBK. */
function shortName(bytes: Uint8Array): string {
  const decoder = new TextDecoder('gbk');
  const name = bytes.slice(0, 11);
  if (name[0] === KANJI_E5) name[0] = DELETED;
  const base = decoder.decode(name.subarray(0, 8)).trimEnd();
  const extension = decoder.decode(name.subarray(8)).trimEnd();
  const shown = [bytes[12] & 0x08 ? base.toLowerCase() : base, bytes[12] & 0x10 ? extension.toLowerCase() : extension];
  return extension === '' ? shown[0] : shown.join('.');
}

/** Section 7.2. */
function shortNameChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < 11; index++) sum = (((sum & 1) << 7) + (sum >>> 1) + bytes[index]) & 0xff;
  return sum;
}
