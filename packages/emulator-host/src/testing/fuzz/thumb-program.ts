import { type Row, rows } from '@loadstone/cpu-thumb';
import { CODE, CODE_SIZE, wildAddress, wildArgument } from './layout.js';
import type { Random } from './random.js';

type Fields = Parameters<NonNullable<Row['unpredictable']>>[0];

/** Fields of a word, as the row's rules ask for them. */
function fieldsOf(row: Row, word: number): Fields {
  const fields: Partial<Record<string, number>> = {};
  for (const { field, pieces } of row.extractors) {
    let value = 0;
    for (const { shift, width } of pieces) value = (value << width) | ((word >>> shift) & ((1 << width) - 1));
    fields[field] = value;
  }
  return fields as Fields;
}

/** Whether the manual defines what the word does. */
function isDefined(row: Row, word: number): boolean {
  const fields = fieldsOf(row, word);
  if (row.exceptions.some(({ mask, value }) => ((word ^ value) & mask) === 0)) return false;
  if (row.general.some((field) => fields[field] === 13 || fields[field] === 15)) return false;
  return !row.notPc.some((field) => fields[field] === 15) && !row.unpredictable?.(fields);
}

const nameOf = (row: Row): string => /^\w*/.exec(row.format)?.[0] ?? '';
const hasBase = ({ extractors }: Row): boolean => extractors.some(({ field }) => field === 'n');
const MEMORY = /^(v?ld|v?st|pld|pli|tb)/;
const COPROCESSOR = /^(ldc|stc)/;
const FLOW = /^(b|bl|blx|bx|cbz|cbnz|svc|udf|bkpt|wfi|wfe|cps\w*|msr|push|pop|it|mcr|mrc|mcrr|mrrc|cdp)$/;

const memoryRows = rows.filter((row) => MEMORY.test(nameOf(row)) && hasBase(row) && !COPROCESSOR.test(nameOf(row)));
const plainRows = rows.filter((row) => !MEMORY.test(nameOf(row)) && !FLOW.test(nameOf(row)));

/** A word of a row's encoding, mostly one that the manual defines. */
function encode(random: Random, row: Row, base?: number): number {
  let word = randomWord(random, row, base);
  for (let tries = 0; tries < 20 && !isDefined(row, word); tries += 1) word = randomWord(random, row, base);
  return word;
}

/** A random word of a row's encoding; with `base`, that register in its field n. */
function randomWord(random: Random, row: Row, base?: number): number {
  let word = (random.bits() & ~row.mask) | row.value;
  word = (word & ~row.shouldBeZero) | row.shouldBeOne;
  for (const { field, pieces } of row.extractors) {
    if (field !== 'n' || base === undefined) continue;
    let left = pieces.reduce((sum, { width }) => sum + width, 0);
    for (const { shift, width } of pieces) {
      left -= width;
      const mask = (1 << width) - 1;
      word = (word & ~(mask << shift)) | (((base >>> left) & mask) << shift);
    }
  }
  return word >>> 0;
}

/** Builds a program half-word by half-word. */
class ThumbProgram {
  readonly halves: number[] = [];
  /** Indices where an instruction begins that may be jumped to. */
  readonly starts: number[] = [];
  readonly #branches: { readonly at: number; readonly condition: number | 'bl' | undefined }[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  row(row: Row, base?: number): void {
    const word = encode(this.#random, row, base);
    if (row.length === 4) this.halves.push(word >>> 16);
    this.halves.push(word & 0xffff);
  }

  /** movw and movt: `register` = `value`. */
  load(register: number, value: number): void {
    for (const [opcode, half] of [
      [0xf240, value & 0xffff],
      [0xf2c0, value >>> 16],
    ]) {
      this.halves.push(opcode | ((half >>> 1) & 0x0400) | (half >>> 12));
      this.halves.push(((half << 4) & 0x7000) | (register << 8) | (half & 0xff));
    }
  }

