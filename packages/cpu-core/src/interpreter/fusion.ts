import {
  type Block,
  Cc,
  CONST_A,
  CONST_B,
  CONST_C,
  DETAIL_SHIFT,
  FlagCondition,
  OP_STRIDE,
  OPCODE_MASK,
  Op,
} from '../ir.js';
import type { DeadWrites } from './dead-writes.js';
import { Fused, SHIFTED, SHIFTS } from './fused-operations.js';

/** The operands of FlagTest conditions that depend on N and Z only, in the order of TestJump. */
const TESTS: readonly FlagCondition[] = [FlagCondition.Eq, FlagCondition.Ne, FlagCondition.Mi, FlagCondition.Pl];

/** What a fused operation does behind its arithmetic. */
export type FusedExit = 'none' | 'jump' | 'when';

/**
 * Recognises micro-ops in a row that one operation of the generated interpreter does. A temporary between them is not written: it
 * must not be read again in its instruction.
 */
export class Fusion {
  /** The operation found last: how many micro-ops, opcode, slots, the constant, if any, and the target of a jump. */
  used = 0;
  op = 0;
  d = 0;
  a = 0;
  b = 0;
  constant: number | undefined;
  exit: FusedExit = 'none';
  target = 0;

  private ops: Block['ops'] = new Int32Array(0);
  private live: readonly number[] = [];
  private owners: readonly number[] = [];
  private stops: DeadWrites['stops'] = new Uint8Array(0);
  private lists: Block['lists'] = [];

  /** @param firstTemporary slot of the first temporary */
  constructor(private readonly firstTemporary: number) {}

  /**
   * @param live indices of the micro-ops that run
   * @param owners instruction of each of them
   * @param stops 1 for instructions behind which a run may stop: nothing behind them is fused with them
   */
  begin(block: Block, live: readonly number[], owners: readonly number[], stops: DeadWrites['stops']): void {
    this.ops = block.ops;
    this.lists = block.lists;
    this.live = live;
    this.owners = owners;
    this.stops = stops;
  }

  /** Looks for a fused operation at number `i` of the live micro-ops. */
  find(i: number): boolean {
    this.constant = undefined;
    this.exit = 'none';
    this.d = 0;
    this.b = 0;
    switch (this.opAt(i)) {
      case Op.FlagTest:
        return this.branchOnTest(i, i + 1, Fused.JumpOnFlags, Fused.WhenFlags);
      case Op.FlagsSub:
        return this.compareAndJump(i) || this.withFlags(i, Op.Sub, Fused.SubFlagsSS);
      case Op.FlagsAdd:
        return this.withFlags(i, Op.Add, Fused.AddFlagsSS);
      case Op.FlagsNz:
        return this.testAndJump(i);
      case Op.And:
        return this.bits(i);
      case Op.Shl:
      case Op.Shr:
      case Op.Sar:
      case Op.Ror:
        return this.shifted(i);
      default:
        return false;
    }
  }

  private opAt(i: number): Op {
    return i < this.live.length ? this.ops[this.live[i] * OP_STRIDE] & OPCODE_MASK : Op.Count;
  }

  private at(i: number): number {
    return this.live[i] * OP_STRIDE;
  }

  /** Whether micro-ops i and i + 1 may be one: nothing stops between them. */
  private isJoined(i: number): boolean {
    const { owners } = this;
    return i + 1 < owners.length && (owners[i] === owners[i + 1] || this.stops[owners[i]] === 0);
  }

  /** Whether `slot` is a temporary that no micro-op behind number i of the same instruction reads. */
  private isSpent(i: number, slot: number): boolean {
    if (slot < this.firstTemporary) return false;
    const { ops, owners } = this;
    for (let j = i + 1; j < owners.length && owners[j] === owners[i]; j++) {
      const at = this.at(j);
      const word = ops[at];
      if ((word & CONST_A) === 0 && ops[at + 2] === slot) return false;
      if ((word & CONST_B) === 0 && ops[at + 3] === slot) return false;
      if ((word & CONST_C) === 0 && ops[at + 4] === slot) return false;
      if ((word & OPCODE_MASK) === Op.StoreMany && this.lists[ops[at + 3]].includes(slot)) return false;
    }
    return true;
  }

  /** Whether number `i` is a JumpIf or When that asks whether `slot`, which is spent then, is 0 or not; sets `exit` and `target`. */
  private asksForZero(i: number, slot: number): Cc | undefined {
    const op = this.opAt(i);
    if (op !== Op.JumpIf && op !== Op.When) return undefined;
    const { ops } = this;
    const at = this.at(i);
    const cc: Cc = ops[at] >>> DETAIL_SHIFT;
    if (cc !== Cc.Eq && cc !== Cc.Ne) return undefined;
    if ((ops[at] & (CONST_A | CONST_B)) !== CONST_B || ops[at + 2] !== slot || ops[at + 3] !== 0) return undefined;
    if (!this.isSpent(i, slot)) return undefined;
    this.exit = op === Op.JumpIf ? 'jump' : 'when';
    this.target = ops[at + 4];
    return cc;
  }

