import { konst, Op, type Operand } from '@loadstone/cpu-core';
import { expandImmediate, immediateSetsCarry, isUnpredictableImmediate } from '../immediates.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { type Shifted, shiftByConstant, shiftValue } from '../shifted-operand.js';
import { SLOT } from '../slots.js';

/*
 * Arithmetic and logic: ADD, ADC, SUB, SBC, RSB, CMP, CMN, AND, BIC, ORR, ORN, EOR, TST, TEQ, MOV, MVN, ADR.
 * ARMv7-M ARM A5.2.1 to A5.2.3, A5.3.1, A5.3.3, A5.3.11.
 */

/** d = a + b, and its flags. `d` may be one of the operands, or undefined for CMN. */
export function add(t: Lifter, d: number | undefined, a: Operand, b: Operand, setFlags: boolean): void {
  if (setFlags) t.b.flags(Op.FlagsAdd, a, b);
  if (d !== undefined) t.set(d, (into) => t.b.add(a, b, into));
}

/** d = a - b, and its flags. `d` is undefined for CMP. */
export function subtract(t: Lifter, d: number | undefined, a: Operand, b: Operand, setFlags: boolean): void {
  if (setFlags) t.b.flags(Op.FlagsSub, a, b);
  if (d !== undefined) t.set(d, (into) => t.b.sub(a, b, into));
}

function addWithCarry(t: Lifter, d: number, a: Operand, b: Operand, setFlags: boolean): void {
  const sum = t.b.add(t.b.add(a, b), SLOT.C);
  if (setFlags) t.b.flags(Op.FlagsAdc, a, b);
  t.b.mov(d, sum);
}

function subtractWithCarry(t: Lifter, d: number, a: Operand, b: Operand, setFlags: boolean): void {
  const difference = t.b.sub(t.b.sub(a, b), t.b.xor(SLOT.C, konst(1)));
  if (setFlags) t.b.flags(Op.FlagsSbc, a, b);
  t.b.mov(d, difference);
}

/** What a logical operation writes to `into`; the second operand may be a constant. */
type Logic = (t: Lifter, a: Operand, b: Operand, into: number) => Operand;
const and: Logic = (t, a, b, into) => t.b.and(a, b, into);
const andNot: Logic = (t, a, b, into) => t.b.andNot(a, b, into);
const or: Logic = (t, a, b, into) => t.b.or(a, b, into);
const orNot: Logic = (t, a, b, into) => t.b.or(a, t.b.not(b), into);
const xor: Logic = (t, a, b, into) => t.b.xor(a, b, into);
const move: Logic = (t, _a, b, into) => t.b.mov(into, b);
const moveNot: Logic = (t, _a, b, into) => t.b.not(b, into);

/** A logical operation with the shifter's carry; `d` is undefined for TST and TEQ. */
function logical(t: Lifter, logic: Logic, d: number | undefined, a: Operand, b: Shifted, setFlags: boolean): void {
  if (setFlags) b.writeCarry();
  if (d === undefined) {
    t.b.flags(Op.FlagsNz, logic(t, a, b.value, t.b.temp()));
    return;
  }
  t.set(d, (into) => logic(t, a, b.value, into));
  if (setFlags) t.b.flags(Op.FlagsNz, d);
}

/** ThumbExpandImm_C as an operand. */
function immediate(t: Lifter, imm12: number): Shifted {
  const value = expandImmediate(imm12);
  return {
    value: konst(value),
    writeCarry: () => {
      if (immediateSetsCarry(imm12)) t.b.mov(SLOT.C, konst(value >>> 31));
    },
  };
}

const plain = (value: Operand): Shifted => ({ value, writeCarry: () => {} });

const logicImmediate =
  (logic: Logic) =>
  (t: Lifter, f: Fields<'S' | 'n' | 'd' | 'i'>): void =>
    logical(t, logic, f.d, f.n, immediate(t, f.i), f.S === 1);
const testImmediate =
  (logic: Logic) =>
  (t: Lifter, f: Fields<'n' | 'i'>): void =>
    logical(t, logic, undefined, f.n, immediate(t, f.i), true);
const moveImmediate =
  (logic: Logic) =>
  (t: Lifter, f: Fields<'S' | 'd' | 'i'>): void =>
    logical(t, logic, f.d, konst(0), immediate(t, f.i), f.S === 1);
