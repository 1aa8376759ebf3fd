import type { DecodeMode } from '../architecture.js';

/** One block in the interpreter's program. */
export interface ProgramBlock {
  readonly pc: number;
  /** Address behind it. */
  readonly end: number;
  readonly mode: DecodeMode;
  /** First word in the program. */
  readonly ip: number;
  /** Guest address of each instruction, and the position of its first word (ascending). */
  readonly instructions: Uint32Array;
  readonly starts: Int32Array;
  /** Host bytes it was made from; end exclusive. */
  readonly hostFrom: number;
  readonly hostTo: number;
  /** Pairs: a position that holds this block's ip, and the ip of the Link it had before. */
  readonly incoming: number[];
  /** The next block of the same pc in another mode. */
  sibling: ProgramBlock | undefined;
}

const FIRST_WORDS = 4096;

/** Grows by doubling up to this; then everything is forgotten. 16 MiB. */
export const MOST_PROGRAM_WORDS = 1 << 22;

/** The words of all blocks, written one behind the other. Position 0 is never a block. */
export class Program {
  words = new Int32Array(FIRST_WORDS);
  private top = 1;

  /** Where the next word goes. */
  get end(): number {
    return this.top;
  }

  push(word: number): void {
    if (this.top === this.words.length) {
      const grown = new Int32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    this.words[this.top++] = word;
  }

  clear(): void {
    this.top = 1;
    this.words = new Int32Array(FIRST_WORDS);
  }
}
