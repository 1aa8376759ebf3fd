import type { StopReason } from '@loadstone/cpu-core';

/** Guest addresses whose accesses end a run; both ends included. */
interface Watch {
  readonly first: number;
  readonly last: number;
  readonly read: boolean;
  readonly write: boolean;
}

export class WatchList {
  readonly #watches: Watch[] = [];

  add(address: number, length: number, access: 'read' | 'write' | 'both'): void {
    const first = address >>> 0;
    this.#watches.push({ first, last: first + length - 1, read: access !== 'write', write: access !== 'read' });
  }

  remove(address: number, length: number): void {
    const first = address >>> 0;
    const at = this.#watches.findIndex((watch) => watch.first === first && watch.last === first + length - 1);
    if (at >= 0) this.#watches.splice(at, 1);
  }

  /** The stop for an access of the instruction at `pc`, when it touches a watched byte. */
  hit(pc: number, access: 'read' | 'write', address: number, width: number): StopReason | undefined {
    const isWatched = this.#watches.some(
      ({ first, last, read, write }) =>
        (access === 'read' ? read : write) && address <= last && address + width > first,
    );
    return isWatched ? { kind: 'watchpoint', pc, address, access, width } : undefined;
  }
}
