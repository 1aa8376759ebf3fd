import { nameKey } from '../object-header.js';
import type { Volume } from '../volume.js';
import type { Examination } from './examination.js';
import type { StoredObject } from './object-version.js';

/** The files of a mounted file system, and which page belongs to whom: what an examination found, kept up to date. */
export class Catalogue {
  objects: Map<number, StoredObject> = new Map();
  /** Id of the object that needs a page, 0 for none. */
  owner: Uint32Array = new Uint32Array(0);
  /** Pages of damaged objects. */
  kept: Uint8Array = new Uint8Array(0);
  /** Headers that list a file of a damaged object. */
  damagedHeaders: readonly number[] = [];
  readonly #byName = new Map<string, StoredObject>();
  readonly #volume: Volume;
  #nextId = 1;

  constructor(volume: Volume, found: Examination) {
    this.#volume = volume;
    this.reset(found);
  }

  /** Starts over from what an examination found. */
  reset(found: Examination): void {
    this.#byName.clear();
    this.objects = found.objects;
    this.owner = found.owner;
    this.kept = found.kept;
    this.damagedHeaders = found.damagedHeaders;
    for (const object of this.objects.values()) this.addName(object);
  }

  byName(name: Uint8Array): StoredObject | undefined {
    return this.#byName.get(nameKey(name));
  }

  addName(object: StoredObject): void {
    const key = nameKey(object.name);
    const other = this.#byName.get(key);
    if (other === undefined || object.headerPage < other.headerPage) this.#byName.set(key, object);
  }

  dropName(object: StoredObject): void {
    const key = nameKey(object.name);
    if (this.#byName.get(key) !== object) return;
    this.#byName.delete(key);
    for (const other of this.objects.values()) if (other !== object && nameKey(other.name) === key) this.addName(other);
  }

  /** Lowest id, from the last one given on, that no page carries; as many ids as there may be objects. */
  freeId(): number | undefined {
    const { geometry } = this.#volume;
    const most = Math.min(geometry.ixFlag - 2, Math.floor((geometry.blocks * geometry.entriesPerBlock) / 2) + 1);
    const used = new Set<number>();
    for (const id of this.#volume.lookup) used.add(id % geometry.ixFlag);
    for (let i = 0; i < most; i++) {
      const id = ((this.#nextId - 1 + i) % most) + 1;
      if (used.has(id)) continue;
      this.#nextId = id + 1;
      return id;
    }
    return undefined;
  }
}
