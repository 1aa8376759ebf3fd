import { konst, Op, type Operand } from '@loadstone/cpu-core';
import { FPSCR_MASK } from '../float-unit.js';
import { expandFloatImmediate } from '../immediates.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { SLOT } from '../slots.js';
import { sd, sm, sn } from './float-arithmetic.js';

/* VMOV, VLDR, VSTR, VLDM, VSTM, VPUSH, VPOP, VMRS, VMSR. ARMv7-M ARM A6.5 to A6.7. Memory must be word-aligned. */

type Memory = Fields<'U' | 'D' | 'n' | 'd' | 'i'>;
type Multiple = Fields<'D' | 'n' | 'd' | 'i'>;

/** Slots of `count` words from the register the instruction names on. */
const slotsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
/** First slot of a double register: there are sixteen, so D is 0. */
const dd = (f: Fields<'d'>): number => SLOT.S0 + f.d * 2;

function single(t: Lifter, f: Memory, load: boolean): void {
  const offset = f.U === 1 ? f.i * 4 : -f.i * 4;
  const base = f.n === 15 ? konst(t.alignedPc) : f.n;
  if (load) t.b.load(Op.Load32, base, konst(offset), sd(f), true);
  else t.b.store(Op.Store32, base, konst(offset), sd(f), true);
}

function double(t: Lifter, f: Memory, load: boolean): void {
  const offset = f.U === 1 ? f.i * 4 : -f.i * 4;
  const address: Operand = f.n === 15 ? konst(t.alignedPc + offset) : t.b.add(f.n, konst(offset));
  if (load) t.b.loadMany(address, slotsFrom(dd(f), 2));
  else t.b.storeMany(address, slotsFrom(dd(f), 2));
}

/** Registers from the first on, upward from the base, or below it; `words` many. */
function multiple(
  t: Lifter,
  n: number,
  first: number,
  words: number,
  load: boolean,
  down: boolean,
  writeBack: boolean,
): void {
  const { b } = t;
  const address = down ? b.sub(n, konst(words * 4)) : n;
  if (load) b.loadMany(address, slotsFrom(first, words));
  else b.storeMany(address, slotsFrom(first, words));
  if (!writeBack) return;
  if (down) b.mov(n, address);
  else b.add(n, konst(words * 4), n);
}

const badSingles = (f: Multiple): boolean => f.n === 15 || f.i === 0 || f.d * 2 + f.D + f.i > 32;
const badDoubles = (f: Multiple): boolean => f.n === 15 || f.i === 0 || f.D === 1 || f.d + f.i > 16;
const singleList = { unpredictable: badSingles };
const doubleList = { unpredictable: badDoubles };
const highDouble = (f: Fields<'D'>): boolean => f.D === 1;
const sp = { n: SLOT.SP };

