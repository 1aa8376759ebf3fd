import type { MemoryRange } from './description.js';

/** Memory handed out upwards for good, and downwards from the end for a time (given back in reverse order). */
export class Arena {
  readonly #range: MemoryRange;
  #used = 0;
  #temporary = 0;

  constructor(range: MemoryRange) {
    this.#range = range;
  }

  /** Address of permanent memory, or undefined when full. */
  permanent(size: number, align: number): number | undefined {
    const start = Math.ceil((this.#range.start + this.#used) / align) * align - this.#range.start;
    if (start + size > this.#range.size - this.#temporary) return undefined;
    this.#used = start + size;
    return this.#range.start + start;
  }

  /** Address of memory taken from the end, 4-aligned, until `release`; undefined when full. */
  temporary(size: number): number | undefined {
    const taken = this.#temporary + Math.ceil(size / 4) * 4;
    if (taken > this.#range.size - this.#used) return undefined;
    this.#temporary = taken;
    return this.#range.start + this.#range.size - taken;
  }

  /** How much temporary memory is out. */
  get mark(): number {
    return this.#temporary;
  }

  release(mark: number): void {
    this.#temporary = mark;
  }

  /** Bytes of permanent memory handed out. */
  get used(): number {
    return this.#used;
  }

  /** Puts both ends back to an earlier state. */
  reset(used: number, temporary: number): void {
    this.#used = used;
    this.#temporary = temporary;
  }
}