  /** FlagTest at `test`, the first micro-op being number `i`, and a branch behind it. */
  private branchOnTest(i: number, branch: number, jump: number, when: number): boolean {
    const at = this.at(branch - 1);
    const cc = this.asksForZero(branch, this.ops[at + 1]);
    if (cc === undefined) return false;
    // Odd conditions are the opposite of the even ones before them.
    const condition = (this.ops[at] >>> DETAIL_SHIFT) ^ (cc === Cc.Eq ? 1 : 0);
    this.used = branch + 1 - i;
    this.op = (this.exit === 'jump' ? jump : when) + condition;
    return true;
  }

  private compareAndJump(i: number): boolean {
    const at = this.at(i);
    const word = this.ops[at];
    if ((word & CONST_A) !== 0 || this.opAt(i + 1) !== Op.FlagTest || this.opAt(i + 2) !== Op.JumpIf) return false;
    if (!this.isJoined(i)) return false;
    const withConstant = (word & CONST_B) !== 0;
    const first = withConstant ? Fused.CompareJumpSK : Fused.CompareJumpSS;
    if (!this.branchOnTest(i, i + 2, first, first)) return false;
    this.operands(at);
    return true;
  }

  private testAndJump(i: number): boolean {
    const at = this.at(i);
    if ((this.ops[at] & CONST_A) !== 0 || this.opAt(i + 1) !== Op.FlagTest || this.opAt(i + 2) !== Op.JumpIf) {
      return false;
    }
    if (!this.isJoined(i) || !this.branchOnTest(i, i + 2, 0, 0)) return false;
    const number = TESTS.indexOf(this.op);
    if (number < 0) return false;
    this.op = Fused.TestJump + number;
    this.a = this.ops[at + 2];
    return true;
  }

  /** Flags and value of the same sum or difference. */
  private withFlags(i: number, op: Op, first: number): boolean {
    if (this.opAt(i + 1) !== op || this.owners[i] !== this.owners[i + 1]) return false;
    const { ops } = this;
    const [at, next] = [this.at(i), this.at(i + 1)];
    const constants = ops[at] & (CONST_A | CONST_B);
    if ((constants & CONST_A) !== 0 || (ops[next] & (CONST_A | CONST_B)) !== constants) return false;
    if (ops[at + 2] !== ops[next + 2] || ops[at + 3] !== ops[next + 3]) return false;
    this.used = 2;
    this.op = constants === 0 ? first : first + 1;
    this.d = ops[next + 1];
    this.exit = 'none';
    this.operands(at);
    return true;
  }

  /** A value's bits under a mask, compared with 0. */
  private bits(i: number): boolean {
    const { ops } = this;
    const at = this.at(i);
    if ((ops[at] & (CONST_A | CONST_B)) !== CONST_B || this.owners[i] !== this.owners[i + 1]) return false;
    const cc = this.asksForZero(i + 1, ops[at + 1]);
    if (cc === undefined) return false;
    this.used = 2;
    this.op = (this.exit === 'jump' ? Fused.BitsJumpEq : Fused.BitsWhenEq) + (cc === Cc.Eq ? 0 : 1);
    this.operands(at);
    return true;
  }

  /** A value shifted by a constant as operand of the next micro-op. */
  private shifted(i: number): boolean {
    const { ops } = this;
    const [at, next] = [this.at(i), this.at(i + 1)];
    if ((ops[at] & (CONST_A | CONST_B)) !== CONST_B || this.owners[i] !== this.owners[i + 1]) return false;
    const number = SHIFTED.indexOf(this.opAt(i + 1));
    if (number < 0 || (ops[next] & (CONST_A | CONST_B)) !== 0) return false;
    const slot = ops[at + 1];
    const [a, b] = [ops[next + 2], ops[next + 3]];
    if (a === b || !this.isSpent(i + 1, slot)) return false;
    const shift = SHIFTS.indexOf(this.opAt(i));
    const op = SHIFTED[number];
    if (b === slot || (a === slot && op !== Op.Sub && op !== Op.AndNot)) {
      this.op = Fused.Shifted + SHIFTED.length * shift + number;
      this.a = b === slot ? a : b;
      this.b = ops[at + 2];
    } else if (a === slot && op === Op.Sub) {
      this.op = Fused.ShiftedSub + shift;
      this.a = ops[at + 2];
      this.b = b;
    } else return false;
    this.used = 2;
    this.d = ops[next + 1];
    this.constant = ops[at + 3];
    return true;
  }

  /** The slot in a, and the slot or constant in b. */
  private operands(at: number): void {
    this.a = this.ops[at + 2];
    if ((this.ops[at] & CONST_B) !== 0) this.constant = this.ops[at + 3];
    else this.b = this.ops[at + 3];
  }
}
