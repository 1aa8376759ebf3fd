import { decodeFloat32, float32MulAdd, isNaN32, isSignallingNaN32, roundToFloat32 } from '@loadstone/cpu-core';
import { RECIPROCAL, ROOT_EVEN, ROOT_ODD } from './estimate-tables.js';
import {
  CONTROL_NEAREST,
  chooseFusedNaN,
  DEFAULT_NAN,
  FSR_DIVIDE_BY_ZERO,
  FSR_INEXACT,
  FSR_INVALID,
  FSR_UNDERFLOW,
  lastFlags,
  QUIET,
} from './float-unit.js';

/**
 * The estimate and step instructions of division, reciprocal and square root, as measured on ESP32 and ESP32-S3. All functions
 * are pure: raw bits in, raw bits (or FSR bits) out.
 *
 * Terms: a finite non-zero number is sign, biased exponent E and significand M with bit 23 set; a denormal's significand is
 * shifted up, so that E may be 0 or negative.
 */

const SIGN = 0x8000_0000;
const FRACTION = 0x7f_ffff;

function exponentField(bits: number): number {
  return (bits >>> 23) & 0xff;
}

function isZero(bits: number): boolean {
  return (bits & 0x7fff_ffff) === 0;
}

function isInfinite(bits: number): boolean {
  return (bits & 0x7fff_ffff) === 0x7f80_0000;
}

/** E of a finite non-zero number. */
function normalExponent(bits: number): number {
  const exponent = exponentField(bits);
  return exponent !== 0 ? exponent : 9 - Math.clz32(bits & FRACTION);
}

/** M of a finite non-zero number. */
function normalSignificand(bits: number): number {
  const fraction = bits & FRACTION;
  return exponentField(bits) !== 0 ? fraction | 0x80_0000 : fraction << (Math.clz32(fraction) - 8);
}

function reciprocalEstimate(significand: number): number {
  return RECIPROCAL[(significand >> 16) & 127] << 16;
}

function rootEstimate(significand: number, exponent: number): number {
  return ((exponent & 1) !== 0 ? ROOT_ODD : ROOT_EVEN)[(significand >> 17) & 63] << 16;
}

/** A number from sign, biased exponent (any integer) and fraction: denormals are cut off, what is too large is infinite. */
function assemble(sign: number, exponent: number, fraction: number): number {
  if (exponent >= 255) return sign | 0x7f80_0000;
  if (exponent > 0) return sign | (exponent << 23) | fraction;
  return 1 - exponent > 31 ? sign : sign | ((0x80_0000 | fraction) >> (1 - exponent));
}

/** recip0.s */
export function reciprocal0(bits: number): number {
  const sign = bits & SIGN;
  if (isNaN32(bits)) return sign | (0x7fc0_0000 + (reciprocalEstimate(bits) >> 1));
  if (isZero(bits)) return sign | 0x7f80_0000;
  if (isInfinite(bits)) return sign;
  return assemble(sign, 253 - normalExponent(bits), reciprocalEstimate(normalSignificand(bits)));
}

/** rsqrt0.s */
export function reciprocalSquareRoot0(bits: number): number {
  const sign = bits & SIGN;
  if (isZero(bits)) return sign | 0x7f80_0000;
  if (bits === 0x7f80_0000) return 0;
  if (isNaN32(bits) || isInfinite(bits)) return sign | 0x7fc0_0000 | rootEstimate(bits, 1);
  const exponent = normalExponent(bits);
  const estimate = rootEstimate(normalSignificand(bits), exponent);
  if (sign !== 0) return sign | 0x7fc0_0000 | estimate;
  return assemble(0, (380 - exponent) >> 1, estimate);
}

/** div0.s */
export function divide0(bits: number): number {
  const sign = bits & SIGN;
  if (isZero(bits) || exponentField(bits) === 255) return sign | (126 << 23) | reciprocalEstimate(bits);
  const exponent = normalExponent(bits);
  return sign | ((125 + (exponent & 1)) << 23) | reciprocalEstimate(normalSignificand(bits));
}

