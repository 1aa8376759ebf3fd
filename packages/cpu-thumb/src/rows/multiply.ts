import { eq, konst, ltU, ne, Op, type Operand } from '@loadstone/cpu-core';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';

/* MUL, MLA, MLS, the half-word, dual, most significant word and long multiplies, SDIV, UDIV. ARMv7-M ARM A5.3.16, A5.3.17. */

type Long = Fields<'n' | 'm' | 'l' | 'h'>;

/** Sign-extended half of a register: the bottom one, or the top one when `top` is 1. */
function half(t: Lifter, register: Operand, top: number): Operand {
  return top === 1 ? t.b.sar(register, konst(16)) : t.b.unary(Op.SignExtend16, register);
}

/** The two products of SMUAD and its kin: bottom and top halves; X exchanges the halves of m. */
function products(t: Lifter, f: Fields<'n' | 'm' | 'X'>): readonly [Operand, Operand] {
  return [t.b.mul(half(t, f.n, 0), half(t, f.m, f.X)), t.b.mul(half(t, f.n, 1), half(t, f.m, 1 - f.X))];
}

/** Sign of the overflow of a + b = sum, in bit 31. */
function addOverflow(t: Lifter, a: Operand, b: Operand, sum: Operand): Operand {
  return t.b.and(t.b.xor(sum, a), t.b.xor(sum, b));
}

/** d = a + b; Q on signed overflow. */
function addSetQ(t: Lifter, d: number, a: Operand, b: Operand): void {
  const sum = t.b.add(a, b);
  t.setQ(t.b.shr(addOverflow(t, a, b, sum), konst(31)));
  t.b.mov(d, sum);
}

/** d = p + q + a over unbounded integers; Q when it does not fit. Two overflows of opposite sign cancel. */
function addTwiceSetQ(t: Lifter, d: number, p: Operand, q: Operand, a: Operand): void {
  const first = t.b.add(p, q);
  const sum = t.b.add(first, a);
  t.setQ(t.b.shr(t.b.xor(addOverflow(t, p, q, first), addOverflow(t, first, a, sum)), konst(31)));
  t.b.mov(d, sum);
}

/** High word of n * 16-bit half of m, as a 48-bit product's top 32 bits. */
function wordByHalf(t: Lifter, f: Fields<'n' | 'm' | 'M'>): Operand {
  const factor = half(t, f.m, f.M);
  return t.b.funnel(t.b.binary(Op.MulHighS, f.n, factor), t.b.mul(f.n, factor), konst(16));
}

/** h:l += high:low. */
function accumulate(t: Lifter, f: Fields<'l' | 'h'>, low: Operand, high: Operand): void {
  const { b } = t;
  const sum = b.add(low, f.l);
  const carry = b.set(ltU(sum, low));
  b.add(b.add(high, f.h), carry, f.h);
  b.mov(f.l, sum);
}

const multiplyLong =
  (highOp: Op) =>
  (t: Lifter, f: Long): void => {
    const low = t.b.mul(f.n, f.m);
    t.b.binary(highOp, f.n, f.m, f.h);
    t.b.mov(f.l, low);
  };
const multiplyAccumulateLong =
  (highOp: Op) =>
  (t: Lifter, f: Long): void =>
    accumulate(t, f, t.b.mul(f.n, f.m), t.b.binary(highOp, f.n, f.m));

/** Adds a sign-extended word to h:l. */
function accumulateWord(t: Lifter, f: Fields<'l' | 'h'>, word: Operand): void {
  accumulate(t, f, word, t.b.sar(word, konst(31)));
}

const divide =
  (op: Op) =>
  (t: Lifter, f: Fields<'n' | 'm' | 'd'>): void => {
    if (t.trapsDivideByZero) t.raiseIf(eq(f.m, konst(0)), 'divide-by-zero', konst(0));
    t.b.binary(op, f.n, f.m, f.d);
  };

