import { Op } from '../ir.js';
import { W } from './encoder.js';
import { ExitReason } from './layout.js';
import type { LocalPool } from './local-pool.js';
import type { NodeEmitter } from './node-emitter.js';
import type { Effect } from './node-plan.js';
import type { Value } from './values.js';

export function isFloat(op: Op): boolean {
  return op >= Op.FloatAdd && op <= Op.FloatMulSub;
}

const ARITHMETIC: { readonly [op: number]: W } = {
  [Op.FloatAdd]: W.F32Add,
  [Op.FloatSub]: W.F32Sub,
  [Op.FloatMul]: W.F32Mul,
  [Op.FloatDiv]: W.F32Div,
};

/** Magnitudes, as the bits of a number shifted out of their sign. */
const LEAST_NORMAL = 0x0080_0000 << 1;
const INFINITY = 0x7f80_0000 << 1;

/** Whether a result that is a number is exact when it is below the normal numbers: it raises no underflow. */
function isNeverTiny(op: Op): boolean {
  return op === Op.FloatAdd || op === Op.FloatSub || op === Op.FloatSqrt;
}

/**
 * Results that a later operation of the row takes up so that an infinity or NaN makes its own result one: that result is looked at. All do
 * but division, whose result can be 0 then.
 */
function resultsPassedOn(effects: readonly Effect[]): ReadonlySet<Value> {
  const values = new Set<Value>();
  for (const { micro, operands } of effects) {
    for (let i = 0; i < operands.length; i++) if (micro.op !== Op.FloatDiv || i === 0) values.add(operands[i]);
  }
  return values;
}

/** Writes float micro-ops as WebAssembly's own, in the simple case of the `FloatUnit`; everything else leaves. */
export class FloatEmitter {
  private sumLocal: number | undefined;

  constructor(private readonly pool: LocalPool) {}

  /**
   * Float operations in a row. Since they change nothing before the last one's result is known to be a simple case, all of them leave to
   * the first one.
   */
  operations(node: NodeEmitter, effects: readonly Effect[]): void {
    const { state, values, plan } = node;
    const { body } = state;
    const [{ base, mark, micro }] = effects;
    const { float } = state.architecture;
    if (float === undefined) throw new RangeError('float micro-op without a FloatUnit');
    node.prepareUsed(mark);
    const checksMode = plan.effects.find((e) => isFloat(e.micro.op) && e.base === base) === effects[0];
    node.guard(
      (fail) => {
        if (checksMode) {
          values.push(base);
          body.i32(float.plain.mask);
          body.op(W.I32And);
          body.i32(float.plain.value);
          body.op(W.I32Ne);
          fail();
        }
        const passedOn = resultsPassedOn(effects);
        for (const effect of effects) this.operation(node, effect, passedOn, fail);
      },
      mark,
      micro.pc,
      micro.done,
      ExitReason.Float,
    );
  }

  private operation(node: NodeEmitter, effect: Effect, passedOn: ReadonlySet<Value>, fail: () => void): void {
    const { state, values } = node;
    const { body } = state;
    const { micro, operands } = effect;
    const [result] = effect.results;
    const isPassedOn = passedOn.has(result);
    this.compute(node, micro.op, operands, fail);
    if (isNeverTiny(micro.op) && isPassedOn) {
      values.setFloat(result);
      return;
    }
    values.keepFloat(result);
    const bits = this.pool.take();
    body.op(W.I32ReinterpretF32);
    body.tee(bits);
    result.local = bits;
    // Without its sign, a result is an infinity or NaN from INFINITY on; up to LEAST_NORMAL it may have been rounded from below there.
    body.i32(1);
    body.op(W.I32Shl);
    if (isNeverTiny(micro.op)) {
      body.i32(INFINITY);
      body.op(W.I32GeU);
      fail();
      return;
    }
    if (isPassedOn) {
      body.i32(LEAST_NORMAL);
      body.op(W.I32LeU);
    } else {
      body.i32(LEAST_NORMAL + 1);
      body.op(W.I32Sub);
      body.i32(INFINITY - LEAST_NORMAL - 1);
      body.op(W.I32GeU);
    }
    state.inside(W.If, () => {
      values.aside(() => this.pushInexactZero(node, micro.op, operands, bits));
      fail();
    });
  }

  /** Pushes the result as a float. */
  private compute(node: NodeEmitter, op: Op, operands: readonly Value[], fail: () => void): void {
    const { values } = node;
    const { body } = node.state;
    if (op === Op.FloatMulAdd || op === Op.FloatMulSub) {
      // The product is exact in 64 bits; rounding the sum twice is right unless it lies halfway between two results.
      const push64 = (value: Value) => {
        values.pushFloat(value);
        body.op(W.F64PromoteF32);
      };
      const sum = this.sum64(node);
      push64(operands[2]);
      push64(operands[0]);
      push64(operands[1]);
      body.op(W.F64Mul);
      body.op(op === Op.FloatMulAdd ? W.F64Add : W.F64Sub);
      body.tee(sum);
      body.op(W.I64ReinterpretF64);
      body.op(W.I32WrapI64);
      body.i32(0x1fff_ffff);
      body.op(W.I32And);
      body.i32(0x1000_0000);
      body.op(W.I32Eq);
      fail();
      body.get(sum);
      body.op(W.F32DemoteF64);
      return;
    }
    for (const operand of operands) values.pushFloat(operand);
    body.op(op === Op.FloatSqrt ? W.F32Sqrt : ARITHMETIC[op]);
  }

  private sum64(node: NodeEmitter): number {
    this.sumLocal ??= node.state.body.local(W.TypeF64);
    return this.sumLocal;
  }

  /** For a result that is no normal number, or the least one: pushes 0 when it is an exact zero. */
  private pushInexactZero(node: NodeEmitter, op: Op, operands: readonly Value[], result: number): void {
    const { values } = node;
    const { body } = node.state;
    const magnitude = (push: () => void) => {
      push();
      body.i32(1);
      body.op(W.I32Shl);
    };
    magnitude(() => body.get(result));
    switch (op) {
      case Op.FloatMul:
        // result | (a and b both not 0)
        magnitude(() => values.push(operands[0]));
        body.op(W.I32Eqz);
        magnitude(() => values.push(operands[1]));
        body.op(W.I32Eqz);
        body.op(W.I32Or);
        body.op(W.I32Eqz);
        body.op(W.I32Or);
        return;
      case Op.FloatDiv:
        magnitude(() => values.push(operands[0]));
        body.op(W.I32Or);
        return;
      default:
        // The sum in 64 bits is zero only when it is exact.
        body.get(this.sum64(node));
        body.op(W.I64ReinterpretF64);
        body.i64(1);
        body.op(W.I64Shl);
        body.op(W.I64Eqz);
        body.op(W.I32Eqz);
        body.op(W.I32Or);
    }
  }
}
