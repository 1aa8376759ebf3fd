import { BoundedMap } from './bounded-map.js';

/** Most computed jumps remembered, and most targets of one. */
const MOST_JUMPS = 2048;
const MOST_TARGETS = 512;

/** Where computed jumps went: what a compiled jump table holds. */
export class JumpProfile {
  private readonly jumps = new BoundedMap<number, Set<number>>(MOST_JUMPS);

  note(pc: number, target: number): void {
    const targets = this.jumps.get(pc);
    if (targets === undefined) this.jumps.set(pc, new Set([target]));
    else if (targets.size < MOST_TARGETS) targets.add(target);
  }

  targets(pc: number): readonly number[] {
    return [...(this.jumps.get(pc) ?? [])];
  }
}