const logicShifted =
  (logic: Logic) =>
  (t: Lifter, f: Fields<'S' | 'n' | 'd' | 'i' | 't' | 'm'>): void =>
    logical(t, logic, f.d, f.n, shiftByConstant(t, f.m, f.t, f.i), f.S === 1);
const testShifted =
  (logic: Logic) =>
  (t: Lifter, f: Fields<'n' | 'i' | 't' | 'm'>): void =>
    logical(t, logic, undefined, f.n, shiftByConstant(t, f.m, f.t, f.i), true);
/** 16-bit `op d, m`: flags outside IT blocks only. */
const logic16 =
  (logic: Logic) =>
  (t: Lifter, f: Fields<'d' | 'm'>): void =>
    logical(t, logic, f.d, f.d, plain(f.m), !t.inIt);

const badImmediate = (f: Fields<'i'>): boolean => isUnpredictableImmediate(f.i);
/** SP may be d only of n = SP, and then the shift is LSL by 0 to 3 (ADD, SUB (SP plus or minus register)). */
const spRules = (f: Fields<'n' | 'd' | 'i' | 't'>): boolean => f.d === 13 && (f.n !== 13 || f.t !== 0 || f.i > 3);

const noPc = [{ n: 15 }];
const testForm = [{ d: 15, S: 1 }];

/** Modified immediate, A5.3.1. */
const modifiedImmediate: readonly Row[] = [
  row('11110 i 0 0000 S nnnn 0 iii dddd iiiiiiii', 'and{s}{c} {Rd}, {Rn}, {const}', logicImmediate(and), {
    see: testForm,
    general: 'dn',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0000 1 nnnn 0 iii 1111 iiiiiiii', 'tst{c}.w {Rn}, {const}', testImmediate(and), {
    general: 'n',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0001 S nnnn 0 iii dddd iiiiiiii', 'bic{s}{c} {Rd}, {Rn}, {const}', logicImmediate(andNot), {
    general: 'dn',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0010 S nnnn 0 iii dddd iiiiiiii', 'orr{s}{c} {Rd}, {Rn}, {const}', logicImmediate(or), {
    see: noPc,
    general: 'dn',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0010 S 1111 0 iii dddd iiiiiiii', 'mov{s}{c}.w {Rd}, {const}', moveImmediate(move), {
    general: 'd',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0011 S nnnn 0 iii dddd iiiiiiii', 'orn{s}{c} {Rd}, {Rn}, {const}', logicImmediate(orNot), {
    see: noPc,
    general: 'dn',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0011 S 1111 0 iii dddd iiiiiiii', 'mvn{s}{c} {Rd}, {const}', moveImmediate(moveNot), {
    general: 'd',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0100 S nnnn 0 iii dddd iiiiiiii', 'eor{s}{c} {Rd}, {Rn}, {const}', logicImmediate(xor), {
    see: testForm,
    general: 'dn',
    unpredictable: badImmediate,
  }),
  row('11110 i 0 0100 1 nnnn 0 iii 1111 iiiiiiii', 'teq{c}.w {Rn}, {const}', testImmediate(xor), {
    general: 'n',
    unpredictable: badImmediate,
  }),
  row(
    '11110 i 0 1000 S nnnn 0 iii dddd iiiiiiii',
    'add{s}{c}.w {Rd}, {Rn}, {const}',
    (t, f) => add(t, f.d, f.n, konst(expandImmediate(f.i)), f.S === 1),
    { see: testForm, notPc: 'dn', unpredictable: (f) => (f.d === 13 && f.n !== 13) || badImmediate(f) },
  ),
  row(
    '11110 i 0 1000 1 nnnn 0 iii 1111 iiiiiiii',
    'cmn{c}.w {Rn}, {const}',
    (t, f) => add(t, undefined, f.n, konst(expandImmediate(f.i)), true),
    { notPc: 'n', unpredictable: badImmediate },
  ),
  row(
    '11110 i 0 1010 S nnnn 0 iii dddd iiiiiiii',
    'adc{s}{c} {Rd}, {Rn}, {const}',
    (t, f) => addWithCarry(t, f.d, f.n, konst(expandImmediate(f.i)), f.S === 1),
    { general: 'dn', unpredictable: badImmediate },
  ),
  row(
    '11110 i 0 1011 S nnnn 0 iii dddd iiiiiiii',
    'sbc{s}{c} {Rd}, {Rn}, {const}',
    (t, f) => subtractWithCarry(t, f.d, f.n, konst(expandImmediate(f.i)), f.S === 1),
    { general: 'dn', unpredictable: badImmediate },
  ),
  row(
    '11110 i 0 1101 S nnnn 0 iii dddd iiiiiiii',
    'sub{s}{c}.w {Rd}, {Rn}, {const}',
    (t, f) => subtract(t, f.d, f.n, konst(expandImmediate(f.i)), f.S === 1),
    { see: testForm, notPc: 'dn', unpredictable: (f) => (f.d === 13 && f.n !== 13) || badImmediate(f) },
  ),
  row(
    '11110 i 0 1101 1 nnnn 0 iii 1111 iiiiiiii',
    'cmp{c}.w {Rn}, {const}',
    (t, f) => subtract(t, undefined, f.n, konst(expandImmediate(f.i)), true),
    { notPc: 'n', unpredictable: badImmediate },
  ),
  row(
    '11110 i 0 1110 S nnnn 0 iii dddd iiiiiiii',
    'rsb{s}{c}.w {Rd}, {Rn}, {const}',
    (t, f) => subtract(t, f.d, konst(expandImmediate(f.i)), f.n, f.S === 1),
    { general: 'dn', unpredictable: badImmediate },
  ),
];

