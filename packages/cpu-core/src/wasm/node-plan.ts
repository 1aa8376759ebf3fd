import type { Architecture } from '../architecture.js';
import { Cc, CONST_BASE, FlagCondition, isConst, Op, type Operand } from '../ir.js';
import type { GraphNode, MicroOp } from './graph.js';
import { FlagBit, type SlotUse } from './slots.js';
import { isConstant, V, type Value, Values } from './values.js';

/** Something a node does in order: it touches memory, may leave, or has a result that no expression gives. */
export interface Effect {
  readonly micro: MicroOp;
  /** Memory: address = base + offset. The base is a constant when the address is. Others: unused. */
  readonly base: Value;
  readonly offset: number;
  /** Values stored; operands of float ops and helpers. */
  readonly operands: readonly Value[];
  /** Values it defines, as many as it loads. */
  readonly results: readonly Value[];
  /** State at the start of its instruction: a position in the log of writes. */
  readonly mark: number;
}

/** A slot and the value that it gets. */
export interface Write {
  readonly slot: number;
  readonly value: Value;
}

/** A node as expressions: effects in order, and what each slot holds at the end. */
export class NodePlan {
  readonly values: Values;
  readonly effects: Effect[] = [];
  /** Number of the first effect that belongs to an instruction which begins in this node; that instruction's address and log. */
  boundary = 0;
  boundaryPc: number;
  boundaryMark = 0;
  boundaryDone = 0;

  private readonly env: (Value | undefined)[];
  /** Writes since the start of the first plan of the row. */
  private readonly log: Write[];
  /** Condition under which the current micro-ops take effect. */
  private condition: Value | undefined;
  private mark = 0;
  /** The last answer of `written`. */
  private lastMark = -1;
  private lastWrites: readonly Write[] = [];
  /** Whether it calls a helper: the state goes to memory there, and what is restored later must go again. */
  private callsHost: boolean;

  /**
   * @param pendingIn flags known to be pending at its start (`FlagBit`), or -1
   * @param before plan of the only node that leads here: values and slots go on where it ended
   */
  constructor(
    private readonly architecture: Architecture,
    private readonly use: SlotUse,
    readonly node: GraphNode,
    pendingIn: number,
    readonly before?: NodePlan,
  ) {
    this.values = before?.values ?? new Values();
    this.env = before?.env.slice() ?? [];
    this.log = before?.log.slice() ?? [];
    this.callsHost = before?.callsHost ?? false;
    this.boundaryPc = node.pc;
    this.boundaryMark = this.mark = this.log.length;
    if (before === undefined && use.pending !== undefined && pendingIn >= 0) {
      this.env[use.pending.which] = this.values.constant(pendingIn);
    }
    let done = -1;
    let bounded = node.atStart;
    for (const op of node.ops) {
      if (op.done !== done) {
        done = op.done;
        this.mark = this.log.length;
        if (!bounded && op.done > 0) {
          bounded = true;
          this.boundary = this.effects.length;
          this.boundaryPc = op.pc;
          this.boundaryMark = this.mark;
          this.boundaryDone = op.done;
        }
      }
      this.execute(op);
    }
    if (!bounded) this.boundary = this.effects.length;
  }

  /** Value of `slot` at the end. */
  get(slot: number): Value {
    const bit = this.use.flagBit(slot);
    const { pending } = this.use;
    if (bit === 0 || pending === undefined) return this.own(slot);
    const { values } = this;
    const isPending = values.binary(Op.And, this.own(pending.which), values.constant(bit));
    return values.select(isPending, this.pendingFlag(bit, this.own(pending.a), this.own(pending.b)), this.own(slot));
  }

  /** What a slot itself holds at the end: an old flag, when it is pending. */
  private own(slot: number): Value {
    return this.env[slot] ?? this.values.slot(slot);
  }

  /** A flag of a - b. */
  private pendingFlag(bit: number, a: Value, b: Value): Value {
    const { values } = this;
    if (bit === FlagBit.C) return values.compare(Cc.GeU, a, b);
    const result = values.binary(Op.Sub, a, b);
    return bit === FlagBit.V ? values.flag(V.OverflowSub, a, b, result) : result;
  }

  operand(operand: Operand): Value {
    if (isConst(operand)) return this.values.constant(operand - CONST_BASE);
    const value = this.get(operand);
    return this.condition === undefined ? value : this.values.under(this.condition, value, true);
  }

  /** Position in the log of writes behind the last one. */
  get end(): number {
    return this.log.length;
  }

