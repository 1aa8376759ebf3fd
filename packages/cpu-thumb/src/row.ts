import type { Lifter } from './lifter.js';

type Lower =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'h'
  | 'i'
  | 'k'
  | 'l'
  | 'm'
  | 'n'
  | 'o'
  | 'p'
  | 'r'
  | 's'
  | 't'
  | 'u'
  | 'x';
type Upper = 'A' | 'D' | 'E' | 'F' | 'H' | 'J' | 'K' | 'M' | 'N' | 'P' | 'R' | 'S' | 'U' | 'W' | 'X' | 'Y' | 'T';
/** A letter that names a field in a pattern. */
export type Letter = Lower | Upper;

/** The letters that occur in a pattern. */
type LettersOf<P extends string, Found extends string = never> = P extends `${infer C}${infer Rest}`
  ? LettersOf<Rest, C extends Letter ? Found | C : Found>
  : Found;

/** Field values of a decoded instruction. Pieces of one letter are joined, the first piece on top. */
export type Fields<L extends string = Letter> = { readonly [K in L]: number };

/** What an encoding demands beyond its fixed bits. */
export interface Rules<L extends string> {
  /** Combinations of field values that belong to another row ("SEE ..." in the manual). */
  readonly see?: readonly { readonly [K in L]?: number }[];
  /** Register fields that may be neither sp nor pc; otherwise UNPREDICTABLE. */
  readonly general?: string;
  /** Register fields that may not be pc; otherwise UNPREDICTABLE. */
  readonly notPc?: string;
  /** True when the manual calls the encoding UNPREDICTABLE. */
  readonly unpredictable?: (fields: Fields<L>) => boolean;
  /**
   * What an IT block does with it: `last` may only stand last, `never` may not stand in one (both UNPREDICTABLE otherwise),
   * `unconditional` ignores the condition.
   */
  readonly it?: 'last' | 'never' | 'unconditional';
  /** The meaning itself uses `when`: the condition of an IT block then jumps around it, because `when` may not nest. */
  readonly guarded?: boolean;
}

/** The words with word & mask === value. */
export interface Bits {
  readonly mask: number;
  readonly value: number;
}

/**
 * One instruction encoding: fixed bits, disassembly, meaning. The word of a 32-bit instruction has its first half-word on top.
 */
export interface Row extends Bits {
  readonly pattern: string;
  readonly format: string;
  readonly lift: (lifter: Lifter, fields: Fields) => void;
  /** 2 or 4 bytes. */
  readonly length: 2 | 4;
  readonly extractors: readonly Extractor[];
  /** Words that belong to other rows: those with word & mask === value. */
  readonly exceptions: readonly Bits[];
  readonly general: readonly Letter[];
  readonly notPc: readonly Letter[];
  /** Bits that should be 0, and that should be 1; otherwise UNPREDICTABLE. */
  readonly shouldBeZero: number;
  readonly shouldBeOne: number;
  readonly unpredictable: ((fields: Fields) => boolean) | undefined;
  readonly it: 'last' | 'never' | 'unconditional' | undefined;
  readonly guarded: boolean;
  /** Whether it is an instruction of the FPU: coprocessor 10 or 11. */
  readonly isFloat: boolean;
}

/** How one field is read from the instruction word: pieces from the most significant on. */
export interface Extractor {
  readonly field: Letter;
  readonly pieces: readonly { readonly shift: number; readonly width: number }[];
}

/** Field values, all letters, for {@link extract}. */
export type FieldValues = { [K in Letter]: number };

/** Bits 31..26 and 11..9 of a 32-bit coprocessor instruction: 111011 and 101 for the FPU. */
const COPROCESSOR_MASK = 0xfc00_0e00 | 0;
const FPU_VALUE = 0xec00_0a00 | 0;

/**
 * Makes a table row.
 * @param pattern 16 or 32 characters from the top bit down, spaces ignored: `0` and `1` are fixed, `z` and `y` should be 0 and 1
 *   (the manual's "(0)" and "(1)"), any other letter is a bit of that field
 * @param format disassembly; see `operand-formats.ts`
 * @param lift writes the meaning
 */
export function row<P extends string>(
  pattern: P,
  format: string,
  lift: (lifter: Lifter, fields: Fields<LettersOf<P>>) => void,
  rules: Rules<LettersOf<P>> = {},
): Row {
  const bits = pattern.replaceAll(' ', '');
  if (bits.length !== 16 && bits.length !== 32) throw new RangeError(`pattern of ${bits.length} bits: ${pattern}`);
  const ones = positions(bits, '1');
  const zeros = positions(bits, '0');
  const mask = ones | zeros;
  const pieces = new Map<Letter, { shift: number; width: number }[]>();
  for (const { 0: run, index } of bits.matchAll(/([^01zy])\1*/g)) {
    const letter = run[0] as Letter;
    const piece = { shift: bits.length - index - run.length, width: run.length };
    const list = pieces.get(letter);
    if (list === undefined) pieces.set(letter, [piece]);
    else list.push(piece);
  }
  const extractors = [...pieces].map(([field, list]) => ({ field, pieces: list }));
  return {
    pattern: pattern.trim(),
    format,
    lift: lift as Row['lift'],
    length: bits.length === 16 ? 2 : 4,
    mask,
    value: ones,
    extractors,
    exceptions: (rules.see ?? []).map((combination) => bitsOf(extractors, combination)),
    general: [...(rules.general ?? '')] as Letter[],
    notPc: [...(rules.notPc ?? '')] as Letter[],
    shouldBeZero: positions(bits, 'z'),
    shouldBeOne: positions(bits, 'y'),
    unpredictable: rules.unpredictable as Row['unpredictable'],
    it: rules.it,
    guarded: rules.guarded ?? false,
    isFloat: (mask & COPROCESSOR_MASK) === COPROCESSOR_MASK && (ones & COPROCESSOR_MASK) === FPU_VALUE,
  };
}

/** The bits at which a pattern has `character`. */
function positions(pattern: string, character: string): number {
  let found = 0;
  for (let at = pattern.indexOf(character); at >= 0; at = pattern.indexOf(character, at + 1)) {
    found |= 1 << (pattern.length - 1 - at);
  }
  return found;
}

/** Reads all fields of `row` from `word` into `into`. */
export function extract(row: Row, word: number, into: FieldValues): void {
  const { extractors } = row;
  for (let i = 0; i < extractors.length; i++) {
    const { field, pieces } = extractors[i];
    let value = 0;
    for (let j = 0; j < pieces.length; j++) {
      const { shift, width } = pieces[j];
      value = (value << width) | ((word >>> shift) & ((1 << width) - 1));
    }
    into[field] = value;
  }
}

/** The bits that give fields these values. */
function bitsOf(extractors: readonly Extractor[], values: { readonly [K in Letter]?: number }): Bits {
  let mask = 0;
  let value = 0;
  for (const { field, pieces } of extractors) {
    let rest = values[field];
    if (rest === undefined) continue;
    for (const { shift, width } of [...pieces].reverse()) {
      const ones = (1 << width) - 1;
      mask |= ones << shift;
      value |= (rest & ones) << shift;
      rest >>>= width;
    }
  }
  return { mask, value };
}

const LETTERS = 'abcdefhiklmnoprstuxADEFHJKMNPRSUWXYT';

/** An object with every letter, all 0. */
export function noFields(): FieldValues {
  return Object.fromEntries([...LETTERS].map((letter) => [letter, 0])) as FieldValues;
}
