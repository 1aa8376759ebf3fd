import { konst } from '@loadstone/cpu-core';
import { absoluteDifferences, laneOperations, select } from '../helpers/parallel.js';
import { type Row, row } from '../row.js';
import { SLOT } from '../slots.js';

/* Parallel addition and subtraction, SEL, USAD8, USADA8. ARMv7-M ARM A5.3.14, A5.3.15, A5.3.16. */

/**
 * Six lane operations in six variants: signed and unsigned (which set GE), saturating, halving. One row each, all made from the
 * encoding's fields: op1 (add8, add16, asx, sub8, sub16, sax), and prefix (s, q, sh, u, uq, uh).
 */
const lanes: readonly Row[] = laneOperations.map(({ op1, prefix, name, setsGe, result, ge }) => {
  const pattern: `11111010 1${string} nnnn 1111 dddd 0${string} mmmm` = `11111010 1${op1} nnnn 1111 dddd 0${prefix} mmmm`;
  return row(
    pattern as '11111010 1 nnnn 1111 dddd 0 mmmm',
    `${name}{c} {Rd}, {Rn}, {Rm}`,
    (t, f) => {
      if (setsGe) t.helper(ge, f.n, f.m, konst(0), SLOT.GE);
      t.helper(result, f.n, f.m, konst(0), f.d);
    },
    { general: 'dnm' },
  );
});

export const parallel: readonly Row[] = [
  ...lanes,
  row(
    '11111010 1010 nnnn 1111 dddd 1000 mmmm',
    'sel{c} {Rd}, {Rn}, {Rm}',
    (t, f) => t.helper(select, f.n, f.m, SLOT.GE, f.d),
    { general: 'dnm' },
  ),
  row(
    '11111011 0111 nnnn 1111 dddd 0000 mmmm',
    'usad8{c} {Rd}, {Rn}, {Rm}',
    (t, f) => t.helper(absoluteDifferences, f.n, f.m, konst(0), f.d),
    { general: 'dnm' },
  ),
  row(
    '11111011 0111 nnnn aaaa dddd 0000 mmmm',
    'usada8{c} {Rd}, {Rn}, {Rm}, {Ra}',
    (t, f) => t.helper(absoluteDifferences, f.n, f.m, f.a, f.d),
    { see: [{ a: 15 }], general: 'dnma' },
  ),
];
