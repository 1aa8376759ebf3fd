import { konst, ne, Op, type Operand } from '@loadstone/cpu-core';
import { signedSaturate16, signedSaturates16, unsignedSaturate16, unsignedSaturates16 } from '../helpers/parallel.js';
import { Shift } from '../immediates.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { shiftValue } from '../shifted-operand.js';

/* QADD, QSUB, QDADD, QDSUB, SSAT, USAT, SSAT16, USAT16. ARMv7-M ARM A5.3.3, A5.3.15. */

/** The saturated sum or difference; sets Q when it saturates. */
function saturated(t: Lifter, a: Operand, b: Operand, subtract: boolean, into?: number): Operand {
  const x = t.b;
  const result = subtract ? x.sub(a, b) : x.add(a, b);
  const overflow = x.shr(
    x.and(x.xor(a, subtract ? b : result), subtract ? x.xor(a, result) : x.xor(b, result)),
    konst(31),
  );
  const limit = x.xor(x.sar(a, konst(31)), konst(0x7fff_ffff));
  t.setQ(overflow);
  return x.select(overflow, limit, result, into);
}

const saturating =
  (subtract: boolean, double: boolean) =>
  (t: Lifter, f: Fields<'d' | 'n' | 'm'>): void => {
    const n = double ? saturated(t, f.n, f.n, false) : f.n;
    saturated(t, f.m, n, subtract, f.d);
  };

/** d = value held between low and high (signed); sets Q when that changed it. */
function clamp(t: Lifter, d: number, value: Operand, low: number, high: number): void {
  const { b } = t;
  const clamped = b.binary(Op.MinS, b.binary(Op.MaxS, value, konst(low)), konst(high));
  t.setQ(b.set(ne(clamped, value)));
  b.mov(d, clamped);
}

const signed =
  (kind: Shift) =>
  (t: Lifter, f: Fields<'d' | 'n' | 'i' | 'e'>): void =>
    clamp(t, f.d, shiftValue(t, f.n, kind, f.i), -(2 ** f.e), 2 ** f.e - 1);
const unsigned =
  (kind: Shift) =>
  (t: Lifter, f: Fields<'d' | 'n' | 'i' | 'e'>): void =>
    clamp(t, f.d, shiftValue(t, f.n, kind, f.i), 0, 2 ** f.e - 1);

function signed16(t: Lifter, f: Fields<'d' | 'n' | 'e'>): void {
  t.setQ(t.helper(signedSaturates16, f.n, konst(f.e)));
  t.helper(signedSaturate16, f.n, konst(f.e), konst(0), f.d);
}

function unsigned16(t: Lifter, f: Fields<'d' | 'n' | 'e'>): void {
  t.setQ(t.helper(unsignedSaturates16, f.n, konst(f.e)));
  t.helper(unsignedSaturate16, f.n, konst(f.e), konst(0), f.d);
}

const registers = { general: 'dnm' };
const dn = { general: 'dn' };
const notHalves = { general: 'dn', see: [{ i: 0 }] };

export const saturate: readonly Row[] = [
  row('11111010 1000 nnnn 1111 dddd 1000 mmmm', 'qadd{c} {Rd}, {Rm}, {Rn}', saturating(false, false), registers),
  row('11111010 1000 nnnn 1111 dddd 1001 mmmm', 'qdadd{c} {Rd}, {Rm}, {Rn}', saturating(false, true), registers),
  row('11111010 1000 nnnn 1111 dddd 1010 mmmm', 'qsub{c} {Rd}, {Rm}, {Rn}', saturating(true, false), registers),
  row('11111010 1000 nnnn 1111 dddd 1011 mmmm', 'qdsub{c} {Rd}, {Rm}, {Rn}', saturating(true, true), registers),

  row('11110 z 1 10000 nnnn 0 iii dddd ii z eeeee', 'ssat{c} {Rd}, {#e+1}, {Rn}{lsl}', signed(Shift.Lsl), dn),
  row('11110 z 1 10010 nnnn 0 iii dddd ii z eeeee', 'ssat{c} {Rd}, {#e+1}, {Rn}{asr}', signed(Shift.Asr), notHalves),
  row('11110 z 1 10010 nnnn 0 000 dddd 00 zz eeee', 'ssat16{c} {Rd}, {#e+1}, {Rn}', signed16, dn),
  row('11110 z 1 11000 nnnn 0 iii dddd ii z eeeee', 'usat{c} {Rd}, {#e}, {Rn}{lsl}', unsigned(Shift.Lsl), dn),
  row('11110 z 1 11010 nnnn 0 iii dddd ii z eeeee', 'usat{c} {Rd}, {#e}, {Rn}{asr}', unsigned(Shift.Asr), notHalves),
  row('11110 z 1 11010 nnnn 0 000 dddd 00 zz eeee', 'usat16{c} {Rd}, {#e}, {Rn}', unsigned16, dn),
];
