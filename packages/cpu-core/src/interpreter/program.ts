import type { DecodeMode } from '../architecture.js';
import type { GuestMemory } from '../guest-memory.js';

/** One block in the interpreter's program. */
export interface ProgramBlock {
  readonly pc: number;
  /** Address behind it. */
  readonly end: number;
  readonly mode: DecodeMode;
  /** Position of its first operation. */
  readonly ip: number;
  /** Guest address of each instruction, and the position of its first operation (ascending). */
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

const FIRST_BYTES = 24 << 10;
const MOST_BYTES = 16 << 20;

/**
 * The operations of all blocks, one behind the other, in the linear memory behind the guest's regions. A position is a byte offset
 * in it, a multiple of 4.
 */
export class Program {
  /** Whether something was written behind the end of the space: the program is of no use then. */
  overflowed = false;
  private first: number;
  private limit: number;
  private top: number;

  constructor(private readonly memory: GuestMemory) {
    const bytes = Math.max(FIRST_BYTES, Math.min(memory.slack, 2 * FIRST_BYTES) & ~15);
    this.first = memory.reserve(bytes);
    this.limit = this.first + bytes;
    this.top = this.first;
  }

  /** Where the next word goes. */
  get end(): number {
    return this.top;
  }

  push(word: number): void {
    if (this.top >= this.limit) {
      this.overflowed = true;
      return;
    }
    this.memory.i32[this.top >> 2] = word;
    this.top += 4;
  }

  /** Forgets everything. A program that overflowed gets more space, up to 16 MiB. */
  clear(): void {
    if (this.overflowed) {
      const bytes = Math.min(4 * (this.limit - this.first), MOST_BYTES);
      if (bytes > this.limit - this.first) {
        this.first = this.memory.reserve(bytes);
        this.limit = this.first + bytes;
      }
    }
    this.overflowed = false;
    this.top = this.first;
  }
}
