import { W } from '../../wasm/encoder.js';
import { pushReversedBits, pushReversedBytes, pushSwappedGroups } from '../../wasm/reversals.js';
import { I } from '../operations.js';
import { type Generator, HEAD } from './generator.js';

/** Opcodes with two slots, and what they do. */
const WITH_SLOTS: readonly (readonly [I, W])[] = [
  [I.AddSS, W.I32Add],
  [I.SubSS, W.I32Sub],
  [I.AndSS, W.I32And],
  [I.OrSS, W.I32Or],
  [I.XorSS, W.I32Xor],
  [I.ShlSS, W.I32Shl],
  [I.ShrSS, W.I32ShrU],
  [I.SarSS, W.I32ShrS],
  [I.RorSS, W.I32Rotr],
  [I.MulSS, W.I32Mul],
];

/** Opcodes with a slot and a constant. */
const WITH_CONSTANT: readonly (readonly [I, W])[] = [
  [I.AddSK, W.I32Add],
  [I.AndSK, W.I32And],
  [I.OrSK, W.I32Or],
  [I.XorSK, W.I32Xor],
  [I.ShlSK, W.I32Shl],
  [I.ShrSK, W.I32ShrU],
  [I.SarSK, W.I32ShrS],
  [I.RorSK, W.I32Rotr],
];

const UNARY: readonly (readonly [I, W])[] = [
  [I.Clz, W.I32Clz],
  [I.SignExtend8, W.I32Extend8S],
  [I.SignExtend16, W.I32Extend16S],
];

const MIN_MAX: readonly (readonly [I, W])[] = [
  [I.MinS, W.I32LtS],
  [I.MaxS, W.I32GtS],
  [I.MinU, W.I32LtU],
  [I.MaxU, W.I32GtU],
];

/** Moves, arithmetic and bit operations: d = f(a, b). */
export function defineArithmetic(g: Generator): void {
  const { body, x, y } = g;
  /** d = what `value` pushes, from slots only, or with `words` further words. */
  const value = (op: I, words: number, push: () => void) => {
    g.definePlain(op, HEAD + 4 * words, () => g.result(push));
  };
  value(I.MovS, 0, () => g.a());
  value(I.MovK, 1, () => g.word(HEAD));
  value(I.SubKS, 1, () => {
    g.word(HEAD);
    g.b();
    body.op(W.I32Sub);
  });
  for (const [op, w] of WITH_SLOTS) {
    value(op, 0, () => {
      g.a();
      g.b();
      body.op(w);
    });
  }
  for (const [op, w] of WITH_CONSTANT) {
    value(op, 1, () => {
      g.a();
      g.word(HEAD);
      body.op(w);
    });
  }
  for (const [op, w] of UNARY) {
    value(op, 0, () => {
      g.a();
      body.op(w);
    });
  }
  value(I.AndNotSS, 0, () => {
    g.a();
    g.b();
    body.i32(-1);
    body.op(W.I32Xor);
    body.op(W.I32And);
  });
  for (const [op, w] of MIN_MAX) {
    value(op, 0, () => {
      g.a();
      body.tee(x);
      g.b();
      body.tee(y);
      body.get(x);
      body.get(y);
      body.op(w);
      body.op(W.Select);
    });
  }
  for (const [op, mask] of [
    [I.ZeroExtend8, 0xff],
    [I.ZeroExtend16, 0xffff],
  ] as const) {
    value(op, 0, () => {
      g.a();
      body.i32(mask);
      body.op(W.I32And);
    });
  }
  value(I.Select, 1, () => {
    g.a();
    g.b();
    g.word(HEAD);
    body.memory(W.I32Load, 0, 2);
    body.op(W.Select);
  });
  value(I.Load32At, 1, () => {
    g.word(HEAD);
    body.memory(W.I32Load, 0, 2);
  });
  defineWideShifts(g, value);
  defineProducts(g, value);
  defineReversals(g, value);
}

type DefineValue = (op: I, words: number, push: () => void) => void;

function defineWideShifts(g: Generator, value: DefineValue): void {
  const { body, x } = g;
  /** Pushes whether the amount in x is below 32 (of its low 8 bits). */
  const isSmall = () => {
    body.get(x);
    body.i32(0xe0);
    body.op(W.I32And);
    body.op(W.I32Eqz);
  };
  for (const [op, w] of [
    [I.ShlWide, W.I32Shl],
    [I.ShrWide, W.I32ShrU],
  ] as const) {
    value(op, 0, () => {
      g.a();
      g.b();
      body.tee(x);
      body.op(w);
      body.i32(0);
      isSmall();
      body.op(W.Select);
    });
  }
  value(I.SarWide, 0, () => {
    g.a();
    g.b();
    body.tee(x);
    body.i32(31);
    isSmall();
    body.op(W.Select);
    body.op(W.I32ShrS);
  });
  value(I.Funnel, 1, () => {
    g.a();
    body.op(W.I64ExtendI32U);
    g.i64(32);
    body.op(W.I64Shl);
    g.b();
    body.op(W.I64ExtendI32U);
    body.op(W.I64Or);
    g.word(HEAD);
    body.memory(W.I32Load, 0, 2);
    body.op(W.I64ExtendI32U);
    body.op(W.I64ShrU);
    body.op(W.I32WrapI64);
  });
}

function defineProducts(g: Generator, value: DefineValue): void {
  const { body } = g;
  for (const [op, extend] of [
    [I.MulHighS, W.I64ExtendI32S],
    [I.MulHighU, W.I64ExtendI32U],
  ] as const) {
    value(op, 0, () => {
      g.a();
      body.op(extend);
      g.b();
      body.op(extend);
      body.op(W.I64Mul);
      g.i64(32);
      body.op(W.I64ShrU);
      body.op(W.I32WrapI64);
    });
  }
  for (const [op, w] of [
    [I.DivS, W.I32DivS],
    [I.RemS, W.I32RemS],
    [I.DivU, W.I32DivU],
    [I.RemU, W.I32RemU],
  ] as const) {
    value(op, 0, () => divide(g, op, w));
  }
}

/** x / 0 = 0, x % 0 = x, INT_MIN / -1 = INT_MIN. */
function divide(g: Generator, op: I, w: W): void {
  const { body, x, y } = g;
  const isSigned = op === I.DivS || op === I.RemS;
  g.a();
  body.set(x);
  g.b();
  body.tee(y);
  if (isSigned) {
    // 0 or -1
    body.i32(1);
    body.op(W.I32Add);
    body.i32(2);
    body.op(W.I32LtU);
  } else {
    body.op(W.I32Eqz);
  }
  body.open(W.If, W.TypeI32);
  body.get(x);
  body.get(y);
  if (op === I.DivS || op === I.DivU) {
    body.op(W.I32Mul);
  } else {
    body.i32(-1);
    body.op(W.I32Xor);
    body.op(W.I32And);
  }
  body.op(W.Else);
  body.get(x);
  body.get(y);
  body.op(w);
  body.op(W.End);
}

function defineReversals(g: Generator, value: DefineValue): void {
  const { body, x } = g;
  const define = (op: I, push: () => void) =>
    value(op, 0, () => {
      g.a();
      body.set(x);
      push();
    });
  define(I.ReverseBytes, () => pushReversedBytes(body, x));
  define(I.ReverseBytes16, () => pushSwappedGroups(body, x, 0x00ff_00ff, 8));
  define(I.ReverseBits, () => pushReversedBits(body, x));
}
