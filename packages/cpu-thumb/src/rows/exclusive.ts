import { konst, ne, Op } from '@loadstone/cpu-core';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { SLOT } from '../slots.js';

/*
 * LDREX, STREX and their byte and half-word forms, CLREX. ARMv7-M ARM A3.4, A5.3.6. The monitor is Cortex-M4's: it
 * remembers that a load-exclusive ran, not where.
 */

const load =
  (op: Op) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'i'>): void => {
    t.b.load(op, f.n, konst(f.i * 4), f.t, true);
    t.b.mov(SLOT.EXCLUSIVE, konst(1));
  };

/** d = 0 when it stored, 1 when the monitor was open; the monitor opens. */
const store =
  (op: Op) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'd' | 'i'>): void => {
    const { b } = t;
    b.when(ne(SLOT.EXCLUSIVE, konst(0)), () => b.store(op, f.n, konst(f.i * 4), f.t, true));
    b.xor(SLOT.EXCLUSIVE, konst(1), f.d);
    b.mov(SLOT.EXCLUSIVE, konst(0));
  };

const noOffset =
  (lift: (t: Lifter, f: Fields<'t' | 'n' | 'd' | 'i'>) => void) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'd'>): void =>
    lift(t, { t: f.t, n: f.n, d: f.d, i: 0 });
const loadNoOffset =
  (op: Op) =>
  (t: Lifter, f: Fields<'t' | 'n'>): void =>
    load(op)(t, { t: f.t, n: f.n, i: 0 });

const loadRules = { general: 't', notPc: 'n' };
const storeRules = {
  general: 'dt',
  notPc: 'n',
  unpredictable: (f: Fields<'d' | 't' | 'n'>): boolean => f.d === f.t || f.d === f.n,
  guarded: true,
};

export const exclusive: readonly Row[] = [
  row('111010000100 nnnn tttt dddd iiiiiiii', 'strex{c} {Rd}, {Rt}, [{Rn}{,#i*4}]', store(Op.Store32), storeRules),
  row('111010000101 nnnn tttt yyyy iiiiiiii', 'ldrex{c} {Rt}, [{Rn}{,#i*4}]', load(Op.Load32), loadRules),
  row('111010001100 nnnn tttt yyyy 0100 dddd', 'strexb{c} {Rd}, {Rt}, [{Rn}]', noOffset(store(Op.Store8)), storeRules),
  row('111010001100 nnnn tttt yyyy 0101 dddd', 'strexh{c} {Rd}, {Rt}, [{Rn}]', noOffset(store(Op.Store16)), storeRules),
  row('111010001101 nnnn tttt yyyy 0100 yyyy', 'ldrexb{c} {Rt}, [{Rn}]', loadNoOffset(Op.Load8U), loadRules),
  row('111010001101 nnnn tttt yyyy 0101 yyyy', 'ldrexh{c} {Rt}, [{Rn}]', loadNoOffset(Op.Load16U), loadRules),
  row('111100111011 yyyy 10z0 yyyy 0010 yyyy', 'clrex{c}', (t) => t.b.mov(SLOT.EXCLUSIVE, konst(0))),
];
