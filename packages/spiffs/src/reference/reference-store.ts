import type { Descriptor, DescriptorTable } from '../descriptors.js';
import { SpiffsError } from '../error.js';
import { DELET, FINAL, IXDELE, UNDEFINED_SIZE } from '../fields.js';
import { decodeHeader, isListed, type ObjectHeader, readHeader } from '../object-header.js';
import { ObjectReader } from '../object-reader.js';
import type { CheckReport, HeaderChange, ObjectStore } from '../store.js';
import type { Volume } from '../volume.js';
import { checkConsistency } from './check.js';
import { GarbageCollector } from './gc.js';
import { checkIndexHeader } from './index-check.js';
import { Nucleus } from './nucleus.js';
import { findFreeObjectId } from './object-ids.js';
import { Objects } from './objects.js';

/** Objects arranged as the C library arranges them, flash program by flash program. */
export class ReferenceStore implements ObjectStore {
  readonly volume: Volume;
  readonly #nucleus: Nucleus;
  readonly #objects: Objects;
  readonly #gc: GarbageCollector;
  readonly #reader: ObjectReader;

  constructor(volume: Volume, descriptors: DescriptorTable, options: { gcMaxRuns: number; cachePages: number }) {
    this.volume = volume;
    this.#reader = new ObjectReader(volume);
    this.#nucleus = new Nucleus(volume, options.cachePages);
    this.#gc = new GarbageCollector(
      this.#nucleus,
      {
        storeIndex: (objectId, span, page) => this.#objects.storeIndex(objectId, span, page),
        indexMoved: (objectId, span, page) => {
          if (span === 0) descriptors.headerMoved(objectId, page);
          else descriptors.indexMoved(objectId, span, page);
        },
        indexDeleted: (objectId, span) => {
          if (span === 0) descriptors.removed(objectId);
          else descriptors.indexMoved(objectId, span, 0);
        },
      },
      options.gcMaxRuns,
    );
    this.#objects = new Objects(this.#nucleus, this.#gc, descriptors);
  }

  list(): ObjectHeader[] {
    const headers: ObjectHeader[] = [];
    for (const page of this.volume.allIndexPages()) {
      if (isListed(this.volume, page)) headers.push(readHeader(this.volume, page));
    }
    return headers;
  }

  findByName(name: Uint8Array, knownPage?: number): number {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    if (knownPage !== undefined) {
      nucleus.cursor = { block: geometry.blockOf(knownPage), entry: Math.max(0, geometry.pageEntry(knownPage)) };
    }
    const place = nucleus.visit(nucleus.cursor, {}, (id, block, entry) => {
      if (!nucleus.isUsed(id) || !nucleus.isIndexId(id)) return 'continue';
      const page = geometry.entryPage(block, entry);
      const bytes = nucleus.cache.read('lookup2', geometry.pageAddress(page), geometry.headerTableOffset);
      const header = nucleus.decodeHeader(bytes);
      if (header.span !== 0 || (header.flags & (DELET | FINAL | IXDELE)) !== (DELET | IXDELE)) return 'continue';
      return sameBytes(decodeHeader(this.volume, page, bytes).name, name) ? 'stop' : 'continue';
    });
    if (place === undefined) return -1;
    nucleus.cursor = place;
    return geometry.entryPage(place.block, place.entry);
  }

  create(name: Uint8Array): number {
    return this.#objects.create(findFreeObjectId(this.#nucleus), name);
  }

  open(descriptor: Descriptor, page: number): void {
    const nucleus = this.#nucleus;
    const { geometry } = nucleus;
    const bytes = nucleus.cache.read('index', geometry.pageAddress(page), geometry.headerTableOffset).slice();
    const header = nucleus.decodeHeader(bytes);
    const lookupId = this.volume.lookup[page];
    descriptor.headerPage = page;
    descriptor.size = nucleus.field(bytes, geometry.sizeOffset, 4);
    descriptor.cursorPage = page;
    descriptor.cursorSpan = 0;
    descriptor.objectId = nucleus.withoutIndexMark(lookupId);
    checkIndexHeader(header, page, 0);
    if (!nucleus.isIndexId(lookupId)) throw new SpiffsError('NOT_INDEX', `page ${page} is no index page`, { page });
  }

  read(file: Descriptor, offset: number, into: Uint8Array): void {
    this.#reader.read(file.objectId, file.headerPage, offset, into);
  }

  write(file: Descriptor, offset: number, bytes: Uint8Array): void {
    let inside = 0;
    if (file.size !== UNDEFINED_SIZE && offset < file.size) {
      inside = Math.min(file.size - offset, bytes.length);
      this.#objects.modify(file, offset, bytes.subarray(0, inside));
    }
    if (inside < bytes.length) this.#objects.append(file, offset + inside, bytes.subarray(inside));
  }

  truncate(file: Descriptor, size: number): void {
    this.#objects.truncate(file, size, false);
  }

  remove(file: Descriptor): void {
    this.#objects.truncate(file, 0, true);
  }

  changeHeader(file: Descriptor, change: HeaderChange): void {
    file.headerPage = this.#objects.updateHeader(file.objectId, file.headerPage, false, change);
  }

  collectGarbage(bytes: number): void {
    this.#gc.makeRoom(bytes);
  }

  collectDeletedBlock(maxFreePages: number): void {
    if (!this.#gc.collectDeletedBlock(maxFreePages)) {
      throw new SpiffsError('NO_DELETED_BLOCKS', 'no block has only deleted pages');
    }
  }

  check(): CheckReport[] {
    return checkConsistency(this.#nucleus);
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
