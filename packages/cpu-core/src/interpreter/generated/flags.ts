import { FlagCondition } from '../../ir.js';
import { W } from '../../wasm/encoder.js';
import { I } from '../operations.js';
import { type Generator, HEAD } from './generator.js';

export const FLAG_CONDITIONS = FlagCondition.Le + 1;

/** Sets x = a, y = b or the constant. */
export function flagOperands(g: Generator, withConstant: boolean): void {
  g.a();
  g.body.set(g.x);
  if (withConstant) g.word(HEAD);
  else g.b();
  g.body.set(g.y);
}

/** N and Z of w, and V of x + y or x - y = w. */
function storeNzv(g: Generator, subtracts: boolean): void {
  const { body, x, y, w } = g;
  storeNz(g, w);
  g.store(g.shape.v, () => {
    body.get(x);
    body.get(subtracts ? y : w);
    body.op(W.I32Xor);
    body.get(subtracts ? x : y);
    body.get(w);
    body.op(W.I32Xor);
    body.op(W.I32And);
  });
}

/** N and Z of a local. */
export function storeNz(g: Generator, local: number): void {
  g.store(g.shape.n, () => g.body.get(local));
  g.store(g.shape.z, () => g.body.get(local));
}

/** Flags of x + y, which w gets. */
export function addFlags(g: Generator): void {
  const { body, x, y, w } = g;
  body.get(x);
  body.get(y);
  body.op(W.I32Add);
  body.set(w);
  g.store(g.shape.c, () => {
    body.get(w);
    body.get(x);
    body.op(W.I32LtU);
  });
  storeNzv(g, false);
}

/** Flags of x - y, which w gets. */
export function subFlags(g: Generator): void {
  const { body, x, y, w } = g;
  body.get(x);
  body.get(y);
  body.op(W.I32Sub);
  body.set(w);
  g.store(g.shape.c, () => {
    body.get(x);
    body.get(y);
    body.op(W.I32GeU);
  });
  storeNzv(g, true);
}

/** Flags of x + y + C, or of x - y - !C = x + ~y + C. */
function carryFlags(g: Generator, subtracts: boolean): void {
  const { body, x, y, w, shape } = g;
  // 64 bits: the carry is bit 32. The complement is taken in 32 bits.
  const sum = () => {
    body.get(x);
    body.op(W.I64ExtendI32U);
    body.get(y);
    if (subtracts) {
      body.i32(-1);
      body.op(W.I32Xor);
    }
    body.op(W.I64ExtendI32U);
    body.op(W.I64Add);
    g.load(shape.c);
    body.op(W.I64ExtendI32U);
    body.op(W.I64Add);
  };
  sum();
  body.op(W.I32WrapI64);
  body.set(w);
  g.store(shape.c, () => {
    sum();
    g.i64(32);
    body.op(W.I64ShrU);
    body.op(W.I32WrapI64);
  });
  storeNzv(g, subtracts);
}

export function defineFlags(g: Generator): void {
  const { body, x } = g;
  for (const [op, withConstant, flags] of [
    [I.FlagsAddSS, false, addFlags],
    [I.FlagsAddSK, true, addFlags],
    [I.FlagsSubSS, false, subFlags],
    [I.FlagsSubSK, true, subFlags],
  ] as const) {
    g.definePlain(op, withConstant ? HEAD + 4 : HEAD, () => {
      flagOperands(g, withConstant);
      flags(g);
    });
  }
  for (const [op, subtracts] of [
    [I.FlagsAdcSS, false],
    [I.FlagsSbcSS, true],
  ] as const) {
    g.definePlain(op, HEAD, () => {
      flagOperands(g, false);
      carryFlags(g, subtracts);
    });
  }
  g.definePlain(I.FlagsNz, HEAD, () => {
    g.a();
    body.set(x);
    storeNz(g, x);
  });
  for (let condition = 0; condition < FLAG_CONDITIONS; condition++) {
    g.definePlain(I.FlagTestEq + condition, HEAD, () => g.result(() => flagTest(g, condition)));
  }
}

/** Pushes 1 when the flag condition holds, else 0. */
export function flagTest(g: Generator, condition: FlagCondition): void {
  const { body, shape } = g;
  const sign = (slot: number) => {
    g.load(slot);
    body.i32(31);
    body.op(W.I32ShrU);
  };
  const notZero = () => {
    g.load(shape.z);
    body.i32(0);
    body.op(W.I32Ne);
  };
  const nEqualsV = () => {
    g.load(shape.n);
    g.load(shape.v);
    body.op(W.I32Xor);
    body.i32(-1);
    body.op(W.I32GtS);
  };
  switch (condition >> 1) {
    case 0:
      g.load(shape.z);
      body.op(W.I32Eqz);
      break;
    case 1:
      g.load(shape.c);
      break;
    case 2:
      sign(shape.n);
      break;
    case 3:
      sign(shape.v);
      break;
    case 4:
      g.load(shape.c);
      notZero();
      body.op(W.I32And);
      break;
    case 5:
      nEqualsV();
      break;
    default:
      notZero();
      nEqualsV();
      body.op(W.I32And);
  }
  // Odd conditions are the opposite of the even ones before them.
  if ((condition & 1) === 1) body.op(W.I32Eqz);
}
