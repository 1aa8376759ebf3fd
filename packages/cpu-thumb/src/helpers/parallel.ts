import type { Helper } from '@loadstone/cpu-core';

/* Lane arithmetic on bytes and half-words (ARMv7-M ARM A7.7: SADD8 ... UHSUB16, SEL, USAD8, SSAT16, USAT16). */

/** The lanes of a word: `width` 8 or 16 bits, from the lowest. */
function lane(word: number, index: number, width: number, signed: boolean): number {
  const shift = 32 - width;
  const top = word << (shift - index * width);
  return signed ? top >> shift : top >>> shift;
}

function saturate(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

type Finish = (value: number, width: number) => number;
interface Variant {
  readonly prefix: string;
  readonly bits: string;
  readonly signed: boolean;
  /** From the exact lane result to the one delivered (then cut to the lane). */
  readonly finish: Finish;
}

const variants: readonly Variant[] = [
  { prefix: 's', bits: '000', signed: true, finish: (value) => value },
  {
    prefix: 'q',
    bits: '001',
    signed: true,
    finish: (v, width) => saturate(v, -(2 ** (width - 1)), 2 ** (width - 1) - 1),
  },
  { prefix: 'sh', bits: '010', signed: true, finish: (value) => value >> 1 },
  { prefix: 'u', bits: '100', signed: false, finish: (value) => value },
  { prefix: 'uq', bits: '101', signed: false, finish: (v, width) => saturate(v, 0, 2 ** width - 1) },
  { prefix: 'uh', bits: '110', signed: false, finish: (value) => value >> 1 },
];

/** What each lane of a lane operation does: which lane of m it takes, and whether it subtracts. */
interface Shape {
  readonly name: string;
  readonly bits: string;
  readonly width: 8 | 16;
  readonly lanes: readonly { readonly of: number; readonly subtract: boolean }[];
}

const each = (count: number, subtract: boolean): Shape['lanes'] =>
  Array.from({ length: count }, (_, of) => ({ of, subtract }));

const shapes: readonly Shape[] = [
  { name: 'add8', bits: '000', width: 8, lanes: each(4, false) },
  { name: 'add16', bits: '001', width: 16, lanes: each(2, false) },
  {
    name: 'asx',
    bits: '010',
    width: 16,
    lanes: [
      { of: 1, subtract: true },
      { of: 0, subtract: false },
    ],
  },
  { name: 'sub8', bits: '100', width: 8, lanes: each(4, true) },
  { name: 'sub16', bits: '101', width: 16, lanes: each(2, true) },
  {
    name: 'sax',
    bits: '110',
    width: 16,
    lanes: [
      { of: 1, subtract: false },
      { of: 0, subtract: true },
    ],
  },
];

/** A parallel addition or subtraction: its name and the encoding's two fields. */
export interface LaneOperation {
  readonly name: string;
  readonly op1: string;
  readonly prefix: string;
  readonly setsGe: boolean;
  readonly result: Helper;
  readonly ge: Helper;
}

function laneOperation(variant: Variant, shape: Shape): LaneOperation {
  const name = variant.prefix + shape.name;
  const { width, lanes } = shape;
  const { signed, finish } = variant;
  const mask = 2 ** width - 1;
  const exact = (index: number, a: number, b: number): number => {
    const { of, subtract } = lanes[index];
    const x = lane(a, index, width, signed);
    const y = lane(b, of, width, signed);
    return subtract ? x - y : x + y;
  };
  // GE: signed lanes and unsigned differences that are not negative; unsigned sums that carry.
  const holds = (index: number, value: number): boolean =>
    signed || lanes[index].subtract ? value >= 0 : value > mask;
  return {
    name,
    op1: shape.bits,
    prefix: variant.bits,
    setsGe: variant.prefix === 's' || variant.prefix === 'u',
    result: {
      name,
      pure: true,
      run: (_context, a, b) => {
        let word = 0;
        for (let i = 0; i < lanes.length; i++) word |= (finish(exact(i, a, b), width) & mask) << (i * width);
        return word;
      },
    },
    ge: {
      name: `${name}-ge`,
      pure: true,
      run: (_context, a, b) => {
        let ge = 0;
        for (let i = 0; i < lanes.length; i++) {
          if (holds(i, exact(i, a, b))) ge |= (width === 8 ? 1 : 3) << ((i * width) >> 3);
        }
        return ge;
      },
    },
  };
}

/** All 36, prefix by prefix. */
export const laneOperations: readonly LaneOperation[] = variants.flatMap((variant) =>
  shapes.map((shape) => laneOperation(variant, shape)),
);

/** Bytes of a where the GE bit in c is set, else of b. */
export const select: Helper = {
  name: 'sel',
  pure: true,
  run: (_context, a, b, ge) => {
    const mask = (ge & 1 ? 0xff : 0) | (ge & 2 ? 0xff00 : 0) | (ge & 4 ? 0xff_0000 : 0) | (ge & 8 ? 0xff00_0000 : 0);
    return (a & mask) | (b & ~mask);
  },
};

/** c + the sum of the absolute differences of the four bytes. */
export const absoluteDifferences: Helper = {
  name: 'usada8',
  pure: true,
  run: (_context, a, b, c) => {
    let sum = c;
    for (let i = 0; i < 4; i++) sum += Math.abs(lane(a, i, 8, false) - lane(b, i, 8, false));
    return sum | 0;
  },
};

function saturateHalves(a: number, low: number, high: number): number {
  return (saturate(lane(a, 0, 16, true), low, high) & 0xffff) | (saturate(lane(a, 1, 16, true), low, high) << 16);
}

/** SSAT16 of a to b + 1 bits, and whether it saturated. */
export const signedSaturate16: Helper = {
  name: 'ssat16',
  pure: true,
  run: (_context, a, b) => saturateHalves(a, -(2 ** b), 2 ** b - 1),
};
export const signedSaturates16: Helper = {
  name: 'ssat16-q',
  pure: true,
  run: (_context, a, b) => (saturateHalves(a, -(2 ** b), 2 ** b - 1) === a ? 0 : 1),
};

/** USAT16 of a to b bits, and whether it saturated. */
export const unsignedSaturate16: Helper = {
  name: 'usat16',
  pure: true,
  run: (_context, a, b) => saturateHalves(a, 0, 2 ** b - 1),
};
export const unsignedSaturates16: Helper = {
  name: 'usat16-q',
  pure: true,
  run: (_context, a, b) => (saturateHalves(a, 0, 2 ** b - 1) === a ? 0 : 1),
};

export const parallelHelpers: readonly Helper[] = [
  ...laneOperations.flatMap(({ result, ge, setsGe }) => (setsGe ? [result, ge] : [result])),
  select,
  absoluteDifferences,
  signedSaturate16,
  signedSaturates16,
  unsignedSaturate16,
  unsignedSaturates16,
];
