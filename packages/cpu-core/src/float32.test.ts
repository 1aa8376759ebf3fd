import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_NAN,
  decodeFloat32,
  FloatFlag,
  float32Add,
  float32Compare,
  float32Div,
  float32Mul,
  float32MulAdd,
  float32Sqrt,
  float32Sub,
  floatFlags,
  isNaN32,
  isSignallingNaN32,
  Rounding,
  roundToIntegral,
  UNDERFLOW_AS_DELIVERED,
} from './float32.js';

/** Value of finite bits, times 2^149: a whole number. */
function whole(bits: number): bigint {
  const field = (bits >>> 23) & 0xff;
  const fraction = BigInt(bits & 0x7f_ffff);
  const magnitude = field === 0 ? fraction : (fraction | 0x80_0000n) << BigInt(field - 1);
  return bits < 0 ? -magnitude : magnitude;
}

/**
 * Rounds n / d * 2^-149 (d > 0, n not 0) to binary32 in whole numbers.
 * @param sticky the magnitude is a little larger than that
 */
function round(n: bigint, d: bigint, control: number, sticky = false): { bits: number; flags: number } {
  const negative = n < 0n;
  const magnitude = negative ? -n : n;
  const rounding = control & 3;
  const away = rounding === (negative ? Rounding.Down : Rounding.Up);
  const shift = Math.max(0, (magnitude / d).toString(2).length - 24);
  const unit = d << BigInt(shift);
  let q = magnitude / unit;
  const twice = (magnitude % unit) * 2n;
  const inexact = twice !== 0n || sticky;
  const overHalf = twice > unit || (twice === unit && (sticky || (q & 1n) === 1n));
  if (rounding === Rounding.NearestEven ? overHalf : away && inexact) q++;
  let bits = Number(q < 1n << 23n ? q : q - (1n << 23n)) + (q < 1n << 23n ? 0 : (shift + 1) * 2 ** 23);
  let flags: number = inexact ? FloatFlag.Inexact : 0;
  if (bits >= 0x7f80_0000) {
    flags |= FloatFlag.Overflow | FloatFlag.Inexact;
    bits = rounding === Rounding.NearestEven || away ? 0x7f80_0000 : 0x7f7f_ffff;
  }
  const tiny = (control & UNDERFLOW_AS_DELIVERED) !== 0 ? bits < 0x80_0000 : magnitude < d << 23n;
  if (inexact && tiny) flags |= FloatFlag.Underflow;
  return { bits: negative ? bits | -0x8000_0000 : bits, flags };
}

/** Whole square root, rounded down. */
function root(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

const PLUS_ZERO = 0;
const MINUS_ZERO = -0x8000_0000;
const INFINITY = 0x7f80_0000;
const corners = [
  0, 1, 2, 3, 0x7f_fffe, 0x7f_ffff, 0x80_0000, 0x80_0001, 0x80_0003, 0xff_ffff, 0x100_0000, 0x3f7f_ffff, 0x3f80_0000,
  0x3f80_0001, 0x3f00_0000, 0x4000_0000, 0x4b00_0000, 0x4b7f_ffff, 0x7f7f_ffff, 0x7f00_0000, 0x7eff_ffff, 0x1f80_0000,
  0x2000_0001, 0x5f00_0000,
];
/** Finite numbers: any, corner cases, and numbers of like exponent (cancellation). */
const finite = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f7f_ffff }),
    fc.constantFrom(...corners),
    fc.integer({ min: 0x3f00_0000, max: 0x4100_0000 }),
    fc.integer({ min: 0, max: 0x0180_0000 }),
    fc.integer({ min: 0x3f80, max: 0x4200 }).map((high) => high << 16),
  )
  .chain((bits) => fc.constantFrom(bits, bits | -0x8000_0000));
const control = fc.integer({ min: 0, max: 7 });
const runs = { numRuns: 4000 };

function check(bits: number, flags: number, want: { bits: number; flags: number }): void {
  expect([bits >>> 0, flags]).toEqual([want.bits >>> 0, want.flags]);
}