  /** Slots written before `mark`, with their values then. */
  written(mark: number): readonly Write[] {
    if (mark === this.lastMark) return this.lastWrites;
    const latest = new Map<number, Write>();
    for (let i = 0; i < mark; i++) latest.set(this.log[i].slot, this.log[i]);
    const writes: Write[] = [];
    latest.forEach((write) => {
      if (this.callsHost || write.value !== this.values.slot(write.slot)) writes.push(write);
    });
    this.lastMark = mark;
    this.lastWrites = writes;
    return writes;
  }

  private put(slot: number, written: Value): void {
    const { condition, values } = this;
    const value = condition === undefined ? written : values.select(condition, written, this.own(slot));
    this.env[slot] = value;
    this.log.push({ slot, value });
    const bit = this.use.flagBit(slot);
    const { pending } = this.use;
    if (bit === 0 || pending === undefined) return;
    this.put(pending.which, values.binary(Op.And, this.own(pending.which), values.constant(~bit)));
  }

  /** What a slot holds does not matter any more: nothing is computed for it. */
  private forget(slot: number): void {
    const value = this.values.slot(slot);
    if (this.own(slot) === value) return;
    this.env[slot] = value;
    this.log.push({ slot, value });
  }

  private execute(op: MicroOp): void {
    const { values } = this;
    switch (op.op) {
      case Op.When:
        this.condition = values.compare(op.detail as Cc, this.operand(op.a), this.operand(op.b));
        return;
      case Op.End:
        this.condition = undefined;
        return;
      case Op.Mov:
        return this.put(op.d, this.operand(op.a));
      case Op.Set:
        return this.put(op.d, values.compare(op.detail as Cc, this.operand(op.a), this.operand(op.b)));
      case Op.Select:
        return this.put(op.d, values.select(this.operand(op.c), this.operand(op.a), this.operand(op.b)));
      case Op.Funnel:
        return this.put(op.d, values.funnel(this.operand(op.a), this.operand(op.b), this.operand(op.c)));
      case Op.Clz:
      case Op.ReverseBits:
      case Op.ReverseBytes:
      case Op.ReverseBytes16:
      case Op.SignExtend8:
      case Op.SignExtend16:
      case Op.ZeroExtend8:
      case Op.ZeroExtend16:
        return this.put(op.d, values.unary(op.op, this.operand(op.a)));
      case Op.FlagsAdd:
      case Op.FlagsAdc:
      case Op.FlagsSub:
      case Op.FlagsSbc:
      case Op.FlagsNz:
        return this.setFlags(op.op, this.operand(op.a), this.operand(op.b));
      case Op.FlagTest:
        return this.put(op.d, this.flagTest(op.detail as FlagCondition));
      case Op.Load8U:
      case Op.Load8S:
      case Op.Load16U:
      case Op.Load16S:
      case Op.Load32: {
        const [result] = this.effect(op, values.binary(Op.Add, this.operand(op.a), this.operand(op.b)), [], 1);
        return this.put(op.d, result);
      }
      case Op.Store8:
      case Op.Store16:
      case Op.Store32:
        this.effect(op, values.binary(Op.Add, this.operand(op.a), this.operand(op.b)), [this.operand(op.c)], 0);
        return;
      case Op.LoadMany: {
        const results = this.effect(op, this.operand(op.a), [], op.list.length);
        op.list.forEach((slot, i) => {
          this.put(slot, results[i]);
        });
        return;
      }
      case Op.StoreMany:
        this.effect(
          op,
          this.operand(op.a),
          op.list.map((slot) => this.get(slot)),
          0,
        );
        return;
      case Op.FloatAdd:
      case Op.FloatSub:
      case Op.FloatMul:
      case Op.FloatDiv:
        return this.float(op, [this.operand(op.a), this.operand(op.b)]);
      case Op.FloatSqrt:
        return this.float(op, [this.operand(op.a)]);
      case Op.FloatMulAdd:
      case Op.FloatMulSub:
      case Op.Helper:
        return this.float(op, [this.operand(op.a), this.operand(op.b), this.operand(op.c)]);
      default:
        return this.put(op.d, values.binary(op.op, this.operand(op.a), this.operand(op.b)));
    }
  }

  private float(op: MicroOp, operands: readonly Value[]): void {
    // The rounding mode and the like are looked at as well: `base` holds the control word.
    this.callsHost = true;
    const { float } = this.architecture;
    const control = op.op === Op.Helper || float === undefined ? this.values.constant(0) : this.get(float.plain.slot);
    const [result] = this.effect(op, control, operands, 1);
    this.put(op.d, result);
  }

  private effect(micro: MicroOp, address: Value, operands: readonly Value[], count: number): readonly Value[] {
    let base = address;
    let offset = 0;
    if (address.op === Op.Add && address.a && address.b && isConstant(address.b)) {
      base = address.a;
      offset = address.b.detail;
    }
    const results: Value[] = [];
    for (let i = 0; i < count; i++) results.push(this.values.result());
    this.effects.push({ micro, base, offset, operands, results, mark: this.mark });
    return results;
  }

