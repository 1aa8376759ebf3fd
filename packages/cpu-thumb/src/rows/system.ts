import { konst } from '@loadstone/cpu-core';
import { readSpecial, writeSpecial } from '../helpers/special-registers.js';
import { ALWAYS } from '../it-state.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';

/* IT, hints, barriers, CPS, MRS, MSR, SVC, BKPT, UDF. ARMv7-M ARM A5.2.5, A5.3.4, B5. */

/** Special registers that exist (SYSm): the xPSR views, stack pointers, masks, CONTROL. */
const isSpecial = (sysm: number): boolean => (sysm <= 9 && sysm !== 4) || (sysm >= 16 && sysm <= 20);

const nothing = (): void => {};
const never = { it: 'never' } as const;

/** CPSIE, CPSID: PRIMASK and FAULTMASK, ignored in unprivileged thread mode (CONTROL.nPRIV with IPSR 0). */
function changeState(t: Lifter, f: Fields<'i' | 'a' | 'b'>): void {
  const value = konst(f.i);
  if (f.a === 1) t.helper(writeSpecial, konst(SYSM_PRIMASK), value);
  if (f.b === 1) t.helper(writeSpecial, konst(SYSM_FAULTMASK), value);
}

const SYSM_PRIMASK = 16;
const SYSM_FAULTMASK = 19;
const SYSM_CONTROL = 20;

export const system: readonly Row[] = [
  row('10111111 cccc kkkk', '{it}', (t, f) => t.startIt((f.c << 4) | f.k), {
    see: [{ k: 0 }],
    ...never,
    unpredictable: (f) => f.c === 15 || (f.c === ALWAYS && (f.k & (f.k - 1)) !== 0),
  }),
  row('10111111 hhhh 0000', '{hint}', nothing),
  row('111100111010 yyyy 10z0 z000 hhhhhhhh', '{hint.w}', nothing, {
    see: [...Array(16).keys()].map((i) => ({ h: 0xf0 | i })),
  }),
  row('111100111010 yyyy 10z0 z000 1111 hhhh', 'dbg{c} {#h}', nothing),
  row('111100111011 yyyy 10z0 yyyy 0100 hhhh', '{dsb}', nothing),
  row('111100111011 yyyy 10z0 yyyy 0101 hhhh', 'dmb{c} {barrier}', nothing),
  row('111100111011 yyyy 10z0 yyyy 0110 hhhh', 'isb{c} {isb}', (t) => t.b.endBlock()),

  row('10110110011 i zz a b', 'cps{cps}', changeState, { ...never, unpredictable: (f) => f.a === 0 && f.b === 0 }),
  row(
    '11110011111z yyyy 10z0 dddd hhhhhhhh',
    'mrs{c} {Rd}, {special}',
    (t, f) => t.helper(readSpecial, konst(f.h), konst(0), konst(0), f.d),
    {
      general: 'd',
      unpredictable: (f) => !isSpecial(f.h),
    },
  ),
  // A write mask of 0, and GE bits (mask 01) for anything but the APSR views, are UNPREDICTABLE.
  row(
    '11110011100z nnnn 10z0 kk zz hhhhhhhh',
    'msr{c} {special:k}, {Rn}',
    (t, f) => {
      t.helper(writeSpecial, konst(f.h | (f.k << 8)), f.n);
      // The decode mode depends on FPCA.
      if (f.h === SYSM_CONTROL) t.b.endBlock();
    },
    { general: 'n', unpredictable: (f) => !isSpecial(f.h) || f.k === 0 || (f.k !== 2 && f.h > 3) },
  ),

  row('11011111 iiiiiiii', 'svc{c} {#i}', (t, f) => t.raise('supervisor-call', konst(f.i))),
  row('10111110 iiiiiiii', 'bkpt {#i}', (t, f) => t.raise('breakpoint', konst(f.i)), { it: 'unconditional' }),
  row('11011110 iiiiiiii', 'udf {#i}', (t) => t.undefined(t.word)),
  row('111101111111 iiii 1010 iiiiiiiiiiii', 'udf.w {#i}', (t) => t.undefined(t.word)),
];
