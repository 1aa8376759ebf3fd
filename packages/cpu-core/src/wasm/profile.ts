import type { GuestMemory, Window } from '../guest-memory.js';
import { BoundedMap } from './bounded-map.js';
import type { DirectRange } from './checks.js';

/** Most ranges remembered for one instruction, and most instructions of which any are: 1 MB of addresses or so. */
const MOST_SAMPLES = 3;
const MOST_INSTRUCTIONS = 65_536;

/** Where the interpreter saw each instruction access memory: what compiled code expects. */
export class MemoryProfile {
  /** By instruction address: one address of each window it reached. */
  private readonly samples = new BoundedMap<number, number[]>(MOST_INSTRUCTIONS);
  private readonly window: Window = { low: 0, limit: 0, delta: 0, alignedOnly: false };

  constructor(
    private readonly memory: GuestMemory,
    /** An address to expect for instructions that never ran. */
    private readonly likely: () => number,
  ) {}

  /** Notes that the instruction at `pc` touched `address`. */
  note(pc: number, address: number): void {
    const list = this.samples.get(pc);
    if (list === undefined) {
      this.samples.set(pc, [address]);
      return;
    }
    for (const sample of list) {
      const range = this.rangeAt(sample, 1, 'read');
      if (range !== undefined && address - range.low >= 0 && address - range.low < range.size) {
        const write = this.rangeAt(sample, 1, 'write');
        const same = this.rangeAt(address, 1, 'write');
        if (write?.low === same?.low) return;
      }
    }
    if (list.length < MOST_SAMPLES) list.push(address);
  }

  ranges(pc: number, width: 1 | 2 | 4, access: 'read' | 'write'): readonly DirectRange[] {
    const ranges: DirectRange[] = [];
    for (const address of this.samples.get(pc) ?? [this.likely()]) {
      const range = this.rangeAt(address, width, access);
      if (range !== undefined && !ranges.some(({ low }) => low === range.low)) ranges.push(range);
    }
    return ranges;
  }

  rangeAt(address: number, width: 1 | 2 | 4, access: 'read' | 'write'): DirectRange | undefined {
    const { window } = this;
    if (!this.memory.window(address, width, access, window)) return undefined;
    const low = (window.low + 3) & ~3;
    const size = window.limit + width - 1 - ((low >>> 0) - window.low);
    if (size < 4) return undefined;
    const host = (low + window.delta) >>> 0;
    const isVolatile = access === 'write' && this.memory.mayHoldCode(host, host + size);
    const { alignedOnly } = window;
    return { low: low >>> 0, size, host, sample: address >>> 0, isVolatile, alignedOnly };
  }
}
