import { Op } from '@loadstone/cpu-core';
import { Shift } from '../immediates.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { shiftByConstant, shiftByRegister } from '../shifted-operand.js';

/* LSL, LSR, ASR, ROR, RRX and register moves. ARMv7-M ARM A5.2.1, A5.3.11, A5.3.12. */

function shiftImmediate(t: Lifter, kind: Shift, d: number, m: number, amount: number, setFlags: boolean): void {
  const shifted = shiftByConstant(t, m, kind, amount);
  if (setFlags) shifted.writeCarry();
  t.set(d, (into) => t.b.mov(into, shifted.value));
  if (setFlags) t.b.flags(Op.FlagsNz, d);
}

const narrowImmediate =
  (kind: Shift) =>
  (t: Lifter, f: Fields<'d' | 'm' | 'i'>): void =>
    shiftImmediate(t, kind, f.d, f.m, f.i, !t.inIt);
const narrowRegister =
  (kind: Shift) =>
  (t: Lifter, f: Fields<'d' | 'm'>): void =>
    shiftByRegister(t, kind, f.d, f.d, f.m, !t.inIt);
const wideImmediate =
  (kind: Shift) =>
  (t: Lifter, f: Fields<'S' | 'd' | 'm' | 'i'>): void =>
    shiftImmediate(t, kind, f.d, f.m, f.i, f.S === 1);
const wideRegister =
  (kind: Shift) =>
  (t: Lifter, f: Fields<'S' | 'd' | 'n' | 'm'>): void =>
    shiftByRegister(t, kind, f.d, f.n, f.m, f.S === 1);

export const shifts: readonly Row[] = [
  row('0000000000 mmm ddd', 'movs {Rd}, {Rm}', narrowMove, { it: 'never' }),
  row('00000 iiiii mmm ddd', 'lsl{s!}{c} {Rd}, {Rm}, {#i}', narrowImmediate(Shift.Lsl), { see: [{ i: 0 }] }),
  row('00001 iiiii mmm ddd', 'lsr{s!}{c} {Rd}, {Rm}, {#i|32}', narrowImmediate(Shift.Lsr)),
  row('00010 iiiii mmm ddd', 'asr{s!}{c} {Rd}, {Rm}, {#i|32}', narrowImmediate(Shift.Asr)),
  row('0100000010 mmm ddd', 'lsl{s!}{c} {Rd}, {Rm}', narrowRegister(Shift.Lsl)),
  row('0100000011 mmm ddd', 'lsr{s!}{c} {Rd}, {Rm}', narrowRegister(Shift.Lsr)),
  row('0100000100 mmm ddd', 'asr{s!}{c} {Rd}, {Rm}', narrowRegister(Shift.Asr)),
  row('0100000111 mmm ddd', 'ror{s!}{c} {Rd}, {Rm}', narrowRegister(Shift.Ror)),

  row('1110101 0010 S 1111 z 000 dddd 00 00 mmmm', 'mov{s}{c}.w {Rd}, {Rm}', moveWide, {
    notPc: 'dm',
    unpredictable: (f) => (f.S === 1 ? f.d === 13 || f.m === 13 : f.d === 13 && f.m === 13),
  }),
  row('1110101 0010 S 1111 z iii dddd ii 00 mmmm', 'lsl{s}{c}.w {Rd}, {Rm}, {#i}', wideImmediate(Shift.Lsl), {
    see: [{ i: 0 }],
    general: 'dm',
  }),
  row('1110101 0010 S 1111 z iii dddd ii 01 mmmm', 'lsr{s}{c}.w {Rd}, {Rm}, {#i|32}', wideImmediate(Shift.Lsr), {
    general: 'dm',
  }),
  row('1110101 0010 S 1111 z iii dddd ii 10 mmmm', 'asr{s}{c}.w {Rd}, {Rm}, {#i|32}', wideImmediate(Shift.Asr), {
    general: 'dm',
  }),
  row('1110101 0010 S 1111 z iii dddd ii 11 mmmm', 'ror{s}{c}.w {Rd}, {Rm}, {#i}', wideImmediate(Shift.Ror), {
    see: [{ i: 0 }],
    general: 'dm',
  }),
  row('1110101 0010 S 1111 z 000 dddd 00 11 mmmm', 'rrx{s}{c} {Rd}, {Rm}', rotateWithExtend, { general: 'dm' }),
  row('11111010000 S nnnn 1111 dddd 0000 mmmm', 'lsl{s}{c}.w {Rd}, {Rn}, {Rm}', wideRegister(Shift.Lsl), {
    general: 'dnm',
  }),
  row('11111010001 S nnnn 1111 dddd 0000 mmmm', 'lsr{s}{c}.w {Rd}, {Rn}, {Rm}', wideRegister(Shift.Lsr), {
    general: 'dnm',
  }),
  row('11111010010 S nnnn 1111 dddd 0000 mmmm', 'asr{s}{c}.w {Rd}, {Rn}, {Rm}', wideRegister(Shift.Asr), {
    general: 'dnm',
  }),
  row('11111010011 S nnnn 1111 dddd 0000 mmmm', 'ror{s}{c}.w {Rd}, {Rn}, {Rm}', wideRegister(Shift.Ror), {
    general: 'dnm',
  }),
];

/** MOV (register) T2: flags always. */
function narrowMove(t: Lifter, f: Fields<'d' | 'm'>): void {
  t.b.mov(f.d, f.m);
  t.b.flags(Op.FlagsNz, f.d);
}

function moveWide(t: Lifter, f: Fields<'S' | 'd' | 'm'>): void {
  t.set(f.d, (into) => t.b.mov(into, f.m));
  if (f.S === 1) t.b.flags(Op.FlagsNz, f.d);
}

function rotateWithExtend(t: Lifter, f: Fields<'S' | 'd' | 'm'>): void {
  shiftImmediate(t, Shift.Ror, f.d, f.m, 0, f.S === 1);
}
