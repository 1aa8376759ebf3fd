import { DELET, DELETED_ID, FINAL, INDEX, IXDELE, readField, UNDEFINED_SIZE, USED } from '../fields.js';
import { isListed } from '../object-header.js';
import type { Volume } from '../volume.js';
import { type IndexRepair, rank, type StoredObject, type Version, VersionFinder } from './object-version.js';

/** An update that was cut short after its commit: the old header is marked, the new pages wait to be finalised. */
export interface RollForward {
  readonly objectId: number;
  readonly newHeader: number;
  readonly newIndexPages: readonly number[];
}

/** What is on a flash: its files, and what cut operations left behind. */
export interface Examination {
  readonly objects: Map<number, StoredObject>;
  /** Ids of damaged objects. */
  readonly damaged: ReadonlySet<number>;
  /** Headers that list a file but belong to a damaged object, in page order. */
  readonly damagedHeaders: readonly number[];
  /** Id of the object that needs a page, 0 for none. */
  readonly owner: Uint32Array;
  /** Pages of damaged objects, to be kept as they are. */
  readonly kept: Uint8Array;
  readonly rollForwards: readonly RollForward[];
  readonly indexRepairs: readonly IndexRepair[];
  /** Pages whose lookup entry was not, or only half, written. */
  readonly lostLookups: readonly { readonly page: number; readonly id: number }[];
  /** Blocks that nothing needs and that look like the middle of an erase. */
  readonly halfErased: readonly number[];
  /** Used pages that nothing needs, in an order in which they can be deleted. */
  readonly dead: readonly number[];
}

interface Group {
  readonly live: number[];
  readonly leaving: number[];
  readonly unfinishedHeaders: number[];
  readonly unfinished: number[];
  /** Live index pages of span 1 and up. */
  readonly index: Map<number, number[]>;
  isDamaged: boolean;
}

/** Looks at every used page and decides which pages make up the files. Reads only. */
export function examine(volume: Volume): Examination {
  return new Examiner(volume).run();
}

/** Whether an index page's header is one that a finished or unfinished index page of `objectId` has. */
function isOwnIndex(volume: Volume, page: number, objectId: number): boolean {
  const flags = volume.headerFlags(page);
  return volume.headerId(page) === objectId + volume.geometry.ixFlag && (flags & (USED | INDEX | DELET)) === DELET;
}

class Examiner {
  readonly #volume: Volume;
  readonly #versions: VersionFinder;
  readonly #groups = new Map<number, Group>();
  readonly #owner: Uint32Array;
  readonly #kept: Uint8Array;
  readonly #objects = new Map<number, StoredObject>();
  readonly #damagedHeaders: number[] = [];
  readonly #rollForwards: RollForward[] = [];
  readonly #indexRepairs: IndexRepair[] = [];
  readonly #lostLookups: { page: number; id: number }[] = [];
  /** Index pages whose lookup entry is half deleted. */
  readonly #halfDeleted: number[] = [];

  constructor(volume: Volume) {
    this.#volume = volume;
    this.#versions = new VersionFinder(volume);
    this.#owner = new Uint32Array(volume.geometry.pages);
    this.#kept = new Uint8Array(volume.geometry.pages);
  }

