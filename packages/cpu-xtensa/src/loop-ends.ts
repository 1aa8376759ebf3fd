/**
 * Loop ends that one CPU's code has announced, by LOOP or by writing LEND. The instruction that ends at such an address is
 * lifted with the jump back; everywhere else loops cost nothing.
 */
export class LoopEnds {
  /** Loop begin by loop end: where the jump back usually goes. */
  private readonly begins = new Map<number, number>();

  /** Most ends remembered. Beyond it they are all forgotten: the guest writes LEND at random. */
  private static readonly MOST = 0x1_0000;

  /** Adds a loop end; returns whether translations are wrong now: 'none', those that hold the end, or 'all'. */
  add(end: number, begin: number): 'none' | 'end' | 'all' {
    if (this.begins.has(end)) return 'none';
    const full = this.begins.size >= LoopEnds.MOST;
    if (full) this.begins.clear();
    this.begins.set(end, begin);
    return full ? 'all' : 'end';
  }

  has(end: number): boolean {
    return this.begins.has(end);
  }

  /** The loop begin announced with `end`, or undefined. */
  beginOf(end: number): number | undefined {
    return this.begins.get(end);
  }
}
