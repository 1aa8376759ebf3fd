import { SpiffsError } from '../error.js';
import type { Volume } from '../volume.js';

/** What an access is for (SPIFFS_OP_T_*): object lookup, headers looked at in passing, index pages, data pages. */
export type AccessType = 'lookup' | 'lookup2' | 'index' | 'data';
/** How a write treats the cache (SPIFFS_OP_C_*). */
export type WriteKind = 'update' | 'delete' | 'through';

interface CachedPage {
  page: number;
  lastAccess: number;
  readonly bytes: Uint8Array;
}

/**
 * The C library's read cache (spiffs_cache.c). It is here because it can be seen: a blind write of a flags byte is copied
 * into the cached page as it is, while the flash keeps the AND, and what a check finds depends on which of the two it reads.
 */
export class FlashCache {
  readonly #volume: Volume;
  readonly #slots: CachedPage[];
  readonly #direct: Uint8Array;
  #clock = 0;

  constructor(volume: Volume, pages: number) {
    const { pageSize } = volume.geometry;
    this.#volume = volume;
    this.#slots = Array.from({ length: pages }, () => ({ page: -1, lastAccess: 0, bytes: new Uint8Array(pageSize) }));
    this.#direct = new Uint8Array(pageSize);
  }

  /** Bytes inside one page; valid until the next call. */
  read(type: AccessType, address: number, length: number): Uint8Array {
    this.#checkInside(address, length);
    const { pageSize } = this.#volume.geometry;
    const page = Math.floor(address / pageSize);
    const within = address - page * pageSize;
    let slot = this.#find(page);
    this.#clock++;
    if (slot === undefined) {
      if (type === 'lookup2') return this.#readDirect(address, length);
      slot = this.#takeSlot();
      if (slot === undefined) return this.#readDirect(address, length);
      slot.page = page;
      this.#volume.read(page * pageSize, slot.bytes);
    }
    slot.lastAccess = this.#clock;
    return slot.bytes.subarray(within, within + length);
  }

  /** Programs bytes inside one page. */
  write(type: AccessType, kind: WriteKind, address: number, bytes: Uint8Array): void {
    this.#checkInside(address, bytes.length);
    const { pageSize } = this.#volume.geometry;
    const page = Math.floor(address / pageSize);
    const slot = this.#find(page);
    if (slot !== undefined && kind !== 'through') {
      if (kind === 'delete' && type !== 'lookup') {
        slot.page = -1;
      } else {
        slot.bytes.set(bytes, address - page * pageSize);
        this.#clock++;
        slot.lastAccess = this.#clock;
      }
    }
    this.#volume.program(address, bytes);
  }

  /** Forgets the pages of a block. */
  dropBlock(block: number): void {
    const { pagesPerBlock } = this.#volume.geometry;
    for (const slot of this.#slots) {
      if (slot.page >= 0 && Math.floor(slot.page / pagesPerBlock) === block) slot.page = -1;
    }
  }

  /** A damaged index can send the C library outside its flash; what happens there is for the board to say. */
  #checkInside(address: number, length: number): void {
    if (address + length > this.#volume.device.size) {
      throw new SpiffsError(
        'INDEX_REF_INVALID',
        `a damaged index leads to address ${address}, past the end of the flash`,
        {
          page: Math.floor(address / this.#volume.geometry.pageSize),
        },
      );
    }
  }

  #readDirect(address: number, length: number): Uint8Array {
    const bytes = this.#direct.subarray(0, length);
    this.#volume.read(address, bytes);
    return bytes;
  }

  #find(page: number): CachedPage | undefined {
    const slot = this.#slots.find((candidate) => candidate.page === page);
    if (slot !== undefined) slot.lastAccess = this.#clock;
    return slot;
  }

  #takeSlot(): CachedPage | undefined {
    let oldest: CachedPage | undefined;
    for (const slot of this.#slots) {
      if (slot.page < 0) {
        slot.lastAccess = this.#clock;
        return slot;
      }
      if (oldest === undefined || slot.lastAccess < oldest.lastAccess) oldest = slot;
    }
    return oldest;
  }
}
