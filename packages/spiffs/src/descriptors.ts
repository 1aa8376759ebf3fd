import { SpiffsError } from './error.js';
import { UNDEFINED_SIZE } from './fields.js';

/** Bytes of small writes that have not reached the flash, shared by all descriptors of a file. */
export interface WriteCache {
  readonly objectId: number;
  /** File offset of the first byte. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Bytes in use. */
  size: number;
}

/** One slot for an open file (spiffs_fd). */
export class Descriptor {
  /** What the user gets: 1 and up. */
  readonly number: number;
  isOpen = false;
  /** Object id without the index mark; 0 after the file was removed. */
  objectId = 0;
  /** Size as stored: UNDEFINED_SIZE for a file never written. */
  size = UNDEFINED_SIZE;
  headerPage = 0;
  /** Index page used last, and its span. */
  cursorPage = 0;
  cursorSpan = 0;
  /** Offset of the next read or write. */
  position = 0;
  flags = 0;
  cache: WriteCache | undefined;
  /** For finding a file again where it was: hash of its name, and how often that helped. */
  nameHash = 0;
  score = 0;

  constructor(number: number) {
    this.number = number;
  }
}

/** Points gained by a descriptor whose file is opened again (SPIFFS_TEMPORAL_CACHE_HIT_SCORE). */
const HIT_SCORE = 4;

/** The open files, and what must be told to them when pages move (spiffs_cb_object_event). */
export class DescriptorTable {
  readonly #slots: Descriptor[];

  constructor(count: number) {
    this.#slots = Array.from({ length: count }, (_, i) => new Descriptor(i + 1));
  }

  /**
   * Takes a free slot: the one that had this name before, else the one of least score.
   * @param name the name to be opened, when there is one
   * @returns the slot, and whether its old header page is a good place to start the search
   * @throws SpiffsError OUT_OF_FILE_DESCS
   */
  take(name?: Uint8Array): { descriptor: Descriptor; knownPage: number | undefined } {
    const hash = name === undefined ? 0 : hashName(name);
    let best: Descriptor | undefined;
    for (const slot of this.#slots) {
      if (name !== undefined && !slot.isOpen && slot.score > 1) slot.score--;
    }
    for (const slot of this.#slots) {
      if (slot.isOpen) continue;
      if (name !== undefined && slot.nameHash === hash) {
        best = slot;
        break;
      }
      if (best === undefined || slot.score < best.score) best = slot;
    }
    if (best === undefined) {
      throw new SpiffsError('OUT_OF_FILE_DESCS', `all ${this.#slots.length} descriptors are open`);
    }
    let knownPage: number | undefined;
    if (name !== undefined) {
      if (best.nameHash === hash && best.score > 0) {
        knownPage = best.headerPage;
        best.score = Math.min(0xffff, best.score + HIT_SCORE);
      } else {
        best.score = HIT_SCORE;
        best.nameHash = hash;
      }
    }
    best.isOpen = true;
    best.cache = undefined;
    return { descriptor: best, knownPage };
  }

  release(descriptor: Descriptor): void {
    descriptor.isOpen = false;
    descriptor.cache = undefined;
  }

  /**
   * @throws SpiffsError BAD_DESCRIPTOR for a number never given, FILE_CLOSED
   */
  get(number: number): Descriptor {
    const slot = this.#slots[number - 1];
    if (slot === undefined) throw new SpiffsError('BAD_DESCRIPTOR', `${number} is no descriptor`, { fd: number });
    if (!slot.isOpen) throw new SpiffsError('FILE_CLOSED', `descriptor ${number} is not open`, { fd: number });
    return slot;
  }

  get open(): readonly Descriptor[] {
    return this.#slots.filter((slot) => slot.isOpen);
  }

  /** A renamed file keeps its slot's memory. */
  rename(from: Uint8Array, to: Uint8Array): void {
    const [before, after] = [hashName(from), hashName(to)];
    for (const slot of this.#slots) if (slot.score > 0 && slot.nameHash === before) slot.nameHash = after;
  }

  /** The write cache of a file, whichever descriptor it was made for. */
  cacheOf(objectId: number): WriteCache | undefined {
    return this.#slots.find((slot) => slot.isOpen && slot.cache?.objectId === objectId)?.cache;
  }

  get caches(): number {
    return new Set(this.#slots.filter((slot) => slot.isOpen && slot.cache !== undefined).map((slot) => slot.cache))
      .size;
  }

  dropCache(cache: WriteCache): void {
    for (const slot of this.#slots) if (slot.cache === cache) slot.cache = undefined;
  }

  /** An index page other than the header is on another page now. */
  indexMoved(objectId: number, span: number, page: number): void {
    for (const slot of this.#slots) {
      if (slot.objectId === objectId && slot.cursorSpan === span) slot.cursorPage = page;
    }
  }

  /**
   * The object index header is on another page now.
   * @param size the stored size; left out when it is as before
   */
  headerMoved(objectId: number, page: number, size?: number): void {
    for (const slot of this.#slots) {
      if (slot.objectId !== objectId) continue;
      if (slot.score > 0 || slot.isOpen) {
        slot.headerPage = page;
        if (size !== undefined && size !== 0) this.#resize(slot, size);
      }
      if (slot.cursorSpan === 0) slot.cursorPage = page;
    }
  }

  /** The file is gone: its descriptors are closed without writing anything. */
  removed(objectId: number): void {
    for (const slot of this.#slots) {
      if (slot.objectId !== objectId) continue;
      if (slot.isOpen && slot.cache !== undefined) this.dropCache(slot.cache);
      slot.isOpen = false;
      slot.objectId = 0;
      if (slot.cursorSpan === 0) slot.cursorPage = 0;
    }
  }

  #resize(slot: Descriptor, size: number): void {
    slot.size = size;
    let end = size === UNDEFINED_SIZE ? 0 : size;
    if (end > 0 && slot.cache !== undefined) end = Math.max(end, slot.cache.offset + slot.cache.size);
    if (slot.position > end) slot.position = end;
    if (slot.cache !== undefined && slot.cache.offset > end + 1) this.dropCache(slot.cache);
  }
}

/** djb2 with XOR over a name, 32 bits. */
function hashName(name: Uint8Array): number {
  let hash = 5381;
  for (const byte of name) hash = (Math.imul(hash, 33) ^ byte) >>> 0;
  return hash;
}
