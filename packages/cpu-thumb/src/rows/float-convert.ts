import { konst, type Operand } from '@loadstone/cpu-core';
import {
  type FloatOperation,
  fixedToFloat,
  floatToFixed,
  floatToHalf,
  HALF_WORD,
  halfToFloat,
  ROUND_TO_NEAREST,
  ROUND_TO_ZERO,
  UNSIGNED,
} from '../helpers/float.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { SLOT } from '../slots.js';
import { sd, sm } from './float-arithmetic.js';

/* VCVT, VCVTR, VCVTB, VCVTT. ARMv7-M ARM A6.4, A7.7.225 to A7.7.228. */

/** Result of a conversion, its flags accumulated in FPSCR. */
function convert(t: Lifter, { result, status }: FloatOperation, a: Operand, options: number, into?: number): Operand {
  t.helper(status, a, konst(options), SLOT.FPSCR, SLOT.FPSCR);
  return t.helper(result, a, konst(options), SLOT.FPSCR, into);
}

/** Width (x: 16 or 32), fraction bits and sign of a fixed-point form. */
function fixedOptions(f: Fields<'x' | 'i' | 'k' | 'U'>): number {
  return fractionBits(f) | (f.x === 0 ? HALF_WORD : 0) | (f.U === 1 ? UNSIGNED : 0);
}

export function fractionBits(f: Fields<'x' | 'i' | 'k'>): number {
  return (f.x === 0 ? 16 : 32) - ((f.k << 1) | f.i);
}

const fixedRules = { unpredictable: (f: Fields<'x' | 'i' | 'k'>): boolean => fractionBits(f) < 0 };

export const floatConvert: readonly Row[] = [
  row('111011101 D 11 0010 dddd 1010 T 1 M 0 mmmm', 'vcvt{T}{c}.f32.f16 {Sd}, {Sm}', (t, f) => {
    const half = f.T === 1 ? t.b.shr(sm(f), konst(16)) : sm(f);
    convert(t, halfToFloat, half, 0, sd(f));
  }),
  row('111011101 D 11 0011 dddd 1010 T 1 M 0 mmmm', 'vcvt{T}{c}.f16.f32 {Sd}, {Sm}', (t, f) => {
    const { b } = t;
    const half = convert(t, floatToHalf, sm(f), 0);
    if (f.T === 1) b.or(b.and(sd(f), konst(0xffff)), b.shl(half, konst(16)), sd(f));
    else b.or(b.and(sd(f), konst(0xffff_0000)), half, sd(f));
  }),
  row('111011101 D 11 1000 dddd 1010 s 1 M 0 mmmm', 'vcvt{c}.f32.{us} {Sd}, {Sm}', (t, f) =>
    convert(t, fixedToFloat, sm(f), f.s === 1 ? 0 : UNSIGNED, sd(f)),
  ),
  row('111011101 D 11 110 s dddd 1010 T 1 M 0 mmmm', 'vcvt{r}{c}.{us}.f32 {Sd}, {Sm}', (t, f) =>
    convert(t, floatToFixed, sm(f), (f.s === 1 ? 0 : UNSIGNED) | (f.T === 1 ? ROUND_TO_ZERO : 0), sd(f)),
  ),
  row(
    '111011101 D 11 101 U dddd 1010 x 1 i 0 kkkk',
    'vcvt{c}.f32.{fixed} {Sd}, {Sd}, {fraction}',
    (t, f) => convert(t, fixedToFloat, sd(f), fixedOptions(f) | ROUND_TO_NEAREST, sd(f)),
    fixedRules,
  ),
  row(
    '111011101 D 11 111 U dddd 1010 x 1 i 0 kkkk',
    'vcvt{c}.{fixed}.f32 {Sd}, {Sd}, {fraction}',
    (t, f) => convert(t, floatToFixed, sd(f), fixedOptions(f) | ROUND_TO_ZERO, sd(f)),
    fixedRules,
  ),
];
