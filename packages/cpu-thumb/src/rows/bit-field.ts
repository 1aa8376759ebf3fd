import { konst, Op, type Operand } from '@loadstone/cpu-core';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';

/* Bit fields, extension, reversal, packing, CLZ. ARMv7-M ARM A5.2.5, A5.3.3, A5.3.13, A5.3.15. */

/** ROR by 0, 8, 16 or 24 as the extend instructions do first. */
function rotated(t: Lifter, m: number, rotation: number): Operand {
  return rotation === 0 ? m : t.b.binary(Op.Ror, m, konst(rotation * 8));
}

type Extend = (t: Lifter, value: Operand, into?: number) => Operand;
const unary =
  (op: Op): Extend =>
  (t, value, into) =>
    t.b.unary(op, value, into);
/** Each half's low byte, sign-extended to its half. */
const signBytes: Extend = (t, value, into) =>
  t.b.or(
    t.b.unary(Op.ZeroExtend16, t.b.unary(Op.SignExtend8, value)),
    t.b.shl(t.b.unary(Op.SignExtend8, t.b.shr(value, konst(16))), konst(16)),
    into,
  );
const zeroBytes: Extend = (t, value, into) => t.b.and(value, konst(0x00ff_00ff), into);

const extend =
  (extension: Extend) =>
  (t: Lifter, f: Fields<'d' | 'm' | 'r'>): void => {
    extension(t, rotated(t, f.m, f.r), f.d);
  };
const extendAdd =
  (extension: Extend) =>
  (t: Lifter, f: Fields<'d' | 'n' | 'm' | 'r'>): void => {
    t.b.add(f.n, extension(t, rotated(t, f.m, f.r)), f.d);
  };
/** Adds the halves separately. */
const extendAddHalves =
  (extension: Extend) =>
  (t: Lifter, f: Fields<'d' | 'n' | 'm' | 'r'>): void => {
    const { b } = t;
    const x = extension(t, rotated(t, f.m, f.r));
    const high = b.add(b.and(f.n, konst(0xffff_0000)), b.and(x, konst(0xffff_0000)));
    b.or(b.unary(Op.ZeroExtend16, b.add(f.n, x)), high, f.d);
  };
const sameUnary =
  (op: Op) =>
  (t: Lifter, f: Fields<'d' | 'm'>): void => {
    t.b.unary(op, f.m, f.d);
  };

/** Mask of `width` ones at `lsb`. */
const fieldMask = (lsb: number, msb: number): number => ((2 ** (msb - lsb + 1) - 1) * 2 ** lsb) >>> 0;

function insert(t: Lifter, f: Fields<'d' | 'n' | 'i' | 'e'>): void {
  const { b } = t;
  const mask = fieldMask(f.i, f.e);
  b.or(b.and(f.d, konst(~mask)), b.and(b.shl(f.n, konst(f.i)), konst(mask)), f.d);
}

function signedExtract(t: Lifter, f: Fields<'d' | 'n' | 'i' | 'e'>): void {
  t.b.sar(t.b.shl(f.n, konst(31 - f.i - f.e)), konst(31 - f.e), f.d);
}

function unsignedExtract(t: Lifter, f: Fields<'d' | 'n' | 'i' | 'e'>): void {
  const shifted = f.i === 0 ? f.n : t.b.shr(f.n, konst(f.i));
  t.b.and(shifted, konst(fieldMask(0, f.e)), f.d);
}

const signedHalf = unary(Op.SignExtend16);
const signedByte = unary(Op.SignExtend8);
const zeroHalf = unary(Op.ZeroExtend16);
const zeroByte = unary(Op.ZeroExtend8);
const addRules = { see: [{ n: 15 }], general: 'dnm' };
const unaryRules = { general: 'dm' };
/** REV and CLZ hold m twice. */
const twiceM = { general: 'dm', unpredictable: (f: Fields<'n' | 'm'>): boolean => f.n !== f.m };
const backwards = (f: Fields<'i' | 'e'>): boolean => f.e < f.i;
const tooWide = (f: Fields<'i' | 'e'>): boolean => f.i + f.e > 31;

