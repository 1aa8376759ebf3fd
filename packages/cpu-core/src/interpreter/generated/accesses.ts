import { W } from '../../wasm/encoder.js';
import { I } from '../operations.js';
import { type Generator, HEAD } from './generator.js';

const LOADS: readonly (readonly [I, W, number])[] = [
  [I.Load8U, W.I32Load8U, 1],
  [I.Load8S, W.I32Load8S, 1],
  [I.Load16U, W.I32Load16U, 2],
  [I.Load16S, W.I32Load16S, 2],
  [I.Load32, W.I32Load, 4],
];

const STORES: readonly (readonly [I, W, number])[] = [
  [I.Store8, W.I32Store8, 1],
  [I.Store16, W.I32Store16, 2],
  [I.Store32, W.I32Store, 4],
];

/** Bytes of a load or store: offset or alignment, then the three words of the window. */
const LENGTH = HEAD + 16;
/** Place of the window's words. */
const WINDOW = HEAD + 4;
/** Place of the window's words in LoadMany and StoreMany, behind which the list of slots stands. */
const MANY_WINDOW = HEAD;
const MANY_LIST = MANY_WINDOW + 12;

/** Loads and stores inside of the window that the operation carries; others are slow. */
export function defineAccesses(g: Generator): void {
  const { body } = g;
  for (const indexed of [false, true]) {
    for (const [op, w, width] of LOADS) {
      g.definePlain(op + (indexed ? I.Load8UIndexed - I.Load8U : 0), LENGTH, () => {
        hostAddress(g, indexed, width);
        g.result(() => {
          body.get(g.x);
          body.memory(w, 0, 0);
        });
      });
    }
    for (const [op, w, width] of STORES) {
      g.definePlain(op + (indexed ? I.Store8Indexed - I.Store8 : 0), LENGTH, () => {
        hostAddress(g, indexed, width);
        body.get(g.x);
        g.d();
        body.memory(w, 0, 0);
      });
    }
  }
  g.define(I.LoadMany, () => many(g, true));
  g.define(I.StoreMany, () => many(g, false));
}

/** Sets x to the host address of an access; outside of the window, or unaligned, it is slow. */
function hostAddress(g: Generator, indexed: boolean, width: number): void {
  const { body, x } = g;
  g.a();
  if (indexed) g.b();
  else g.word(HEAD);
  body.op(W.I32Add);
  body.tee(x);
  g.word(WINDOW);
  body.op(W.I32Sub);
  g.word(WINDOW + 4);
  body.op(W.I32GeU);
  g.slowIf();
  if (width > 1) {
    body.get(x);
    body.i32(width - 1);
    body.op(W.I32And);
    g.slowIf();
  }
  body.get(x);
  g.word(WINDOW + 8);
  body.op(W.I32Add);
  body.set(x);
}

function many(g: Generator, isLoad: boolean): void {
  const { body, x, y, w } = g;
  // w = bytes, x = address, y = its distance from the window's start
  g.slot(2);
  body.set(w);
  g.a();
  body.tee(x);
  body.i32(3);
  body.op(W.I32And);
  g.slowIf();
  body.get(x);
  g.word(MANY_WINDOW);
  body.op(W.I32Sub);
  body.tee(y);
  g.word(MANY_WINDOW + 4);
  body.op(W.I32GeU);
  g.slowIf();
  body.get(y);
  body.get(w);
  body.op(W.I32Add);
  body.i32(4);
  body.op(W.I32Sub);
  g.word(MANY_WINDOW + 4);
  body.op(W.I32GeU);
  g.slowIf();
  body.get(x);
  g.word(MANY_WINDOW + 8);
  body.op(W.I32Add);
  body.set(x);
  // y = the end of the slot list; the ip runs over it
  g.ip();
  body.get(w);
  body.op(W.I32Add);
  body.set(y);
  body.open(W.Loop);
  if (isLoad) {
    g.word(MANY_LIST);
    body.get(x);
    body.memory(W.I32Load, 0, 2);
  } else {
    body.get(x);
    g.word(MANY_LIST);
    body.memory(W.I32Load, 0, 2);
  }
  body.memory(W.I32Store, 0, 2);
  body.get(x);
  body.i32(4);
  body.op(W.I32Add);
  body.set(x);
  g.skip(4);
  g.ip();
  body.get(y);
  body.op(W.I32Ne);
  body.br(W.BrIf, 0);
  body.op(W.End);
  g.advance(MANY_LIST);
}