/** Plain binary immediate, A5.3.3 (its bit-field and saturating instructions stand with their groups). */
const plainImmediate: readonly Row[] = [
  row(
    '11110 i 1 00000 nnnn 0 iii dddd iiiiiiii',
    'addw{c} {Rd}, {Rn}, {#i}',
    (t, f) => add(t, f.d, f.n, konst(f.i), false),
    { see: noPc, notPc: 'd', unpredictable: (f) => f.d === 13 && f.n !== 13 },
  ),
  row(
    '11110 i 1 00000 1111 0 iii dddd iiiiiiii',
    'adr{c}.w {Rd}, {adr+}',
    (t, f) => t.b.mov(f.d, konst(t.alignedPc + f.i)),
    { general: 'd' },
  ),
  row(
    '11110 i 1 01010 nnnn 0 iii dddd iiiiiiii',
    'subw{c} {Rd}, {Rn}, {#i}',
    (t, f) => subtract(t, f.d, f.n, konst(f.i), false),
    { see: noPc, notPc: 'd', unpredictable: (f) => f.d === 13 && f.n !== 13 },
  ),
  row(
    '11110 i 1 01010 1111 0 iii dddd iiiiiiii',
    'adr{c}.w {Rd}, {adr-}',
    (t, f) => t.b.mov(f.d, konst(t.alignedPc - f.i)),
    { general: 'd' },
  ),
  row(
    '11110 i 1 00100 kkkk 0 iii dddd iiiiiiii',
    'movw{c} {Rd}, {imm16}',
    (t, f) => t.b.mov(f.d, konst((f.k << 12) | f.i)),
    { general: 'd' },
  ),
  row(
    '11110 i 1 01100 kkkk 0 iii dddd iiiiiiii',
    'movt{c} {Rd}, {imm16}',
    (t, f) => t.b.or(t.b.and(f.d, konst(0xffff)), konst((f.k << 28) | (f.i << 16)), f.d),
    { general: 'd' },
  ),
];

