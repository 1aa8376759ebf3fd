import type { ByteSource } from '@loadstone/fd-sources';
import { ESP_IDF_CONFIG, type SpiffsConfig } from './config.js';
import { DELET, DELETED_ID, FINAL, INDEX, IXDELE, readField, USED } from './fields.js';
import { Geometry } from './geometry.js';

/** A SPIFFS image recognised by its content. */
export interface DetectedSpiffs {
  readonly config: SpiffsConfig;
  /**
   * Bytes of the file system. With a magic-length it may be less than the source, or more when the image was cut short; without,
   * it is the source's whole blocks.
   */
  readonly totalSize: number;
  /** `certain` when magics or data pages prove the geometry, `likely` when only the default name and meta lengths are assumed. */
  readonly confidence: 'certain' | 'likely';
}

const PAGE_SIZES = [256, 512, 128, 1024, 64, 2048, 4096];
const BLOCK_SIZES = [4096, 8192, 16384, 32768, 65536, 131072, 1024, 2048, 512, 262144];
/** Name and metadata lengths seen in the field come first. */
const NAME_LENGTHS = [32, 64, 16, 24, 48, 128, 20, 33, 40, 255, 256];
const META_LENGTHS = [4, 0, 8, 64, 16, 32, 12, 1, 2, 3, 5, 6, 7];

/**
 * Recognises a SPIFFS image and guesses how it was configured: page, block, magic and byte order from the magics (or, without
 * magic, from lookup entries that agree with page headers), name and metadata length from where the index tables lie.
 * @param source an image whose first byte is the first byte of block 0
 * @returns nothing when it is no SPIFFS, or one without magic and without files
 */
export function detectSpiffs(source: ByteSource): DetectedSpiffs | undefined {
  for (const useMagic of [true, false]) {
    for (const bigEndian of [false, true]) {
      for (const pageSize of PAGE_SIZES) {
        for (const blockSize of BLOCK_SIZES) {
          const found = tryGeometry(source, { ...ESP_IDF_CONFIG, pageSize, blockSize, bigEndian, useMagic });
          if (found !== undefined) return found;
        }
      }
    }
  }
  return undefined;
}

function tryGeometry(source: ByteSource, config: SpiffsConfig): DetectedSpiffs | undefined {
  const { pageSize, blockSize } = config;
  if (blockSize / pageSize < 8 || source.size < 2 * blockSize) return undefined;
  const perLookup = new Uint8Array(2);
  const readId = (address: number): number => {
    source.read(address, perLookup);
    return readField(perLookup, 0, 2, config.bigEndian);
  };
  const blocks = Math.floor(source.size / blockSize);
  const fits = (candidate: SpiffsConfig, size: number): Geometry | undefined => {
    // Object headers of pages below 128 bytes leave no room for the default name.
    const objNameLen = pageSize < 128 ? 16 : candidate.objNameLen;
    const pages = (size / blockSize) * (blockSize / pageSize);
    const lookupBytes = (blockSize / pageSize) * 2;
    const rest = (blockSize / pageSize - Math.max(1, Math.floor(lookupBytes / pageSize))) % (pageSize / 2);
    if (pages > 0xffff || (candidate.useMagic && rest * 2 > pageSize - 4)) return undefined;
    return new Geometry({ ...candidate, objNameLen }, size);
  };
  if (config.useMagic) {
    for (const useMagicLength of [true, false]) {
      const size = useMagicLength ? sizeByMagic(readId, config, blocks) : blocks * blockSize;
      if (size === undefined) continue;
      const geometry = fits({ ...config, useMagicLength }, size);
      if (geometry === undefined || !magicsMatch(readId, geometry, Math.min(blocks, size / blockSize))) continue;
      if (size > source.size) return { config: geometry.config, totalSize: size, confidence: 'likely' };
      return withNameLengths(source, geometry) ?? { config: geometry.config, totalSize: size, confidence: 'likely' };
    }
    return undefined;
  }
  const geometry = fits({ ...config, useMagicLength: false }, blocks * blockSize);
  if (geometry === undefined || !hasNoMagics(readId, geometry) || !lookupMatchesHeaders(source, geometry))
    return undefined;
  return withNameLengths(source, geometry);
}

/** Size from two of the first three magics, which count down to the end (spiffs_probe). */
function sizeByMagic(readId: (address: number) => number, config: SpiffsConfig, blocks: number): number | undefined {
  const probe = new Geometry({ ...config, objNameLen: 16, metaLen: 0, useMagic: false }, 2 * config.blockSize);
  const base = (0x20140529 ^ config.pageSize) & 0xffff;
  const counts: number[] = [];
  for (let block = 0; block < Math.min(3, blocks); block++)
    counts.push((readId(probe.magicAddress(block)) ^ base) + block);
  const count = counts.find((value, at) => counts.some((other, elsewhere) => elsewhere !== at && other === value));
  return count === undefined || count < 2 || count * (config.blockSize / config.pageSize) > 0xffff
    ? undefined
    : count * config.blockSize;
}

