import {
  decodeFloat32,
  FloatFlag,
  float32Compare,
  floatFlags,
  type Helper,
  isNaN32,
  isSignallingNaN32,
  Rounding,
  roundToFloat32,
  roundToIntegral,
} from '@loadstone/cpu-core';
import { FPSCR_AHP, FPSCR_DN, FPSCR_FZ, FPSCR_RMODE_SHIFT, INPUT_DENORMAL, isDenormal } from '../float-unit.js';

/* Comparison and conversion (ARMv7-M ARM A2.5, VCMP, VCVT, VCVTB, VCVTT). */

/**
 * An operation with a result and cumulative flags, as two pure helpers over (operand, options, FPSCR): the result, and FPSCR
 * behind it. Write FPSCR first: the operations do not depend on the flags.
 */
export interface FloatOperation {
  readonly result: Helper;
  readonly status: Helper;
}

/** Flags of the operation being computed. */
let raised = 0;

function operation(name: string, compute: (a: number, options: number, fpscr: number) => number): FloatOperation {
  return {
    result: { name, pure: true, run: (_context, a, b, c) => compute(a, b, c) | 0 },
    status: {
      name: `${name}-fpscr`,
      pure: true,
      run: (_context, a, b, c) => {
        raised = 0;
        compute(a, b, c);
        return c | raised;
      },
    },
  };
}

/** An operand as a number, flushed when FZ says so. */
function input(bits: number, fpscr: number): number {
  if ((fpscr & FPSCR_FZ) === 0 || !isDenormal(bits)) return decodeFloat32(bits);
  raised |= INPUT_DENORMAL;
  return bits < 0 ? -0 : 0;
}

/** Options of the integer and fixed-point conversions. */
export const UNSIGNED = 0x100;
export const HALF_WORD = 0x200;
export const ROUND_TO_NEAREST = 0x400;
export const ROUND_TO_ZERO = 0x800;
const FRACTION_MASK = 0x3f;

function roundingOf(options: number, fpscr: number): Rounding {
  if ((options & ROUND_TO_NEAREST) !== 0) return Rounding.NearestEven;
  if ((options & ROUND_TO_ZERO) !== 0) return Rounding.TowardZero;
  return (fpscr >>> FPSCR_RMODE_SHIFT) & 3;
}

/** From an integer with `options & 63` fraction bits. */
export const fixedToFloat = operation('fixed-to-float', (a, options, fpscr) => {
  const unsigned = (options & UNSIGNED) !== 0;
  const whole = (options & HALF_WORD) !== 0 ? (unsigned ? a & 0xffff : (a << 16) >> 16) : unsigned ? a >>> 0 : a;
  const bits = roundToFloat32(whole / 2 ** (options & FRACTION_MASK), roundingOf(options, fpscr));
  raised |= floatFlags;
  return bits;
});

/** To an integer with `options & 63` fraction bits, saturating. */
export const floatToFixed = operation('float-to-fixed', (a, options, fpscr) => {
  const unsigned = (options & UNSIGNED) !== 0;
  const width = (options & HALF_WORD) !== 0 ? 16 : 32;
  const low = unsigned ? 0 : -(2 ** (width - 1));
  const high = unsigned ? 2 ** width - 1 : 2 ** (width - 1) - 1;
  const value = input(a, fpscr) * 2 ** (options & FRACTION_MASK);
  if (Number.isNaN(value)) {
    raised |= FloatFlag.Invalid;
    return 0;
  }
  const whole = roundToIntegral(value, roundingOf(options, fpscr));
  if (whole < low || whole > high) {
    raised |= FloatFlag.Invalid;
    return whole < low ? low : high;
  }
  raised |= floatFlags;
  return whole;
});

/** FPSCR with NZCV of comparing a with b; `quiet` NaN are invalid for VCMPE. */
function compare(name: string, invalidOnQuiet: boolean): Helper {
  return {
    name,
    pure: true,
    run: (_context, a, b, fpscr) => {
      let flags = 0;
      if ((fpscr & FPSCR_FZ) !== 0) {
        if (isDenormal(a)) {
          flags = INPUT_DENORMAL;
          a = 0;
        }
        if (isDenormal(b)) {
          flags = INPUT_DENORMAL;
          b = 0;
        }
      }
      const order = float32Compare(a, b);
      const nzcv = order === 0 ? 6 : order === -1 ? 8 : order === 1 ? 2 : 3;
      if (order === 2 && (invalidOnQuiet || isSignallingNaN32(a) || isSignallingNaN32(b))) flags |= FloatFlag.Invalid;
      return (fpscr & 0x0fff_ffff) | (nzcv << 28) | flags;
    },
  };
}

export const vcmp = compare('vcmp', false);
export const vcmpe = compare('vcmpe', true);

/** Single to half precision; the result is 16 bits. */
export const floatToHalf = operation('float-to-half', (a, _options, fpscr) => {
  const sign = (a >>> 16) & 0x8000;
  const alternative = (fpscr & FPSCR_AHP) !== 0;
  if (isNaN32(a)) {
    if (isSignallingNaN32(a) || alternative) raised |= FloatFlag.Invalid;
    if (alternative) return sign;
    return (fpscr & FPSCR_DN) !== 0 ? 0x7e00 : sign | 0x7e00 | ((a >>> 13) & 0x1ff);
  }
  const value = input(a, fpscr);
  if (Math.abs(value) === Infinity) {
    if (!alternative) return sign | 0x7c00;
    raised |= FloatFlag.Invalid;
    return sign | 0x7fff;
  }
  if (value === 0) return sign;
  const rounding = roundingOf(0, fpscr);
  const exponent = Math.max(((a >>> 23) & 0xff) - 127, -14);
  const units = Math.abs(roundToIntegral(value / 2 ** (exponent - 10), rounding));
  const inexact = floatFlags;
  const bits = units + (exponent + 14) * 1024;
  if (alternative ? bits > 0x7fff : bits >= 0x7c00) {
    if (alternative) {
      raised |= FloatFlag.Invalid;
      return sign | 0x7fff;
    }
    raised |= FloatFlag.Overflow | FloatFlag.Inexact;
    const infinite = rounding === Rounding.NearestEven || rounding === (value < 0 ? Rounding.Down : Rounding.Up);
    return sign | (infinite ? 0x7c00 : 0x7bff);
  }
  raised |= inexact;
  if (inexact !== 0 && Math.abs(value) < 2 ** -14) raised |= FloatFlag.Underflow;
  return sign | bits;
});

/** Half precision (low 16 bits of a) to single: exact. Half-precision denormals are not flushed. */
export const halfToFloat = operation('half-to-float', (a, _options, fpscr) => {
  const sign = (a & 0x8000) << 16;
  const exponent = (a >>> 10) & 0x1f;
  const fraction = a & 0x3ff;
  if (exponent === 31 && (fpscr & FPSCR_AHP) === 0) {
    if (fraction === 0) return sign | 0x7f80_0000;
    if ((fraction & 0x200) === 0) raised |= FloatFlag.Invalid;
    return (fpscr & FPSCR_DN) !== 0 ? 0x7fc0_0000 : sign | 0x7fc0_0000 | (fraction << 13);
  }
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return sign | roundToFloat32(magnitude, 0);
});

export const floatHelpers: readonly Helper[] = [
  vcmp,
  vcmpe,
  ...[fixedToFloat, floatToFixed, floatToHalf, halfToFloat].flatMap(({ result, status }) => [result, status]),
];
