/** Bytes per granule in which code is marked, as a shift. */
export const CODE_GRANULE_SHIFT = 8;

/** Where translated code lies, in granules of host bytes. */
export class CodeMarks {
  /** 1 per granule with code; shorter than the memory when no code lies behind it. */
  private marks = new Uint8Array(0);

  /**
   * Marks host bytes [from, to).
   * @param used host bytes in use
   * @returns whether a granule was marked for the first time
   */
  mark(from: number, to: number, used: number): boolean {
    const last = (to - 1) >> CODE_GRANULE_SHIFT;
    if (last >= this.marks.length) {
      const grown = new Uint8Array(Math.min((last + 64) & ~63, (used >> CODE_GRANULE_SHIFT) + 1));
      grown.set(this.marks);
      this.marks = grown;
    }
    let isFresh = false;
    for (let granule = from >> CODE_GRANULE_SHIFT; granule <= last; granule++) {
      if (this.marks[granule] === 0) {
        this.marks[granule] = 1;
        isFresh = true;
      }
    }
    return isFresh;
  }

  /** Whether a granule of host bytes [from, to) holds code. */
  isMarked(from: number, to: number): boolean {
    const last = Math.min((to - 1) >> CODE_GRANULE_SHIFT, this.marks.length - 1);
    for (let granule = from >> CODE_GRANULE_SHIFT; granule <= last; granule++) {
      if (this.marks[granule] === 1) return true;
    }
    return false;
  }

  /** The largest range of host bytes around `host` without code, first and last, within [lowest, highest]; undefined in code. */
  freeAround(host: number, lowest: number, highest: number): [number, number] | undefined {
    const { marks } = this;
    const granule = host >> CODE_GRANULE_SHIFT;
    if (marks[granule] === 1) return undefined;
    const before = marks.lastIndexOf(1, granule);
    const behind = marks.indexOf(1, granule);
    const first = before < 0 ? lowest : Math.max(lowest, (before + 1) << CODE_GRANULE_SHIFT);
    const last = behind < 0 ? highest : Math.min(highest, (behind << CODE_GRANULE_SHIFT) - 1);
    return [first, last];
  }

  clear(): void {
    this.marks.fill(0);
  }
}
