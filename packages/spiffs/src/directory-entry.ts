import { nameText, type ObjectHeader, visibleSize } from './object-header.js';

/** One file as a listing shows it. */
export interface DirectoryEntry {
  /** Name as text; bytes that are no UTF-8 are U+FFFD. */
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly objectId: number;
  /** 1 for a file. */
  readonly type: number;
  /** Size in bytes. */
  readonly size: number;
  /** Page of the object index header. */
  readonly page: number;
  readonly meta: Uint8Array;
}

export function directoryEntry(header: ObjectHeader): DirectoryEntry {
  return {
    name: nameText(header.name),
    nameBytes: header.name,
    objectId: header.objectId,
    type: header.type,
    size: visibleSize(header.storedSize),
    page: header.page,
    meta: header.meta,
  };
}
