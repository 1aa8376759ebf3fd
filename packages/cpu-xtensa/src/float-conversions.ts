import {
  decodeFloat32,
  float32Compare,
  isNaN32,
  isSignallingNaN32,
  Rounding,
  roundToFloat32,
  roundToIntegral,
} from '@loadstone/cpu-core';
import { controlOf, FSR_INEXACT, FSR_INVALID, lastFlags } from './float-unit.js';

/** Compares and conversions of the float unit. All functions are pure. */

export const enum FloatPredicate {
  Unordered = 0,
  OrderedEqual,
  UnorderedEqual,
  OrderedLess,
  UnorderedLess,
  OrderedLessEqual,
  UnorderedLessEqual,
}

/**
 * Bit 0: whether the predicate holds; bit 11: FSR.V, which a signalling NaN sets in all of them and a quiet NaN only in olt.s and
 * ole.s.
 */
export function compareFloats(a: number, b: number, predicate: FloatPredicate): number {
  if (isNaN32(a) || isNaN32(b)) {
    const ordered = predicate === FloatPredicate.OrderedLess || predicate === FloatPredicate.OrderedLessEqual;
    const invalid = ordered || isSignallingNaN32(a) || isSignallingNaN32(b) ? FSR_INVALID : 0;
    return ordered || predicate === FloatPredicate.OrderedEqual ? invalid : invalid | 1;
  }
  const order = float32Compare(a, b);
  switch (predicate) {
    case FloatPredicate.Unordered:
      return 0;
    case FloatPredicate.OrderedEqual:
    case FloatPredicate.UnorderedEqual:
      return order === 0 ? 1 : 0;
    case FloatPredicate.OrderedLess:
    case FloatPredicate.UnorderedLess:
      return order < 0 ? 1 : 0;
    default:
      return order <= 0 ? 1 : 0;
  }
}

export const enum IntegerConversion {
  Round = 0,
  Truncate,
  Floor,
  Ceiling,
  TruncateUnsigned,
  Signed,
  Unsigned,
}

/** A conversion and its scale, 0 to 15, in one word. */
export function packConversion(conversion: IntegerConversion, scale: number): number {
  return (conversion << 4) | scale;
}

/** Rounding of each conversion to integer; FCR.RM plays no part. */
const ROUNDINGS = [Rounding.NearestEven, Rounding.TowardZero, Rounding.Down, Rounding.Up, Rounding.TowardZero];

let convertedFlags = 0;

/** fs * 2^scale as an integer; sets `convertedFlags`. V replaces I. */
function convert(bits: number, packed: number): number {
  const conversion = packed >> 4;
  const unsigned = conversion === IntegerConversion.TruncateUnsigned;
  const most = unsigned ? 0xffff_ffff : 0x7fff_ffff;
  convertedFlags = FSR_INVALID;
  if (isNaN32(bits)) return most;
  const exact = decodeFloat32(bits) * 2 ** (packed & 15);
  const whole = roundToIntegral(exact, ROUNDINGS[conversion]);
  if (whole > most) return most;
  if (whole < -0x8000_0000) return 0x8000_0000;
  if (unsigned && whole < 0) return whole;
  convertedFlags = whole === exact ? 0 : FSR_INEXACT;
  return whole;
}

/** The integer that round.s, trunc.s, floor.s, ceil.s or utrunc.s delivers. */
export function floatToInteger(bits: number, packed: number): number {
  return convert(bits, packed) | 0;
}

/** FSR bits that the same conversion sets. */
export function floatToIntegerFlags(bits: number, packed: number): number {
  convert(bits, packed);
  return convertedFlags;
}

/** float.s, ufloat.s: value * 2^-scale, rounded once as FCR.RM (in `fcsr`) says. */
export function integerToFloat(value: number, fcsr: number, packed: number): number {
  const integer = packed >> 4 === IntegerConversion.Unsigned ? value >>> 0 : value | 0;
  return roundToFloat32(integer * 2 ** -(packed & 15), controlOf(fcsr)) | 0;
}

/** FSR bits that the same conversion sets. */
export function integerToFloatFlags(value: number, fcsr: number, packed: number): number {
  integerToFloat(value, fcsr, packed);
  return lastFlags();
}
