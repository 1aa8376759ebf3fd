import {
  DEFAULT_NAN,
  FloatFlag,
  type FloatUnit,
  float32Add,
  float32Div,
  float32Mul,
  float32MulAdd,
  float32Sqrt,
  float32Sub,
  floatFlags,
  isNaN32,
  isSignallingNaN32,
} from '@loadstone/cpu-core';
import { SLOT } from './slots.js';

/* FPv4-SP arithmetic (ARMv7-M ARM A2.5): NaN choice, flushing to zero and the cumulative flags round the exact operations. */

/** FPSCR: alternative half-precision, default NaN, flush to zero, rounding mode. */
export const FPSCR_AHP = 1 << 26;
export const FPSCR_DN = 1 << 25;
export const FPSCR_FZ = 1 << 24;
export const FPSCR_RMODE_SHIFT = 22;
/** FPSCR.IDC: a denormal input was flushed. Bits 4..0 are those of `FloatFlag`. */
export const INPUT_DENORMAL = 0x80;
/** The bits that exist: NZCV, AHP, DN, FZ, RMode, IDC, IXC, UFC, OFC, DZC, IOC. */
export const FPSCR_MASK = 0xf7c0_009f | 0;

const SIGN = -0x8000_0000;
const QUIET = 0x0040_0000;

export function isDenormal(bits: number): boolean {
  return (bits & 0x7f80_0000) === 0 && (bits & 0x007f_ffff) !== 0;
}

function rounding(fpscr: number): number {
  return (fpscr >>> FPSCR_RMODE_SHIFT) & 3;
}

/** A NaN operand as the result: quieted, or the default NaN. */
function deliverNaN(state: Int32Array, nan: number): number {
  if (isSignallingNaN32(nan)) state[SLOT.FPSCR] |= FloatFlag.Invalid;
  return (state[SLOT.FPSCR] & FPSCR_DN) !== 0 ? DEFAULT_NAN : nan | QUIET;
}

/** FPProcessNaNs: signalling before quiet, then in operand order. */
function chooseNaN(state: Int32Array, a: number, b: number): number {
  if (isSignallingNaN32(a)) return deliverNaN(state, a);
  if (isSignallingNaN32(b)) return deliverNaN(state, b);
  return deliverNaN(state, isNaN32(a) ? a : b);
}

/** An operand with flushing to zero applied (FZ is set). */
function flushInput(state: Int32Array, bits: number): number {
  if (!isDenormal(bits)) return bits;
  state[SLOT.FPSCR] |= INPUT_DENORMAL;
  return bits & SIGN;
}

/** Accumulates the flags of the operation just done; flushes a result that was tiny before rounding. */
function deliver(state: Int32Array, result: number): number {
  const flags = floatFlags;
  if ((state[SLOT.FPSCR] & FPSCR_FZ) !== 0 && ((flags & FloatFlag.Underflow) !== 0 || isDenormal(result))) {
    state[SLOT.FPSCR] |= FloatFlag.Underflow;
    return result & SIGN;
  }
  state[SLOT.FPSCR] |= flags;
  return result;
}

type Exact = (a: number, b: number, control: number) => number;

const binary =
  (exact: Exact) =>
  (state: Int32Array, a: number, b: number): number => {
    const fpscr = state[SLOT.FPSCR];
    if ((fpscr & FPSCR_FZ) !== 0) {
      a = flushInput(state, a);
      b = flushInput(state, b);
    }
    if (isNaN32(a) || isNaN32(b)) return chooseNaN(state, a, b);
    return deliver(state, exact(a, b, rounding(fpscr)));
  };

/** FPMulAdd: c + a * b. The addend's NaN comes first; 0 * infinity is invalid even beside a quiet NaN. */
function mulAdd(state: Int32Array, a: number, b: number, c: number): number {
  const fpscr = state[SLOT.FPSCR];
  if ((fpscr & FPSCR_FZ) !== 0) {
    a = flushInput(state, a);
    b = flushInput(state, b);
    c = flushInput(state, c);
  }
  if (isNaN32(c) || isNaN32(a) || isNaN32(b)) {
    if (isSignallingNaN32(c)) return deliverNaN(state, c);
    if (isSignallingNaN32(a) || isSignallingNaN32(b)) return chooseNaN(state, a, b);
    const result = isNaN32(c) ? deliverNaN(state, c) : chooseNaN(state, a, b);
    if (!isInfinityTimesZero(a, b) && !isInfinityTimesZero(b, a)) return result;
    state[SLOT.FPSCR] |= FloatFlag.Invalid;
    return DEFAULT_NAN;
  }
  return deliver(state, float32MulAdd(a, b, c, rounding(fpscr)));
}

function isInfinityTimesZero(a: number, b: number): boolean {
  return (a & 0x7fff_ffff) === 0x7f80_0000 && (b & 0x7fff_ffff) === 0;
}

export const floatUnit: FloatUnit = {
  add: binary(float32Add),
  sub: binary(float32Sub),
  mul: binary(float32Mul),
  div: binary(float32Div),
  sqrt(state, a) {
    const fpscr = state[SLOT.FPSCR];
    const operand = (fpscr & FPSCR_FZ) !== 0 ? flushInput(state, a) : a;
    if (isNaN32(operand)) return deliverNaN(state, operand);
    return deliver(state, float32Sqrt(operand, rounding(fpscr)));
  },
  mulAdd,
  mulSub: (state, a, b, c) => mulAdd(state, a ^ SIGN, b, c),
  // Round to nearest, no flushing, inexact already accumulated: only overflow and underflow could change FPSCR.
  plain: {
    slot: SLOT.FPSCR,
    mask: FPSCR_FZ | (3 << FPSCR_RMODE_SHIFT) | FloatFlag.Inexact,
    value: FloatFlag.Inexact,
  },
};
