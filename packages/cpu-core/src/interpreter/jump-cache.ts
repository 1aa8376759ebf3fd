import type { Architecture } from '../architecture.js';
import type { GuestMemory } from '../guest-memory.js';
import { JUMP_CACHE_MASK, JUMP_CACHE_STRIDE } from './operations.js';

/**
 * Finds blocks for computed jumps without the host: entries of pc, ip, and what the mode slots held, in the linear memory, where the
 * interpreters read them.
 */
export class JumpCache {
  /** Byte offset of the first entry. */
  readonly place: number;
  /** The slots that decide about the mode, when they are at most three; the first again where there are fewer. */
  readonly modeSlots: readonly [number, number, number];
  private readonly isUsed: boolean;

  constructor(
    architecture: Architecture,
    private readonly memory: GuestMemory,
  ) {
    const { modeSlots = [] } = architecture;
    this.isUsed = modeSlots.length > 0 && modeSlots.length <= 3;
    const [a = 0, b = a, c = a] = modeSlots;
    this.modeSlots = [a, b, c];
    this.place = memory.reserve((JUMP_CACHE_MASK + 1) * JUMP_CACHE_STRIDE);
    this.clear();
  }

  /** The block at `pc`, in the mode of the state, starts at `ip`. */
  note(pc: number, ip: number): void {
    if (!this.isUsed) return;
    const { i32 } = this.memory;
    const entry = this.entry(pc >>> 1);
    i32[entry] = pc;
    i32[entry + 1] = ip;
    const { modeSlots } = this;
    i32[entry + 2] = i32[modeSlots[0]];
    i32[entry + 3] = i32[modeSlots[1]];
    i32[entry + 4] = i32[modeSlots[2]];
  }

  /** Makes the entry of `pc` match nothing: another pc stands in it. */
  forget(pc: number): void {
    const index = pc >>> 1;
    this.memory.i32[this.entry(index)] = ((index + 1) & JUMP_CACHE_MASK) << 1;
  }

  clear(): void {
    for (let index = 0; index <= JUMP_CACHE_MASK; index++) this.forget(index << 1);
  }

  /** Word index of an entry. */
  private entry(index: number): number {
    return (this.place + (index & JUMP_CACHE_MASK) * JUMP_CACHE_STRIDE) >> 2;
  }
}
