import { ExitKind, eq, type FlagCondition, konst, ne, Op } from '@loadstone/cpu-core';
import { signExtend } from '../immediates.js';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { SLOT } from '../slots.js';

/* B, BL, BX, BLX, CBZ, TBB, TBH, MOV and ADD to pc. ARMv7-M ARM A5.2.3, A5.2.6, A5.3.4. */

/** Offset of B<c>.W: S:J2:J1:imm6:imm11:0 */
export const conditionalOffset = (f: Fields<'S' | 'J' | 'K' | 'i'>): number =>
  signExtend((((((f.S << 1) | f.K) << 1) | f.J) << 18) | (f.i << 1), 21);

/** Offset of B.W and BL: S:I1:I2:imm10:imm11:0 with I = not (J xor S). */
export const longOffset = (f: Fields<'S' | 'J' | 'K' | 'i'>): number =>
  signExtend((((((f.S << 1) | (1 ^ f.J ^ f.S)) << 1) | (1 ^ f.K ^ f.S)) << 22) | (f.i << 1), 25);

function branchOnFlags(t: Lifter, condition: number, offset: number): void {
  t.branchIf(ne(t.b.flagTest(condition as FlagCondition), konst(0)), t.pc + offset);
}

/** TBB, TBH: pc + twice the entry. */
function tableBranch(t: Lifter, f: Fields<'n' | 'm'>, half: boolean): void {
  const { b } = t;
  const entry = half
    ? b.load(Op.Load16U, t.reg(f.n), b.shl(f.m, konst(1)), undefined, t.strict)
    : b.load(Op.Load8U, t.reg(f.n), f.m);
  t.exitTo(b.add(konst(t.pc), b.shl(entry, konst(1))), ExitKind.Jump);
}

/** A move from lr to pc is a return. */
const kindOf = (m: number): ExitKind => (m === SLOT.LR ? ExitKind.Return : ExitKind.Jump);

const last = { it: 'last' } as const;
const lastGuarded = { it: 'last', guarded: true } as const;
const never = { it: 'never' } as const;
const always = [{ c: 14 }, { c: 15 }];

export const branch: readonly Row[] = [
  row('01000100 1 mmmm 111', 'add{c} {addPc}', (t, f) => t.branchTo(t.b.add(konst(t.pc), t.reg(f.m))), {
    notPc: 'm',
    ...last,
  }),
  row('01000110 1 mmmm 111', 'mov{c} pc, {Rm}', (t, f) => t.branchTo(t.reg(f.m), kindOf(f.m)), last),
  row('010001110 mmmm zzz', 'bx{c} {Rm}', (t, f) => t.exitTo(t.interworking(f.m), kindOf(f.m)), {
    notPc: 'm',
    ...lastGuarded,
  }),
  row(
    '010001111 mmmm zzz',
    'blx{c} {Rm}',
    (t, f) => {
      const target = t.interworking(f.m);
      t.b.mov(SLOT.LR, konst(t.b.next | 1));
      t.exitTo(target, ExitKind.Call);
    },
    { notPc: 'm', ...lastGuarded },
  ),
  row('1011 0 0 i 1 iiiii nnn', 'cbz {Rn}, {cbz}', (t, f) => t.branchIf(eq(f.n, konst(0)), t.pc + f.i * 2), never),
  row('1011 1 0 i 1 iiiii nnn', 'cbnz {Rn}, {cbz}', (t, f) => t.branchIf(ne(f.n, konst(0)), t.pc + f.i * 2), never),
  row('1101 cccc iiiiiiii', 'b{cc} {branch8}', (t, f) => branchOnFlags(t, f.c, signExtend(f.i, 8) * 2), {
    see: always,
    ...never,
  }),
  row('11100 iiiiiiiiiii', 'b{c} {branch11}', (t, f) => t.branch(t.pc + signExtend(f.i, 11) * 2), last),
  row(
    '11110 S cccc iiiiii 10 J 0 K iiiiiiiiiii',
    'b{cc}.w {branchConditional}',
    (t, f) => branchOnFlags(t, f.c, conditionalOffset(f)),
    { see: always, ...never },
  ),
  row('11110 S iiiiiiiiii 10 J 1 K iiiiiiiiiii', 'b{c}.w {branchLong}', (t, f) => t.branch(t.pc + longOffset(f)), last),
  row('11110 S iiiiiiiiii 11 J 1 K iiiiiiiiiii', 'bl{c} {branchLong}', (t, f) => t.call(t.pc + longOffset(f)), last),
  row('111010001101 nnnn yyyyzzzz 0000 mmmm', 'tbb{c} [{Rn}, {Rm}]', (t, f) => tableBranch(t, f, false), {
    general: 'm',
    unpredictable: (f) => f.n === 13,
    ...last,
  }),
  row('111010001101 nnnn yyyyzzzz 0001 mmmm', 'tbh{c} [{Rn}, {Rm}, lsl #1]', (t, f) => tableBranch(t, f, true), {
    general: 'm',
    unpredictable: (f) => f.n === 13,
    ...last,
  }),
];
