import { ExitKind, konst, Op, type Operand } from '@loadstone/cpu-core';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { SLOT } from '../slots.js';

/*
 * Loads and stores of one register, and memory hints. ARMv7-M ARM A5.2.4, A5.3.7 to A5.3.10. Half-words and words may be
 * unaligned unless CCR.UNALIGN_TRP is set; an access is made before any register changes.
 */

interface Access {
  readonly op: Op;
  readonly isLoad: boolean;
  /** Whether an unaligned address can be given at all. */
  readonly wide: boolean;
}

const access = (op: Op, isLoad: boolean, wide: boolean): Access => ({ op, isLoad, wide });
const STR = access(Op.Store32, false, true);
const STRH = access(Op.Store16, false, true);
const STRB = access(Op.Store8, false, false);
const LDR = access(Op.Load32, true, true);
const LDRH = access(Op.Load16U, true, true);
const LDRB = access(Op.Load8U, true, false);
const LDRSH = access(Op.Load16S, true, true);
const LDRSB = access(Op.Load8S, true, false);

/** Register `rt` to or from memory[base + offset]. */
function transfer(t: Lifter, { op, isLoad, wide }: Access, rt: number, base: Operand, offset: Operand): void {
  const strict = wide && t.strict;
  if (isLoad) t.set(rt, (into) => t.b.load(op, base, offset, into, strict));
  else t.b.store(op, base, offset, rt, strict);
}

const immediate =
  (kind: Access, scale: number) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'i'>): void =>
    transfer(t, kind, f.t, f.n, konst(f.i * scale));
const register =
  (kind: Access) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'm'>): void =>
    transfer(t, kind, f.t, f.n, f.m);
const shiftedRegister =
  (kind: Access) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'm' | 'i'>): void =>
    transfer(t, kind, f.t, f.n, f.i === 0 ? f.m : t.b.shl(f.m, konst(f.i)));
const stackPointer =
  (kind: Access) =>
  (t: Lifter, f: Fields<'t' | 'i'>): void =>
    transfer(t, kind, f.t, SLOT.SP, konst(f.i * 4));
const offset8 =
  (kind: Access) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'i'>): void =>
    transfer(t, kind, f.t, f.n, konst(-f.i));
const literal =
  (kind: Access) =>
  (t: Lifter, f: Fields<'t' | 'i' | 'U'>): void =>
    transfer(t, kind, f.t, konst(t.alignedPc + (f.U === 1 ? f.i : -f.i)), konst(0));

/** Pre- and post-indexed forms: n changes by +-i behind the access. */
const indexed =
  (kind: Access) =>
  (t: Lifter, f: Fields<'t' | 'n' | 'P' | 'U' | 'i'>): void => {
    const step = konst(f.U === 1 ? f.i : -f.i);
    transfer(t, kind, f.t, f.n, f.P === 1 ? step : konst(0));
    t.set(f.n, (into) => t.b.add(f.n, step, into));
  };

/** A word for pc: a branch that checks bit 0 (LoadWritePC). A load through sp is how functions return. */
function loadPc(t: Lifter, base: Operand, offset: Operand, writeBack?: () => void): void {
  const target = t.interworking(t.b.load(Op.Load32, base, offset, undefined, t.strict));
  writeBack?.();
  t.exitTo(target, base === SLOT.SP ? ExitKind.Return : ExitKind.Jump);
}