/** Shifted register, A5.3.11. */
const shiftedRegister: readonly Row[] = [
  row('1110101 0000 S nnnn z iii dddd ii tt mmmm', 'and{s}{c}.w {Rd}, {Rn}, {Rm}{shift}', logicShifted(and), {
    see: testForm,
    general: 'dnm',
  }),
  row('1110101 0000 1 nnnn z iii 1111 ii tt mmmm', 'tst{c}.w {Rn}, {Rm}{shift}', testShifted(and), { general: 'nm' }),
  row('1110101 0001 S nnnn z iii dddd ii tt mmmm', 'bic{s}{c}.w {Rd}, {Rn}, {Rm}{shift}', logicShifted(andNot), {
    general: 'dnm',
  }),
  row('1110101 0010 S nnnn z iii dddd ii tt mmmm', 'orr{s}{c}.w {Rd}, {Rn}, {Rm}{shift}', logicShifted(or), {
    see: noPc,
    general: 'dnm',
  }),
  row('1110101 0011 S nnnn z iii dddd ii tt mmmm', 'orn{s}{c} {Rd}, {Rn}, {Rm}{shift}', logicShifted(orNot), {
    see: noPc,
    general: 'dnm',
  }),
  row(
    '1110101 0011 S 1111 z iii dddd ii tt mmmm',
    'mvn{s}{c}.w {Rd}, {Rm}{shift}',
    (t, f) => logical(t, moveNot, f.d, konst(0), shiftByConstant(t, f.m, f.t, f.i), f.S === 1),
    { general: 'dm' },
  ),
  row('1110101 0100 S nnnn z iii dddd ii tt mmmm', 'eor{s}{c}.w {Rd}, {Rn}, {Rm}{shift}', logicShifted(xor), {
    see: testForm,
    general: 'dnm',
  }),
  row('1110101 0100 1 nnnn z iii 1111 ii tt mmmm', 'teq{c}.w {Rn}, {Rm}{shift}', testShifted(xor), { general: 'nm' }),
  row(
    '1110101 1000 S nnnn z iii dddd ii tt mmmm',
    'add{s}{c}.w {Rd}, {Rn}, {Rm}{shift}',
    (t, f) => add(t, f.d, f.n, shiftValue(t, f.m, f.t, f.i), f.S === 1),
    { see: testForm, general: 'm', notPc: 'dn', unpredictable: spRules },
  ),
  row(
    '1110101 1000 1 nnnn z iii 1111 ii tt mmmm',
    'cmn{c}.w {Rn}, {Rm}{shift}',
    (t, f) => add(t, undefined, f.n, shiftValue(t, f.m, f.t, f.i), true),
    { general: 'm', notPc: 'n' },
  ),
  row(
    '1110101 1010 S nnnn z iii dddd ii tt mmmm',
    'adc{s}{c}.w {Rd}, {Rn}, {Rm}{shift}',
    (t, f) => addWithCarry(t, f.d, f.n, shiftValue(t, f.m, f.t, f.i), f.S === 1),
    { general: 'dnm' },
  ),
  row(
    '1110101 1011 S nnnn z iii dddd ii tt mmmm',
    'sbc{s}{c}.w {Rd}, {Rn}, {Rm}{shift}',
    (t, f) => subtractWithCarry(t, f.d, f.n, shiftValue(t, f.m, f.t, f.i), f.S === 1),
    { general: 'dnm' },
  ),
  row(
    '1110101 1101 S nnnn z iii dddd ii tt mmmm',
    'sub{s}{c}.w {Rd}, {Rn}, {Rm}{shift}',
    (t, f) => subtract(t, f.d, f.n, shiftValue(t, f.m, f.t, f.i), f.S === 1),
    { see: testForm, general: 'm', notPc: 'dn', unpredictable: spRules },
  ),
  row(
    '1110101 1101 1 nnnn z iii 1111 ii tt mmmm',
    'cmp{c}.w {Rn}, {Rm}{shift}',
    (t, f) => subtract(t, undefined, f.n, shiftValue(t, f.m, f.t, f.i), true),
    { general: 'm', notPc: 'n' },
  ),
  row(
    '1110101 1110 S nnnn z iii dddd ii tt mmmm',
    'rsb{s}{c} {Rd}, {Rn}, {Rm}{shift}',
    (t, f) => subtract(t, f.d, shiftValue(t, f.m, f.t, f.i), f.n, f.S === 1),
    { general: 'dnm' },
  ),
];

