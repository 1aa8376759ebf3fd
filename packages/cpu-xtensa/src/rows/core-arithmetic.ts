import { type BlockBuilder, type Condition, geS, konst, ltS, Op, type Operand as Value } from '@loadstone/cpu-core';
import { AR, AS, AT, imm, imm2, signed } from '../operands.js';
import { type Row, row } from '../row.js';

/** Arithmetic, logic and conditional moves of the core, with MINMAX, SEXT, CLAMPS and NSA. */

/** ar = as OP at */
function binary(bits: string, name: string, op: Op): Row {
  return row(bits, name, [AR, AS, AT], (b, i) => {
    b.binary(op, i.s, i.t, i.r);
  });
}

/** ar = (as << shift) OP at */
function scaled(bits: string, name: string, op: Op, shift: number): Row {
  return row(bits, name, [AR, AS, AT], (b, i) => {
    b.binary(op, b.shl(i.s, konst(shift)), i.t, i.r);
  });
}

/** ar = as when at OP 0 holds. */
function conditionalMove(bits: string, name: string, condition: (a: Value, b: Value) => Condition): Row {
  return row(bits, name, [AR, AS, AT], (b, i) => {
    b.select(b.set(condition(i.t, konst(0))), i.s, i.r, i.r);
  });
}

/** The value with its sign bit's copies turned to 0. */
function signBits(b: BlockBuilder, value: Value): Value {
  return b.xor(value, b.sar(value, konst(31)));
}

export const coreArithmeticRows: readonly Row[] = [
  binary('0001 0000 rrrr ssss tttt 0000', 'and', Op.And),
  binary('0010 0000 rrrr ssss tttt 0000', 'or', Op.Or),
  binary('0011 0000 rrrr ssss tttt 0000', 'xor', Op.Xor),
  binary('1000 0000 rrrr ssss tttt 0000', 'add', Op.Add),
  scaled('1001 0000 rrrr ssss tttt 0000', 'addx2', Op.Add, 1),
  scaled('1010 0000 rrrr ssss tttt 0000', 'addx4', Op.Add, 2),
  scaled('1011 0000 rrrr ssss tttt 0000', 'addx8', Op.Add, 3),
  binary('1100 0000 rrrr ssss tttt 0000', 'sub', Op.Sub),
  scaled('1101 0000 rrrr ssss tttt 0000', 'subx2', Op.Sub, 1),
  scaled('1110 0000 rrrr ssss tttt 0000', 'subx4', Op.Sub, 2),
  scaled('1111 0000 rrrr ssss tttt 0000', 'subx8', Op.Sub, 3),
  row('0110 0000 rrrr 0000 tttt 0000', 'neg', [AR, AT], (b, i) => {
    b.neg(i.t, i.r);
  }),
  row('0110 0000 rrrr 0001 tttt 0000', 'abs', [AR, AT], (b, i) => {
    const sign = b.sar(i.t, konst(31));
    b.sub(b.xor(i.t, sign), sign, i.r);
  }),
  row('iiii iiii 1100 ssss tttt 0010', 'addi', [AT, AS, imm('i', (raw) => signed(raw, 8))], (b, i) => {
    b.add(i.s, konst(i.imm), i.t);
  }),
  row('iiii iiii 1101 ssss tttt 0010', 'addmi', [AT, AS, imm('i', (raw) => signed(raw, 8) * 256)], (b, i) => {
    b.add(i.s, konst(i.imm), i.t);
  }),
  row('llll llll 1010 hhhh tttt 0010', 'movi', [AT, imm('hl', (raw) => signed(raw, 12))], (b, i) => {
    b.mov(i.t, konst(i.imm));
  }),
  row('wwww 010i rrrr iiii tttt 0000', 'extui', [AR, AT, imm('i'), imm2('w', (raw) => raw + 1)], (b, i) => {
    const mask = konst(2 ** i.imm2 - 1);
    if (i.imm === 0) b.and(i.t, mask, i.r);
    else if (i.imm + i.imm2 >= 32) b.shr(i.t, konst(i.imm), i.r);
    else b.and(b.shr(i.t, konst(i.imm)), mask, i.r);
  }),
  row('1000 0011 rrrr ssss tttt 0000', 'moveqz', [AR, AS, AT], (b, i) => {
    b.select(i.t, i.r, i.s, i.r);
  }),
  row('1001 0011 rrrr ssss tttt 0000', 'movnez', [AR, AS, AT], (b, i) => {
    b.select(i.t, i.s, i.r, i.r);
  }),
  conditionalMove('1010 0011 rrrr ssss tttt 0000', 'movltz', ltS),
  conditionalMove('1011 0011 rrrr ssss tttt 0000', 'movgez', geS),

  binary('0100 0011 rrrr ssss tttt 0000', 'min', Op.MinS),
  binary('0101 0011 rrrr ssss tttt 0000', 'max', Op.MaxS),
  binary('0110 0011 rrrr ssss tttt 0000', 'minu', Op.MinU),
  binary('0111 0011 rrrr ssss tttt 0000', 'maxu', Op.MaxU),
  row('0010 0011 rrrr ssss iiii 0000', 'sext', [AR, AS, imm('i', (raw) => raw + 7)], (b, i) => {
    const unused = konst(31 - i.imm);
    b.sar(b.shl(i.s, unused), unused, i.r);
  }),
  row('0011 0011 rrrr ssss iiii 0000', 'clamps', [AR, AS, imm('i', (raw) => raw + 7)], (b, i) => {
    const low = konst(-(2 ** i.imm));
    const high = konst(2 ** i.imm - 1);
    b.binary(Op.MaxS, b.binary(Op.MinS, i.s, high), low, i.r);
  }),
  row('0100 0000 1110 ssss tttt 0000', 'nsa', [AT, AS], (b, i) => {
    b.sub(b.unary(Op.Clz, signBits(b, i.s)), konst(1), i.t);
  }),
  row('0100 0000 1111 ssss tttt 0000', 'nsau', [AT, AS], (b, i) => {
    b.unary(Op.Clz, i.s, i.t);
  }),
];
