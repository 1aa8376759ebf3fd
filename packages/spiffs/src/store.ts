import type { Descriptor } from './descriptors.js';
import type { ObjectHeader } from './object-header.js';
import type { Volume } from './volume.js';

/** One finding of a check (spiffs.h, spiffs_check_report). */
export interface CheckReport {
  readonly stage: 'lookup' | 'index' | 'page';
  readonly report: 'error' | 'fix-index' | 'fix-lookup' | 'delete-orphaned-index' | 'delete-page' | 'delete-bad-file';
  /** Page, object id or error number, as the C library reports it. */
  readonly arg1: number;
  readonly arg2: number;
}

/** A change of a header that leaves the content as it is. */
export interface HeaderChange {
  readonly name?: Uint8Array;
  readonly meta?: Uint8Array;
}

/**
 * What the API needs of the layer that arranges objects on the flash. There are two: `reference` programs the flash in the
 * C library's order, `durable` in an order that survives a power cut at any point.
 */
export interface ObjectStore {
  readonly volume: Volume;
  /** Files in page order of their headers. */
  list(): ObjectHeader[];
  /**
   * @param knownPage where the header was last seen
   * @returns page of the header with this name, or -1
   */
  findByName(name: Uint8Array, knownPage?: number): number;
  /** Makes an empty file and gives the page of its header. */
  create(name: Uint8Array): number;
  /** Points a descriptor at the object whose header lies on `page`. */
  open(descriptor: Descriptor, page: number): void;
  /** Fills `into` from inside the file. */
  read(file: Descriptor, offset: number, into: Uint8Array): void;
  /** Writes inside the file or at its end. */
  write(file: Descriptor, offset: number, bytes: Uint8Array): void;
  /** Makes a file, or replaces its content, in one step; missing where that takes an open, a truncate and a write. */
  putFile?(name: Uint8Array, content: Uint8Array): void;
  truncate(file: Descriptor, size: number): void;
  remove(file: Descriptor): void;
  changeHeader(file: Descriptor, change: HeaderChange): void;
  /** Makes room for `bytes` by collecting garbage when needed. */
  collectGarbage(bytes: number): void;
  /** Erases one block that has only deleted pages, and at most `maxFreePages` free ones. */
  collectDeletedBlock(maxFreePages: number): void;
  check(): CheckReport[];
}
