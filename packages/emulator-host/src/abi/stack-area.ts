import type { ArgumentPlace } from './convention.js';

/** The stack arguments of one call: words, 64-bit values at multiples of 8. */
export class StackArea {
  bytes = 0;

  place(words: 1 | 2): ArgumentPlace {
    const at = words === 2 ? (this.bytes + 7) & ~7 : this.bytes;
    this.bytes = at + 4 * words;
    return { kind: 'stack', at, words };
  }
}
