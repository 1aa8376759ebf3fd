import type { StopReason } from '@loadstone/cpu-core';
import { WatchList } from './watch-list.js';

/** What decides, before each instruction, whether a run goes on. */
export class RunControl {
  readonly breakpoints = new Set<number>();
  readonly watches = new WatchList();
  /** Instructions completed since creation. */
  completed = 0;
  /** Value of `completed` at which the fuel ends. */
  limit = Number.MAX_SAFE_INTEGER;
  stopRequested = false;
  /** The breakpoint that the next instruction may pass, or -1. */
  passed = -1;

  /** Why the run ends before the instruction at `address`, if it does. */
  due(address: number): StopReason | undefined {
    const { passed } = this;
    this.passed = -1;
    if (this.stopRequested) return { kind: 'requested', pc: address };
    if (this.completed >= this.limit) return { kind: 'fuel', pc: address };
    if (this.breakpoints.has(address) && passed !== address) return { kind: 'breakpoint', pc: address };
    return undefined;
  }

  /** Does `run` with its own limit and request; an inner run ends with the outer one's fuel at the latest. */
  nested<T>(fuel: number, run: () => T): T {
    const { limit, stopRequested } = this;
    this.limit = Math.min(limit, this.completed + fuel);
    this.stopRequested = false;
    this.passed = -1;
    try {
      return run();
    } finally {
      this.limit = limit;
      this.stopRequested = stopRequested;
    }
  }
}
