import {
  BlockBuilder,
  type Condition,
  ExitKind,
  eq,
  type FlagCondition,
  type Helper,
  konst,
  ne,
  Op,
  type Operand,
} from '@loadstone/cpu-core';
import { exceptions, type ThumbException } from './exceptions.js';
import { helperNumber } from './helpers/index.js';
import { ALWAYS, advance, isLast } from './it-state.js';
import type { Fields, Row } from './row.js';
import { SLOT, slots } from './slots.js';

/** Bit of the decode mode: CCR.UNALIGN_TRP is set. */
const MODE_UNALIGN_TRP = 0x100;
/** Bit of the decode mode: CCR.DIV_0_TRP is set. */
const MODE_DIV_0_TRP = 0x200;
/** Bit of the decode mode: CONTROL.FPCA is set. */
const MODE_FPCA = 0x400;
const ITSTATE_MASK = 0xff;

/**
 * What a row's meaning writes with: the micro-op builder `b`, and the rules every instruction shares: reading pc, writing sp,
 * branching, IT blocks.
 */
export class Lifter {
  b = new BlockBuilder(slots.length);
  /** The instruction's bits, the first half-word of a 32-bit one on top. */
  word = 0;
  private mode = 0;
  private left = false;
  private itStarted = 0;

  /**
   * Lifts one instruction, its IT condition included. The builder has begun it.
   * @returns the decode mode of the next instruction
   */
  instruction(row: Row, fields: Fields, word: number, mode: number): number {
    const itstate = mode & ITSTATE_MASK;
    this.word = word;
    this.mode = mode;
    this.left = false;
    this.itStarted = 0;
    if (isUnpredictable(row, fields, word) || this.itForbids(row)) this.raise('unpredictable-instruction', konst(word));
    else if (itstate === 0) row.lift(this, fields);
    else this.conditional(row, fields, itstate);
    if (row.isFloat && (mode & MODE_FPCA) === 0) {
      this.b.mov(SLOT.FPCA, konst(1));
      mode |= MODE_FPCA;
    }
    return (mode & ~ITSTATE_MASK) | (itstate === 0 ? this.itStarted : advance(itstate));
  }

  /** An instruction of an IT block. */
  private conditional(row: Row, fields: Fields, itstate: number): void {
    const { b } = this;
    const condition = itstate >>> 4;
    if (condition >= ALWAYS || row.it === 'unconditional') {
      row.lift(this, fields);
    } else if (row.guarded) {
      b.when(eq(b.flagTest(condition as FlagCondition), konst(0)), () => {
        this.leave();
        b.jump(b.next);
      });
      this.left = false;
      row.lift(this, fields);
    } else {
      b.when(ne(b.flagTest(condition as FlagCondition), konst(0)), () => row.lift(this, fields));
      this.left = false;
    }
    if (!this.left) b.mov(SLOT.ITSTATE, konst(advance(itstate)));
  }

  /** IT: starts a block. */
  startIt(itstate: number): void {
    this.b.mov(SLOT.ITSTATE, konst(itstate));
    this.itStarted = itstate;
  }

  /** An instruction that no row describes, or UDF. */
  undefined(word: number): void {
    this.raise('undefined-instruction', konst(word));
  }

  /** Whether the instruction stands in an IT block; 16-bit arithmetic then leaves the flags alone. */
  get inIt(): boolean {
    return (this.mode & ITSTATE_MASK) !== 0;
  }

  get trapsDivideByZero(): boolean {
    return (this.mode & MODE_DIV_0_TRP) !== 0;
  }

  /** Whether word and half-word accesses must be aligned. */
  get strict(): boolean {
    return (this.mode & MODE_UNALIGN_TRP) !== 0;
  }

  /** Address of this instruction + 4: what reading pc gives. */
  get pc(): number {
    return (this.b.pc + 4) >>> 0;
  }

  /** Align(PC, 4) */
  get alignedPc(): number {
    return (this.pc & ~3) >>> 0;
  }

  /** Reads register `n`, pc included. */
  reg(n: number): Operand {
    return n === 15 ? konst(this.pc) : n;
  }

