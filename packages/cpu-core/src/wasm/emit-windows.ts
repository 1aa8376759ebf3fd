import type { WindowLayout } from '../architecture.js';
import { W } from './encoder.js';
import type { FunctionState } from './function-state.js';
import { EXIT } from './layout.js';

/** Register files that compiled code knows to rotate: 16 quads, whose start bits fill half a word. */
export function canRotate(windows: WindowLayout): boolean {
  return windows.physicalCount === 64;
}

/** Imported functions for what is not the common case. */
export interface WindowImports {
  /** (stack pointer, address behind ENTRY, mode) -> 1 to go on there, 0 when everything is left. */
  readonly enter: number;
  /** (mode) -> pc or EXIT. */
  readonly leave: number;
}

/** Pushes the start bits from bit base + `first` on, going round, lowest first; `push` pushes the 16 bits. */
function pushStartBits(state: FunctionState, push: () => void, first: number): void {
  const { body } = state;
  push();
  push();
  body.i32(16);
  body.op(W.I32Shl);
  body.op(W.I32Or);
  body.get(state.base);
  if (first !== 0) {
    body.i32(first);
    body.op(W.I32Add);
  }
  body.op(W.I32Rotr);
}

/** Stores the start bits on top of `push` with the bit of the local `base` set or cleared. */
function writeStartBit(state: FunctionState, windows: WindowLayout, push: () => void, set: boolean): void {
  const { body } = state;
  body.i32(0);
  push();
  body.i32(1);
  body.get(state.base);
  body.op(W.I32Shl);
  if (!set) {
    body.i32(-1);
    body.op(W.I32Xor);
  }
  body.op(set ? W.I32Or : W.I32And);
  body.memory(W.I32Store, windows.start * 4, 2);
}

/** base = base + n or base - n, in the local and in memory. `push` pushes n. */
function moveBase(state: FunctionState, windows: WindowLayout, opcode: W.I32Add | W.I32Sub, push: () => void): void {
  const { body } = state;
  body.i32(0);
  body.get(state.base);
  push();
  body.op(opcode);
  body.i32(windows.physicalCount / 4 - 1);
  body.op(W.I32And);
  body.tee(state.base);
  body.memory(W.I32Store, windows.base * 4, 2);
}

/**
 * ENTRY. All state is in memory. Locals `n` (increment) and `stackPointer` are given; `call` writes the call of the host for what is not the
 * common case. Behind it the local base and the quads are those of the new window, and slot 1 is written.
 */
export function emitEnter(
  state: FunctionState,
  windows: WindowLayout,
  n: number,
  stackPointer: number,
  call: () => void,
): void {
  const { body, frame } = state;
  const pushStart = () => body.get(frame.start);
  state.loadWord(windows.start * 4);
  body.set(frame.start);
  // In the common case the bits base + 1 ... base + n + 3 are clear, and that of base is set.
  pushStartBits(state, pushStart, 0);
  body.i32(16);
  body.get(n);
  body.op(W.I32Shl);
  body.i32(1);
  body.op(W.I32Sub);
  body.op(W.I32And);
  body.i32(1);
  body.op(W.I32Ne);
  state.inside(W.If, () => {
    call();
    body.op(W.Else);
    body.get(n);
    body.i32(30);
    body.op(W.I32Shl);
    body.set(frame.size);
    body.get(state.base);
    body.set(frame.base);
    moveBase(state, windows, W.I32Add, () => body.get(n));
    writeStartBit(state, windows, pushStart, true);
    state.placeWindow();
    state.storeSlot(1, () => body.get(stackPointer));
  });
}

/**
 * RETW from a frame that this function has entered by the common case, when the host has moved no window since: all is as ENTRY found it.
 * `storeFuel` stores the fuel as behind the instruction. Local `a0` holds the return address with the increment in its upper two bits. What is
 * not so goes on behind it.
 */
export function emitLeaveOwn(
  state: FunctionState,
  windows: WindowLayout,
  a0: number,
  pc: number,
  storeFuel: () => void,
): void {
  const { body, frame } = state;
  body.get(frame.size);
  state.inside(W.If, () => {
    body.get(a0);
    body.get(frame.size);
    body.op(W.I32Xor);
    body.i32(30);
    body.op(W.I32ShrU);
    state.loadWord(state.layout.windowChanges);
    body.get(state.changes);
    body.op(W.I32Xor);
    body.op(W.I32Or);
    body.op(W.I32Eqz);
    state.inside(W.If, () => {
      body.i32(0);
      body.get(frame.start);
      body.memory(W.I32Store, windows.start * 4, 2);
      body.i32(0);
      body.get(frame.base);
      body.memory(W.I32Store, windows.base * 4, 2);
      returnTo(state, a0, pc, storeFuel);
    });
  });
}

/** A return without RETW: the frame that the function has entered stays, and its callers must look. */
export function keepFrame(state: FunctionState): void {
  state.body.get(state.frame.size);
  state.inside(W.If, () => countChange(state));
}

function countChange(state: FunctionState): void {
  const { body, layout } = state;
  body.i32(0);
  state.loadWord(layout.windowChanges);
  body.i32(1);
  body.op(W.I32Add);
  body.memory(W.I32Store, layout.windowChanges, 2);
}

/** Returns to the address in the lower 30 bits of `a0`, in the region of `pc`. */
function returnTo(state: FunctionState, a0: number, pc: number, storeFuel: () => void): void {
  const { body } = state;
  storeFuel();
  if (pc >>> 30 === 3) state.storeConstant(state.layout.pc, EXIT);
  body.get(a0);
  body.i32(0x3fff_ffff);
  body.op(W.I32And);
  body.i32(pc & 0xc000_0000);
  body.op(W.I32Or);
  body.op(W.Return);
}

/**
 * RETW in the common case, which returns from the function. All state is in memory; `storeFuel` stores the fuel as behind the instruction.
 * Local `a0` holds the return address with the increment in its upper two bits, `n` is free. What is not the common case goes on behind it.
 */
export function emitLeave(
  state: FunctionState,
  windows: WindowLayout,
  a0: number,
  n: number,
  pc: number,
  storeFuel: () => void,
): void {
  const { body } = state;
  body.get(a0);
  body.i32(30);
  body.op(W.I32ShrU);
  body.set(n);
  // Of the bits base - 1 ... base - n exactly the last is set, and those above the new base are clear but for the one being left:
  // the bits from base - 3 on, moved so that base - n is bit 0, are 1, then zeros, then the bit of base.
  const pushStart = () => state.loadWord(windows.start * 4);
  pushStartBits(state, pushStart, windows.physicalCount / 4 - 3);
  body.i32(3);
  body.get(n);
  body.op(W.I32Sub);
  body.op(W.I32ShrU);
  body.i32(15);
  body.op(W.I32And);
  body.i32(1);
  body.get(n);
  body.op(W.I32Shl);
  body.i32(1);
  body.op(W.I32Or);
  body.op(W.I32Eq);
  body.get(n);
  body.i32(0);
  body.op(W.I32Ne);
  body.op(W.I32And);
  body.open(W.If);
  countChange(state);
  writeStartBit(state, windows, pushStart, false);
  moveBase(state, windows, W.I32Sub, () => body.get(n));
  returnTo(state, a0, pc, storeFuel);
  body.op(W.End);
}
