import { konst, Op, type Operand } from '@loadstone/cpu-core';
import { Shift } from './immediates.js';
import type { Lifter } from './lifter.js';
import { SLOT } from './slots.js';

/** A shifted register operand: its value, and how to write the shifter's carry out. */
export interface Shifted {
  readonly value: Operand;
  /** Writes the carry to C; nothing when the shift leaves C alone. Call it before register `m` changes. */
  readonly writeCarry: () => void;
}

const keepCarry = (): void => {};

/**
 * Shift_C of register `m` by a constant (ARMv7-M ARM A7.4.2, DecodeImmShift): `amount` 0 means 32 for LSR and ASR, and RRX
 * for ROR. C is read before anything is written.
 */
export function shiftByConstant(t: Lifter, m: Operand, kind: Shift, amount: number): Shifted {
  const { b } = t;
  const carryBit = (bit: number) => () => {
    if (bit === 0) b.and(m, konst(1), SLOT.C);
    else if (bit === 31) b.shr(m, konst(31), SLOT.C);
    else b.and(b.shr(m, konst(bit)), konst(1), SLOT.C);
  };
  switch (kind) {
    case Shift.Lsl:
      if (amount === 0) return { value: m, writeCarry: keepCarry };
      return { value: b.shl(m, konst(amount)), writeCarry: carryBit(32 - amount) };
    case Shift.Lsr:
      if (amount === 0) return { value: konst(0), writeCarry: carryBit(31) };
      return { value: b.shr(m, konst(amount)), writeCarry: carryBit(amount - 1) };
    case Shift.Asr:
      if (amount === 0) return { value: b.sar(m, konst(31)), writeCarry: carryBit(31) };
      return { value: b.sar(m, konst(amount)), writeCarry: carryBit(amount - 1) };
    default:
      if (amount === 0) return { value: b.funnel(SLOT.C, m, konst(1)), writeCarry: carryBit(0) };
      return { value: b.binary(Op.Ror, m, konst(amount)), writeCarry: carryBit(amount - 1) };
  }
}

/** The value alone, without preparing a carry. */
export function shiftValue(t: Lifter, m: Operand, kind: Shift, amount: number): Operand {
  if (kind === Shift.Lsr && amount === 0) return konst(0);
  return shiftByConstant(t, m, kind, amount).value;
}

/** Op that shifts by a register's low byte. */
function wideOp(kind: Shift): Op {
  return kind === Shift.Lsl ? Op.ShlWide : kind === Shift.Lsr ? Op.ShrWide : kind === Shift.Asr ? Op.SarWide : Op.Ror;
}

/** d = n shifted by the low byte of register `m`; `setFlags` writes N, Z and the carry (C stays for amount 0). */
export function shiftByRegister(t: Lifter, kind: Shift, d: number, n: number, m: number, setFlags: boolean): void {
  const { b } = t;
  if (!setFlags) {
    b.binary(wideOp(kind), n, m, d);
    return;
  }
  const amount = b.and(m, konst(0xff));
  const result = b.binary(wideOp(kind), n, m);
  // The last bit shifted out: shift by amount - 1, then take the edge bit; beyond 32 the wide shifts give the right 0 or sign.
  const before = b.sub(amount, konst(1));
  let carry: Operand;
  if (kind === Shift.Lsl) carry = b.shr(b.binary(Op.ShlWide, n, before), konst(31));
  else if (kind === Shift.Ror) carry = b.shr(result, konst(31));
  else carry = b.and(b.binary(wideOp(kind), n, before), konst(1));
  b.select(amount, carry, SLOT.C, SLOT.C);
  b.mov(d, result);
  b.flags(Op.FlagsNz, d);
}
