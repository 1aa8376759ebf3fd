import { describe, expect, it } from 'vitest';
import { decodeNarrow, decodeWide, isWide, matches } from '../decoder.js';
import type { Row } from '../row.js';
import { rows } from './index.js';

const narrow = rows.filter((row) => row.length === 2);
const wide = rows.filter((row) => row.length === 4);

/** A word that both rows match, or undefined: tries every value of the bits that their exceptions look at. */
function commonWord(a: Row, b: Row): number | undefined {
  if (((a.value ^ b.value) & a.mask & b.mask) !== 0) return undefined;
  const base = a.value | b.value;
  const fixed = a.mask | b.mask;
  let open = 0;
  for (const { mask } of [...a.exceptions, ...b.exceptions]) open |= mask;
  open &= ~fixed;
  // All subsets of `open`, from none to all.
  for (let subset = 0; ; subset = (subset - open) & open) {
    const word = base | subset;
    if (matches(a, word) && matches(b, word)) return word;
    if (subset === open) return undefined;
  }
}

describe('the instruction table', () => {
  it('has no two rows for one word', () => {
    const overlaps: string[] = [];
    for (const set of [narrow, wide]) {
      set.forEach((a, i) => {
        for (const b of set.slice(i + 1)) {
          const word = commonWord(a, b);
          if (word !== undefined) overlaps.push(`${(word >>> 0).toString(16)}: ${a.pattern} | ${b.pattern}`);
        }
      });
    }
    expect(overlaps).toEqual([]);
  });

  it('keeps 16-bit and 32-bit encodings apart', () => {
    expect(narrow.filter((row) => isWide(row.value))).toEqual([]);
    expect(wide.filter((row) => !isWide(row.value >>> 16))).toEqual([]);
    expect(wide.filter((row) => row.mask >>> 27 !== 0x1f && row.mask >>> 29 !== 7)).toEqual([]);
  });

  it('leaves words that rows refer to other rows undefined only where the manual does', () => {
    const undefinedForms = new Set<string>();
    for (const row of wide) {
      for (const { mask, value } of row.exceptions) {
        if (decodeWide((row.value & ~mask) | value) === undefined) undefinedForms.add(row.format.split(/[{ ]/)[0]);
      }
    }
    // Stores through pc, LDC with P = U = W = 0, conditions 14 and 15, coprocessors 10 and 11 without an FPU meaning.
    const forms = ['b', 'cdp', 'ldc', 'mcrr', 'mrrc', 'stc', 'str', 'strb', 'strbt', 'strh', 'strht', 'strt'];
    expect([...undefinedForms].sort()).toEqual(forms);
  });

  it('leaves exactly these 16-bit half-words undefined', () => {
    const ranges: string[] = [];
    let start = -1;
    for (let half = 0; half <= 0xe800; half++) {
      const isUndefined = half < 0xe800 && decodeNarrow(half) === undefined;
      if (isUndefined && start < 0) start = half;
      if (!isUndefined && start >= 0) {
        ranges.push(`${start.toString(16)}-${(half - 1).toString(16)}`);
        start = -1;
      }
    }
    // Gaps of the miscellaneous 16-bit instructions, table A5-8; UDF (0xdexx) has a row.
    expect(ranges).toEqual(['b600-b65f', 'b680-b8ff', 'ba80-babf']);
  });
});
