import type { Descriptor, DescriptorTable } from '../descriptors.js';
import { SpiffsError } from '../error.js';
import { IXDELE } from '../fields.js';
import { nameKey, type ObjectHeader, readHeader, visibleSize } from '../object-header.js';
import { checkIndexPage, ObjectReader } from '../object-reader.js';
import { scanBlocks } from '../scan.js';
import type { CheckReport, HeaderChange, ObjectStore } from '../store.js';
import type { Volume } from '../volume.js';
import { Catalogue } from './catalogue.js';
import { Collector } from './collector.js';
import { examine } from './examination.js';
import type { StoredObject } from './object-version.js';
import { ObjectWriter } from './object-writer.js';
import { PagePool } from './page-pool.js';
import { recover } from './recovery.js';
import { ObjectRepair } from './repair.js';

/** Objects arranged so that a power cut at any point leaves every file as it was before or as it is after. */
export class DurableStore implements ObjectStore {
  readonly volume: Volume;
  /** What the mount put right. */
  readonly recovered: readonly CheckReport[];
  readonly #descriptors: DescriptorTable;
  readonly #catalogue: Catalogue;
  readonly #pool: PagePool;
  readonly #writer: ObjectWriter;
  readonly #collector: Collector;
  readonly #reader: ObjectReader;

