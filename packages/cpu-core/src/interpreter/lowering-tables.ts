import { Cc, Op } from '../ir.js';
import { I } from './operations.js';

/** Opcode for two slots, for slot and constant (-1: none), and whether the operands may be swapped. */
export interface BinaryRow {
  readonly slots: I;
  readonly constant: I | -1;
  readonly commutes: boolean;
}

export const BINARY: { readonly [op: number]: BinaryRow } = {
  [Op.Add]: { slots: I.AddSS, constant: I.AddSK, commutes: true },
  [Op.Sub]: { slots: I.SubSS, constant: -1, commutes: false },
  [Op.And]: { slots: I.AndSS, constant: I.AndSK, commutes: true },
  [Op.Or]: { slots: I.OrSS, constant: I.OrSK, commutes: true },
  [Op.Xor]: { slots: I.XorSS, constant: I.XorSK, commutes: true },
  [Op.AndNot]: { slots: I.AndNotSS, constant: -1, commutes: false },
  [Op.Shl]: { slots: I.ShlSS, constant: I.ShlSK, commutes: false },
  [Op.Shr]: { slots: I.ShrSS, constant: I.ShrSK, commutes: false },
  [Op.Sar]: { slots: I.SarSS, constant: I.SarSK, commutes: false },
  [Op.Ror]: { slots: I.RorSS, constant: I.RorSK, commutes: false },
  [Op.ShlWide]: { slots: I.ShlWide, constant: -1, commutes: false },
  [Op.ShrWide]: { slots: I.ShrWide, constant: -1, commutes: false },
  [Op.SarWide]: { slots: I.SarWide, constant: -1, commutes: false },
  [Op.Mul]: { slots: I.MulSS, constant: -1, commutes: true },
  [Op.MulHighS]: { slots: I.MulHighS, constant: -1, commutes: true },
  [Op.MulHighU]: { slots: I.MulHighU, constant: -1, commutes: true },
  [Op.DivS]: { slots: I.DivS, constant: -1, commutes: false },
  [Op.DivU]: { slots: I.DivU, constant: -1, commutes: false },
  [Op.RemS]: { slots: I.RemS, constant: -1, commutes: false },
  [Op.RemU]: { slots: I.RemU, constant: -1, commutes: false },
  [Op.MinS]: { slots: I.MinS, constant: -1, commutes: true },
  [Op.MaxS]: { slots: I.MaxS, constant: -1, commutes: true },
  [Op.MinU]: { slots: I.MinU, constant: -1, commutes: true },
  [Op.MaxU]: { slots: I.MaxU, constant: -1, commutes: true },
  [Op.FloatAdd]: { slots: I.FloatAdd, constant: -1, commutes: false },
  [Op.FloatSub]: { slots: I.FloatSub, constant: -1, commutes: false },
  [Op.FloatMul]: { slots: I.FloatMul, constant: -1, commutes: false },
  [Op.FloatDiv]: { slots: I.FloatDiv, constant: -1, commutes: false },
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
export const MEMORY: { readonly [op: number]: { readonly offset: I; readonly indexed: I } } = {
  [Op.Load8U]: { offset: I.Load8U, indexed: I.Load8UIndexed },
  [Op.Load8S]: { offset: I.Load8S, indexed: I.Load8SIndexed },
  [Op.Load16U]: { offset: I.Load16U, indexed: I.Load16UIndexed },
  [Op.Load16S]: { offset: I.Load16S, indexed: I.Load16SIndexed },
  [Op.Load32]: { offset: I.Load32, indexed: I.Load32Indexed },
  [Op.Store8]: { offset: I.Store8, indexed: I.Store8Indexed },
  [Op.Store16]: { offset: I.Store16, indexed: I.Store16Indexed },
  [Op.Store32]: { offset: I.Store32, indexed: I.Store32Indexed },
};

/** The condition that holds for (b, a) when the given one holds for (a, b). */
export const MIRRORED = [Cc.Eq, Cc.Ne, Cc.GtS, Cc.LeS, Cc.GtU, Cc.LeU, Cc.GeS, Cc.LtS, Cc.GeU, Cc.LtU] as const;

/** Conditions after Eq ... GeU stand in the same order in every group of opcodes; six with two slots, six with a constant. */
export const CONDITIONS = 6;
