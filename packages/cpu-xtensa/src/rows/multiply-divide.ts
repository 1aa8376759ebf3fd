import { type BlockBuilder, eq, konst, Op, type Operand as Value } from '@loadstone/cpu-core';
import { Cause } from '../exceptions.js';
import { AR, AS, AT } from '../operands.js';
import { type Row, row } from '../row.js';
import { raise } from './exceptions.js';

/** MUL16, MUL32, MUL32High and DIV32 options. */

function multiply(bits: string, name: string, op: Op): Row {
  return row(bits, name, [AR, AS, AT], (b, i) => {
    b.binary(op, i.s, i.t, i.r);
  });
}

/** Product of the low halves, extended by `extend`. */
function multiplyHalves(bits: string, name: string, extend: Op): Row {
  return row(bits, name, [AR, AS, AT], (b, i) => {
    b.mul(b.unary(extend, i.s), b.unary(extend, i.t), i.r);
  });
}

function divide(bits: string, name: string, op: Op): Row {
  return row(bits, name, [AR, AS, AT], (b, i) => {
    divisorCheck(b, i.t);
    b.binary(op, i.s, i.t, i.r);
  });
}

/** Division by zero raises cause 6. */
function divisorCheck(b: BlockBuilder, divisor: Value): void {
  b.when(eq(divisor, konst(0)), () => raise(b, Cause.IntegerDivideByZero));
}

export const multiplyDivideRows: readonly Row[] = [
  multiplyHalves('1100 0001 rrrr ssss tttt 0000', 'mul16u', Op.ZeroExtend16),
  multiplyHalves('1101 0001 rrrr ssss tttt 0000', 'mul16s', Op.SignExtend16),
  multiply('1000 0010 rrrr ssss tttt 0000', 'mull', Op.Mul),
  multiply('1010 0010 rrrr ssss tttt 0000', 'muluh', Op.MulHighU),
  multiply('1011 0010 rrrr ssss tttt 0000', 'mulsh', Op.MulHighS),
  divide('1100 0010 rrrr ssss tttt 0000', 'quou', Op.DivU),
  divide('1101 0010 rrrr ssss tttt 0000', 'quos', Op.DivS),
  divide('1110 0010 rrrr ssss tttt 0000', 'remu', Op.RemU),
  divide('1111 0010 rrrr ssss tttt 0000', 'rems', Op.RemS),
];
