import type { ArgumentShape } from './composite.js';
import type { ArgumentPlace } from './convention.js';

/** The stack arguments of one call: words, what is aligned to 8 at multiples of 8. */
export class StackArea {
  bytes = 0;

  place({ words, doubleAligned }: ArgumentShape): ArgumentPlace {
    const at = doubleAligned ? (this.bytes + 7) & ~7 : this.bytes;
    this.bytes = at + 4 * words;
    return { kind: 'stack', at, words };
  }
}
