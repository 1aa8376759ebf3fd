import type { WindowLayout } from '../architecture.js';
import { type FunctionBody, W } from './encoder.js';
import type { FunctionState } from './function-state.js';
import { EXIT, QUADS, type StateLayout } from './layout.js';

/** Places of windows in the physical file, in bytes. */
export const PLACES = (QUADS - 1) * 16;

/** Whether compiled code knows to rotate a register file. */
export function canRotate(windows: WindowLayout): boolean {
  return windows.physicalCount === QUADS * 4;
}

/** Imported functions for what is not the common case. */
export interface WindowImports {
  /** ENTRY has no room. () -> 1 when it has now, 0 when everything is left. */
  readonly room: number;
  /** RETW. () -> pc or EXIT. */
  readonly leave: number;
}

/**
 * ENTRY. All state is in memory. Locals `n` (increment) and `stackPointer` are given; `makeRoom` writes what is done in any
 * other case, and returns from the function. Behind ENTRY the local base and the quads are those of the new window, and its stack
 * pointer is in memory.
 */
export function emitEnter(state: FunctionState, n: number, stackPointer: number, makeRoom: () => void): void {
  const { body, layout } = state;
  // The common case: 1 <= n, and a whole window fits in at base + n.
  body.get(n);
  body.i32(1);
  body.op(W.I32Sub);
  pushRoom(body, layout, state.base);
  body.i32(4);
  body.op(W.I32ShrU);
  body.op(W.I32GeU);
  state.inside(W.If, makeRoom);
  moveWindow(state, W.I32Add, n);
  body.get(state.base);
  body.get(n);
  body.memory(W.I32Store, layout.windowFrames, 2);
  state.placeWindow();
  state.storeSlot(state.architecture.stackPointer, () => body.get(stackPointer));
}

/**
 * RETW in the common case, which returns from the function: the caller's frame is live, where the return address says. All state is in memory;
 * `done` instructions have completed behind it that the fuel does not know of. Local `a0` holds the return address with the increment
 * in its upper two bits, `n` is free. What is not the common case goes on behind it.
 */
export function emitLeave(state: FunctionState, a0: number, n: number, pc: number, done: number): void {
  const { body, layout } = state;
  body.get(a0);
  body.i32(30);
  body.op(W.I32ShrU);
  body.tee(n);
  body.get(state.base);
  body.memory(W.I32Load, layout.windowFrames, 2);
  body.op(W.I32Eq);
  state.inside(W.If, () => {
    moveWindow(state, W.I32Sub, n);
    if (pc >>> 30 === 3) state.storeConstant(layout.pc, EXIT);
    state.leave(() => {
      body.get(a0);
      body.i32(0x3fff_ffff);
      body.op(W.I32And);
      body.i32(pc & 0xc000_0000);
      body.op(W.I32Or);
    }, done);
  });
}

/** Pushes how far the window at local `base` can go up so that it does not reach a live frame, in bytes. */
export function pushRoom(body: FunctionBody, layout: StateLayout, base: number): void {
  body.loadWord(layout.windowLast);
  body.get(base);
  body.op(W.I32Sub);
  body.i32(PLACES);
  body.op(W.I32And);
}

/** Moves the window up or down by `n` quads, in the local and in memory. */
function moveWindow(state: FunctionState, opcode: W.I32Add | W.I32Sub, n: number): void {
  const { body, layout } = state;
  body.i32(0);
  body.get(state.base);
  body.get(n);
  body.i32(4);
  body.op(W.I32Shl);
  body.op(opcode);
  body.i32(PLACES);
  body.op(W.I32And);
  body.tee(state.base);
  body.memory(W.I32Store, layout.windowBase, 2);
}
