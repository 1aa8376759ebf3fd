import { Op } from '../ir.js';
import { I } from './operations.js';

/** Flag conditions: Eq to Le. */
const CONDITIONS = 14;

/** Shifts by a constant that an operation may apply to its second operand, and the operations: in this order in the opcodes. */
export const SHIFTS: readonly Op[] = [Op.Shl, Op.Shr, Op.Sar, Op.Ror];
export const SHIFTED: readonly Op[] = [Op.Add, Op.Sub, Op.And, Op.Or, Op.Xor, Op.AndNot];

const SHIFTED_OPCODES = 4 * 6;

/**
 * Opcodes that stand for several micro-ops in a row, in the program of the generated interpreter only. Fields and words are as those of
 * the operations of `run.ts`; SS, SK: the second operand is a slot, or the constant in the next word. A flag condition is added to the
 * opcode where the name says so.
 */
export const Fused = {
  /** ip: jumps when the flag condition holds; D is the count */
  JumpOnFlags: I.Count,
  /** ip: goes on at ip unless the flag condition holds */
  WhenFlags: I.Count + CONDITIONS,
  /** [k] ip: flags of a - b, then JumpOnFlags */
  CompareJumpSS: I.Count + 2 * CONDITIONS,
  CompareJumpSK: I.Count + 3 * CONDITIONS,
  /** ip: N and Z of a, then JumpOnFlags for Eq, Ne, Mi, Pl */
  TestJump: I.Count + 4 * CONDITIONS,
  /** k ip: jumps when a & k is 0, is not 0; D is the count */
  BitsJumpEq: I.Count + 4 * CONDITIONS + 4,
  BitsJumpNe: I.Count + 4 * CONDITIONS + 5,
  /** k ip: goes on at ip unless a & k is 0, is not 0 */
  BitsWhenEq: I.Count + 4 * CONDITIONS + 6,
  BitsWhenNe: I.Count + 4 * CONDITIONS + 7,
  /** d = a + b, a - b, and its flags */
  AddFlagsSS: I.Count + 4 * CONDITIONS + 8,
  AddFlagsSK: I.Count + 4 * CONDITIONS + 9,
  SubFlagsSS: I.Count + 4 * CONDITIONS + 10,
  SubFlagsSK: I.Count + 4 * CONDITIONS + 11,
  /** k: d = a OP (b SHIFT k); plus the number in SHIFTED and SHIFTED.length times the number in SHIFTS */
  Shifted: I.Count + 4 * CONDITIONS + 12,
  /** k: d = (a SHIFT k) - b; plus the number in SHIFTS */
  ShiftedSub: I.Count + 4 * CONDITIONS + 12 + SHIFTED_OPCODES,
  /** Behind the last. */
  End: I.Count + 4 * CONDITIONS + 16 + SHIFTED_OPCODES,
} as const;
