import type { Architecture } from '../architecture.js';
import { type Block, CONST_A, CONST_B, CONST_C, DETAIL_SHIFT, OP_STRIDE, OPCODE_MASK, Op } from '../ir.js';

/** Flags as a set. */
const N = 1;
const Z = 2;
const C = 4;
const V = 8;

/** Flags that each pair of flag conditions reads, by condition / 2. */
const TESTED = [Z, C, N, V, C | Z, N | V, N | Z | V] as const;

/**
 * Finds micro-ops whose result nobody sees: every slot they write is written again before it is read and before anything can stop. What
 * can stop: an exit, and the end of an instruction with a memory access or a helper with effects, behind which code may have changed.
 */
export class DeadWrites {
  /** 1 for each micro-op of the last block that need not run. */
  dead = new Uint8Array(256);
  /** 1 for each instruction of the last block that may stop, or be the last one that runs before code changes. */
  stops = new Uint8Array(64);

  /** 1 for each named slot that is written before it is seen. */
  private readonly unseen: Uint8Array;
  /** The same at the end of the conditional part that is looked at. */
  private readonly unseenAtEnd: Uint8Array;
  private readonly flags: readonly number[];

  constructor(private readonly architecture: Architecture) {
    const { slots, flags } = architecture;
    this.unseen = new Uint8Array(slots.length);
    this.unseenAtEnd = new Uint8Array(slots.length);
    this.flags = flags === undefined ? [] : [flags.n, flags.z, flags.c, flags.v];
  }

  /** Sets `dead` and `stops` for `block`. */
  find({ ops, starts, instructions }: Block): void {
    const count = ops.length / OP_STRIDE;
    if (this.dead.length < count) this.dead = new Uint8Array(2 * count);
    if (this.stops.length < instructions.length) this.stops = new Uint8Array(2 * instructions.length);
    const { dead, stops } = this;
    dead.fill(0, 0, count);
    this.seeAll();
    for (let i = instructions.length - 1; i >= 0; i--) {
      stops[i] = this.mayStop(ops, starts[i], starts[i + 1]) ? 1 : 0;
      if (stops[i] === 1) this.seeAll();
      for (let index = starts[i + 1] - 1; index >= starts[i]; index--) {
        if (this.visit(ops, index * OP_STRIDE)) dead[index] = 1;
      }
    }
  }

  /** Whether one of micro-ops [from, to) may stop. */
  private mayStop(ops: Int32Array, from: number, to: number): boolean {
    for (let index = from; index < to; index++) {
      const word = ops[index * OP_STRIDE];
      const op: Op = word & OPCODE_MASK;
      if (op >= Op.Load8U && op <= Op.StoreMany) return true;
      if (op === Op.Raise || op === Op.WindowEnter || op === Op.WindowLeave) return true;
      if (op === Op.Helper && !this.architecture.helpers[word >>> DETAIL_SHIFT].pure) return true;
    }
    return false;
  }

  /** Looks at a micro-op from behind; whether it is dead. */
  private visit(ops: Int32Array, at: number): boolean {
    const { unseen } = this;
    const word = ops[at];
    const op: Op = word & OPCODE_MASK;
    if (op === Op.End) {
      this.unseenAtEnd.set(unseen);
      return false;
    }
    if (op === Op.When) {
      // The part may be skipped: only what is unseen on both ways is.
      for (let slot = 0; slot < unseen.length; slot++) unseen[slot] &= this.unseenAtEnd[slot];
      this.readOperands(ops, at);
      return false;
    }
    if (op >= Op.FlagsAdd && op <= Op.FlagsNz) return this.visitFlags(ops, at, op);
    const isPureHelper = op === Op.Helper && this.architecture.helpers[word >>> DETAIL_SHIFT].pure;
    if (op > Op.Select && op !== Op.FlagTest && !isPureHelper) {
      this.seeAll();
      return false;
    }
    const d = ops[at + 1];
    if (d < unseen.length) {
      if (unseen[d] === 1) return true;
      unseen[d] = 1;
    }
    if (op === Op.FlagTest) this.readFlags(TESTED[(word >>> DETAIL_SHIFT) >> 1]);
    else this.readOperands(ops, at);
    return false;
  }

  private visitFlags(ops: Int32Array, at: number, op: Op): boolean {
    const { flags, unseen } = this;
    const written = op === Op.FlagsNz ? N | Z : N | Z | C | V;
    let isDead = true;
    for (let bit = 0; bit < flags.length; bit++) {
      if ((written & (1 << bit)) === 0 || unseen[flags[bit]] === 1) continue;
      unseen[flags[bit]] = 1;
      isDead = false;
    }
    if (isDead) return true;
    if (op === Op.FlagsAdc || op === Op.FlagsSbc) this.readFlags(C);
    this.readOperands(ops, at);
    return false;
  }

  private readOperands(ops: Int32Array, at: number): void {
    const word = ops[at];
    const { unseen } = this;
    if ((word & CONST_A) === 0 && ops[at + 2] < unseen.length) unseen[ops[at + 2]] = 0;
    if ((word & CONST_B) === 0 && ops[at + 3] < unseen.length) unseen[ops[at + 3]] = 0;
    if ((word & CONST_C) === 0 && ops[at + 4] < unseen.length) unseen[ops[at + 4]] = 0;
  }

  private readFlags(tested: number): void {
    const { flags, unseen } = this;
    for (let bit = 0; bit < flags.length; bit++) if ((tested & (1 << bit)) !== 0) unseen[flags[bit]] = 0;
  }

  private seeAll(): void {
    this.unseen.fill(0);
  }
}