const memoryRows: readonly Row[] = [
  row('11101101 U D 00 nnnn dddd 1010 iiiiiiii', 'vstr{c} {Sd}, {vmem}', (t, f) => single(t, f, false), { notPc: 'n' }),
  row('11101101 U D 01 nnnn dddd 1010 iiiiiiii', 'vldr{c} {Sd}, {vmem}', (t, f) => single(t, f, true)),
  row('11101101 U D 00 nnnn dddd 1011 iiiiiiii', 'vstr{c} {Dd}, {vmem}', (t, f) => double(t, f, false), {
    notPc: 'n',
    unpredictable: highDouble,
  }),
  row('11101101 U D 01 nnnn dddd 1011 iiiiiiii', 'vldr{c} {Dd}, {vmem}', (t, f) => double(t, f, true), {
    unpredictable: highDouble,
  }),

  row('111011001 D W 0 nnnn dddd 1010 iiiiiiii', 'vstmia{c} {Rn}{!W}, {singles}', storeUp(1), singleList),
  row('111011001 D W 0 nnnn dddd 1011 iiiiiii 0', 'vstmia{c} {Rn}{!W}, {doubles}', storeUp(2), doubleList),
  row('111011001 D W 1 nnnn dddd 1010 iiiiiiii', 'vldmia{c} {Rn}{!W}, {singles}', loadUp(1), {
    see: [{ n: 13, W: 1 }],
    ...singleList,
  }),
  row('111011001 D W 1 nnnn dddd 1011 iiiiiii 0', 'vldmia{c} {Rn}{!W}, {doubles}', loadUp(2), {
    see: [{ n: 13, W: 1 }],
    ...doubleList,
  }),
  row(
    '111011001 D 1 1 1101 dddd 1010 iiiiiiii',
    'vpop{c} {singles}',
    (t, f) => multiple(t, SLOT.SP, sd(f), f.i, true, false, true),
    { unpredictable: (f) => badSingles({ ...f, ...sp }) },
  ),
  row(
    '111011001 D 1 1 1101 dddd 1011 iiiiiii 0',
    'vpop{c} {doubles}',
    (t, f) => multiple(t, SLOT.SP, dd(f), f.i * 2, true, false, true),
    { unpredictable: (f) => badDoubles({ ...f, ...sp }) },
  ),
  row('111011010 D 1 0 nnnn dddd 1010 iiiiiiii', 'vstmdb{c} {Rn}!, {singles}', storeDown(1), {
    see: [{ n: 13 }],
    ...singleList,
  }),
  row('111011010 D 1 0 nnnn dddd 1011 iiiiiii 0', 'vstmdb{c} {Rn}!, {doubles}', storeDown(2), {
    see: [{ n: 13 }],
    ...doubleList,
  }),
  row(
    '111011010 D 1 0 1101 dddd 1010 iiiiiiii',
    'vpush{c} {singles}',
    (t, f) => multiple(t, SLOT.SP, sd(f), f.i, false, true, true),
    { unpredictable: (f) => badSingles({ ...f, ...sp }) },
  ),
  row(
    '111011010 D 1 0 1101 dddd 1011 iiiiiii 0',
    'vpush{c} {doubles}',
    (t, f) => multiple(t, SLOT.SP, dd(f), f.i * 2, false, true, true),
    { unpredictable: (f) => badDoubles({ ...f, ...sp }) },
  ),
  row(
    '111011010 D 1 1 nnnn dddd 1010 iiiiiiii',
    'vldmdb{c} {Rn}!, {singles}',
    (t, f) => multiple(t, f.n, sd(f), f.i, true, true, true),
    singleList,
  ),
  row(
    '111011010 D 1 1 nnnn dddd 1011 iiiiiii 0',
    'vldmdb{c} {Rn}!, {doubles}',
    (t, f) => multiple(t, f.n, dd(f), f.i * 2, true, true, true),
    doubleList,
  ),
];

function loadUp(wordsEach: number) {
  return (t: Lifter, f: Multiple & Fields<'W'>): void =>
    multiple(t, f.n, sd(f), f.i * wordsEach, true, false, f.W === 1);
}

function storeUp(wordsEach: number) {
  return (t: Lifter, f: Multiple & Fields<'W'>): void =>
    multiple(t, f.n, sd(f), f.i * wordsEach, false, false, f.W === 1);
}

function storeDown(wordsEach: number) {
  return (t: Lifter, f: Multiple): void => multiple(t, f.n, sd(f), f.i * wordsEach, false, true, true);
}