  constructor(volume: Volume, descriptors: DescriptorTable, options: { gcMaxRuns: number }) {
    this.volume = volume;
    this.#descriptors = descriptors;
    this.#reader = new ObjectReader(volume);
    const unerased = scanBlocks(volume);
    this.#pool = new PagePool(volume);
    const reports: CheckReport[] = [];
    this.#catalogue = new Catalogue(volume, recover(volume, this.#pool, reports));
    this.#collector = new Collector(volume, this.#pool, this.#catalogue, () => this.#writer, options.gcMaxRuns);
    this.#writer = new ObjectWriter(volume, this.#pool, this.#catalogue, descriptors, (pages) => {
      this.#collector.makeRoom(pages);
    });
    if (unerased >= 0) {
      this.#collector.empty(unerased);
      reports.push({ stage: 'lookup', report: 'fix-lookup', arg1: unerased, arg2: 0 });
    }
    this.recovered = reports;
  }

  list(): ObjectHeader[] {
    const pages = [...this.#catalogue.objects.values()].map((object) => object.headerPage);
    pages.push(...this.#catalogue.damagedHeaders);
    return pages.sort((a, b) => a - b).map((page) => readHeader(this.volume, page));
  }

  findByName(name: Uint8Array): number {
    const object = this.#catalogue.byName(name);
    const key = nameKey(name);
    for (const page of this.#catalogue.damagedHeaders) {
      if (object !== undefined && object.headerPage < page) break;
      if (nameKey(readHeader(this.volume, page).name) === key) return page;
    }
    return object?.headerPage ?? -1;
  }

  create(name: Uint8Array): number {
    return this.#writer.create(name).headerPage;
  }

  putFile(name: Uint8Array, content: Uint8Array): void {
    const page = this.findByName(name);
    if (page < 0) this.#writer.createWith(name, content);
    else this.#writer.replaceContent(this.#objectAt(page), content);
  }

  open(descriptor: Descriptor, page: number): void {
    checkIndexPage(this.volume, page, 0);
    const header = readHeader(this.volume, page);
    descriptor.headerPage = page;
    descriptor.size = header.storedSize;
    descriptor.cursorPage = page;
    descriptor.cursorSpan = 0;
    descriptor.objectId = header.objectId;
  }

  read(file: Descriptor, offset: number, into: Uint8Array): void {
    this.#reader.read(file.objectId, file.headerPage, offset, into);
  }

  write(file: Descriptor, offset: number, bytes: Uint8Array): void {
    const object = this.#objectAt(file.headerPage);
    if (bytes.length > 0) this.#writer.write(object, Math.min(offset, visibleSize(object.size)), bytes);
  }

  truncate(file: Descriptor, size: number): void {
    const object = this.#objectAt(file.headerPage);
    if (size < visibleSize(object.size)) this.#writer.truncate(object, size);
  }

  remove(file: Descriptor): void {
    const object = this.#catalogue.objects.get(file.objectId);
    if (object !== undefined && object.headerPage === file.headerPage) this.#writer.remove(object);
    else this.#removeDamaged(file.objectId, file.headerPage);
  }

  changeHeader(file: Descriptor, change: HeaderChange): void {
    this.#writer.changeHeader(this.#objectAt(file.headerPage), change);
  }

  collectGarbage(bytes: number): void {
    this.#collector.makeRoom(Math.ceil(bytes / this.volume.geometry.dataSize));
  }

  collectDeletedBlock(maxFreePages: number): void {
    this.#collector.collectDeletedBlock(maxFreePages);
  }

  check(): CheckReport[] {
    const { volume } = this;
    const reports: CheckReport[] = [];
    let found = recover(volume, this.#pool, reports);
    this.#catalogue.reset(found);
    // Making room moves pages, so each repair starts from a fresh look; an object not whole after its repair is given up.
    const tried = new Set<number>();
    for (let id = nextOf(found.damaged, tried); id !== undefined; id = nextOf(found.damaged, tried)) {
      tried.add(id);
      try {
        this.#collector.makeRoom(new ObjectRepair(volume, this.#pool, id, found.owner).cost);
      } catch (error) {
        if (!(error instanceof SpiffsError) || error.code !== 'FULL') throw error;
        reports.push({ stage: 'page', report: 'error', arg1: error.errno >>> 0, arg2: id });
        continue;
      }
      found = examine(volume);
      new ObjectRepair(volume, this.#pool, id, found.owner).run(reports);
      found = recover(volume, this.#pool, reports);
      this.#catalogue.reset(found);
    }
    this.#tellDescriptors();
    return reports;
  }

  /** Open files may lie elsewhere after a check, or be gone. */
  #tellDescriptors(): void {
    for (const file of this.#descriptors.open) {
      const object = this.#catalogue.objects.get(file.objectId);
      if (object === undefined) this.#descriptors.removed(file.objectId);
      else this.#descriptors.headerMoved(object.id, object.headerPage, object.size);
    }
  }

  /** The object of a header page; a damaged one cannot be changed, and what is wrong with it is thrown. */
  #objectAt(page: number): StoredObject {
    const header = readHeader(this.volume, page);
    const object = this.#catalogue.objects.get(header.objectId);
    if (object !== undefined && object.headerPage === page) return object;
    checkIndexPage(this.volume, page, 0);
    const { geometry } = this.volume;
    const size = Math.min(visibleSize(header.storedSize), geometry.pages * geometry.dataSize);
    this.#reader.read(header.objectId, page, 0, new Uint8Array(size));
    throw new SpiffsError('NOT_A_FILE', `object ${header.objectId} is damaged; a check may repair it`, {
      page,
      objectId: header.objectId,
    });
  }

  #removeDamaged(objectId: number, headerPage: number): void {
    const { volume } = this;
    const { kept } = this.#catalogue;
    const { ixFlag } = volume.geometry;
    this.#pool.markLeaving(headerPage, IXDELE);
    this.#catalogue.damagedHeaders = this.#catalogue.damagedHeaders.filter((page) => page !== headerPage);
    for (let page = 0; page < kept.length; page++) {
      if (kept[page] === 0 || page === headerPage || volume.lookup[page] % ixFlag !== objectId) continue;
      if (this.#catalogue.damagedHeaders.includes(page)) continue;
      kept[page] = 0;
      this.#pool.deletePage(page);
    }
    kept[headerPage] = 0;
    this.#pool.deletePage(headerPage);
  }
}

function nextOf(ids: ReadonlySet<number>, tried: ReadonlySet<number>): number | undefined {
  for (const id of ids) if (!tried.has(id)) return id;
  return undefined;
}
