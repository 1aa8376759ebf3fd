import {
  DEFAULT_NAN,
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
  Rounding,
  UNDERFLOW_AS_DELIVERED,
} from '@loadstone/cpu-core';
import { FCSR } from './slots.js';

/**
 * Rules of the ESP32's float unit, measured on the chip: the NaN of the later operand field wins (for fused operations fr, then ft,
 * then fs) and is quieted, generated NaNs are 7fc00000, denormals are full IEEE, underflow is flagged for an inexact result that
 * is delivered zero or denormal.
 */

const QUIET = 0x0040_0000;

/** FSR bits. */
export const FSR_INEXACT = 0x80;
export const FSR_UNDERFLOW = 0x100;
export const FSR_DIVIDE_BY_ZERO = 0x400;
export const FSR_INVALID = 0x800;

/** FSR bits for each value of `floatFlags`: its bits 0 to 4 are FSR's bits 11 to 7. */
const FSR_OF_FLAGS = Int32Array.from({ length: 32 }, (_, flags) => {
  let fsr = 0;
  for (let bit = 0; bit < 5; bit++) if ((flags & (1 << bit)) !== 0) fsr |= FSR_INVALID >> bit;
  return fsr;
});

/** Control word of cpu-core's arithmetic for each FCR.RM. */
const CONTROLS = [Rounding.NearestEven, Rounding.TowardZero, Rounding.Up, Rounding.Down].map(
  (rounding) => rounding | UNDERFLOW_AS_DELIVERED,
);

export const CONTROL_NEAREST = Rounding.NearestEven | UNDERFLOW_AS_DELIVERED;

/** Control word for the rounding mode in `fcsr`. */
export function controlOf(fcsr: number): number {
  return CONTROLS[fcsr & 3];
}

/** FSR bits of the last arithmetic operation. */
export function lastFlags(): number {
  return FSR_OF_FLAGS[floatFlags];
}

/** A quieted operand NaN, `second` before `first`; call it when one of them is a NaN. */
function chooseNaN(first: number, second: number): number {
  return (isNaN32(second) ? second : first) | QUIET;
}

/** The result of c + a * b when an operand is a NaN: c's, b's, a's, in this order. */
export function chooseFusedNaN(a: number, b: number, c: number): number {
  return (isNaN32(c) ? c : isNaN32(b) ? b : a) | QUIET;
}

type Binary = (a: number, b: number, control: number) => number;

function binary(operation: Binary): (state: Int32Array, a: number, b: number) => number {
  return (state, a, b) => {
    const fcsr = state[FCSR];
    if (isNaN32(a) || isNaN32(b)) {
      if (isSignallingNaN32(a) || isSignallingNaN32(b)) state[FCSR] = fcsr | FSR_INVALID;
      return chooseNaN(a, b);
    }
    const result = operation(a, b, CONTROLS[fcsr & 3]) | 0;
    state[FCSR] = fcsr | FSR_OF_FLAGS[floatFlags];
    return result;
  };
}

/** Whether a * b is zero times infinity. */
function isInvalidProduct(a: number, b: number): boolean {
  const x = a & 0x7fff_ffff;
  const y = b & 0x7fff_ffff;
  return (x === 0 && y === 0x7f80_0000) || (x === 0x7f80_0000 && y === 0);
}

/** c + a * b; `sign` flips the product's sign. */
function fused(state: Int32Array, a: number, b: number, c: number, sign: number): number {
  const fcsr = state[FCSR];
  if (isNaN32(a) || isNaN32(b) || isNaN32(c)) {
    if (isSignallingNaN32(a) || isSignallingNaN32(b) || isSignallingNaN32(c) || isInvalidProduct(a, b)) {
      state[FCSR] = fcsr | FSR_INVALID;
    }
    return chooseFusedNaN(a, b, c);
  }
  const result = float32MulAdd(a ^ sign, b, c, CONTROLS[fcsr & 3]) | 0;
  state[FCSR] = fcsr | FSR_OF_FLAGS[floatFlags];
  return result;
}

export const floatUnit: FloatUnit = {
  add: binary(float32Add),
  sub: binary(float32Sub),
  mul: binary(float32Mul),
  div: binary(float32Div),
  sqrt: (state, a) => {
    if (isNaN32(a)) {
      if (isSignallingNaN32(a)) state[FCSR] |= FSR_INVALID;
      return a | QUIET;
    }
    const result = float32Sqrt(a, CONTROLS[state[FCSR] & 3]) | 0;
    state[FCSR] |= FSR_OF_FLAGS[floatFlags];
    return result;
  },
  mulAdd: (state, a, b, c) => fused(state, a, b, c, 0),
  mulSub: (state, a, b, c) => fused(state, a, b, c, 0x8000_0000),
  plain: { slot: FCSR, mask: 3 | FSR_INEXACT, value: FSR_INEXACT },
};

export { DEFAULT_NAN, QUIET };
