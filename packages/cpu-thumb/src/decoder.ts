import type { Row } from './row.js';
import { rows } from './rows/index.js';

/** Bits of the first half-word that choose a bucket of 32-bit rows: its low 13 bits without the register field. */
const BUCKET_SHIFT = 20;
const BUCKET_MASK = 0x1ff;
const UNKNOWN = -2;
const NO_ROW = -1;

/** Row number by 16-bit instruction, found when first met. */
const narrowRows = new Int16Array(0x1_0000).fill(UNKNOWN);
const wideBuckets: (readonly Row[])[] = [];

/** Whether a half-word is the first of a 32-bit instruction (ARMv7-M ARM A5.1). */
export function isWide(halfword: number): boolean {
  return halfword >= 0xe800;
}

/** Whether `row` describes the instruction word. */
export function matches(row: Row, word: number): boolean {
  if ((word & row.mask) !== row.value) return false;
  for (const { mask, value } of row.exceptions) if ((word & mask) === value) return false;
  return true;
}

/** The row of a 16-bit instruction. */
export function decodeNarrow(halfword: number): Row | undefined {
  let index = narrowRows[halfword];
  if (index === UNKNOWN) {
    index = rows.findIndex((row) => row.length === 2 && matches(row, halfword));
    narrowRows[halfword] = index;
  }
  return index === NO_ROW ? undefined : rows[index];
}

/** The row of a 32-bit instruction, the first half-word on top. */
export function decodeWide(word: number): Row | undefined {
  const key = (word >>> BUCKET_SHIFT) & BUCKET_MASK;
  const bucket = (wideBuckets[key] ??= rowsOfBucket(key));
  for (const row of bucket) if (matches(row, word)) return row;
  return undefined;
}

function rowsOfBucket(key: number): readonly Row[] {
  const mask = BUCKET_MASK << BUCKET_SHIFT;
  const value = key << BUCKET_SHIFT;
  return rows.filter((row) => row.length === 4 && ((row.value ^ value) & row.mask & mask) === 0);
}