const pcRules = { it: 'last', guarded: true } as const;
const narrow: readonly Row[] = [
  row('01001 ttt iiiiiiii', 'ldr{c} {Rt}, {literal4}', (t, f) =>
    transfer(t, LDR, f.t, konst(t.alignedPc + f.i * 4), konst(0)),
  ),
  row('0101000 mmm nnn ttt', 'str{c} {Rt}, [{Rn}, {Rm}]', register(STR)),
  row('0101001 mmm nnn ttt', 'strh{c} {Rt}, [{Rn}, {Rm}]', register(STRH)),
  row('0101010 mmm nnn ttt', 'strb{c} {Rt}, [{Rn}, {Rm}]', register(STRB)),
  row('0101011 mmm nnn ttt', 'ldrsb{c} {Rt}, [{Rn}, {Rm}]', register(LDRSB)),
  row('0101100 mmm nnn ttt', 'ldr{c} {Rt}, [{Rn}, {Rm}]', register(LDR)),
  row('0101101 mmm nnn ttt', 'ldrh{c} {Rt}, [{Rn}, {Rm}]', register(LDRH)),
  row('0101110 mmm nnn ttt', 'ldrb{c} {Rt}, [{Rn}, {Rm}]', register(LDRB)),
  row('0101111 mmm nnn ttt', 'ldrsh{c} {Rt}, [{Rn}, {Rm}]', register(LDRSH)),
  row('01100 iiiii nnn ttt', 'str{c} {Rt}, [{Rn}{,#i*4}]', immediate(STR, 4)),
  row('01101 iiiii nnn ttt', 'ldr{c} {Rt}, [{Rn}{,#i*4}]', immediate(LDR, 4)),
  row('01110 iiiii nnn ttt', 'strb{c} {Rt}, [{Rn}{,#i}]', immediate(STRB, 1)),
  row('01111 iiiii nnn ttt', 'ldrb{c} {Rt}, [{Rn}{,#i}]', immediate(LDRB, 1)),
  row('10000 iiiii nnn ttt', 'strh{c} {Rt}, [{Rn}{,#i*2}]', immediate(STRH, 2)),
  row('10001 iiiii nnn ttt', 'ldrh{c} {Rt}, [{Rn}{,#i*2}]', immediate(LDRH, 2)),
  row('10010 ttt iiiiiiii', 'str{c} {Rt}, [sp{,#i*4}]', stackPointer(STR)),
  row('10011 ttt iiiiiiii', 'ldr{c} {Rt}, [sp{,#i*4}]', stackPointer(LDR)),
];

const notPcBase = [{ n: 15 }];
const notPcAtAll = [{ n: 15 }, { t: 15 }];

/** Stores, A5.3.10: a base of pc is UNDEFINED. */
const stores: readonly Row[] = (
  [
    ['00', 'strb', STRB],
    ['01', 'strh', STRH],
    ['10', 'str', STR],
  ] as const
).flatMap(([size, name, kind]) => {
  const general = kind === STR ? { notPc: 't' } : { general: 't' };
  return [
    row(`11111000 1 ${size as '00'} 0 nnnn tttt iiiiiiiiiiii`, `${name}{c}.w {Rt}, [{Rn}{,#i}]`, immediate(kind, 1), {
      see: notPcBase,
      ...general,
    }),
    row(`11111000 0 ${size as '00'} 0 nnnn tttt 1100 iiiiiiii`, `${name}{c} {Rt}, [{Rn}, #-{i}]`, offset8(kind), {
      see: notPcBase,
      ...general,
    }),
    row(`11111000 0 ${size as '00'} 0 nnnn tttt 1110 iiiiiiii`, `${name}t{c} {Rt}, [{Rn}{,i}]`, immediate(kind, 1), {
      see: notPcBase,
      general: 't',
    }),
    row(`11111000 0 ${size as '00'} 0 nnnn tttt 1PU1 iiiiiiii`, `${name}{c} {Rt}, {indexed}`, indexed(kind), {
      see: notPcBase,
      ...general,
      unpredictable: (f) => f.n === f.t,
    }),
    row(
      `11111000 0 ${size as '00'} 0 nnnn tttt 000000 ii mmmm`,
      `${name}{c}.w {Rt}, [{Rn}, {Rm}{index}]`,
      shiftedRegister(kind),
      { see: notPcBase, ...general, ...(kind === STR ? { general: 'm' } : { general: 'tm' }) },
    ),
  ];
});

