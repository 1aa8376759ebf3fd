import { W } from '../../wasm/encoder.js';
import { I } from '../operations.js';
import { type Generator, HEAD } from './generator.js';

/** The bits, without sign, of the normal numbers but the least one, to which a smaller one may have been rounded: the first, and how many. */
const FIRST = 0x0080_0001;
const NORMALS = 0x7eff_ffff;

/** Single-precision operations in the float unit's simple case; all else is slow. */
export function defineFloat(g: Generator): void {
  const { body, shape, float } = g;
  for (const [op, w] of [
    [I.FloatAdd, W.F32Add],
    [I.FloatSub, W.F32Sub],
    [I.FloatMul, W.F32Mul],
    [I.FloatDiv, W.F32Div],
    [I.FloatSqrt, W.F32Sqrt],
  ] as const) {
    g.definePlain(op, HEAD, () => {
      g.load(shape.control);
      body.i32(shape.mask);
      body.op(W.I32And);
      body.i32(shape.plain);
      body.op(W.I32Ne);
      g.slowIf();
      g.slot(4);
      body.memory(W.F32Load, 0, 2);
      if (op !== I.FloatSqrt) {
        g.slot(6);
        body.memory(W.F32Load, 0, 2);
      }
      body.op(w);
      body.tee(float);
      body.op(W.I32ReinterpretF32);
      body.i32(0x7fff_ffff);
      body.op(W.I32And);
      body.i32(FIRST);
      body.op(W.I32Sub);
      body.i32(NORMALS);
      body.op(W.I32GeU);
      g.slowIf();
      g.slot(2);
      body.get(float);
      body.memory(W.F32Store, 0, 2);
    });
  }
}