/** sqrt0.s */
export function squareRoot0(bits: number): number {
  const base = (bits & SIGN) | (126 << 23);
  if (isZero(bits)) return base | rootEstimate(0, 0);
  if (exponentField(bits) === 255) return base | rootEstimate(bits, 1);
  return base | rootEstimate(normalSignificand(bits), normalExponent(bits));
}

/** nexp01.s: minus the operand scaled into [1, 4) by an even power of 2. */
export function negatedExponent01(bits: number): number {
  const sign = ~bits & SIGN;
  if (isNaN32(bits)) return bits ^ SIGN;
  if (isZero(bits) || isInfinite(bits)) return sign | (127 << 23);
  const odd = (normalExponent(bits) - 127) & 1;
  return sign | ((127 + odd) << 23) | (normalSignificand(bits) & FRACTION);
}

/** addexp.s: adds fs's exponent to fr. */
export function addExponent(fr: number, fs: number): number {
  const exponent = (exponentField(fr) + exponentField(fs) - 127) & 0xff;
  return ((fr ^ fs) & SIGN) | (exponent << 23) | (fr & FRACTION);
}

/** addexpm.s: adds the exponent adjustment in fs's fraction to fr. */
export function addExponentMantissa(fr: number, fs: number): number {
  const exponent = (exponentField(fr) + 129 + ((fs >> 14) & 0xff)) & 0xff;
  return ((fr ^ (fs << 9)) & SIGN) | (exponent << 23) | (fr & FRACTION);
}

/** Results that divn.s delivers without arithmetic. */
const enum ResultClass {
  PositiveZero = 0,
  PositiveInfinity = 2,
  NaN = 4,
}

function classWord(resultClass: number): number {
  return ((127 + 8 * resultClass) << 23) | (223 << 14);
}

/** An adjustment of the exponent by `a`, split so that addexp.s adds one part and addexpm.s the other. */
function adjustmentWord(a: number): number {
  return (((127 + 8 * (a & 31)) & 0xff) << 23) | (((127 + 8 * (a >> 5)) & 0xff) << 14);
}

/** mksadj.s: adjustment for the square root of fs (fr plays no part). */
export function makeSquareRootAdjust(_fr: number, fs: number): number {
  if (isZero(fs)) return classWord(ResultClass.PositiveZero + (fs >>> 31));
  if (isNaN32(fs) || (fs & SIGN) !== 0) return classWord(ResultClass.NaN);
  if (isInfinite(fs)) return classWord(ResultClass.PositiveInfinity);
  return adjustmentWord((normalExponent(fs) - 127) >> 1);
}

/** FSR bits of mksadj.s. */
export function makeSquareRootAdjustFlags(_fr: number, fs: number): number {
  if (isNaN32(fs)) return isSignallingNaN32(fs) ? FSR_INVALID : 0;
  return (fs & SIGN) !== 0 && !isZero(fs) ? FSR_INVALID : 0;
}

/** mkdadj.s: adjustment for the quotient fs / fr. */
export function makeDivideAdjust(fr: number, fs: number): number {
  const sign = (fr ^ fs) >>> 31;
  if (isNaN32(fr) || isNaN32(fs) || isInvalidQuotient(fr, fs)) return classWord(ResultClass.NaN + sign);
  if (isZero(fs) || isInfinite(fr)) return classWord(ResultClass.PositiveZero + sign);
  if (isInfinite(fs) || isZero(fr)) return classWord(ResultClass.PositiveInfinity + sign);
  return adjustmentWord(2 * ((normalExponent(fs) - 127) >> 1) - 2 * ((normalExponent(fr) - 127) >> 1));
}

/** FSR bits of mkdadj.s. */
export function makeDivideAdjustFlags(fr: number, fs: number): number {
  if (isNaN32(fr) || isNaN32(fs)) return isSignallingNaN32(fr) || isSignallingNaN32(fs) ? FSR_INVALID : 0;
  if (isInvalidQuotient(fr, fs)) return FSR_INVALID;
  return isZero(fr) && !isInfinite(fs) ? FSR_DIVIDE_BY_ZERO : 0;
}

/** 0 / 0 or infinity / infinity */
function isInvalidQuotient(divisor: number, dividend: number): boolean {
  return (isZero(divisor) && isZero(dividend)) || (isInfinite(divisor) && isInfinite(dividend));
}