/** Loads into r0 to lr, A5.3.7 to A5.3.9; a word may go to sp as well. */
const loads: readonly Row[] = (
  [
    ['0', '00', 'ldrb', LDRB],
    ['0', '01', 'ldrh', LDRH],
    ['0', '10', 'ldr', LDR],
    ['1', '00', 'ldrsb', LDRSB],
    ['1', '01', 'ldrsh', LDRSH],
  ] as const
).flatMap(([sign, size, name, kind]) => {
  const s = sign as '0';
  const z = size as '00';
  const isWord = kind === LDR;
  const general = isWord ? {} : { general: 't' };
  return [
    row(`1111100 ${s} 1 ${z} 1 nnnn tttt iiiiiiiiiiii`, `${name}{c}.w {Rt}, [{Rn}{,#i}]`, immediate(kind, 1), {
      see: notPcAtAll,
      ...general,
    }),
    row(`1111100 ${s} 0 ${z} 1 nnnn tttt 1100 iiiiiiii`, `${name}{c} {Rt}, [{Rn}, #-{i}]`, offset8(kind), {
      see: notPcAtAll,
      ...general,
    }),
    row(`1111100 ${s} 0 ${z} 1 nnnn tttt 1110 iiiiiiii`, `${name}t{c} {Rt}, [{Rn}{,i}]`, immediate(kind, 1), {
      see: notPcBase,
      general: 't',
    }),
    row(`1111100 ${s} 0 ${z} 1 nnnn tttt 1PU1 iiiiiiii`, `${name}{c} {Rt}, {indexed}`, indexed(kind), {
      see: isWord ? notPcAtAll : notPcBase,
      ...general,
      unpredictable: (f) => f.n === f.t,
    }),
    row(
      `1111100 ${s} 0 ${z} 1 nnnn tttt 000000 ii mmmm`,
      `${name}{c}.w {Rt}, [{Rn}, {Rm}{index}]`,
      shiftedRegister(kind),
      { see: notPcAtAll, general: isWord ? 'm' : 'tm' },
    ),
    row(`1111100 ${s} U ${z} 1 1111 tttt iiiiiiiiiiii`, `${name}{c}.w {Rt}, {literal}`, literal(kind), {
      see: [{ t: 15 }],
      ...general,
    }),
  ];
});

/** Loads of a word into pc. */
const branches: readonly Row[] = [
  row('111110001101 nnnn 1111 iiiiiiiiiiii', 'ldr{c}.w pc, [{Rn}{,#i}]', (t, f) => loadPc(t, f.n, konst(f.i)), {
    see: notPcBase,
    ...pcRules,
  }),
  row('111110000101 nnnn 1111 1100 iiiiiiii', 'ldr{c} pc, [{Rn}, #-{i}]', (t, f) => loadPc(t, f.n, konst(-f.i)), {
    see: notPcBase,
    ...pcRules,
  }),
  row(
    '111110000101 nnnn 1111 1PU1 iiiiiiii',
    'ldr{c} pc, {indexed}',
    (t, f) => {
      const step = konst(f.U === 1 ? f.i : -f.i);
      loadPc(t, f.n, f.P === 1 ? step : konst(0), () => t.set(f.n, (into) => t.b.add(f.n, step, into)));
    },
    { see: notPcBase, ...pcRules },
  ),
  row(
    '111110000101 nnnn 1111 000000 ii mmmm',
    'ldr{c}.w pc, [{Rn}, {Rm}{index}]',
    (t, f) => loadPc(t, f.n, f.i === 0 ? f.m : t.b.shl(f.m, konst(f.i))),
    { see: notPcBase, general: 'm', ...pcRules },
  ),
  row(
    '11111000 U 101 1111 1111 iiiiiiiiiiii',
    'ldr{c}.w pc, {literal}',
    (t, f) => loadPc(t, konst(t.alignedPc + (f.U === 1 ? f.i : -f.i)), konst(0)),
    pcRules,
  ),
];

/** PLD, PLI and the memory hints not allocated (half-word loads to pc): no effect. */
const hints: readonly Row[] = (
  [
    ['0', '00', 'pld'],
    ['1', '00', 'pli'],
    ['0', '01', 'pldw'],
    ['1', '01', 'hint'],
  ] as const
).flatMap(([sign, size, name]) => {
  const s = sign as '0';
  const z = size as '00';
  const nothing = (): void => {};
  return [
    row(`1111100 ${s} 1 ${z} 1 nnnn 1111 iiiiiiiiiiii`, `${name}{c} [{Rn}{,#i}]`, nothing, { see: notPcBase }),
    row(`1111100 ${s} 0 ${z} 1 nnnn 1111 1100 iiiiiiii`, `${name}{c} [{Rn}, #-{i}]`, nothing, { see: notPcBase }),
    row(`1111100 ${s} 0 ${z} 1 nnnn 1111 000000 ii mmmm`, `${name}{c} [{Rn}, {Rm}{index}]`, nothing, {
      see: notPcBase,
      general: 'm',
    }),
    row(`1111100 ${s} U ${z} 1 1111 1111 iiiiiiiiiiii`, `${name === 'pldw' ? 'pld' : name}{c} {literal}`, nothing),
  ];
});

export const loadStore: readonly Row[] = [...narrow, ...stores, ...loads, ...branches, ...hints];