/** 16-bit forms, A5.2.1 to A5.2.3. */
const narrow: readonly Row[] = [
  row('0001100 mmm nnn ddd', 'add{s!}{c} {Rd}, {Rn}, {Rm}', (t, f) => add(t, f.d, f.n, f.m, !t.inIt)),
  row('0001101 mmm nnn ddd', 'sub{s!}{c} {Rd}, {Rn}, {Rm}', (t, f) => subtract(t, f.d, f.n, f.m, !t.inIt)),
  row('0001110 iii nnn ddd', 'add{s!}{c} {Rd}, {Rn}, {#i}', (t, f) => add(t, f.d, f.n, konst(f.i), !t.inIt)),
  row('0001111 iii nnn ddd', 'sub{s!}{c} {Rd}, {Rn}, {#i}', (t, f) => subtract(t, f.d, f.n, konst(f.i), !t.inIt)),
  row('00100 ddd iiiiiiii', 'mov{s!}{c} {Rd}, {#i}', (t, f) => {
    t.b.mov(f.d, konst(f.i));
    if (!t.inIt) t.b.flags(Op.FlagsNz, konst(f.i));
  }),
  row('00101 nnn iiiiiiii', 'cmp{c} {Rn}, {#i}', (t, f) => subtract(t, undefined, f.n, konst(f.i), true)),
  row('00110 ddd iiiiiiii', 'add{s!}{c} {Rd}, {#i}', (t, f) => add(t, f.d, f.d, konst(f.i), !t.inIt)),
  row('00111 ddd iiiiiiii', 'sub{s!}{c} {Rd}, {#i}', (t, f) => subtract(t, f.d, f.d, konst(f.i), !t.inIt)),
  row('0100000000 mmm ddd', 'and{s!}{c} {Rd}, {Rm}', logic16(and)),
  row('0100000001 mmm ddd', 'eor{s!}{c} {Rd}, {Rm}', logic16(xor)),
  row('0100000101 mmm ddd', 'adc{s!}{c} {Rd}, {Rm}', (t, f) => addWithCarry(t, f.d, f.d, f.m, !t.inIt)),
  row('0100000110 mmm ddd', 'sbc{s!}{c} {Rd}, {Rm}', (t, f) => subtractWithCarry(t, f.d, f.d, f.m, !t.inIt)),
  row('0100001000 mmm nnn', 'tst{c} {Rn}, {Rm}', (t, f) => logical(t, and, undefined, f.n, plain(f.m), true)),
  row('0100001001 nnn ddd', 'rsb{s!}{c} {Rd}, {Rn}, #0', (t, f) => subtract(t, f.d, konst(0), f.n, !t.inIt)),
  row('0100001010 mmm nnn', 'cmp{c} {Rn}, {Rm}', (t, f) => subtract(t, undefined, f.n, f.m, true)),
  row('0100001011 mmm nnn', 'cmn{c} {Rn}, {Rm}', (t, f) => add(t, undefined, f.n, f.m, true)),
  row('0100001100 mmm ddd', 'orr{s!}{c} {Rd}, {Rm}', logic16(or)),
  row('0100001110 mmm ddd', 'bic{s!}{c} {Rd}, {Rm}', logic16(andNot)),
  row('0100001111 mmm ddd', 'mvn{s!}{c} {Rd}, {Rm}', logic16(moveNot)),
  row('01000100 d mmmm ddd', 'add{c} {add16}', (t, f) => add(t, f.d, f.d, t.reg(f.m), false), { see: [{ d: 15 }] }),
  row('01000101 n mmmm nnn', 'cmp{c} {Rn}, {Rm}', (t, f) => subtract(t, undefined, f.n, f.m, true), {
    notPc: 'nm',
    unpredictable: (f) => f.n < 8 && f.m < 8,
  }),
  row('01000110 d mmmm ddd', 'mov{c} {Rd}, {Rm}', (t, f) => t.set(f.d, (into) => t.b.mov(into, t.reg(f.m))), {
    see: [{ d: 15 }],
  }),
  row('10100 ddd iiiiiiii', 'adr{c} {Rd}, {adr4}', (t, f) => t.b.mov(f.d, konst(t.alignedPc + f.i * 4))),
  row('10101 ddd iiiiiiii', 'add{c} {Rd}, sp, {#i*4}', (t, f) => t.b.add(SLOT.SP, konst(f.i * 4), f.d)),
  row('101100000 iiiiiii', 'add{c} sp, {#i*4}', (t, f) => t.b.add(SLOT.SP, konst(f.i * 4), SLOT.SP)),
  row('101100001 iiiiiii', 'sub{c} sp, {#i*4}', (t, f) => t.b.sub(SLOT.SP, konst(f.i * 4), SLOT.SP)),
];

export const dataProcessing: readonly Row[] = [...narrow, ...modifiedImmediate, ...plainImmediate, ...shiftedRegister];
