import { ElfError, hex } from './error.js';

/**
 * Bounds the work of one walk over many parts of a file. Parts of a sound file do not overlap (gABI, Sections), so together
 * they are no larger than it; a file whose parts are would make the walk take the square of its size.
 */
export class Budget {
  #left: number;
  readonly #what: string;

  /** @param size bytes of the file */
  constructor(size: number, what: string) {
    this.#left = size;
    this.#what = what;
  }

  /** @throws ElfError OVERLAP */
  spend(offset: number, length: number): void {
    this.#left -= length;
    if (this.#left >= 0) return;
    throw new ElfError('OVERLAP', `${this.#what} at ${hex(offset)} overlap`, {
      offset,
      field: this.#what,
      value: length,
    });
  }
}
