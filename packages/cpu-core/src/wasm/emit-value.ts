import { Cc, Op } from '../ir.js';
import { type FunctionBody, W } from './encoder.js';
import { LocalPool } from './local-pool.js';
import { pushReversedBits, pushReversedBytes, pushSwappedGroups } from './reversals.js';
import { V, type Value } from './values.js';

const SIMPLE: { readonly [op: number]: W } = {
  [Op.Add]: W.I32Add,
  [Op.Sub]: W.I32Sub,
  [Op.And]: W.I32And,
  [Op.Or]: W.I32Or,
  [Op.Xor]: W.I32Xor,
  [Op.Shl]: W.I32Shl,
  [Op.Shr]: W.I32ShrU,
  [Op.Sar]: W.I32ShrS,
  [Op.Ror]: W.I32Rotr,
  [Op.Mul]: W.I32Mul,
  [Op.Clz]: W.I32Clz,
  [Op.SignExtend8]: W.I32Extend8S,
  [Op.SignExtend16]: W.I32Extend16S,
};

const COMPARES: { readonly [cc: number]: W } = {
  [Cc.Eq]: W.I32Eq,
  [Cc.Ne]: W.I32Ne,
  [Cc.LtS]: W.I32LtS,
  [Cc.GeS]: W.I32GeS,
  [Cc.LtU]: W.I32LtU,
  [Cc.GeU]: W.I32GeU,
  [Cc.LeS]: W.I32LeS,
  [Cc.GtS]: W.I32GtS,
  [Cc.LeU]: W.I32LeU,
  [Cc.GtU]: W.I32GtU,
};

/** A value got a local for its word, or for its word as a float. */
export interface Kept {
  readonly value: Value;
  readonly form: 'local' | 'float';
  readonly local: number;
}

/** Writes values as instructions: each pushes one i32. */
export class ValueEmitter {
  private readonly floats: LocalPool;
  /** What was kept since `record` began. */
  private kept: Kept[] | undefined;
  private isAside = false;

  constructor(
    private readonly body: FunctionBody,
    private readonly pool: LocalPool,
    private readonly slotLocal: (slot: number) => number,
  ) {
    this.floats = new LocalPool(body, W.TypeF32);
  }

  /** A node begins: no local is in use. */
  reset(): void {
    this.pool.reset();
    this.floats.reset();
  }

  /** Pushes `value`. One that is used again is kept in a local. */
  push(value: Value): void {
    const { body } = this;
    if (value.op === V.Const) return body.i32(value.detail);
    if (value.op === V.Slot) return body.get(this.slotLocal(value.detail));
    if (value.local >= 0) return body.get(value.local);
    if (value.float >= 0) {
      body.get(value.float);
      body.op(W.I32ReinterpretF32);
      return;
    }
    if (value.op === V.Local) throw new RangeError('a result is used before its effect');
    this.compute(value);
    if (value.uses > 1 || this.isAside) body.tee(this.keep(value, 'local'));
  }

  /** Pushes the number whose bits `value` has, as an f32. */
  pushFloat(value: Value): void {
    const { body } = this;
    if (value.op === V.Const) return body.f32(value.detail);
    if (value.float >= 0) return body.get(value.float);
    this.push(value);
    body.op(W.F32ReinterpretI32);
    this.keepFloat(value);
  }

  /** Keeps the f32 on the stack, which stays there, as `value`. */
  keepFloat(value: Value): void {
    this.body.tee(this.keep(value, 'float'));
  }

  /** Takes the f32 from the stack as `value`. */
  setFloat(value: Value): void {
    this.body.set(this.keep(value, 'float'));
  }

  /** Makes sure that `value` needs no computing where it is used. */
  prepare(value: Value): void {
    if (value.op === V.Const || value.op === V.Slot || value.local >= 0 || value.op === V.Local) return;
    this.compute(value);
    this.body.set(this.keep(value, 'local'));
  }

  /** Writes code, and tells which values it keeps. */
  record(write: () => void): readonly Kept[] {
    const outer = this.kept;
    const kept: Kept[] = [];
    this.kept = kept;
    write();
    this.kept = outer;
    outer?.push(...kept);
    return kept;
  }

