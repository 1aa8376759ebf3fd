import { geS, konst, ltS, Op } from '@loadstone/cpu-core';
import { FloatPredicate, IntegerConversion, packConversion } from '../float-conversions.js';
import { HelperNumber } from '../helper-numbers.js';
import { AR, AS, AT, BR_, BT, FR, FS, FT, imm } from '../operands.js';
import { row as plainRow, type Row, Trait } from '../row.js';
import { BR, FCSR } from '../slots.js';
import { writeBoolean } from './booleans.js';

/** Single-precision arithmetic, compares, conversions, moves, loads and stores (coprocessor 0). */

const row: typeof plainRow = (bits, name, operands, lift) => plainRow(bits, name, operands, lift, Trait.Float);

/** FSR.V */
const INVALID = konst(0x800);

function arithmetic(bits: string, name: string, op: Op): Row {
  return row(bits, name, [FR, FS, FT], (b, i) => {
    b.float(op, i.s, i.t, i.r);
  });
}

function compare(bits: string, name: string, predicate: FloatPredicate): Row {
  return row(bits, name, [BR_, FS, FT], (b, i) => {
    const result = b.helper(HelperNumber.FloatCompare, i.s, i.t, konst(predicate));
    writeBoolean(b, i.r, b.and(result, konst(1)));
    b.or(FCSR, b.and(result, INVALID), FCSR);
  });
}

/** ar = integer of fs times 2^n */
function toInteger(bits: string, name: string, conversion: IntegerConversion): Row {
  return row(bits, name, [AR, FS, imm('i')], (b, i) => {
    const kind = konst(packConversion(conversion, i.imm));
    const flags = b.helper(HelperNumber.FloatToIntegerFlags, i.s, kind);
    b.helper(HelperNumber.FloatToInteger, i.s, kind, konst(0), i.r);
    b.or(FCSR, flags, FCSR);
  });
}

/** fr = float of as times 2^-n */
function fromInteger(bits: string, name: string, conversion: IntegerConversion): Row {
  return row(bits, name, [FR, AS, imm('i')], (b, i) => {
    const kind = konst(packConversion(conversion, i.imm));
    const flags = b.helper(HelperNumber.IntegerToFloatFlags, i.s, FCSR, kind);
    b.helper(HelperNumber.IntegerToFloat, i.s, FCSR, kind, i.r);
    b.or(FCSR, flags, FCSR);
  });
}