/** Most magics of the whole blocks there are must be right; which damage is too much is for the mount to say. */
function magicsMatch(readId: (address: number) => number, geometry: Geometry, blocks: number): boolean {
  let right = 0;
  for (let block = 0; block < blocks; block++) {
    if (readId(geometry.magicAddress(block)) === geometry.magic(block)) right++;
  }
  return right >= 2 && right * 2 > blocks;
}

/** Without magic its place keeps all ones, unless lookup entries take it. */
function hasNoMagics(readId: (address: number) => number, geometry: Geometry): boolean {
  if (geometry.entriesPerBlock * 2 > geometry.lookupPages * geometry.pageSize - 4) return true;
  let blank = 0;
  for (let block = 0; block < geometry.blocks; block++) {
    if (readId(geometry.magicAddress(block)) === geometry.freeId) blank++;
  }
  return blank * 2 > geometry.blocks;
}

/** Whether every used lookup entry agrees with its page's header, and there is at least one. */
function lookupMatchesHeaders(source: ByteSource, geometry: Geometry): boolean {
  const lookup = new Uint8Array(geometry.lookupPages * geometry.pageSize);
  const header = new Uint8Array(geometry.headerLength);
  let [matches, differences] = [0, 0];
  for (let block = 0; block < geometry.blocks; block++) {
    source.read(block * geometry.blockSize, lookup);
    for (let entry = 0; entry < geometry.entriesPerBlock; entry++) {
      const id = readField(lookup, entry * 2, 2, geometry.config.bigEndian);
      if (id === DELETED_ID || id === geometry.freeId) continue;
      source.read(geometry.pageAddress(geometry.entryPage(block, entry)), header);
      const flags = header[geometry.flagsOffset];
      const agrees = readField(header, 0, 2, geometry.config.bigEndian) === id && (flags & (USED | 0x38)) === 0x38;
      if (agrees) matches++;
      else if (++differences > 4 + matches) return false;
    }
  }
  return matches > 0 && differences * 4 <= matches;
}

/** Chooses name length, metadata length and alignment so that the index tables point to the data pages they should. */
function withNameLengths(source: ByteSource, geometry: Geometry): DetectedSpiffs | undefined {
  const totalSize = geometry.blocks * geometry.blockSize;
  const tables = tableOffsets(source, geometry);
  let best: { config: SpiffsConfig; matches: number } | undefined;
  for (const objNameLen of NAME_LENGTHS) {
    for (const metaLen of META_LENGTHS) {
      const end = geometry.nameOffset + objNameLen + metaLen;
      if (end > geometry.pageSize - 2) continue;
      for (const alignedIndexTables of [false, true]) {
        const matches = tables.get(alignedIndexTables ? end + (end % 2) : end) ?? 0;
        if (matches > (best?.matches ?? 0)) {
          best = { config: { ...geometry.config, objNameLen, metaLen, alignedIndexTables }, matches };
        }
      }
    }
  }
  return best === undefined ? undefined : { config: best.config, totalSize, confidence: 'certain' };
}

/** For each place an index table could start at: how many headers have there the page of their data span 0. */
function tableOffsets(source: ByteSource, geometry: Geometry): Map<number, number> {
  const { bigEndian } = geometry.config;
  const found = new Map<number, number>();
  const lookup = new Uint8Array(geometry.lookupPages * geometry.pageSize);
  const page = new Uint8Array(geometry.pageSize);
  const header = new Uint8Array(geometry.headerLength);
  const isFirstDataPage = (number: number, id: number): boolean => {
    if (number >= geometry.pages || geometry.isLookupPage(number)) return false;
    source.read(geometry.pageAddress(number), header);
    return (
      readField(header, 0, 2, bigEndian) === id &&
      readField(header, 2, 2, bigEndian) === 0 &&
      (header[geometry.flagsOffset] & (USED | FINAL | INDEX | DELET)) === (INDEX | DELET)
    );
  };
  for (let block = 0; block < geometry.blocks; block++) {
    source.read(block * geometry.blockSize, lookup);
    for (let entry = 0; entry < geometry.entriesPerBlock; entry++) {
      const id = readField(lookup, entry * 2, 2, bigEndian);
      if (id < geometry.ixFlag || id === geometry.freeId) continue;
      source.read(geometry.pageAddress(geometry.entryPage(block, entry)), page);
      const flags = page[geometry.flagsOffset];
      if (readField(page, 2, 2, bigEndian) !== 0 || (flags & (DELET | FINAL | IXDELE)) !== (DELET | IXDELE)) continue;
      for (let offset = geometry.nameOffset; offset <= geometry.pageSize - 2; offset++) {
        if (isFirstDataPage(readField(page, offset, 2, bigEndian), id - geometry.ixFlag)) {
          found.set(offset, (found.get(offset) ?? 0) + 1);
          break;
        }
      }
    }
  }
  return found;
}