  /**
   * Writes code that may not run: what is computed in it is not known behind it.
   * @param unknown what was kept on the way here, but not on every way
   */
  aside(write: () => void, unknown: readonly Kept[] = []): void {
    const [pool, floats, outer] = [this.pool.mark, this.floats.mark, this.isAside];
    this.isAside = true;
    for (const { value, form } of unknown) value[form] = -1;
    const inside = this.record(write);
    for (const { value, form } of inside) value[form] = -1;
    for (const { value, form, local } of unknown) value[form] = local;
    this.isAside = outer;
    this.pool.release(pool);
    this.floats.release(floats);
  }

  /** Writes one of several ways on: what is computed in it is not known in the others. */
  way(write: () => void): void {
    const [pool, floats] = [this.pool.mark, this.floats.mark];
    for (const { value, form } of this.record(write)) value[form] = -1;
    this.pool.release(pool);
    this.floats.release(floats);
  }

  private keep(value: Value, form: 'local' | 'float'): number {
    const local = form === 'local' ? this.pool.take() : this.floats.take();
    value[form] = local;
    this.kept?.push({ value, form, local });
    return local;
  }

  /** Pushes 1 or 0 (or any number that is not 0) for use as a condition. */
  private compute(value: Value): void {
    const { body } = this;
    const { op, a, b } = value;
    if (op === V.Word) {
      body.i32(0);
      return body.memory(W.I32Load, value.detail, 2);
    }
    if (a === undefined) throw new RangeError(`value ${op} without operand`);
    const simple = SIMPLE[op];
    if (simple !== undefined) {
      this.push(a);
      if (b !== undefined) this.push(b);
      return body.op(simple);
    }
    if (op === V.Compare && b !== undefined) {
      this.push(a);
      if (b.op === V.Const && b.detail === 0 && value.detail === Cc.Eq) return body.op(W.I32Eqz);
      this.push(b);
      return body.op(COMPARES[value.detail]);
    }
    this.computeLong(value, a);
  }