/** Most significant word of a product, rounded up by half when R. */
function highWord(t: Lifter, f: Fields<'n' | 'm' | 'R'>): Operand {
  const high = t.b.binary(Op.MulHighS, f.n, f.m);
  return f.R === 1 ? t.b.add(high, t.b.shr(t.b.mul(f.n, f.m), konst(31))) : high;
}

function subtractHighWord(t: Lifter, f: Fields<'n' | 'm' | 'a' | 'd' | 'R'>): void {
  const { b } = t;
  const low = b.neg(b.mul(f.n, f.m));
  const high = b.sub(b.sub(f.a, b.binary(Op.MulHighS, f.n, f.m)), b.set(ne(low, konst(0))));
  if (f.R === 1) b.add(high, b.shr(low, konst(31)), f.d);
  else b.mov(f.d, high);
}

function unsignedAccumulateAccumulate(t: Lifter, f: Long): void {
  const { b } = t;
  const low = b.mul(f.n, f.m);
  const high = b.binary(Op.MulHighU, f.n, f.m);
  const first = b.add(low, f.l);
  const second = b.add(first, f.h);
  const carries = b.add(b.set(ltU(first, low)), b.set(ltU(second, first)));
  b.add(high, carries, f.h);
  b.mov(f.l, second);
}

const sameLongDestination = (f: Fields<'l' | 'h'>): boolean => f.l === f.h;
const accumulator = { see: [{ a: 15 }], general: 'dnma' };
const noAccumulator = { general: 'dnm' };
const longRules = { general: 'nmlh', unpredictable: sameLongDestination };

const multiplies: readonly Row[] = [
  row('0100001101 nnn ddd', 'mul{s!}{c} {Rd}, {Rn}, {Rd}', (t, f) => {
    t.b.mul(f.n, f.d, f.d);
    if (!t.inIt) t.b.flags(Op.FlagsNz, f.d);
  }),
  row(
    '111110110000 nnnn 1111 dddd 0000 mmmm',
    'mul{c} {Rd}, {Rn}, {Rm}',
    (t, f) => t.b.mul(f.n, f.m, f.d),
    noAccumulator,
  ),
  row(
    '111110110000 nnnn aaaa dddd 0000 mmmm',
    'mla{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => t.b.add(f.a, t.b.mul(f.n, f.m), f.d),
    accumulator,
  ),
  row(
    '111110110000 nnnn aaaa dddd 0001 mmmm',
    'mls{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => t.b.sub(f.a, t.b.mul(f.n, f.m), f.d),
    { general: 'dnma' },
  ),
];

const halfword: readonly Row[] = [
  row(
    '111110110001 nnnn 1111 dddd 00 N M mmmm',
    'smul{N}{M}{c} {Rd}, {Rn}, {Rm}',
    (t, f) => t.b.mul(half(t, f.n, f.N), half(t, f.m, f.M), f.d),
    noAccumulator,
  ),
  row(
    '111110110001 nnnn aaaa dddd 00 N M mmmm',
    'smla{N}{M}{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => addSetQ(t, f.d, t.b.mul(half(t, f.n, f.N), half(t, f.m, f.M)), f.a),
    accumulator,
  ),
  row(
    '111110110011 nnnn 1111 dddd 000 M mmmm',
    'smulw{M}{c} {Rd}, {Rn}, {Rm}',
    (t, f) => t.b.mov(f.d, wordByHalf(t, f)),
    noAccumulator,
  ),
  row(
    '111110110011 nnnn aaaa dddd 000 M mmmm',
    'smlaw{M}{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => addSetQ(t, f.d, wordByHalf(t, f), f.a),
    accumulator,
  ),
  row(
    '111110111100 nnnn llll hhhh 10 N M mmmm',
    'smlal{N}{M}{c} {Rl}, {Rh}, {Rn}, {Rm}',
    (t, f) => accumulateWord(t, f, t.b.mul(half(t, f.n, f.N), half(t, f.m, f.M))),
    longRules,
  ),
];