/** The post-increment forms use the base as the address and write the sum afterwards. */
export const floatRows: readonly Row[] = [
  arithmetic('0000 1010 rrrr ssss tttt 0000', 'add.s', Op.FloatAdd),
  arithmetic('0001 1010 rrrr ssss tttt 0000', 'sub.s', Op.FloatSub),
  arithmetic('0010 1010 rrrr ssss tttt 0000', 'mul.s', Op.FloatMul),
  row('0100 1010 rrrr ssss tttt 0000', 'madd.s', [FR, FS, FT], (b, i) => {
    b.floatMulAdd(Op.FloatMulAdd, i.s, i.t, i.r, i.r);
  }),
  row('0101 1010 rrrr ssss tttt 0000', 'msub.s', [FR, FS, FT], (b, i) => {
    b.floatMulAdd(Op.FloatMulSub, i.s, i.t, i.r, i.r);
  }),

  toInteger('1000 1010 rrrr ssss iiii 0000', 'round.s', IntegerConversion.Round),
  toInteger('1001 1010 rrrr ssss iiii 0000', 'trunc.s', IntegerConversion.Truncate),
  toInteger('1010 1010 rrrr ssss iiii 0000', 'floor.s', IntegerConversion.Floor),
  toInteger('1011 1010 rrrr ssss iiii 0000', 'ceil.s', IntegerConversion.Ceiling),
  fromInteger('1100 1010 rrrr ssss iiii 0000', 'float.s', IntegerConversion.Signed),
  fromInteger('1101 1010 rrrr ssss iiii 0000', 'ufloat.s', IntegerConversion.Unsigned),
  toInteger('1110 1010 rrrr ssss iiii 0000', 'utrunc.s', IntegerConversion.TruncateUnsigned),

  row('1111 1010 rrrr ssss 0000 0000', 'mov.s', [FR, FS], (b, i) => {
    b.mov(i.r, i.s);
  }),
  row('1111 1010 rrrr ssss 0001 0000', 'abs.s', [FR, FS], (b, i) => {
    b.and(i.s, konst(0x7fff_ffff), i.r);
  }),
  row('1111 1010 rrrr ssss 0110 0000', 'neg.s', [FR, FS], (b, i) => {
    b.xor(i.s, konst(0x8000_0000), i.r);
  }),
  row('1111 1010 rrrr ssss 0100 0000', 'rfr', [AR, FS], (b, i) => {
    b.mov(i.r, i.s);
  }),
  row('1111 1010 rrrr ssss 0101 0000', 'wfr', [FR, AS], (b, i) => {
    b.mov(i.r, i.s);
  }),

  compare('0001 1011 rrrr ssss tttt 0000', 'un.s', FloatPredicate.Unordered),
  compare('0010 1011 rrrr ssss tttt 0000', 'oeq.s', FloatPredicate.OrderedEqual),
  compare('0011 1011 rrrr ssss tttt 0000', 'ueq.s', FloatPredicate.UnorderedEqual),
  compare('0100 1011 rrrr ssss tttt 0000', 'olt.s', FloatPredicate.OrderedLess),
  compare('0101 1011 rrrr ssss tttt 0000', 'ult.s', FloatPredicate.UnorderedLess),
  compare('0110 1011 rrrr ssss tttt 0000', 'ole.s', FloatPredicate.OrderedLessEqual),
  compare('0111 1011 rrrr ssss tttt 0000', 'ule.s', FloatPredicate.UnorderedLessEqual),

  row('1000 1011 rrrr ssss tttt 0000', 'moveqz.s', [FR, FS, AT], (b, i) => {
    b.select(i.t, i.r, i.s, i.r);
  }),
  row('1001 1011 rrrr ssss tttt 0000', 'movnez.s', [FR, FS, AT], (b, i) => {
    b.select(i.t, i.s, i.r, i.r);
  }),
  row('1010 1011 rrrr ssss tttt 0000', 'movltz.s', [FR, FS, AT], (b, i) => {
    b.select(b.set(ltS(i.t, konst(0))), i.s, i.r, i.r);
  }),
  row('1011 1011 rrrr ssss tttt 0000', 'movgez.s', [FR, FS, AT], (b, i) => {
    b.select(b.set(geS(i.t, konst(0))), i.s, i.r, i.r);
  }),
  row('1100 1011 rrrr ssss tttt 0000', 'movf.s', [FR, FS, BT], (b, i) => {
    b.select(b.and(BR, konst(1 << i.t)), i.r, i.s, i.r);
  }),
  row('1101 1011 rrrr ssss tttt 0000', 'movt.s', [FR, FS, BT], (b, i) => {
    b.select(b.and(BR, konst(1 << i.t)), i.s, i.r, i.r);
  }),

  row('iiii iiii 0000 ssss tttt 0011', 'lsi', [FT, AS, imm('i', (raw) => raw * 4)], (b, i) => {
    b.load(Op.Load32, i.s, konst(i.imm), i.t);
  }),
  row('iiii iiii 0100 ssss tttt 0011', 'ssi', [FT, AS, imm('i', (raw) => raw * 4)], (b, i) => {
    b.store(Op.Store32, i.s, konst(i.imm), i.t);
  }),
  row('iiii iiii 1000 ssss tttt 0011', 'lsip', [FT, AS, imm('i', (raw) => raw * 4)], (b, i) => {
    b.load(Op.Load32, i.s, konst(0), i.t);
    b.add(i.s, konst(i.imm), i.s);
  }),
  row('iiii iiii 1100 ssss tttt 0011', 'ssip', [FT, AS, imm('i', (raw) => raw * 4)], (b, i) => {
    b.store(Op.Store32, i.s, konst(0), i.t);
    b.add(i.s, konst(i.imm), i.s);
  }),
  row('0000 1000 rrrr ssss tttt 0000', 'lsx', [FR, AS, AT], (b, i) => {
    b.load(Op.Load32, i.s, i.t, i.r);
  }),
  row('0001 1000 rrrr ssss tttt 0000', 'lsxp', [FR, AS, AT], (b, i) => {
    b.load(Op.Load32, i.s, konst(0), i.r);
    b.add(i.s, i.t, i.s);
  }),
  row('0100 1000 rrrr ssss tttt 0000', 'ssx', [FR, AS, AT], (b, i) => {
    b.store(Op.Store32, i.s, i.t, i.r);
  }),
  row('0101 1000 rrrr ssss tttt 0000', 'ssxp', [FR, AS, AT], (b, i) => {
    b.store(Op.Store32, i.s, konst(0), i.r);
    b.add(i.s, i.t, i.s);
  }),
];