export const bitField: readonly Row[] = [
  row('1011001000 mmm ddd', 'sxth{c} {Rd}, {Rm}', sameUnary(Op.SignExtend16)),
  row('1011001001 mmm ddd', 'sxtb{c} {Rd}, {Rm}', sameUnary(Op.SignExtend8)),
  row('1011001010 mmm ddd', 'uxth{c} {Rd}, {Rm}', sameUnary(Op.ZeroExtend16)),
  row('1011001011 mmm ddd', 'uxtb{c} {Rd}, {Rm}', sameUnary(Op.ZeroExtend8)),
  row('1011101000 mmm ddd', 'rev{c} {Rd}, {Rm}', sameUnary(Op.ReverseBytes)),
  row('1011101001 mmm ddd', 'rev16{c} {Rd}, {Rm}', sameUnary(Op.ReverseBytes16)),
  row('1011101011 mmm ddd', 'revsh{c} {Rd}, {Rm}', reverseSignedHalf),

  row('11110 z 1 10100 nnnn 0 iii dddd ii z eeeee', 'sbfx{c} {Rd}, {Rn}, {#i}, {width}', signedExtract, {
    general: 'dn',
    unpredictable: tooWide,
  }),
  row('11110 z 1 10110 nnnn 0 iii dddd ii z eeeee', 'bfi{c} {Rd}, {Rn}, {bits}', insert, {
    see: [{ n: 15 }],
    general: 'dn',
    unpredictable: backwards,
  }),
  row(
    '11110 z 1 10110 1111 0 iii dddd ii z eeeee',
    'bfc{c} {Rd}, {bits}',
    (t, f) => t.b.and(f.d, konst(~fieldMask(f.i, f.e)), f.d),
    { general: 'd', unpredictable: backwards },
  ),
  row('11110 z 1 11100 nnnn 0 iii dddd ii z eeeee', 'ubfx{c} {Rd}, {Rn}, {#i}, {width}', unsignedExtract, {
    general: 'dn',
    unpredictable: tooWide,
  }),

  row(
    '11111010 0000 nnnn 1111 dddd 1z rr mmmm',
    'sxtah{c} {Rd}, {Rn}, {Rm}{rotation}',
    extendAdd(signedHalf),
    addRules,
  ),
  row('11111010 0000 1111 1111 dddd 1z rr mmmm', 'sxth{c}.w {Rd}, {Rm}{rotation}', extend(signedHalf), unaryRules),
  row('11111010 0001 nnnn 1111 dddd 1z rr mmmm', 'uxtah{c} {Rd}, {Rn}, {Rm}{rotation}', extendAdd(zeroHalf), addRules),
  row('11111010 0001 1111 1111 dddd 1z rr mmmm', 'uxth{c}.w {Rd}, {Rm}{rotation}', extend(zeroHalf), unaryRules),
  row(
    '11111010 0010 nnnn 1111 dddd 1z rr mmmm',
    'sxtab16{c} {Rd}, {Rn}, {Rm}{rotation}',
    extendAddHalves(signBytes),
    addRules,
  ),
  row('11111010 0010 1111 1111 dddd 1z rr mmmm', 'sxtb16{c} {Rd}, {Rm}{rotation}', extend(signBytes), unaryRules),
  row(
    '11111010 0011 nnnn 1111 dddd 1z rr mmmm',
    'uxtab16{c} {Rd}, {Rn}, {Rm}{rotation}',
    extendAddHalves(zeroBytes),
    addRules,
  ),
  row('11111010 0011 1111 1111 dddd 1z rr mmmm', 'uxtb16{c} {Rd}, {Rm}{rotation}', extend(zeroBytes), unaryRules),
  row(
    '11111010 0100 nnnn 1111 dddd 1z rr mmmm',
    'sxtab{c} {Rd}, {Rn}, {Rm}{rotation}',
    extendAdd(signedByte),
    addRules,
  ),
  row('11111010 0100 1111 1111 dddd 1z rr mmmm', 'sxtb{c}.w {Rd}, {Rm}{rotation}', extend(signedByte), unaryRules),
  row('11111010 0101 nnnn 1111 dddd 1z rr mmmm', 'uxtab{c} {Rd}, {Rn}, {Rm}{rotation}', extendAdd(zeroByte), addRules),
  row('11111010 0101 1111 1111 dddd 1z rr mmmm', 'uxtb{c}.w {Rd}, {Rm}{rotation}', extend(zeroByte), unaryRules),

  row('11111010 1001 nnnn 1111 dddd 1000 mmmm', 'rev{c}.w {Rd}, {Rm}', sameUnary(Op.ReverseBytes), twiceM),
  row('11111010 1001 nnnn 1111 dddd 1001 mmmm', 'rev16{c}.w {Rd}, {Rm}', sameUnary(Op.ReverseBytes16), twiceM),
  row('11111010 1001 nnnn 1111 dddd 1010 mmmm', 'rbit{c} {Rd}, {Rm}', sameUnary(Op.ReverseBits), twiceM),
  row('11111010 1001 nnnn 1111 dddd 1011 mmmm', 'revsh{c}.w {Rd}, {Rm}', reverseSignedHalf, twiceM),
  row('11111010 1011 nnnn 1111 dddd 1000 mmmm', 'clz{c} {Rd}, {Rm}', sameUnary(Op.Clz), twiceM),

  row('1110101 0110 0 nnnn z iii dddd ii 00 mmmm', 'pkhbt{c} {Rd}, {Rn}, {Rm}{lsl}', packBottom, { general: 'dnm' }),
  row('1110101 0110 0 nnnn z iii dddd ii 10 mmmm', 'pkhtb{c} {Rd}, {Rn}, {Rm}{asr}', packTop, { general: 'dnm' }),
];

function reverseSignedHalf(t: Lifter, f: Fields<'d' | 'm'>): void {
  t.b.unary(Op.SignExtend16, t.b.unary(Op.ReverseBytes16, f.m), f.d);
}

function packBottom(t: Lifter, f: Fields<'d' | 'n' | 'm' | 'i'>): void {
  const { b } = t;
  const shifted = f.i === 0 ? f.m : b.shl(f.m, konst(f.i));
  b.or(b.unary(Op.ZeroExtend16, f.n), b.and(shifted, konst(0xffff_0000)), f.d);
}

/** ASR by 0 in the encoding is ASR by 32. */
function packTop(t: Lifter, f: Fields<'d' | 'n' | 'm' | 'i'>): void {
  const { b } = t;
  const shifted = b.sar(f.m, konst(f.i === 0 ? 31 : f.i));
  b.or(b.and(f.n, konst(0xffff_0000)), b.unary(Op.ZeroExtend16, shifted), f.d);
}