const dual: readonly Row[] = [
  row(
    '111110110010 nnnn 1111 dddd 000 X mmmm',
    'smuad{X}{c} {Rd}, {Rn}, {Rm}',
    (t, f) => addSetQ(t, f.d, ...products(t, f)),
    noAccumulator,
  ),
  row(
    '111110110010 nnnn aaaa dddd 000 X mmmm',
    'smlad{X}{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => addTwiceSetQ(t, f.d, ...products(t, f), f.a),
    accumulator,
  ),
  row(
    '111110110100 nnnn 1111 dddd 000 X mmmm',
    'smusd{X}{c} {Rd}, {Rn}, {Rm}',
    (t, f) => t.b.sub(...products(t, f), f.d),
    noAccumulator,
  ),
  row(
    '111110110100 nnnn aaaa dddd 000 X mmmm',
    'smlsd{X}{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => addSetQ(t, f.d, t.b.sub(...products(t, f)), f.a),
    accumulator,
  ),
  row(
    '111110111100 nnnn llll hhhh 110 X mmmm',
    'smlald{X}{c} {Rl}, {Rh}, {Rn}, {Rm}',
    (t, f) => {
      const [p, q] = products(t, f);
      accumulateWord(t, f, p);
      accumulateWord(t, f, q);
    },
    longRules,
  ),
  row(
    '111110111101 nnnn llll hhhh 110 X mmmm',
    'smlsld{X}{c} {Rl}, {Rh}, {Rn}, {Rm}',
    (t, f) => accumulateWord(t, f, t.b.sub(...products(t, f))),
    longRules,
  ),
];

const mostSignificantWord: readonly Row[] = [
  row(
    '111110110101 nnnn 1111 dddd 000 R mmmm',
    'smmul{R}{c} {Rd}, {Rn}, {Rm}',
    (t, f) => t.b.mov(f.d, highWord(t, f)),
    noAccumulator,
  ),
  row(
    '111110110101 nnnn aaaa dddd 000 R mmmm',
    'smmla{R}{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => t.b.add(f.a, highWord(t, f), f.d),
    accumulator,
  ),
  row('111110110110 nnnn aaaa dddd 000 R mmmm', 'smmls{R}{c} {Rd}, {Rn}, {Rm}, {Ra}', subtractHighWord, {
    general: 'dnma',
  }),
];

const longs: readonly Row[] = [
  row('111110111000 nnnn llll hhhh 0000 mmmm', 'smull{c} {Rl}, {Rh}, {Rn}, {Rm}', multiplyLong(Op.MulHighS), longRules),
  row('111110111010 nnnn llll hhhh 0000 mmmm', 'umull{c} {Rl}, {Rh}, {Rn}, {Rm}', multiplyLong(Op.MulHighU), longRules),
  row(
    '111110111100 nnnn llll hhhh 0000 mmmm',
    'smlal{c} {Rl}, {Rh}, {Rn}, {Rm}',
    multiplyAccumulateLong(Op.MulHighS),
    longRules,
  ),
  row(
    '111110111110 nnnn llll hhhh 0000 mmmm',
    'umlal{c} {Rl}, {Rh}, {Rn}, {Rm}',
    multiplyAccumulateLong(Op.MulHighU),
    longRules,
  ),
  row(
    '111110111110 nnnn llll hhhh 0110 mmmm',
    'umaal{c} {Rl}, {Rh}, {Rn}, {Rm}',
    unsignedAccumulateAccumulate,
    longRules,
  ),
];

const divides: readonly Row[] = [
  row('111110111001 nnnn yyyy dddd 1111 mmmm', 'sdiv{c} {Rd}, {Rn}, {Rm}', divide(Op.DivS), {
    general: 'dnm',
    guarded: true,
  }),
  row('111110111011 nnnn yyyy dddd 1111 mmmm', 'udiv{c} {Rd}, {Rn}, {Rm}', divide(Op.DivU), {
    general: 'dnm',
    guarded: true,
  }),
];

export const multiply: readonly Row[] = [
  ...multiplies,
  ...halfword,
  ...dual,
  ...mostSignificantWord,
  ...longs,
  ...divides,
];
