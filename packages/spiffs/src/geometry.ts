import type { SpiffsConfig } from './config.js';
import { SpiffsError } from './error.js';

/** The numbers that follow from a configuration and a size (spiffs_nucleus.h). All lengths in bytes. */
export class Geometry {
  readonly config: SpiffsConfig;
  readonly pageSize: number;
  readonly blockSize: number;
  /** Blocks in the area; a rest smaller than a block is not used. */
  readonly blocks: number;
  readonly pagesPerBlock: number;
  /** Pages in the area, lookup pages included. */
  readonly pages: number;
  /** Pages at the start of each block that hold the object lookup. */
  readonly lookupPages: number;
  /** Lookup entries, and so object pages, in a block. */
  readonly entriesPerBlock: number;
  /** Page header: object id, span index, flags. */
  readonly headerLength: number;
  readonly spanOffset: number;
  readonly flagsOffset: number;
  /** Content bytes of a data page. */
  readonly dataSize: number;
  /** Where the fields of an object index header lie in its page. */
  readonly sizeOffset: number;
  readonly typeOffset: number;
  readonly nameOffset: number;
  readonly metaOffset: number;
  /** Start of the page index table in an object index header (span 0) and its number of entries. */
  readonly headerTableOffset: number;
  readonly headerEntries: number;
  /** The same in the other object index pages. */
  readonly indexTableOffset: number;
  readonly indexEntries: number;
  /** The bit that marks an object id as that of an index page. */
  readonly ixFlag: number;
  /** Object id of a free page: all ones. */
  readonly freeId: number;
  /** Page index "none": all ones. */
  readonly noPage: number;

  /**
   * @throws SpiffsError NOT_CONFIGURED when the settings contradict each other, MAGIC_NOT_POSSIBLE when a magic is asked for
   *   and the lookup leaves no room for it
   */
  constructor(config: SpiffsConfig, totalSize: number) {
    const { pageSize, blockSize, objIdBytes, spanIxBytes, pageIxBytes } = config;
    for (const [name, value, least] of [
      ['pageSize', pageSize, 64],
      ['blockSize', blockSize, 512],
      ['objNameLen', config.objNameLen, 1],
      ['metaLen', config.metaLen, 0],
    ] as const) {
      if (!Number.isSafeInteger(value) || value < least)
        throw bad(`${name} is ${value}, less than ${least} or no number`);
    }
    for (const width of [objIdBytes, spanIxBytes, pageIxBytes]) {
      if (width !== 1 && width !== 2 && width !== 4) throw bad(`a field of ${width} bytes; 1, 2 and 4 are possible`);
    }
    if (blockSize % pageSize !== 0 || blockSize / pageSize < 8) {
      throw bad(`a block of ${blockSize} bytes is not 8 or more pages of ${pageSize} bytes`);
    }
    this.config = config;
    this.pageSize = pageSize;
    this.blockSize = blockSize;
    this.blocks = Math.floor(totalSize / blockSize);
    this.pagesPerBlock = blockSize / pageSize;
    this.pages = this.blocks * this.pagesPerBlock;
    this.lookupPages = Math.max(1, Math.floor((this.pagesPerBlock * objIdBytes) / pageSize));
    this.entriesPerBlock = this.pagesPerBlock - this.lookupPages;
    this.headerLength = objIdBytes + spanIxBytes + 1;
    this.spanOffset = objIdBytes;
    this.flagsOffset = objIdBytes + spanIxBytes;
    this.dataSize = pageSize - this.headerLength;
    this.indexTableOffset = Math.ceil(this.headerLength / 4) * 4;
    this.sizeOffset = this.indexTableOffset;
    this.typeOffset = this.sizeOffset + 4;
    this.nameOffset = this.typeOffset + 1;
    this.metaOffset = this.nameOffset + config.objNameLen;
    const align = config.alignedIndexTables ? pageIxBytes : 1;
    this.headerTableOffset = Math.ceil((this.metaOffset + config.metaLen) / align) * align;
    this.headerEntries = Math.floor((pageSize - this.headerTableOffset) / pageIxBytes);
    this.indexEntries = Math.floor((pageSize - this.indexTableOffset) / pageIxBytes);
    this.ixFlag = 2 ** (8 * objIdBytes - 1);
    this.freeId = 2 ** (8 * objIdBytes) - 1;
    this.noPage = 2 ** (8 * pageIxBytes) - 1;
    if (this.blocks < 1) throw bad(`${totalSize} bytes are less than one block of ${blockSize} bytes`);
    if (this.headerEntries < 1)
      throw bad(`the object header leaves no room for an index in a page of ${pageSize} bytes`);
    if (this.pages > this.noPage) {
      throw bad(`${this.pages} pages cannot be numbered in ${pageIxBytes} bytes (${this.noPage} means none)`);
    }
    const rest = (this.entriesPerBlock % Math.floor(pageSize / objIdBytes)) * objIdBytes;
    if (config.useMagic && rest > pageSize - 2 * objIdBytes) {
      throw new SpiffsError(
        'MAGIC_NOT_POSSIBLE',
        `the lookup of a block of ${blockSize} bytes in pages of ${pageSize} bytes leaves no room for a magic`,
      );
    }
  }

