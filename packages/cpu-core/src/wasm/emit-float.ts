import { Op } from '../ir.js';
import type { LocalPool } from './emit-value.js';
import { W } from './encoder.js';
import { ExitReason } from './layout.js';
import type { NodeEmitter } from './node-emitter.js';
import type { Effect } from './node-plan.js';
import type { Value } from './values.js';

export function isFloat(op: Op): boolean {
  return op >= Op.FloatAdd && op <= Op.FloatMulSub;
}

/** Writes float micro-ops as WebAssembly's own, in the simple case of the `FloatUnit`; everything else leaves. */
export class FloatEmitter {
  private sumLocal: number | undefined;

  constructor(private readonly pool: LocalPool) {}

  operation(node: NodeEmitter, effect: Effect): void {
    const { state, values, plan } = node;
    const { body } = state;
    const { micro, operands, mark } = effect;
    const { float } = state.architecture;
    if (float === undefined) throw new RangeError('float micro-op without a FloatUnit');
    node.prepareUsed(mark);
    for (const operand of operands) values.prepare(operand);
    const result = this.pool.take();
    const checksMode = plan.effects.find((e) => isFloat(e.micro.op) && e.base === effect.base) === effect;
    node.guard(
      (fail) => {
        if (checksMode) {
          values.push(effect.base);
          body.i32(float.plain.mask);
          body.op(W.I32And);
          body.i32(float.plain.value);
          body.op(W.I32Ne);
          fail();
        }
        this.compute(node, micro.op, operands, result, fail);
        // Zero, subnormal, infinite or no number.
        body.get(result);
        body.i32(0x7fff_ffff);
        body.op(W.I32And);
        body.i32(0x0080_0000);
        body.op(W.I32Sub);
        body.i32(0x7f00_0000);
        body.op(W.I32GeU);
        state.inside(W.If, () => {
          this.pushInexactZero(node, micro.op, operands, result);
          fail();
        });
      },
      mark,
      micro.pc,
      micro.done,
      ExitReason.Float,
    );
    effect.results[0].local = result;
  }

  /** Computes into `result`; operands are in locals or constants. */
  private compute(node: NodeEmitter, op: Op, operands: readonly Value[], result: number, fail: () => void): void {
    const { values } = node;
    const { body } = node.state;
    const push32 = (value: Value) => {
      values.push(value);
      body.op(W.F32ReinterpretI32);
    };
    if (op === Op.FloatMulAdd || op === Op.FloatMulSub) {
      // The product is exact in 64 bits; rounding the sum twice is right unless it lies halfway between two results.
      const push64 = (value: Value) => {
        push32(value);
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
    } else if (op === Op.FloatSqrt) {
      push32(operands[0]);
      body.op(W.F32Sqrt);
    } else {
      push32(operands[0]);
      push32(operands[1]);
      body.op(op === Op.FloatAdd ? W.F32Add : op === Op.FloatSub ? W.F32Sub : op === Op.FloatMul ? W.F32Mul : W.F32Div);
    }
    body.op(W.I32ReinterpretF32);
    body.set(result);
  }

  private sum64(node: NodeEmitter): number {
    this.sumLocal ??= node.state.body.local(W.TypeF64);
    return this.sumLocal;
  }

  /** For a result that is not a normal number: pushes 0 when it is an exact zero. */
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
      case Op.FloatAdd:
      case Op.FloatSub:
      case Op.FloatSqrt:
        return;
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
        body.op(W.I64Const);
        body.code.s32(1);
        body.op(W.I64Shl);
        body.op(W.I64Eqz);
        body.op(W.I32Eqz);
        body.op(W.I32Or);
    }
  }
}
