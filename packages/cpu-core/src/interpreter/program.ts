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

/** Bytes that must be left for one more operation or block. */
const LARGEST_OPERATION = 2048;

/** A stretch of the linear memory: bytes [first, limit). */
interface Chunk {
  readonly first: number;
  readonly limit: number;
}

/**
 * The operations of all blocks, one behind the other, in the linear memory behind the guest's regions. A position is a byte offset
 * in it, a multiple of 4. Positions of later blocks are larger.
 */
export class Program {
  /** Where the next word goes. */
  end: number;
  private readonly chunks: Chunk[] = [];
  /** Number of the chunk that is written. */
  private current = 0;
  private limit: number;
  private bytes = 0;

  constructor(private readonly memory: GuestMemory) {
    const { first, limit } = this.take(Math.max(FIRST_BYTES, Math.min(memory.slack, 2 * FIRST_BYTES) & ~15));
    this.end = first;
    this.limit = limit;
  }

  /** Whether an operation of any kind fits in, and `more` bytes behind it. */
  hasRoom(more = 0): boolean {
    return this.end + LARGEST_OPERATION + more <= this.limit;
  }

  /** Writes a word; there is room for it. */
  push(word: number): void {
    this.memory.i32[this.end >> 2] = word;
    this.end += 4;
  }

  /** Goes on in more space, twice as much as before; false when 16 MiB are in use. */
  grow(): boolean {
    if (this.current === this.chunks.length - 1) {
      if (this.bytes >= MOST_BYTES) return false;
      this.take(Math.min(this.bytes, MOST_BYTES - this.bytes));
    }
    this.goTo(this.current + 1);
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    this.goTo(0);
  }

  private take(bytes: number): Chunk {
    const first = this.memory.reserve(bytes);
    const chunk = { first, limit: first + bytes };
    this.chunks.push(chunk);
    this.bytes += bytes;
    return chunk;
  }

  private goTo(number: number): void {
    this.current = number;
    this.end = this.chunks[number].first;
    this.limit = this.chunks[number].limit;
  }
}
