import { Cc, Op } from '../ir.js';
import { I } from './operations.js';

/** Opcode for two slots, for slot and constant (-1: none), and whether the operands may be swapped. */
export type BinaryRow = readonly [slots: I, constant: I | -1, commutes: boolean];

export const BINARY: { readonly [op: number]: BinaryRow } = {
  [Op.Add]: [I.AddSS, I.AddSK, true],
  [Op.Sub]: [I.SubSS, -1, false],
  [Op.And]: [I.AndSS, I.AndSK, true],
  [Op.Or]: [I.OrSS, I.OrSK, true],
  [Op.Xor]: [I.XorSS, I.XorSK, true],
  [Op.AndNot]: [I.AndNotSS, -1, false],
  [Op.Shl]: [I.ShlSS, I.ShlSK, false],
  [Op.Shr]: [I.ShrSS, I.ShrSK, false],
  [Op.Sar]: [I.SarSS, I.SarSK, false],
  [Op.Ror]: [I.RorSS, I.RorSK, false],
  [Op.ShlWide]: [I.ShlWide, -1, false],
  [Op.ShrWide]: [I.ShrWide, -1, false],
  [Op.SarWide]: [I.SarWide, -1, false],
  [Op.Mul]: [I.MulSS, -1, true],
  [Op.MulHighS]: [I.MulHighS, -1, true],
  [Op.MulHighU]: [I.MulHighU, -1, true],
  [Op.DivS]: [I.DivS, -1, false],
  [Op.DivU]: [I.DivU, -1, false],
  [Op.RemS]: [I.RemS, -1, false],
  [Op.RemU]: [I.RemU, -1, false],
  [Op.MinS]: [I.MinS, -1, true],
  [Op.MaxS]: [I.MaxS, -1, true],
  [Op.MinU]: [I.MinU, -1, true],
  [Op.MaxU]: [I.MaxU, -1, true],
  [Op.FloatAdd]: [I.FloatAdd, -1, false],
  [Op.FloatSub]: [I.FloatSub, -1, false],
  [Op.FloatMul]: [I.FloatMul, -1, false],
  [Op.FloatDiv]: [I.FloatDiv, -1, false],
};

export const UNARY: { readonly [op: number]: I } = {
  [Op.Clz]: I.Clz,
  [Op.ReverseBits]: I.ReverseBits,
  [Op.ReverseBytes]: I.ReverseBytes,
  [Op.ReverseBytes16]: I.ReverseBytes16,
  [Op.SignExtend8]: I.SignExtend8,
  [Op.SignExtend16]: I.SignExtend16,
  [Op.ZeroExtend8]: I.ZeroExtend8,
  [Op.ZeroExtend16]: I.ZeroExtend16,
  [Op.FloatSqrt]: I.FloatSqrt,
};

export const TERNARY: { readonly [op: number]: I } = {
  [Op.Funnel]: I.Funnel,
  [Op.Select]: I.Select,
  [Op.FloatMulAdd]: I.FloatMulAdd,
  [Op.FloatMulSub]: I.FloatMulSub,
};

/** Base + constant, base + index. */
export const MEMORY: { readonly [op: number]: readonly [offset: I, indexed: I] } = {
  [Op.Load8U]: [I.Load8U, I.Load8UIndexed],
  [Op.Load8S]: [I.Load8S, I.Load8SIndexed],
  [Op.Load16U]: [I.Load16U, I.Load16UIndexed],
  [Op.Load16S]: [I.Load16S, I.Load16SIndexed],
  [Op.Load32]: [I.Load32, I.Load32Indexed],
  [Op.Store8]: [I.Store8, I.Store8Indexed],
  [Op.Store16]: [I.Store16, I.Store16Indexed],
  [Op.Store32]: [I.Store32, I.Store32Indexed],
};

export const FLAGS: { readonly [op: number]: I } = {
  [Op.FlagsAdc]: I.FlagsAdcSS,
  [Op.FlagsSbc]: I.FlagsSbcSS,
};

/** The condition that holds for (b, a) when the given one holds for (a, b). */
export const MIRRORED = [Cc.Eq, Cc.Ne, Cc.GtS, Cc.LeS, Cc.GtU, Cc.LeU, Cc.GeS, Cc.LtS, Cc.GeU, Cc.LtU] as const;

/** Conditions after Eq ... GeU stand in the same order in every group of opcodes; six with two slots, six with a constant. */
export const CONDITIONS = 6;