  /** Values that take several instructions. */
  private computeLong({ op, b, c }: Value, a: Value): void {
    const { body } = this;
    switch (op) {
      case Op.ReverseBits:
        return pushReversedBits(body, this.copy(a));
      case Op.ReverseBytes:
        return pushReversedBytes(body, this.copy(a));
      case Op.ReverseBytes16:
        return pushSwappedGroups(body, this.copy(a), 0x00ff_00ff, 8);
      case Op.ZeroExtend8:
      case Op.ZeroExtend16:
        this.push(a);
        body.i32(op === Op.ZeroExtend8 ? 0xff : 0xffff);
        return body.op(W.I32And);
      default:
    }
    if (b === undefined) throw new RangeError(`value ${op} without second operand`);
    switch (op) {
      case Op.AndNot:
        this.push(a);
        this.push(b);
        body.i32(-1);
        body.op(W.I32Xor);
        return body.op(W.I32And);
      case Op.ShlWide:
      case Op.ShrWide:
        // (a shifted by b) masked with -((b & 0xff) < 32)
        this.prepare(b);
        this.push(a);
        this.push(b);
        body.op(op === Op.ShlWide ? W.I32Shl : W.I32ShrU);
        body.i32(0);
        this.push(b);
        body.i32(0xe0);
        body.op(W.I32And);
        body.op(W.I32Eqz);
        body.op(W.I32Sub);
        return body.op(W.I32And);
      case Op.SarWide:
        this.prepare(b);
        this.push(a);
        this.push(b);
        body.i32(31);
        this.push(b);
        body.i32(0xe0);
        body.op(W.I32And);
        body.op(W.I32Eqz);
        // select(b, 31, (b & 0xe0) == 0)
        body.op(W.Select);
        return body.op(W.I32ShrS);
      case Op.MulHighS:
      case Op.MulHighU: {
        const extend = op === Op.MulHighS ? W.I64ExtendI32S : W.I64ExtendI32U;
        this.push(a);
        body.op(extend);
        this.push(b);
        body.op(extend);
        body.op(W.I64Mul);
        body.i64(32);
        body.op(W.I64ShrU);
        return body.op(W.I32WrapI64);
      }
      case Op.DivS:
      case Op.DivU:
      case Op.RemS:
      case Op.RemU:
        return this.divide(op, a, b);
      case Op.MinS:
      case Op.MaxS:
      case Op.MinU:
      case Op.MaxU:
        this.prepare(a);
        this.prepare(b);
        this.push(a);
        this.push(b);
        this.push(a);
        this.push(b);
        body.op(op === Op.MinS ? W.I32LtS : op === Op.MaxS ? W.I32GtS : op === Op.MinU ? W.I32LtU : W.I32GtU);
        return body.op(W.Select);
      default:
    }
    if (c === undefined) throw new RangeError(`value ${op} without third operand`);
    switch (op) {
      case Op.Select:
        this.push(a);
        this.push(b);
        this.push(c);
        return body.op(W.Select);
      case Op.Funnel:
        // (a:b) >> (c & 0x3f)
        this.push(a);
        body.op(W.I64ExtendI32U);
        body.i64(32);
        body.op(W.I64Shl);
        this.push(b);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Or);
        this.push(c);
        body.op(W.I64ExtendI32U);
        body.op(W.I64ShrU);
        return body.op(W.I32WrapI64);
      case V.CarryAdd:
        this.push(c);
        this.push(a);
        return body.op(W.I32LtU);
      case V.CarryAdc:
        this.push(a);
        body.op(W.I64ExtendI32U);
        this.push(b);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Add);
        this.push(c);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Add);
        body.i64(32);
        body.op(W.I64ShrU);
        return body.op(W.I32WrapI64);
      case V.CarrySbc:
        // a >= b + !c in 64 bits: the borrow is the sign of a - b - !c
        this.push(a);
        body.op(W.I64ExtendI32U);
        this.push(b);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Sub);
        this.push(c);
        body.i32(1);
        body.op(W.I32Xor);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Sub);
        body.i64(63);
        body.op(W.I64ShrU);
        body.op(W.I32WrapI64);
        body.i32(1);
        return body.op(W.I32Xor);
      case V.OverflowAdd:
      case V.OverflowSub:
        this.prepare(a);
        this.push(a);
        this.push(op === V.OverflowAdd ? c : b);
        body.op(W.I32Xor);
        this.push(op === V.OverflowAdd ? b : a);
        this.push(c);
        body.op(W.I32Xor);
        return body.op(W.I32And);
      default:
        throw new RangeError(`value ${op} cannot be written`);
    }
  }

  /** x / 0 = 0, x % 0 = x, INT_MIN / -1 = INT_MIN: WebAssembly traps at the first and last. */
  private divide(op: Op, a: Value, b: Value): void {
    const { body } = this;
    const opcode = { [Op.DivS]: W.I32DivS, [Op.DivU]: W.I32DivU, [Op.RemS]: W.I32RemS, [Op.RemU]: W.I32RemU }[
      op as Op.DivS | Op.DivU | Op.RemS | Op.RemU
    ];
    const isQuotient = op === Op.DivS || op === Op.DivU;
    if (b.op === V.Const && b.detail !== 0 && b.detail !== -1) {
      this.push(a);
      this.push(b);
      return body.op(opcode);
    }
    this.prepare(a);
    this.prepare(b);
    if (op === Op.DivS || op === Op.RemS) {
      // b + 1 below 2 unsigned: b is 0 or -1.
      this.push(b);
      body.i32(1);
      body.op(W.I32Add);
      body.i32(2);
      body.op(W.I32LtU);
    } else {
      this.push(b);
      body.op(W.I32Eqz);
    }
    body.open(W.If, W.TypeI32);
    if (op === Op.DivS) {
      // 0 for b = 0, -a for b = -1
      this.push(a);
      this.push(b);
      body.op(W.I32Mul);
    } else if (op === Op.RemS) {
      // a for b = 0, 0 for b = -1: a & ~b
      this.push(a);
      this.push(b);
      body.i32(-1);
      body.op(W.I32Xor);
      body.op(W.I32And);
    } else if (isQuotient) {
      body.i32(0);
    } else {
      this.push(a);
    }
    body.op(W.Else);
    this.push(a);
    this.push(b);
    body.op(opcode);
    body.op(W.End);
  }

  /** A local of its own with the value. */
  private copy(a: Value): number {
    const local = this.pool.take();
    this.push(a);
    this.body.set(local);
    return local;
  }
}
