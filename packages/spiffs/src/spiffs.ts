import { type BlockDevice, type ByteSource, SourceError } from '@loadstone/fd-sources';
import { ESP_IDF_CONFIG, type SpiffsConfig } from './config.js';
import { SpiffsError } from './error.js';
import { Geometry } from './geometry.js';
import { isListed, nameBytes, nameKey, nameText, type ObjectHeader, readHeader, visibleSize } from './object-header.js';
import { checkIndexPage, ObjectReader } from './object-reader.js';
import { scanBlocks } from './scan.js';
import { Volume, type VolumeStats } from './volume.js';

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

/** A mounted SPIFFS file system. */
export class Spiffs {
  readonly geometry: Geometry;
  readonly #volume: Volume;
  readonly #reader: ObjectReader;

  private constructor(volume: Volume) {
    this.geometry = volume.geometry;
    this.#volume = volume;
    this.#reader = new ObjectReader(volume);
  }

  /**
   * Mounts the file system on a device.
   * @throws SpiffsError NOT_A_FS, NOT_CONFIGURED, MAGIC_NOT_POSSIBLE
   */
  static mount(device: BlockDevice, config: SpiffsConfig = ESP_IDF_CONFIG): Spiffs {
    const volume = new Volume(device, new Geometry(config, device.size));
    volume.loadLookup();
    scanBlocks(volume);
    return new Spiffs(volume);
  }

  get config(): SpiffsConfig {
    return this.geometry.config;
  }

  get stats(): VolumeStats {
    return this.#volume.stats;
  }

  /** The files, in the order of their headers on the flash. */
  list(): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const page of this.#volume.allIndexPages()) {
      if (isListed(this.#volume, page)) entries.push(directoryEntry(readHeader(this.#volume, page)));
    }
    return entries;
  }

  /**
   * @throws SpiffsError NOT_FOUND, NAME_TOO_LONG
   */
  stat(name: string | Uint8Array): DirectoryEntry {
    return directoryEntry(this.#find(name));
  }

  /**
   * The whole content of a file.
   * @throws SpiffsError NOT_FOUND, NAME_TOO_LONG, or the code of the damage met
   */
  readFile(name: string | Uint8Array): Uint8Array {
    const header = this.#find(name);
    checkIndexPage(this.#volume, header.page, 0);
    const most = this.geometry.pages * this.geometry.dataSize;
    const content = new Uint8Array(Math.min(visibleSize(header.storedSize), most));
    this.#reader.read(header.objectId, header.page, 0, content);
    return content;
  }

  /**
   * A file as a source; its size is that of now.
   * @throws SpiffsError NOT_FOUND, NAME_TOO_LONG
   */
  fileSource(name: string | Uint8Array): ByteSource {
    const header = this.#find(name);
    checkIndexPage(this.#volume, header.page, 0);
    const size = visibleSize(header.storedSize);
    return {
      size,
      read: (offset, into) => {
        if (!Number.isSafeInteger(offset) || offset < 0) {
          throw new SourceError('BAD_ARGUMENT', `offset ${offset} is not a whole number from 0 to 2^53 - 1`, {
            offset,
          });
        }
        const count = Math.max(0, Math.min(into.length, size - offset));
        this.#reader.read(header.objectId, header.page, offset, into.subarray(0, count));
        return count;
      },
    };
  }

  #find(name: string | Uint8Array): ObjectHeader {
    const wanted = nameBytes(name);
    if (wanted.length > this.config.objNameLen - 1) {
      throw new SpiffsError(
        'NAME_TOO_LONG',
        `a name has at most ${this.config.objNameLen - 1} bytes: ${nameText(wanted)}`,
        {
          name: nameText(wanted),
        },
      );
    }
    const key = nameKey(wanted);
    for (const page of this.#volume.allIndexPages()) {
      if (!isListed(this.#volume, page)) continue;
      const header = readHeader(this.#volume, page);
      if (nameKey(header.name) === key) return header;
    }
    throw new SpiffsError('NOT_FOUND', `no file ${nameText(wanted)}`, { name: nameText(wanted) });
  }
}

function directoryEntry(header: ObjectHeader): DirectoryEntry {
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
