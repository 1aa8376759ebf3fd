import type { GuestMemory } from '../guest-memory.js';
import type { DirectRange } from './checks.js';
import type { MemoryProfile } from './profile.js';

/** Most guards of one CPU; two words each. */
const MOST_GUARDS = 512;

interface Guard {
  readonly sample: number;
  readonly bytes: number;
  readonly aligned: boolean;
  readonly place: number;
}

/**
 * Bounds of the ranges that compiled code stores to, where code may appear: kept in the linear memory, so that compiled code goes on
 * when they change.
 */
export class Guards {
  private readonly first: number;
  private readonly guards = new Map<string, Guard>();

  constructor(
    private readonly memory: GuestMemory,
    private readonly profile: MemoryProfile,
  ) {
    this.first = memory.reserve(MOST_GUARDS * 8);
  }

  /** Whether a module with many stores still finds room. */
  get isFull(): boolean {
    return this.guards.size > MOST_GUARDS / 2;
  }

  /** Place of the bounds of `range` for accesses of `bytes` bytes; the last place is shared and refuses everything. */
  place(range: DirectRange, bytes: number, aligned: boolean): number {
    const key = `${range.low} ${range.size} ${bytes} ${aligned}`;
    let guard = this.guards.get(key);
    if (guard === undefined) {
      if (this.guards.size === MOST_GUARDS - 1) return this.first + (MOST_GUARDS - 1) * 8;
      guard = { sample: range.sample, bytes, aligned, place: this.first + this.guards.size * 8 };
      this.guards.set(key, guard);
      this.write(guard);
    }
    return guard.place;
  }

  /** Code appeared: looks all bounds up anew. */
  refresh(): void {
    for (const guard of this.guards.values()) this.write(guard);
  }

  /** No compiled code uses them any more. */
  clear(): void {
    this.guards.clear();
  }

  private write({ sample, bytes, aligned, place }: Guard): void {
    const range = this.profile.rangeAt(sample, 1, 'write');
    const last = range === undefined ? -1 : range.size - bytes;
    const { i32 } = this.memory;
    i32[place >> 2] = range?.low ?? 0;
    i32[(place >> 2) + 1] = last < 0 ? 0 : (aligned ? last >> 2 : last) + 1;
  }
}
