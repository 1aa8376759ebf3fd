import { konst, type Operand as Value } from '@loadstone/cpu-core';
import { HelperNumber } from '../helper-numbers.js';
import { FR, FS, FT, imm } from '../operands.js';
import { row as plainRow, type Row, Trait } from '../row.js';
import { FCSR } from '../slots.js';

/** Steps of division, reciprocal and square root: estimates, exponent adjustments, the last rounding. */

const row: typeof plainRow = (bits, name, operands, lift) => plainRow(bits, name, operands, lift, Trait.Float);

/** CONST.S: the low two bits choose. */
const CONSTANTS = [0, 0x3f80_0000, 0x4000_0000, 0x3f00_0000];

/** fr = f(fs), no flags */
function ofOne(t: string, name: string, helper: HelperNumber): Row {
  return row(`1111 1010 rrrr ssss ${t} 0000`, name, [FR, FS], (b, i) => {
    b.helper(helper, i.s, konst(0), konst(0), i.r);
  });
}

/** fr = f(fr, fs), no flags */
function ofTwo(t: string, name: string, helper: HelperNumber): Row {
  return row(`1111 1010 rrrr ssss ${t} 0000`, name, [FR, FS], (b, i) => {
    b.helper(helper, i.r, i.s, konst(0), i.r);
  });
}

/** fr = f(fr, fs) with flags from a helper of its own. */
function withFlags(t: string, name: string, value: HelperNumber, flags: HelperNumber): Row {
  return row(`1111 1010 rrrr ssss ${t} 0000`, name, [FR, FS], (b, i) => {
    const raised: Value = b.helper(flags, i.r, i.s);
    b.helper(value, i.r, i.s, konst(0), i.r);
    b.or(FCSR, raised, FCSR);
  });
}

export const floatStepRows: readonly Row[] = [
  row('0110 1010 rrrr ssss tttt 0000', 'maddn.s', [FR, FS, FT], (b, i) => {
    b.helper(HelperNumber.MulAddNearest, i.s, i.t, i.r, i.r);
  }),
  row('0111 1010 rrrr ssss tttt 0000', 'divn.s', [FR, FS, FT], (b, i) => {
    const raised = b.helper(HelperNumber.DivideNearestFlags, i.r, i.s, i.t);
    b.helper(HelperNumber.DivideNearest, i.r, i.s, i.t, i.r);
    b.or(FCSR, raised, FCSR);
  }),
  row('1111 1010 rrrr iiii 0011 0000', 'const.s', [FR, imm('i')], (b, i) => {
    b.mov(i.r, konst(CONSTANTS[i.imm & 3]));
  }),
  ofOne('0111', 'div0.s', HelperNumber.Divide0),
  ofOne('1000', 'recip0.s', HelperNumber.Reciprocal0),
  ofOne('1001', 'sqrt0.s', HelperNumber.SquareRoot0),
  ofOne('1010', 'rsqrt0.s', HelperNumber.ReciprocalSquareRoot0),
  ofOne('1011', 'nexp01.s', HelperNumber.NegatedExponent01),
  withFlags('1100', 'mksadj.s', HelperNumber.MakeSquareRootAdjust, HelperNumber.MakeSquareRootAdjustFlags),
  withFlags('1101', 'mkdadj.s', HelperNumber.MakeDivideAdjust, HelperNumber.MakeDivideAdjustFlags),
  ofTwo('1110', 'addexp.s', HelperNumber.AddExponent),
  ofTwo('1111', 'addexpm.s', HelperNumber.AddExponentMantissa),
];
