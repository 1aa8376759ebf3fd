import { type BlockBuilder, type Condition, eq, konst, ne, Op, type Operand as Value } from '@loadstone/cpu-core';
import { AR, AS, BR_, BS, BT, booleanGroup, relative } from '../operands.js';
import { type Row, row } from '../row.js';
import { BR } from '../slots.js';

/** Boolean Option: b0 to b15 are the bits of special register BR. */

/** Bit `n` of BR, as 0 or 1. */
function bit(b: BlockBuilder, n: number): Value {
  return b.and(b.shr(BR, konst(n)), konst(1));
}

/** Writes `value` (0 or 1) into bit `n` of BR. */
export function writeBoolean(b: BlockBuilder, n: number, value: Value): void {
  b.or(b.and(BR, konst(~(1 << n))), b.shl(value, konst(n)), BR);
}

/** br = bs OP (perhaps inverted) bt */
function logic(bits: string, name: string, op: Op, invert: boolean): Row {
  return row(bits, name, [BR_, BS, BT], (b, i) => {
    const right = bit(b, i.t);
    writeBoolean(b, i.r, b.binary(op, bit(b, i.s), invert ? b.xor(right, konst(1)) : right));
  });
}

/** bt = whether all, or any, of a group of booleans are 1. */
function reduce(bits: string, name: string, count: 4 | 8, all: boolean): Row {
  return row(bits, name, [BT, booleanGroup(count)], (b, i) => {
    const mask = konst((2 ** count - 1) << i.s);
    const group = b.and(BR, mask);
    writeBoolean(b, i.t, b.set(all ? eq(group, mask) : ne(group, konst(0))));
  });
}

function branch(bits: string, name: string, compare: (a: Value, b: Value) => Condition): Row {
  return row(bits, name, [BS, relative('o', 8)], (b, i) =>
    b.jumpIf(compare(b.and(BR, konst(1 << i.s)), konst(0)), i.target),
  );
}

export const booleanRows: readonly Row[] = [
  logic('0000 0010 rrrr ssss tttt 0000', 'andb', Op.And, false),
  logic('0001 0010 rrrr ssss tttt 0000', 'andbc', Op.And, true),
  logic('0010 0010 rrrr ssss tttt 0000', 'orb', Op.Or, false),
  logic('0011 0010 rrrr ssss tttt 0000', 'orbc', Op.Or, true),
  logic('0100 0010 rrrr ssss tttt 0000', 'xorb', Op.Xor, false),
  reduce('0000 0000 1000 ss00 tttt 0000', 'any4', 4, false),
  reduce('0000 0000 1001 ss00 tttt 0000', 'all4', 4, true),
  reduce('0000 0000 1010 s000 tttt 0000', 'any8', 8, false),
  reduce('0000 0000 1011 s000 tttt 0000', 'all8', 8, true),
  branch('oooo oooo 0000 ssss 0111 0110', 'bf', eq),
  branch('oooo oooo 0001 ssss 0111 0110', 'bt', ne),
  row('1100 0011 rrrr ssss tttt 0000', 'movf', [AR, AS, BT], (b, i) => {
    b.select(bit(b, i.t), i.r, i.s, i.r);
  }),
  row('1101 0011 rrrr ssss tttt 0000', 'movt', [AR, AS, BT], (b, i) => {
    b.select(bit(b, i.t), i.s, i.r, i.r);
  }),
];