  run(): Examination {
    this.#sortPages();
    this.#decideHalfDeleted();
    this.#findLostHeaders();
    for (const [id, group] of this.#groups) this.#decide(id, group);
    this.#keepDamaged();
    const halfErased = this.#findHalfErased();
    return {
      objects: this.#objects,
      damaged: new Set([...this.#groups].filter(([, group]) => group.isDamaged).map(([id]) => id)),
      damagedHeaders: this.#damagedHeaders.sort((a, b) => a - b),
      owner: this.#owner,
      kept: this.#kept,
      rollForwards: this.#rollForwards,
      indexRepairs: this.#indexRepairs,
      lostLookups: this.#lostLookups,
      halfErased,
      dead: this.#findDead(halfErased),
    };
  }

  #group(id: number): Group {
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { live: [], leaving: [], unfinishedHeaders: [], unfinished: [], index: new Map(), isDamaged: false };
      this.#groups.set(id, group);
    }
    return group;
  }

  #sortPages(): void {
    const volume = this.#volume;
    const { ixFlag } = volume.geometry;
    for (const page of volume.allIndexPages()) {
      const id = volume.lookup[page] - ixFlag;
      const group = this.#group(id);
      const flags = volume.headerFlags(page);
      if (flags === 0xff || (flags & DELET) === 0) continue;
      if (!isOwnIndex(volume, page, id) || id === DELETED_ID) {
        if (!this.#isHalfWritten(page)) this.#addAlien(page, group);
        continue;
      }
      const span = volume.headerSpan(page);
      if (span === 0) {
        if ((flags & FINAL) !== 0) group.unfinishedHeaders.push(page);
        else if ((flags & IXDELE) === 0) group.leaving.push(page);
        else if (!this.#isHalfCreated(page)) group.live.push(page);
      } else if ((flags & FINAL) !== 0) {
        group.unfinished.push(page);
      } else {
        const pages = group.index.get(span);
        if (pages === undefined) group.index.set(span, [page]);
        else pages.push(page);
      }
    }
  }

  /** A lookup entry of two or four bytes may be written, or deleted, in part; an unfinished page is nothing yet. */
  #isHalfWritten(page: number): boolean {
    const volume = this.#volume;
    const { freeId, ixFlag } = volume.geometry;
    const lookupId = volume.lookup[page];
    const headerId = volume.headerId(page);
    const flags = volume.headerFlags(page);
    if ((flags & FINAL) !== 0) return true;
    if ((flags & USED) !== 0 || headerId === freeId || headerId % ixFlag === 0) return false;
    if (lookupId !== headerId && (lookupId & headerId) >>> 0 === headerId) {
      this.#lostLookups.push({ page, id: headerId });
      return true;
    }
    if (!startsWithZeros(volume.idBytes(lookupId).slice(), volume.idBytes(headerId))) return false;
    this.#halfDeleted.push(page);
    return true;
  }

  /** Lookup and header name different objects: neither is to be touched. */
  #addAlien(page: number, group: Group): void {
    group.isDamaged = true;
    this.#group(this.#volume.headerId(page) % this.#volume.geometry.ixFlag).isDamaged = true;
    if (isListed(this.#volume, page)) group.live.push(page);
  }

  /** A half deleted index page may go when its object is gone, or has another in its place. */
  #decideHalfDeleted(): void {
    const volume = this.#volume;
    for (const page of this.#halfDeleted) {
      const id = volume.headerId(page) % volume.geometry.ixFlag;
      const group = this.#groups.get(id);
      const span = volume.headerSpan(page);
      const hasHeader = group !== undefined && group.live.length > 0;
      if (span === 0 && (hasHeader || (volume.headerFlags(page) & IXDELE) === 0)) continue;
      if (span !== 0 && (!hasHeader || group.index.has(span))) continue;
      this.#addAlien(page, this.#group(volume.lookup[page] % volume.geometry.ixFlag));
    }
  }

  /** The C library writes a new header in one go: cut short, its name is not filled up with zeros. */
  #isHalfCreated(page: number): boolean {
    const { geometry } = this.#volume;
    const bytes = this.#volume.readPage(page);
    const size = readField(bytes, geometry.sizeOffset, 4, geometry.config.bigEndian);
    return size === UNDEFINED_SIZE && bytes.subarray(geometry.metaOffset - 1).every((byte) => byte === 0xff);
  }

