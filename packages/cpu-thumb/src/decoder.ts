import type { Row } from './row.js';
import { rows } from './rows/index.js';

/** Rows of one length by some bits of the instruction, which most rows fix. */
interface RowIndex {
  readonly shift: number;
  readonly mask: number;
  /** By those bits; a row that does not fix all of them stands in several. */
  readonly buckets: readonly (readonly Row[])[];
}

/** The upper 7 bits of a 16-bit instruction. */
const NARROW = { length: 2, shift: 9, mask: 0x7f } as const;
/** The low 13 bits of the first half-word of a 32-bit instruction without the register field. */
const WIDE = { length: 4, shift: 20, mask: 0x1ff } as const;

let narrow: RowIndex | undefined;
let wide: RowIndex | undefined;

/** Whether a half-word is the first of a 32-bit instruction (ARMv7-M ARM A5.1). */
export function isWide(halfword: number): boolean {
  return halfword >= 0xe800;
}

/** Whether `row` describes the instruction word. */
export function matches(row: Row, word: number): boolean {
  if ((word & row.mask) !== row.value) return false;
  const { exceptions } = row;
  for (let i = 0; i < exceptions.length; i++) if ((word & exceptions[i].mask) === exceptions[i].value) return false;
  return true;
}

/** The row of a 16-bit instruction. */
export function decodeNarrow(halfword: number): Row | undefined {
  return find((narrow ??= indexOf(NARROW)), halfword);
}

/** The row of a 32-bit instruction, the first half-word on top. */
export function decodeWide(word: number): Row | undefined {
  return find((wide ??= indexOf(WIDE)), word);
}

function find({ shift, mask, buckets }: RowIndex, word: number): Row | undefined {
  const bucket = buckets[(word >>> shift) & mask];
  for (let i = 0; i < bucket.length; i++) if (matches(bucket[i], word)) return bucket[i];
  return undefined;
}

function indexOf({ length, shift, mask }: typeof NARROW | typeof WIDE): RowIndex {
  const buckets: Row[][] = [];
  for (let key = 0; key <= mask; key++) buckets.push([]);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (row.length !== length) continue;
    const fixed = (row.value >>> shift) & mask;
    // Every value of the bits that the row leaves open: each subset of them, down to none.
    const open = ~(row.mask >>> shift) & mask;
    for (let rest = open; ; rest = (rest - 1) & open) {
      buckets[fixed | rest].push(row);
      if (rest === 0) break;
    }
  }
  return { shift, mask, buckets };
}
