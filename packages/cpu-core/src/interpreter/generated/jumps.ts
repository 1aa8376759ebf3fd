import { W } from '../../wasm/encoder.js';
import { I, JUMP_CACHE_MASK, JUMP_CACHE_STRIDE } from '../operations.js';
import { type Generator, HEAD } from './generator.js';

/** Comparisons in the order of the condition groups. */
const COMPARISONS = [W.I32Eq, W.I32Ne, W.I32LtS, W.I32GeS, W.I32LtU, W.I32GeU] as const;

/** Operations that compare two values, and those that go on elsewhere. */
export function defineJumps(g: Generator): void {
  COMPARISONS.forEach((comparison, i) => {
    for (const withConstant of [false, true]) {
      const length = withConstant ? HEAD + 4 : HEAD;
      const compare = () => {
        g.a();
        if (withConstant) g.word(HEAD);
        else g.b();
        g.body.op(comparison);
      };
      const number = i + (withConstant ? COMPARISONS.length : 0);
      g.definePlain(I.SetEqSS + number, length, () => g.result(compare));
      g.define(I.WhenEqSS + number, () => g.skipUnless(length, compare));
      g.define(I.JumpEqSS + number, () => {
        compare();
        g.jumpIf(length);
      });
    }
  });
  g.define(I.Jump, () => g.jump(HEAD));
  g.define(I.JumpTo, () => computedJump(g));
}

/** To the block of the address in A when the jump cache has it and the fuel suffices; else it is slow. */
function computedJump(g: Generator): void {
  const { body, shape, x, y, w } = g;
  // x = pc, y = entry of the jump cache
  g.a();
  body.tee(x);
  body.i32(1);
  body.op(W.I32ShrU);
  body.i32(JUMP_CACHE_MASK);
  body.op(W.I32And);
  body.i32(JUMP_CACHE_STRIDE);
  body.op(W.I32Mul);
  body.tee(y);
  body.memory(W.I32Load, shape.jumpCache, 2);
  body.get(x);
  body.op(W.I32Ne);
  g.slowIf();
  const slots = [...new Set([shape.modeA, shape.modeB, shape.modeC])];
  slots.forEach((slot, i) => {
    body.get(y);
    body.memory(W.I32Load, shape.jumpCache + 8 + 4 * i, 2);
    g.load(slot);
    body.op(W.I32Ne);
    g.slowIf();
  });
  g.fuelBehind();
  body.tee(w);
  g.isEnough();
  body.op(W.I32Eqz);
  g.slowIf();
  body.get(w);
  g.setFuel();
  body.get(y);
  body.memory(W.I32Load, shape.jumpCache + 4, 2);
  g.setIp();
  g.next();
}