const moveRows: readonly Row[] = [
  row('111011101 D 11 iiii dddd 1010 z0z0 iiii', 'vmov{c}.f32 {Sd}, {floatImmediate}', (t, f) =>
    t.b.mov(sd(f), konst(expandFloatImmediate(f.i))),
  ),
  row('111011101 D 11 0000 dddd 1010 01 M 0 mmmm', 'vmov{c}.f32 {Sd}, {Sm}', (t, f) => t.b.mov(sd(f), sm(f))),
  row('111011100000 nnnn tttt 1010 N zz 1 zzzz', 'vmov{c} {Sn}, {Rt}', (t, f) => t.b.mov(sn(f), f.t), { general: 't' }),
  row('111011100001 nnnn tttt 1010 N zz 1 zzzz', 'vmov{c} {Rt}, {Sn}', (t, f) => t.b.mov(f.t, sn(f)), { general: 't' }),
  row('11101110 00 x 0 dddd tttt 1011 D zz 1 zzzz', 'vmov{c}.32 {Dd}[{x}], {Rt}', (t, f) => t.b.mov(dd(f) + f.x, f.t), {
    general: 't',
    unpredictable: highDouble,
  }),
  row(
    '11101110 00 x 1 nnnn tttt 1011 N zz 1 zzzz',
    'vmov{c}.32 {Rt}, {Dn}[{x}]',
    (t, f) => t.b.mov(f.t, SLOT.S0 + f.n * 2 + f.x),
    {
      general: 't',
      unpredictable: (f) => f.N === 1,
    },
  ),
  row(
    '111011000100 uuuu tttt 1010 00 M 1 mmmm',
    'vmov{c} {Sm}, {Sm+1}, {Rt}, {Ru}',
    (t, f) => {
      t.b.mov(sm(f), f.t);
      t.b.mov(sm(f) + 1, f.u);
    },
    { general: 'tu', unpredictable: (f) => f.m === 15 && f.M === 1 },
  ),
  row(
    '111011000101 uuuu tttt 1010 00 M 1 mmmm',
    'vmov{c} {Rt}, {Ru}, {Sm}, {Sm+1}',
    (t, f) => {
      t.b.mov(f.t, sm(f));
      t.b.mov(f.u, sm(f) + 1);
    },
    { general: 'tu', unpredictable: (f) => f.t === f.u || (f.m === 15 && f.M === 1) },
  ),
  row(
    '111011000100 uuuu tttt 1011 00 M 1 mmmm',
    'vmov{c} {Dm}, {Rt}, {Ru}',
    (t, f) => {
      t.b.mov(SLOT.S0 + f.m * 2, f.t);
      t.b.mov(SLOT.S0 + f.m * 2 + 1, f.u);
    },
    { general: 'tu', unpredictable: (f) => f.M === 1 },
  ),
  row(
    '111011000101 uuuu tttt 1011 00 M 1 mmmm',
    'vmov{c} {Rt}, {Ru}, {Dm}',
    (t, f) => {
      t.b.mov(f.t, SLOT.S0 + f.m * 2);
      t.b.mov(f.u, SLOT.S0 + f.m * 2 + 1);
    },
    { general: 'tu', unpredictable: (f) => f.t === f.u || f.M === 1 },
  ),
  row(
    '111011101110 0001 tttt 1010 zzz1 zzzz',
    'vmsr{c} fpscr, {Rt}',
    (t, f) => t.b.and(f.t, konst(FPSCR_MASK), SLOT.FPSCR),
    {
      general: 't',
    },
  ),
  row('111011101111 0001 tttt 1010 zzz1 zzzz', 'vmrs{c} {Rt}, fpscr', (t, f) => t.b.mov(f.t, SLOT.FPSCR), {
    see: [{ t: 15 }],
    general: 't',
  }),
  row('111011101111 0001 1111 1010 zzz1 zzzz', 'vmrs{c} APSR_nzcv, fpscr', moveFlags),
];

/** N Z C V of FPSCR to the flag slots. */
function moveFlags(t: Lifter): void {
  const { b } = t;
  b.mov(SLOT.N, SLOT.FPSCR);
  b.andNot(konst(1 << 30), SLOT.FPSCR, SLOT.Z);
  b.and(b.shr(SLOT.FPSCR, konst(29)), konst(1), SLOT.C);
  b.shl(SLOT.FPSCR, konst(3), SLOT.V);
}

export const floatMove: readonly Row[] = [...memoryRows, ...moveRows];