  /** Objects without a header, but with one that the lookup does not show: damage, not an update that was cut short. */
  #findLostHeaders(): void {
    const volume = this.#volume;
    const { geometry, lookup } = volume;
    const headless = new Set<number>();
    for (let page = 0; page < geometry.pages; page++) {
      const id = lookup[page];
      if (geometry.isLookupPage(page) || id === geometry.freeId || id === DELETED_ID) continue;
      const group = this.#groups.get(id % geometry.ixFlag);
      if (group === undefined || group.live.length + group.leaving.length === 0) headless.add(id % geometry.ixFlag);
    }
    if (headless.size === 0) return;
    for (let page = 0; page < geometry.pages; page++) {
      if (geometry.isLookupPage(page)) continue;
      const id = volume.headerId(page) - geometry.ixFlag;
      if (!headless.has(id) || volume.headerSpan(page) !== 0 || lookup[page] === id + geometry.ixFlag) continue;
      if ((volume.headerFlags(page) & (USED | FINAL | INDEX | IXDELE | DELET)) === (IXDELE | DELET)) {
        this.#group(id).isDamaged = true;
      }
    }
  }

  #decide(id: number, group: Group): void {
    if (group.live.length === 0) {
      if (group.leaving.length > 0 && group.unfinishedHeaders.length > 0) {
        this.#rollForwards.push({
          objectId: id,
          newHeader: group.unfinishedHeaders[0],
          newIndexPages: group.unfinished,
        });
        group.isDamaged = true;
      }
      return;
    }
    if (group.isDamaged) {
      this.#damagedHeaders.push(...group.live);
      return;
    }
    let best: Version | undefined;
    for (const page of group.live) {
      const version = this.#versions.assess(id, page, group.index);
      if (best === undefined || rank(version.soundness) > rank(best.soundness)) best = version;
    }
    if (best === undefined) return;
    if (best.soundness === 'broken') {
      group.isDamaged = true;
      this.#damagedHeaders.push(...group.live);
      return;
    }
    this.#objects.set(id, best.object);
    for (const page of best.object.indexPages) this.#own(page, id, id + this.#volume.geometry.ixFlag);
    for (const page of best.dataPages) this.#own(page, id, id);
    this.#indexRepairs.push(...best.repairs);
  }

  #own(page: number, id: number, lookupId: number): void {
    this.#owner[page] = id;
    if (this.#volume.lookup[page] === this.#volume.geometry.freeId) this.#lostLookups.push({ page, id: lookupId });
  }

  /** Everything that may belong to a damaged object stays. */
  #keepDamaged(): void {
    const volume = this.#volume;
    const { geometry, lookup } = volume;
    const damaged = new Set<number>();
    for (const [id, group] of this.#groups) if (group.isDamaged) damaged.add(id);
    if (damaged.size === 0) return;
    for (let page = 0; page < geometry.pages; page++) {
      const id = lookup[page];
      if (geometry.isLookupPage(page) || this.#owner[page] !== 0) continue;
      const isShown = id !== DELETED_ID && id !== geometry.freeId;
      const isUsed = (volume.headerFlags(page) & (DELET | USED)) === DELET;
      const byHeader = isUsed && damaged.has(volume.headerId(page) % geometry.ixFlag);
      if (byHeader || (isShown && damaged.has(id % geometry.ixFlag))) this.#kept[page] = 1;
    }
  }

  /**
   * An erase goes through a block from its start: free lookup entries before others, or pages of a free block that are not
   * blank.
   */
  #findHalfErased(): number[] {
    const volume = this.#volume;
    const { geometry, lookup } = volume;
    const found: number[] = [];
    for (let block = 0; block < geometry.blocks; block++) {
      const first = geometry.entryPage(block, 0);
      let [free, needed, isHalf] = [0, false, false];
      for (let page = first; page < first + geometry.entriesPerBlock; page++) {
        if (lookup[page] === geometry.freeId) free++;
        else if (free > 0) isHalf = true;
        if (this.#owner[page] !== 0 || this.#kept[page] !== 0) needed = true;
      }
      if (free === geometry.entriesPerBlock) isHalf = !this.#isBlankBlock(block);
      if (isHalf && !needed) found.push(block);
    }
    return found;
  }

  /** With magic a finished erase is known by it, and page headers are enough to see one that stopped before it. */
  #isBlankBlock(block: number): boolean {
    const { geometry } = this.#volume;
    if (geometry.config.useMagic) {
      const first = geometry.entryPage(block, 0);
      for (let page = first; page < first + geometry.entriesPerBlock; page++) {
        if (this.#volume.headerFlags(page) !== 0xff) return false;
      }
      return true;
    }
    const bytes = new Uint8Array(geometry.entriesPerBlock * geometry.pageSize);
    this.#volume.read(geometry.pageAddress(geometry.entryPage(block, 0)), bytes);
    return bytes.every((byte) => byte === 0xff);
  }

  /** Pages not needed: headers last, so that an object being removed keeps its mark until the end. */
  #findDead(halfErased: readonly number[]): number[] {
    const volume = this.#volume;
    const { geometry, lookup } = volume;
    const dead: number[] = [];
    const headers: number[] = [];
    for (let page = 0; page < geometry.pages; page++) {
      if (geometry.isLookupPage(page)) continue;
      const id = lookup[page];
      if (this.#owner[page] !== 0 || this.#kept[page] !== 0) continue;
      if (id === DELETED_ID && (volume.headerFlags(page) & DELET) === 0) continue;
      if (id === geometry.freeId && (volume.headerFlags(page) & USED) !== 0) continue;
      if (halfErased.includes(geometry.blockOf(page))) continue;
      const isHeader =
        id >= geometry.ixFlag && volume.headerSpan(page) === 0 && (volume.headerFlags(page) & DELET) !== 0;
      (isHeader && id !== geometry.freeId ? headers : dead).push(page);
    }
    return [...dead, ...headers];
  }
}

/** Whether bytes are those of another field but for one or more zeros in front, the last byte excepted. */
function startsWithZeros(bytes: Uint8Array, other: Uint8Array): boolean {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
  return zeros > 0 && zeros < bytes.length && bytes.every((byte, i) => i < zeros || byte === other[i]);
}