  /** Writes register `d`, not pc: `value` gets the slot to write to. Bits 1 and 0 of sp stay 0. */
  set(d: number, value: (into: number) => Operand): void {
    if (d !== SLOT.SP) {
      value(d);
      return;
    }
    const t = this.b.temp();
    value(t);
    this.b.and(t, konst(~3), SLOT.SP);
  }

  /** Sets N and Z of `result`, and C when a carry is given. */
  flagsNz(result: Operand, carry?: Operand): void {
    this.b.flags(Op.FlagsNz, result);
    if (carry !== undefined) this.b.mov(SLOT.C, carry);
  }

  /** Calls a helper. */
  helper(helper: Helper, a?: Operand, b?: Operand, c?: Operand, into?: number): Operand {
    return this.b.helper(helperNumber(helper), a, b, c, into);
  }

  /** Sets Q when `overflow` is not 0: `overflow` must be 0 or 1. */
  setQ(overflow: Operand): void {
    this.b.or(SLOT.Q, overflow, SLOT.Q);
  }

  /** B: to a constant address. */
  branch(target: number): void {
    this.leave();
    this.b.jump(target & ~1);
  }

  /** Branches when a condition holds, else goes on. Only outside IT blocks. */
  branchIf(condition: Condition, target: number): void {
    this.b.jumpIf(condition, target & ~1);
  }

  /** BL: to a constant address. */
  call(target: number): void {
    this.b.mov(SLOT.LR, konst(this.b.next | 1));
    this.leave();
    this.b.jump(target & ~1, ExitKind.Call, this.b.next);
  }

  /** BranchWritePC: bit 0 is ignored. */
  branchTo(address: Operand, kind: ExitKind = ExitKind.Jump): void {
    const target = this.b.and(address, konst(~1));
    this.leave();
    this.b.jumpTo(target, kind);
  }

  /**
   * The check of BXWritePC and LoadWritePC: raises invalid-state when bit 0 of `address` is clear. Rows that use it are
   * `guarded`. Returns the address to go to, for {@link exitTo}.
   */
  interworking(address: Operand): Operand {
    const { b } = this;
    this.raiseIf(eq(b.and(address, konst(1)), konst(0)), 'invalid-state', address);
    return b.and(address, konst(~1));
  }

  /** Leaves for an address whose bit 0 is clear. */
  exitTo(target: Operand, kind: ExitKind): void {
    this.leave();
    this.b.jumpTo(target, kind, kind === ExitKind.Call ? this.b.next : 0);
  }

  /** Stops the run at this instruction. */
  raise(exception: ThumbException, argument: Operand): void {
    this.b.raise(exceptions.indexOf(exception), argument);
    this.left = true;
  }

  /** Stops the run at this instruction when a condition holds. Rows that use it are `guarded`. */
  raiseIf(condition: Condition, exception: ThumbException, argument: Operand): void {
    this.b.when(condition, () => this.raise(exception, argument));
    this.left = false;
  }

  /** Writes ITSTATE as the next instruction finds it; done before every exit. */
  private leave(): void {
    const itstate = this.mode & ITSTATE_MASK;
    if (itstate !== 0) this.b.mov(SLOT.ITSTATE, konst(advance(itstate)));
    this.left = true;
  }

  /** Whether the row may not stand at this place of an IT block. */
  private itForbids(row: Row): boolean {
    const itstate = this.mode & ITSTATE_MASK;
    if (itstate === 0 || row.it === undefined) return false;
    return row.it === 'never' || (row.it === 'last' && !isLast(itstate));
  }
}

/** Whether the manual calls the encoding UNPREDICTABLE. */
export function isUnpredictable(row: Row, fields: Fields, word: number): boolean {
  if ((word & row.shouldBeZero) !== 0 || (word & row.shouldBeOne) !== row.shouldBeOne) return true;
  const { general, notPc } = row;
  for (let i = 0; i < general.length; i++) if (fields[general[i]] === 13 || fields[general[i]] === 15) return true;
  for (let i = 0; i < notPc.length; i++) if (fields[notPc[i]] === 15) return true;
  return row.unpredictable?.(fields) === true;
}
