import { FlagCondition } from '../ir.js';
import { Fused } from './fused-operations.js';
import { I } from './operations.js';

const { Eq, Ne } = FlagCondition;

/**
 * Operations, and what often stands behind them in code of any kind: each pair has an opcode of its own in the generated interpreter. More
 * of them cost more than they save: V8 allocates registers in a simpler way for functions with more than 8192 virtual registers.
 */
const OFTEN: readonly (readonly [first: number, seconds: readonly number[]])[] = [
  [I.MovS, [I.MovS, I.MovK, I.AddSS, I.AddSK, I.AndSK, I.FlagsNz, I.Load32, I.Jump]],
  [I.MovK, [I.MovK, I.MovS, I.FlagsNz, I.Jump]],
  [I.AddSK, [I.AddSK, I.MovS, I.MovK, I.Load8U, I.Store8, I.Store32, I.FlagsSubSK, I.FlagsSubSS, I.Jump]],
  [I.AddSK, [Fused.CompareJumpSS + Eq, Fused.CompareJumpSS + Ne, Fused.CompareJumpSK + Eq, Fused.CompareJumpSK + Ne]],
  [I.AddSS, [I.AddSS, I.MovS, I.AddSK, Fused.JumpOnFlags + Ne]],
  [I.SubSS, [I.MovS]],
  [I.MulSS, [I.AddSS, I.SubSS]],
  [I.ShlSK, [I.AddSK, I.MovS, I.ShrSK, I.Load32Indexed, I.Store32Indexed]],
  [I.ShrSK, [I.AndSK, I.MovS, I.ShrSK]],
  [I.AndSK, [I.MovS, I.ShlSK, I.FlagsNz, I.JumpTo]],
  [I.FlagsNz, [Fused.WhenFlags + Eq, Fused.WhenFlags + Ne]],
  [Fused.SubFlagsSK, [Fused.JumpOnFlags + Eq, Fused.JumpOnFlags + Ne]],
  [I.Load8U, [I.AddSK]],
  [I.Load32, [I.AddSK, I.MovS]],
  [I.Store8, [I.AddSK]],
  [I.Store32, [I.AddSK]],
];

export const PAIRS: readonly (readonly [opcode: number, first: number, second: number])[] = OFTEN.flatMap(
  ([first, seconds]) => seconds.map((second) => [first, second] as const),
).map(([first, second], i) => [Fused.End + i, first, second]);

/** Behind the last opcode. */
export const OPCODES = Fused.End + PAIRS.length;

const byParts = new Map(PAIRS.map(([opcode, first, second]) => [first * OPCODES + second, opcode]));
const firstOf = new Map(PAIRS.map(([opcode, first]) => [opcode, first]));

/** The opcode for two operations in a row, if they have one. */
export function pairOf(first: number, second: number): number | undefined {
  return byParts.get(first * OPCODES + second);
}

/** The opcode that stood there before it became one of a pair. */
export function withoutPair(opcode: number): number {
  return firstOf.get(opcode) ?? opcode;
}
