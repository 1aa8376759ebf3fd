import { SpiffsError } from '../error.js';
import { DELET, DELETED_ID, FINAL, USED, writeField } from '../fields.js';
import type { Volume } from '../volume.js';

/** Whole blocks kept free, so that a block can always be emptied: its pages, and the index pages that name them. */
const SPARE_BLOCKS = 2;

/**
 * Takes and gives back pages, so that a power cut between any two flash programs, or inside one, leaves nothing that could be
 * mistaken: the lookup entry first, then the page with its header; and for a deletion the flags, one byte, first.
 */
export class PagePool {
  readonly volume: Volume;
  /** Free lookup entries of each block. */
  readonly #freeIn: Uint32Array;
  #cursorBlock = 0;
  readonly #pageBytes: Uint8Array;
  readonly #pageWords: Uint32Array;

  constructor(volume: Volume) {
    this.volume = volume;
    this.#freeIn = new Uint32Array(volume.geometry.blocks);
    this.#pageBytes = new Uint8Array(Math.ceil(volume.geometry.pageSize / 4) * 4).fill(0xff);
    this.#pageWords = new Uint32Array(this.#pageBytes.buffer);
    for (let block = 0; block < volume.geometry.blocks; block++) this.recount(block);
  }

  recount(block: number): void {
    const { geometry, lookup } = this.volume;
    const first = geometry.entryPage(block, 0);
    let free = 0;
    for (let page = first; page < first + geometry.entriesPerBlock; page++) {
      if (lookup[page] === geometry.freeId) free++;
    }
    this.#freeIn[block] = free;
  }

  freeIn(block: number): number {
    return this.#freeIn[block];
  }

  /** Free pages outside a block, the spare blocks included. */
  freeOutside(block: number): number {
    let free = 0;
    for (let other = 0; other < this.#freeIn.length; other++) if (other !== block) free += this.#freeIn[other];
    return free;
  }

  /** Pages that can be taken without touching the spare blocks. */
  get available(): number {
    const { entriesPerBlock } = this.volume.geometry;
    let [inUsedBlocks, freeBlocks] = [0, 0];
    for (const free of this.#freeIn) {
      if (free === entriesPerBlock) freeBlocks++;
      else inUsedBlocks += free;
    }
    return inUsedBlocks + Math.max(0, freeBlocks - SPARE_BLOCKS) * entriesPerBlock;
  }

  /**
   * Makes a page's header and content; the content starts after the header.
   * @param bytes where to make it; a new page when left out
   */
  composePage(
    id: number,
    span: number,
    flags: number,
    bytes: Uint8Array = new Uint8Array(this.volume.geometry.pageSize),
  ): Uint8Array {
    const { geometry } = this.volume;
    const { objIdBytes, spanIxBytes, bigEndian } = geometry.config;
    bytes.fill(0xff);
    writeField(bytes, 0, objIdBytes, bigEndian, id);
    writeField(bytes, geometry.spanOffset, spanIxBytes, bigEndian, span);
    bytes[geometry.flagsOffset] = flags;
    return bytes;
  }

  /**
   * Takes a free page for these bytes: programs the lookup entry, then the page.
   * @param exclude a block that is being emptied
   * @throws SpiffsError FULL when no page at all is free
   */
  writePage(id: number, bytes: Uint8Array, exclude = -1): number {
    const { volume } = this;
    const page = this.#takePage(exclude);
    volume.programLookup(page, id);
    volume.pagesAllocated++;
    volume.program(volume.geometry.pageAddress(page), bytes);
    return page;
  }

  /** Clears the final bit: the page counts from this one byte on. */
  finalize(page: number): void {
    this.#clearFlags(page, FINAL);
  }

  /** Clears flag bits of a page, one byte of flash. */
  #clearFlags(page: number, bits: number): void {
    const { volume } = this;
    const flags = volume.headerFlags(page) & ~bits & 0xff;
    if (flags === volume.headerFlags(page)) return;
    volume.program(volume.geometry.pageAddress(page) + volume.geometry.flagsOffset, Uint8Array.of(flags));
  }

  /** Marks a header as being removed: from this one byte on the file is gone. */
  markLeaving(page: number, bit: number): void {
    this.#clearFlags(page, bit);
  }

  /** Deletes a page: from its flags on it does not count; then the lookup entry says so too. */
  deletePage(page: number): void {
    const { volume } = this;
    this.#clearFlags(page, DELET | USED);
    const id = volume.lookup[page];
    if (id === DELETED_ID) return;
    volume.programLookup(page, DELETED_ID);
    if (id === volume.geometry.freeId) this.#countTaken(page);
    else volume.pagesAllocated--;
    volume.pagesDeleted++;
  }

  /** Erases a block that holds nothing that is needed. */
  renewBlock(block: number): void {
    const { volume } = this;
    const { geometry, lookup } = volume;
    const first = geometry.entryPage(block, 0);
    if (lookup[first] === geometry.freeId) volume.freeBlocks--;
    for (let page = first; page < first + geometry.entriesPerBlock; page++) {
      if (lookup[page] === DELETED_ID) volume.pagesDeleted--;
      else if (lookup[page] !== geometry.freeId) volume.pagesAllocated--;
    }
    volume.renewBlock(block);
    this.recount(block);
  }

  /** Whether a page is erased from its first to its last byte. */
  isBlank(page: number): boolean {
    const { pageSize } = this.volume.geometry;
    this.volume.read(this.volume.geometry.pageAddress(page), this.#pageBytes.subarray(0, pageSize));
    const words = this.#pageWords;
    for (let i = 0; i < words.length; i++) if (words[i] !== 0xffffffff) return false;
    return true;
  }

  #countTaken(page: number): void {
    const { volume } = this;
    this.#freeIn[volume.geometry.blockOf(page)]--;
    if (volume.geometry.pageEntry(page) === 0) volume.freeBlocks--;
  }

  /** The next free page, in a block already begun as long as there is one; a page that is not blank is given up. */
  #takePage(exclude: number): number {
    const { volume } = this;
    const { geometry, lookup } = volume;
    for (;;) {
      const block = this.#chooseBlock(exclude);
      this.#cursorBlock = block;
      const first = geometry.entryPage(block, 0);
      let page = first;
      while (lookup[page] !== geometry.freeId) page++;
      if (this.isBlank(page)) {
        this.#countTaken(page);
        return page;
      }
      this.deletePage(page);
    }
  }

  #chooseBlock(exclude: number): number {
    const { entriesPerBlock, blocks } = this.volume.geometry;
    let fresh = -1;
    for (let i = 0; i < blocks; i++) {
      const block = (this.#cursorBlock + i) % blocks;
      const free = this.#freeIn[block];
      if (free === 0 || block === exclude) continue;
      if (free < entriesPerBlock) return block;
      if (fresh < 0) fresh = block;
    }
    if (fresh < 0) throw new SpiffsError('FULL', 'no page is free');
    return fresh;
  }
}