  private setFlags(op: Op, a: Value, b: Value): void {
    const { flags } = this.architecture;
    const { pending } = this.use;
    if (flags === undefined || pending === undefined) return;
    const { values } = this;
    if (op === Op.FlagsSub) {
      if (this.condition === undefined) for (const slot of [flags.n, flags.z, flags.c, flags.v]) this.forget(slot);
      this.put(pending.a, a);
      this.put(pending.b, b);
      this.put(pending.which, values.constant(FlagBit.All));
      return;
    }
    const carry = op === Op.FlagsAdc || op === Op.FlagsSbc ? this.get(flags.c) : values.constant(0);
    let result = a;
    let c: Value | undefined;
    let v: Value | undefined;
    switch (op) {
      case Op.FlagsAdd:
        result = values.binary(Op.Add, a, b);
        c = values.flag(V.CarryAdd, a, b, result);
        v = values.flag(V.OverflowAdd, a, b, result);
        break;
      case Op.FlagsAdc:
        result = values.binary(Op.Add, values.binary(Op.Add, a, b), carry);
        c = values.flag(V.CarryAdc, a, b, carry);
        v = values.flag(V.OverflowAdd, a, b, result);
        break;
      case Op.FlagsSbc:
        result = values.binary(Op.Sub, values.binary(Op.Sub, a, b), values.compare(Cc.Eq, carry, values.constant(0)));
        c = values.flag(V.CarrySbc, a, b, carry);
        v = values.flag(V.OverflowSub, a, b, result);
        break;
      default:
    }
    this.put(flags.n, result);
    this.put(flags.z, result);
    if (c === undefined || v === undefined) return;
    this.put(flags.c, c);
    this.put(flags.v, v);
  }

  private flagTest(condition: FlagCondition): Value {
    const { flags } = this.architecture;
    const { values } = this;
    const zero = values.constant(0);
    if (flags === undefined) return zero;
    const { pending } = this.use;
    const comparison = COMPARISONS[condition];
    if (pending !== undefined && comparison !== undefined) {
      const which = this.own(pending.which);
      if (isConstant(which) && which.detail === FlagBit.All)
        return values.compare(comparison, this.own(pending.a), this.own(pending.b));
    }
    const [n, z, c, v] = [this.get(flags.n), this.get(flags.z), this.get(flags.c), this.get(flags.v)];
    const notZero = values.compare(Cc.Ne, z, zero);
    const sign = values.binary(Op.Xor, n, v);
    switch (condition) {
      case FlagCondition.Eq:
        return values.compare(Cc.Eq, z, zero);
      case FlagCondition.Ne:
        return notZero;
      case FlagCondition.Cs:
        return c;
      case FlagCondition.Cc:
        return values.compare(Cc.Eq, c, zero);
      case FlagCondition.Mi:
        return values.compare(Cc.LtS, n, zero);
      case FlagCondition.Pl:
        return values.compare(Cc.GeS, n, zero);
      case FlagCondition.Vs:
        return values.compare(Cc.LtS, v, zero);
      case FlagCondition.Vc:
        return values.compare(Cc.GeS, v, zero);
      case FlagCondition.Hi:
        return values.binary(Op.And, c, notZero);
      case FlagCondition.Ls:
        return values.compare(Cc.Eq, values.binary(Op.And, c, notZero), zero);
      case FlagCondition.Ge:
        return values.compare(Cc.GeS, sign, zero);
      case FlagCondition.Lt:
        return values.compare(Cc.LtS, sign, zero);
      case FlagCondition.Gt:
        return values.binary(Op.And, notZero, values.compare(Cc.GeS, sign, zero));
      default:
        return values.compare(Cc.Eq, values.binary(Op.And, notZero, values.compare(Cc.GeS, sign, zero)), zero);
    }
  }
}

/** Flag conditions behind a - b that compare a and b. */
const COMPARISONS: { readonly [condition: number]: Cc } = {
  [FlagCondition.Eq]: Cc.Eq,
  [FlagCondition.Ne]: Cc.Ne,
  [FlagCondition.Cs]: Cc.GeU,
  [FlagCondition.Cc]: Cc.LtU,
  [FlagCondition.Hi]: Cc.GtU,
  [FlagCondition.Ls]: Cc.LeU,
  [FlagCondition.Ge]: Cc.GeS,
  [FlagCondition.Lt]: Cc.LtS,
  [FlagCondition.Gt]: Cc.GtS,
  [FlagCondition.Le]: Cc.LeS,
};
