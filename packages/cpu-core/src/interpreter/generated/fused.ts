import { FlagCondition } from '../../ir.js';
import { W } from '../../wasm/encoder.js';
import { Fused, SHIFTED, SHIFTS } from '../fused-operations.js';
import { addFlags, FLAG_CONDITIONS, flagOperands, flagTest, storeNz, subFlags } from './flags.js';
import { type Generator, HEAD } from './generator.js';

/** Comparisons of x with y that a flag condition stands for behind flags of x - y. */
const COMPARISONS: { readonly [condition: number]: W } = {
  [FlagCondition.Eq]: W.I32Eq,
  [FlagCondition.Ne]: W.I32Ne,
  [FlagCondition.Cs]: W.I32GeU,
  [FlagCondition.Cc]: W.I32LtU,
  [FlagCondition.Hi]: W.I32GtU,
  [FlagCondition.Ls]: W.I32LeU,
  [FlagCondition.Ge]: W.I32GeS,
  [FlagCondition.Lt]: W.I32LtS,
  [FlagCondition.Gt]: W.I32GtS,
  [FlagCondition.Le]: W.I32LeS,
};

const SHIFT_CODES = [W.I32Shl, W.I32ShrU, W.I32ShrS, W.I32Rotr] as const;
const SHIFTED_CODES = [W.I32Add, W.I32Sub, W.I32And, W.I32Or, W.I32Xor, W.I32And] as const;

/** Operations for several micro-ops in a row. */
export function defineFused(g: Generator): void {
  for (let condition = 0; condition < FLAG_CONDITIONS; condition++) defineBranches(g, condition);
  defineTests(g);
  const { body, w } = g;
  for (const [op, withConstant, flags] of [
    [Fused.AddFlagsSS, false, addFlags],
    [Fused.AddFlagsSK, true, addFlags],
    [Fused.SubFlagsSS, false, subFlags],
    [Fused.SubFlagsSK, true, subFlags],
  ] as const) {
    g.definePlain(op, withConstant ? HEAD + 4 : HEAD, () => {
      flagOperands(g, withConstant);
      flags(g);
      g.result(() => body.get(w));
    });
  }
  SHIFTS.forEach((_, shift) => {
    const shifted = (push: () => void) => {
      push();
      g.word(HEAD);
      body.op(SHIFT_CODES[shift]);
    };
    SHIFTED.forEach((_op, number) => {
      g.definePlain(Fused.Shifted + SHIFTED.length * shift + number, HEAD + 4, () =>
        g.result(() => {
          g.a();
          shifted(() => g.b());
          if (number === SHIFTED.length - 1) {
            body.i32(-1);
            body.op(W.I32Xor);
          }
          body.op(SHIFTED_CODES[number]);
        }),
      );
    });
    g.definePlain(Fused.ShiftedSub + shift, HEAD + 4, () =>
      g.result(() => {
        shifted(() => g.a());
        g.b();
        body.op(W.I32Sub);
      }),
    );
  });
  for (const [jump, when, isZero] of [
    [Fused.BitsJumpEq, Fused.BitsWhenEq, true],
    [Fused.BitsJumpNe, Fused.BitsWhenNe, false],
  ] as const) {
    const bits = () => {
      g.a();
      g.word(HEAD);
      body.op(W.I32And);
      if (isZero) body.op(W.I32Eqz);
    };
    g.define(jump, () => {
      bits();
      g.jumpIf(HEAD + 4);
    });
    g.define(when, () => g.skipUnless(HEAD + 4, bits));
  }
}

function defineBranches(g: Generator, condition: FlagCondition): void {
  const { body, x, y, w } = g;
  g.define(Fused.JumpOnFlags + condition, () => {
    flagTest(g, condition);
    g.jumpIf(HEAD);
  });
  g.define(Fused.WhenFlags + condition, () => g.skipUnless(HEAD, () => flagTest(g, condition)));
  for (const [op, withConstant] of [
    [Fused.CompareJumpSS, false],
    [Fused.CompareJumpSK, true],
  ] as const) {
    g.define(op + condition, () => {
      flagOperands(g, withConstant);
      subFlags(g);
      const comparison = COMPARISONS[condition];
      if (comparison !== undefined) {
        body.get(x);
        body.get(y);
        body.op(comparison);
      } else if (condition === FlagCondition.Mi || condition === FlagCondition.Pl) {
        body.get(w);
        body.i32(0);
        body.op(condition === FlagCondition.Mi ? W.I32LtS : W.I32GeS);
      } else flagTest(g, condition);
      g.jumpIf(withConstant ? HEAD + 4 : HEAD);
    });
  }
}

/** N and Z of a value, and a jump on them. */
function defineTests(g: Generator): void {
  const { body, x } = g;
  [W.I32Eq, W.I32Ne, W.I32LtS, W.I32GeS].forEach((comparison, i) => {
    g.define(Fused.TestJump + i, () => {
      g.a();
      body.set(x);
      storeNz(g, x);
      body.get(x);
      body.i32(0);
      body.op(comparison);
      g.jumpIf(HEAD);
    });
  });
}