describe('binary32 arithmetic against whole-number arithmetic', () => {
  it('adds and subtracts', () => {
    fc.assert(
      fc.property(finite, finite, control, (a, b, mode) => {
        const exact = whole(a) + whole(b);
        const zeroSign =
          a < 0 && b < 0 && whole(a) === 0n
            ? MINUS_ZERO
            : (a < 0 || b < 0) && (mode & 3) === Rounding.Down
              ? MINUS_ZERO
              : PLUS_ZERO;
        const want = exact === 0n ? { bits: zeroSign, flags: 0 } : round(exact, 1n, mode);
        check(float32Add(a, b, mode), floatFlags, want);
        check(float32Sub(a, b ^ MINUS_ZERO, mode), floatFlags, want);
      }),
      runs,
    );
  });

  it('multiplies', () => {
    fc.assert(
      fc.property(finite, finite, control, (a, b, mode) => {
        const exact = whole(a) * whole(b);
        const want = exact === 0n ? { bits: (a ^ b) & MINUS_ZERO, flags: 0 } : round(exact, 1n << 149n, mode);
        check(float32Mul(a, b, mode), floatFlags, want);
      }),
      runs,
    );
  });

  it('divides', () => {
    fc.assert(
      fc.property(finite, finite, control, (a, b, mode) => {
        const sign = (a ^ b) & MINUS_ZERO;
        const x = whole(a);
        const y = whole(b);
        let want: { bits: number; flags: number };
        if (y === 0n) {
          want =
            x === 0n
              ? { bits: DEFAULT_NAN, flags: FloatFlag.Invalid }
              : { bits: sign | INFINITY, flags: FloatFlag.DivideByZero };
        } else if (x === 0n) want = { bits: sign, flags: 0 };
        else want = round((y < 0n ? -x : x) << 149n, y < 0n ? -y : y, mode);
        check(float32Div(a, b, mode), floatFlags, want);
      }),
      runs,
    );
  });

  it('takes square roots', () => {
    fc.assert(
      fc.property(finite, control, (a, mode) => {
        const x = whole(a);
        let want: { bits: number; flags: number };
        if (x === 0n) want = { bits: a, flags: 0 };
        else if (x < 0n) want = { bits: DEFAULT_NAN, flags: FloatFlag.Invalid };
        else {
          // sqrt(x * 2^-149) * 2^149 * 2^64 = sqrt(x * 2^(149 + 128))
          const scaled = x << 277n;
          const r = root(scaled);
          want = round(r, 1n << 64n, mode, r * r !== scaled);
        }
        check(float32Sqrt(a, mode), floatFlags, want);
      }),
      runs,
    );
  });

  it('multiplies and adds with one rounding', () => {
    fc.assert(
      fc.property(finite, finite, finite, control, fc.boolean(), (a, b, other, mode, cancel) => {
        // An addend next to the product is where two roundings would differ.
        const c = cancel ? float32Mul(a ^ MINUS_ZERO, b, 0) : other;
        fc.pre((c & INFINITY) !== INFINITY);
        const exact = whole(a) * whole(b) + (whole(c) << 149n);
        const productSign = (a ^ b) & MINUS_ZERO;
        const zeroSign =
          productSign === (c & MINUS_ZERO) ? productSign : (mode & 3) === Rounding.Down ? MINUS_ZERO : PLUS_ZERO;
        const want = exact === 0n ? { bits: zeroSign, flags: 0 } : round(exact, 1n << 149n, mode);
        check(float32MulAdd(a, b, c, mode), floatFlags, want);
      }),
      { numRuns: 10000 },
    );
  });
});

describe('infinities and NaN', () => {
  const one = 0x3f80_0000;
  it('gives infinities without flags', () => {
    check(float32Add(INFINITY, one, 0), floatFlags, { bits: INFINITY, flags: 0 });
    check(float32Div(one, INFINITY | MINUS_ZERO, 0), floatFlags, { bits: MINUS_ZERO, flags: 0 });
    check(float32Div(INFINITY, PLUS_ZERO, 0), floatFlags, { bits: INFINITY, flags: 0 });
    check(float32MulAdd(INFINITY, one, one, Rounding.Down), floatFlags, { bits: INFINITY, flags: 0 });
    check(float32Sqrt(INFINITY, Rounding.Up), floatFlags, { bits: INFINITY, flags: 0 });
  });

  it('reports invalid operations', () => {
    const invalid = { bits: DEFAULT_NAN, flags: FloatFlag.Invalid };
    check(float32Sub(INFINITY, INFINITY, 0), floatFlags, invalid);
    check(float32Mul(INFINITY, MINUS_ZERO, 0), floatFlags, invalid);
    check(float32Div(INFINITY, INFINITY, 0), floatFlags, invalid);
    check(float32MulAdd(INFINITY, PLUS_ZERO, one, 0), floatFlags, invalid);
    check(float32MulAdd(INFINITY, PLUS_ZERO, DEFAULT_NAN, 0), floatFlags, invalid);
    check(float32MulAdd(INFINITY, one, INFINITY | MINUS_ZERO, 0), floatFlags, invalid);
  });

  it('leaves NaN operands to the caller', () => {
    const nan = { bits: DEFAULT_NAN, flags: 0 };
    check(float32Add(0x7fa0_0001, one, 0), floatFlags, nan);
    check(float32Div(one, -1, 0), floatFlags, nan);
    check(float32Sqrt(-1, 0), floatFlags, nan);
    expect([isNaN32(-1), isNaN32(INFINITY), isSignallingNaN32(0x7fa0_0001), isSignallingNaN32(DEFAULT_NAN)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('compares', () => {
    expect([
      float32Compare(MINUS_ZERO, PLUS_ZERO),
      float32Compare(one, INFINITY),
      float32Compare(one, one | MINUS_ZERO),
      float32Compare(DEFAULT_NAN, DEFAULT_NAN),
    ]).toEqual([0, -1, 1, 2]);
  });
});

describe('roundToIntegral', () => {
  it.each([
    [2.5, [2, 3, 2, 2]],
    [3.5, [4, 4, 3, 3]],
    [-2.5, [-2, -2, -3, -2]],
    [-0.5, [-0, -0, -1, -0]],
    [0.75, [1, 1, 0, 0]],
  ])('%f', (value, want) => {
    expect([0, 1, 2, 3].map((mode) => roundToIntegral(value, mode) + 0)).toEqual(want.map((x) => x + 0));
    expect(floatFlags).toBe(FloatFlag.Inexact);
  });

  it('keeps whole numbers and what is no number', () => {
    expect([roundToIntegral(7, 0), roundToIntegral(Infinity, 0), decodeFloat32(0x4049_0fdb)]).toEqual([
      7,
      Infinity,
      Math.fround(Math.PI),
    ]);
    expect(floatFlags).toBe(0);
  });
});
