import { type FunctionBody, W } from './encoder.js';

/** Pushes the i32 in `local` with neighbouring groups of `by` bits exchanged; `mask` has the lower group of each pair set. */
export function pushSwappedGroups(body: FunctionBody, local: number, mask: number, by: number): void {
  body.get(local);
  body.i32(by);
  body.op(W.I32ShrU);
  body.i32(mask);
  body.op(W.I32And);
  body.get(local);
  body.i32(mask);
  body.op(W.I32And);
  body.i32(by);
  body.op(W.I32Shl);
  body.op(W.I32Or);
}

/** Pushes the i32 in `local` with its bytes in reverse order: rotl(x & 0xff00ff00, 8) | rotr(x & 0x00ff00ff, 8). */
export function pushReversedBytes(body: FunctionBody, local: number): void {
  body.get(local);
  body.i32(0xff00_ff00);
  body.op(W.I32And);
  body.i32(8);
  body.op(W.I32Rotl);
  body.get(local);
  body.i32(0x00ff_00ff);
  body.op(W.I32And);
  body.i32(8);
  body.op(W.I32Rotr);
  body.op(W.I32Or);
}

/** Pushes the i32 in `local` with its bits in reverse order; `local` is changed. */
export function pushReversedBits(body: FunctionBody, local: number): void {
  for (const [mask, by] of [
    [0x5555_5555, 1],
    [0x3333_3333, 2],
    [0x0f0f_0f0f, 4],
  ] as const) {
    pushSwappedGroups(body, local, mask, by);
    body.set(local);
  }
  pushReversedBytes(body, local);
}