/** maddn.s: fr + fs * ft, one rounding to nearest even whatever FCR says, never a flag. */
export function mulAddNearest(fs: number, ft: number, fr: number): number {
  if (isNaN32(fs) || isNaN32(ft) || isNaN32(fr)) return chooseFusedNaN(fs, ft, fr);
  return float32MulAdd(fs, ft, fr, CONTROL_NEAREST) | 0;
}

let divideFlags = 0;

/** An operand of divn.s: its exponent as a signed byte, split into eights and a rest of -3 to 4. */
function splitExponent(bits: number): { readonly eights: number; readonly rest: number } {
  const exponent = ((exponentField(bits) - 127) << 24) >> 24;
  const eights = (exponent + 3) >> 3;
  return { eights, rest: exponent - 8 * eights };
}

/** 1.fraction with the sign of `bits`, whatever the exponent field says. */
function forcedSignificand(bits: number): number {
  const significand = ((bits & FRACTION) | 0x80_0000) * 2 ** -23;
  return bits < 0 ? -significand : significand;
}

/** divn.s: fr + fs * ft scaled by the adjustments in their exponents; sets `divideFlags`. */
function divide(fr: number, fs: number, ft: number): number {
  divideFlags = 0;
  const { eights: high, rest: restOfFr } = splitExponent(fr);
  const { eights: low, rest: restOfFt } = splitExponent(ft);
  const adjustment = 32 * high + (low & 31);
  if (isNaN32(fs)) {
    if (adjustment < -200 || adjustment >= 384) divideFlags = FSR_INEXACT | FSR_UNDERFLOW;
    return fs | QUIET;
  }
  if (high === 12 && (low & 31) < 8) return classResult(low & 31);
  const multiplier = isInfinite(fs) ? (fs < 0 ? -(2 ** 128) : 2 ** 128) : decodeFloat32(fs);
  const product = multiplier * forcedSignificand(ft) * 2 ** restOfFt;
  let sum = sumToOdd(product, forcedSignificand(fr) * 2 ** restOfFr);
  if (sum === 0) {
    if (adjustment - 50 < -126) {
      divideFlags = adjustment < -200 ? FSR_INEXACT | FSR_UNDERFLOW : 0;
      return 0;
    }
    sum = 2 ** -50;
  }
  const scaled = sum * 2 ** adjustment;
  // From here on the unit's 10-bit exponent has wrapped.
  if (scaled >= 2 ** 385 || scaled <= -(2 ** 385)) {
    divideFlags = FSR_INEXACT | FSR_UNDERFLOW;
    return sum < 0 ? SIGN : 0;
  }
  const result = roundToFloat32(scaled, CONTROL_NEAREST);
  divideFlags = lastFlags();
  return result;
}

function classResult(resultClass: number): number {
  const sign = resultClass & 1 ? SIGN : 0;
  if (resultClass < 2 || resultClass >= 6) return sign;
  return resultClass < 4 ? sign | 0x7f80_0000 : DEFAULT_NAN;
}

const doubles = new Float64Array(1);
const doubleWords = new Int32Array(doubles.buffer);
/** Index of the less significant word of a double: the host's byte order. */
const LOW = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/**
 * x + y rounded to odd in binary64: rounding that to binary32 gives the correctly rounded sum. The operands have at most 48
 * significant bits.
 */
function sumToOdd(x: number, y: number): number {
  const sum = x + y;
  const part = sum - x;
  const error = x - (sum - part) + (y - part);
  if (error === 0) return sum;
  doubles[0] = sum;
  const low = doubleWords[LOW];
  if ((low & 1) !== 0) return sum;
  if (error > 0 === sum > 0) {
    doubleWords[LOW] = low | 1;
  } else {
    doubleWords[LOW] = low - 1;
    if (low === 0) doubleWords[1 - LOW]--;
  }
  return doubles[0];
}

/** divn.s */
export function divideNearest(fr: number, fs: number, ft: number): number {
  return divide(fr, fs, ft) | 0;
}

/** FSR bits of divn.s. */
export function divideNearestFlags(fr: number, fs: number, ft: number): number {
  divide(fr, fs, ft);
  return divideFlags;
}
