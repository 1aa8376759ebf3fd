import { type ByteSource, SourceError } from '@loadstone/fd-sources';
import { SpiffsError } from './error.js';
import { ObjectReader } from './object-reader.js';
import type { Volume } from './volume.js';

/** A file's content as a source. It finds the file again by its object id when the flash changed meanwhile. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #volume: Volume;
  readonly #reader: ObjectReader;
  readonly #objectId: number;
  #headerPage: number;
  #generation: number;
  #closed = false;

  constructor(volume: Volume, objectId: number, headerPage: number, size: number) {
    this.#volume = volume;
    this.#reader = new ObjectReader(volume);
    this.#objectId = objectId;
    this.#headerPage = headerPage;
    this.#generation = volume.generation;
    this.size = size;
  }

  read(offset: number, into: Uint8Array): number {
    if (this.#closed) throw new SourceError('CLOSED', 'the file source is closed');
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new SourceError('BAD_ARGUMENT', `offset ${offset} is not a whole number from 0 to 2^53 - 1`, { offset });
    }
    const count = Math.max(0, Math.min(into.length, this.size - offset));
    if (count === 0) return 0;
    try {
      if (this.#generation !== this.#volume.generation) this.#findAgain();
      this.#reader.read(this.#objectId, this.#headerPage, offset, into.subarray(0, count));
    } catch (cause) {
      if (!(cause instanceof SpiffsError)) throw cause;
      throw new SourceError('IO', cause.message, { offset, length: count, size: this.size, cause });
    }
    return count;
  }

  close(): void {
    this.#closed = true;
  }

  #findAgain(): void {
    const page = this.#volume.findIndexPage(this.#objectId, 0);
    if (page < 0) {
      throw new SpiffsError('FILE_DELETED', `object ${this.#objectId} was removed`, { objectId: this.#objectId });
    }
    this.#headerPage = page;
    this.#generation = this.#volume.generation;
  }
}