  /** A branch to a random start: always, on a condition, or a call. */
  branch(condition: number | 'bl' | undefined): void {
    this.#branches.push({ at: this.halves.length, condition });
    this.halves.push(0xbf00);
    if (condition === 'bl') this.halves.push(0xbf00);
  }

  finish(): Uint8Array {
    for (const { at, condition } of this.#branches) {
      const offset = this.#random.pick(this.starts) - at - 2;
      if (condition === 'bl') {
        const word = offset & 0xff_ffff;
        const j = (bit: number): number => (((word >>> bit) & 1) ^ (offset < 0 ? 1 : 0) ^ 1) & 1;
        this.halves[at] = 0xf000 | (offset < 0 ? 0x400 : 0) | ((word >>> 11) & 0x3ff);
        this.halves[at + 1] = 0xd000 | (j(22) << 13) | (j(21) << 11) | (word & 0x7ff);
      } else if (condition === undefined) this.halves[at] = 0xe000 | (offset & 0x7ff);
      else if (offset >= -128 && offset < 128) this.halves[at] = 0xd000 | (condition << 8) | (offset & 0xff);
    }
    return new Uint8Array(Uint16Array.from(this.halves).buffer);
  }
}

/** A random program that begins at CODE. @param functions addresses of host functions, Thumb bit included */
export function thumbProgram(random: Random, functions: readonly number[]): Uint8Array {
  const program = new ThumbProgram(random);
  const { halves, starts } = program;
  const register = (): number => random.below(random.once(8) ? 16 : 8);
  const chunks: readonly (readonly [number, () => void])[] = [
    [40, () => program.row(random.pick(plainRows))],
    [8, () => program.load(register(), random.once(2) ? wildAddress(random) : random.bits())],
    [
      14,
      () => {
        const base = random.below(8);
        program.load(base, wildAddress(random));
        program.row(random.pick(memoryRows), base);
      },
    ],
    [8, () => program.branch(random.pick([0, 1, 2, 3, 8, 10, 11, 12, 13, undefined, 'bl']))],
    [
      8,
      () => {
        for (let at = 0; at < 4; at += 1) program.load(at, wildArgument(random));
        program.load(12, random.pick(functions));
        halves.push(0x47e0); // blx r12
      },
    ],
    [
      3,
      () => {
        // Stores over code, near or far.
        const base = random.below(8);
        const near = CODE + 2 * random.below(halves.length + 40);
        program.load(base, random.once(3) ? CODE + random.below(CODE_SIZE) : near);
        halves.push(random.pick([0x6000, 0x8000, 0x7000]) | (base << 3) | random.below(8));
      },
    ],
    [
      1,
      () => {
        const base = random.below(8);
        program.load(base, random.once(2) ? CODE + (random.below(2 * halves.length + 8) | 1) : wildAddress(random));
        halves.push(random.pick([0x4700, 0x4780]) | (base << 3)); // bx, blx
      },
    ],
    [1, () => program.row(random.pick(rows))],
    [2, () => halves.push(0xbf00 | ((random.below(14) << 4) | (1 + random.below(15))))], // it
    [1, () => halves.push(random.bits() & 0xffff)],
    [
      1,
      () => {
        program.load(4, wildAddress(random) & ~(random.once(3) ? 0 : 7));
        halves.push(0x46a5); // mov sp, r4
      },
    ],
    [
      4,
      () => {
        // A loop over what comes before, counted in r6.
        halves.push(0x3e01); // subs r6, #1
        program.branch(random.pick([1, 12]));
      },
    ],
  ];
  halves.push(0xb5f0); // push {r4-r7, lr}
  const length = 8 + random.below(80);
  for (let count = 0; count < length; count += 1) {
    starts.push(halves.length);
    random.weighted(chunks)();
  }
  starts.push(halves.length);
  halves.push(0xbdf0); // pop {r4-r7, pc}
  return program.finish();
}
