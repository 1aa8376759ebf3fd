import { konst, Op } from '@loadstone/cpu-core';
import { vcmp, vcmpe } from '../helpers/float.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { SLOT } from '../slots.js';

/* FPv4-SP arithmetic and comparison. ARMv7-M ARM A6.4, table A6-1 to A6-3. */

type Two = Fields<'d' | 'D' | 'm' | 'M'>;
type Three = Fields<'d' | 'D' | 'n' | 'N' | 'm' | 'M'>;

/** Slots of the operands: Sd = Vd:D and so on. */
export const sd = (f: Fields<'d' | 'D'>): number => SLOT.S0 + (f.d << 1) + f.D;
export const sn = (f: Fields<'n' | 'N'>): number => SLOT.S0 + (f.n << 1) + f.N;
export const sm = (f: Fields<'m' | 'M'>): number => SLOT.S0 + (f.m << 1) + f.M;

const SIGN = konst(0x8000_0000);

const binary =
  (op: Op) =>
  (t: Lifter, f: Three): void => {
    t.b.float(op, sn(f), sm(f), sd(f));
  };

/** d = (negated d) + (negated product), two roundings. */
const multiplyAccumulate =
  (negateProduct: boolean, negateAddend: boolean) =>
  (t: Lifter, f: Three): void => {
    const { b } = t;
    const product = b.float(Op.FloatMul, sn(f), sm(f));
    const addend = negateAddend ? b.xor(sd(f), SIGN) : sd(f);
    b.float(Op.FloatAdd, addend, negateProduct ? b.xor(product, SIGN) : product, sd(f));
  };

/** d = (negated d) + (negated n) * m, one rounding. */
const fused =
  (negateProduct: boolean, negateAddend: boolean) =>
  (t: Lifter, f: Three): void => {
    const addend = negateAddend ? t.b.xor(sd(f), SIGN) : sd(f);
    t.b.floatMulAdd(negateProduct ? Op.FloatMulSub : Op.FloatMulAdd, sn(f), sm(f), addend, sd(f));
  };

export const floatArithmetic: readonly Row[] = [
  row('111011100 D 00 nnnn dddd 1010 N 0 M 0 mmmm', 'vmla{c}.f32 {Sd}, {Sn}, {Sm}', multiplyAccumulate(false, false)),
  row('111011100 D 00 nnnn dddd 1010 N 1 M 0 mmmm', 'vmls{c}.f32 {Sd}, {Sn}, {Sm}', multiplyAccumulate(true, false)),
  row('111011100 D 01 nnnn dddd 1010 N 0 M 0 mmmm', 'vnmls{c}.f32 {Sd}, {Sn}, {Sm}', multiplyAccumulate(false, true)),
  row('111011100 D 01 nnnn dddd 1010 N 1 M 0 mmmm', 'vnmla{c}.f32 {Sd}, {Sn}, {Sm}', multiplyAccumulate(true, true)),
  row('111011100 D 10 nnnn dddd 1010 N 0 M 0 mmmm', 'vmul{c}.f32 {Sd}, {Sn}, {Sm}', binary(Op.FloatMul)),
  row('111011100 D 10 nnnn dddd 1010 N 1 M 0 mmmm', 'vnmul{c}.f32 {Sd}, {Sn}, {Sm}', (t, f) =>
    t.b.xor(t.b.float(Op.FloatMul, sn(f), sm(f)), SIGN, sd(f)),
  ),
  row('111011100 D 11 nnnn dddd 1010 N 0 M 0 mmmm', 'vadd{c}.f32 {Sd}, {Sn}, {Sm}', binary(Op.FloatAdd)),
  row('111011100 D 11 nnnn dddd 1010 N 1 M 0 mmmm', 'vsub{c}.f32 {Sd}, {Sn}, {Sm}', binary(Op.FloatSub)),
  row('111011101 D 00 nnnn dddd 1010 N 0 M 0 mmmm', 'vdiv{c}.f32 {Sd}, {Sn}, {Sm}', binary(Op.FloatDiv)),
  row('111011101 D 01 nnnn dddd 1010 N 0 M 0 mmmm', 'vfnms{c}.f32 {Sd}, {Sn}, {Sm}', fused(false, true)),
  row('111011101 D 01 nnnn dddd 1010 N 1 M 0 mmmm', 'vfnma{c}.f32 {Sd}, {Sn}, {Sm}', fused(true, true)),
  row('111011101 D 10 nnnn dddd 1010 N 0 M 0 mmmm', 'vfma{c}.f32 {Sd}, {Sn}, {Sm}', fused(false, false)),
  row('111011101 D 10 nnnn dddd 1010 N 1 M 0 mmmm', 'vfms{c}.f32 {Sd}, {Sn}, {Sm}', fused(true, false)),
  row('111011101 D 11 0000 dddd 1010 11 M 0 mmmm', 'vabs{c}.f32 {Sd}, {Sm}', (t, f) =>
    t.b.and(sm(f), konst(0x7fff_ffff), sd(f)),
  ),
  row('111011101 D 11 0001 dddd 1010 01 M 0 mmmm', 'vneg{c}.f32 {Sd}, {Sm}', (t, f) => t.b.xor(sm(f), SIGN, sd(f))),
  row('111011101 D 11 0001 dddd 1010 11 M 0 mmmm', 'vsqrt{c}.f32 {Sd}, {Sm}', (t, f) =>
    t.b.unary(Op.FloatSqrt, sm(f), sd(f)),
  ),
  row('111011101 D 11 0100 dddd 1010 E 1 M 0 mmmm', 'vcmp{E}{c}.f32 {Sd}, {Sm}', compareRegisters),
  row('111011101 D 11 0101 dddd 1010 E 1 z 0 zzzz', 'vcmp{E}{c}.f32 {Sd}, #0', compareWithZero),
];

function compareRegisters(t: Lifter, f: Two & Fields<'E'>): void {
  t.helper(f.E === 1 ? vcmpe : vcmp, sd(f), sm(f), SLOT.FPSCR, SLOT.FPSCR);
}

function compareWithZero(t: Lifter, f: Fields<'d' | 'D' | 'E'>): void {
  t.helper(f.E === 1 ? vcmpe : vcmp, sd(f), konst(0), SLOT.FPSCR, SLOT.FPSCR);
}