  /** The magic of a block: 0x20140529 XOR page size, with useMagicLength also XOR (blocks - block), cut to an object id. */
  magic(block: number): number {
    let magic = 0x20140529 ^ this.pageSize;
    if (this.config.useMagicLength) magic ^= this.blocks - block;
    return this.config.objIdBytes === 4 ? magic >>> 0 : magic & this.freeId;
  }

  /** Address of a block's magic; its erase count follows it, as the last field of the last lookup page. */
  magicAddress(block: number): number {
    return block * this.blockSize + this.lookupPages * this.pageSize - 2 * this.config.objIdBytes;
  }

  eraseCountAddress(block: number): number {
    return block * this.blockSize + this.lookupPages * this.pageSize - this.config.objIdBytes;
  }

  pageAddress(page: number): number {
    return page * this.pageSize;
  }

  blockOf(page: number): number {
    return Math.floor(page / this.pagesPerBlock);
  }

  /** Page that a block's lookup entry describes. */
  entryPage(block: number, entry: number): number {
    return block * this.pagesPerBlock + this.lookupPages + entry;
  }

  /** Lookup entry of a page in its block; negative for a lookup page. */
  pageEntry(page: number): number {
    return (page % this.pagesPerBlock) - this.lookupPages;
  }

  isLookupPage(page: number): boolean {
    return page % this.pagesPerBlock < this.lookupPages;
  }

  lookupAddress(page: number): number {
    return this.blockOf(page) * this.blockSize + this.pageEntry(page) * this.config.objIdBytes;
  }

  /** Span of the index page that lists data span `span`. */
  indexSpanOf(span: number): number {
    return span < this.headerEntries ? 0 : 1 + Math.floor((span - this.headerEntries) / this.indexEntries);
  }

  /** Place of data span `span` in the table of its index page. */
  indexEntryOf(span: number): number {
    return span < this.headerEntries ? span : (span - this.headerEntries) % this.indexEntries;
  }

  /** First data span listed in the index page of span `indexSpan`. */
  firstSpanOf(indexSpan: number): number {
    return indexSpan === 0 ? 0 : this.headerEntries + (indexSpan - 1) * this.indexEntries;
  }

  /** Start and number of entries of the table in an index page of span `indexSpan`. */
  tableOffset(indexSpan: number): number {
    return indexSpan === 0 ? this.headerTableOffset : this.indexTableOffset;
  }

  tableEntries(indexSpan: number): number {
    return indexSpan === 0 ? this.headerEntries : this.indexEntries;
  }
}

function bad(message: string): SpiffsError {
  return new SpiffsError('NOT_CONFIGURED', message);
}
