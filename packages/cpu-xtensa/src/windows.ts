import type { HelperContext, WindowLayout, WindowUnit } from '@loadstone/cpu-core';
import { Cause, generalHandler, handlerAt, takeException, Vector, vectorAddress } from './exceptions.js';
import { refreshMode } from './mode.js';
import { CALLINC, EPC1, MODE, PHYSICAL, PS, PS_EXCM, PS_OWB, PS_OWB_SHIFT, WINDOWBASE, WINDOWSTART } from './slots.js';

/**
 * Register windows (Xtensa ISA manual, 4.7.1 Windowed Register Option; System Software Reference for the save areas).
 *
 * A chip looks for overflow at every instruction that names a register beyond the current frame. Here ENTRY makes room for the
 * whole new window of 16 registers, by spilling the frames that lie in it, oldest first; after it no instruction needs a check.
 * What a frame's memory holds is the same, only earlier. Guest code that puts live frames into the window by other means
 * (WSR, ROTW, RFE) runs in a decoding mode in which instructions check.
 *
 * Frames are spilled to and reloaded from the save areas on their stacks by the emulator; when VECBASE points at window
 * handlers of the guest, those run instead.
 */

const OVERFLOW_VECTORS: readonly Vector[] = [
  Vector.WindowOverflow4,
  Vector.WindowOverflow4,
  Vector.WindowOverflow8,
  Vector.WindowOverflow12,
];
const UNDERFLOW_VECTORS: readonly Vector[] = [
  Vector.WindowUnderflow4,
  Vector.WindowUnderflow4,
  Vector.WindowUnderflow8,
  Vector.WindowUnderflow12,
];

const WINDOW_VECTORS: readonly Vector[] = [...OVERFLOW_VECTORS, ...UNDERFLOW_VECTORS];

const layout: WindowLayout = {
  base: WINDOWBASE,
  start: WINDOWSTART,
  increment: CALLINC,
  physical: PHYSICAL,
  physicalCount: 64,
};

export const windows: WindowUnit = {
  enter: (context, stackPointer) => enterFrame(context, stackPointer, 1),
  leave: leaveFrame,
  spill: (context, frame, size) => spillsItself(context, OVERFLOW_VECTORS[size]) && storeFrame(context, frame, size),
  reload: (context, frame, size) =>
    spillsItself(context, UNDERFLOW_VECTORS[size]) &&
    loadFrame(context, (frame - size) & 15, size, context.state[physical(frame, 1)]),
  isPlain: (context) =>
    context.state[MODE] === 0 &&
    WINDOW_VECTORS.every((vector) => handlerAt(context, vector) === -1 && !mayChange(context, vector)),
  layout,
};

/** Whether the guest could write a handler at `vector`. */
function mayChange({ state, memory }: HelperContext, vector: Vector): boolean {
  const region = memory.regionAt(vectorAddress(state, vector));
  return region?.kind === 'ram' && region.executable === true;
}

/** Whether ENTRY and RETW mean nothing but the move of the window and what the emulator does instead of the handler at `vector`. */
function spillsItself(context: HelperContext, vector: Vector): boolean {
  return context.state[MODE] === 0 && handlerAt(context, vector) === -1;
}

/** WINDOWSTART's bits from `bit` on (0 to 16), going round, in the low bits. */
function bitsFrom(start: number, bit: number): number {
  return (start | (start << 16)) >>> bit;
}

/**
 * ENTRY: makes room, rotates up by PS.CALLINC and writes `value` into register `register` of the new frame.
 * @returns the address to go on at, -1 when the run stops
 */
export function enterFrame(context: HelperContext, value: number, register: number): number {
  const { state } = context;
  const increment = state[CALLINC];
  const base = state[WINDOWBASE];
  if ((bitsFrom(state[WINDOWSTART], base + 1) & ((8 << increment) - 1)) !== 0) {
    const elsewhere = makeRoom(context, increment + 3);
    if (elsewhere !== 0) return elsewhere;
  }
  rotateUp(state, base, increment);
  const newBase = (base + increment) & 15;
  state[WINDOWBASE] = newBase;
  state[WINDOWSTART] |= 1 << newBase;
  state[register] = value;
  if (state[MODE] !== 0) refreshMode(state);
  return (context.pc + 3) >>> 0;
}

/**
 * RETW: rotates down by the size in a0.
 * @returns the address to go on at, -1 when the run stops
 */
export function leaveFrame(context: HelperContext): number {
  const { state } = context;
  const increment = state[0] >>> 30;
  const base = state[WINDOWBASE];
  const below = bitsFrom(state[WINDOWSTART], base + 13) & 7;
  const nearest = (below & 4) !== 0 ? 1 : (below & 2) !== 0 ? 2 : (below & 1) !== 0 ? 3 : 0;
  if (increment === 0 || (nearest !== 0 && nearest !== increment)) {
    return takeException(context, Cause.IllegalInstruction);
  }
  const target = ((context.pc & 0xc000_0000) | (state[0] & 0x3fff_ffff)) >>> 0;
  if (nearest === 0) {
    const elsewhere = reloadCaller(context, increment);
    if (elsewhere !== 0) return elsewhere;
  }
  rotateDown(state, base, increment);
  const newBase = (base - increment) & 15;
  state[WINDOWBASE] = newBase;
  state[WINDOWSTART] = (state[WINDOWSTART] & ~(1 << base)) | (1 << newBase);
  if (state[MODE] !== 0) refreshMode(state);
  return target;
}

function moveQuad(state: Int32Array, to: number, from: number): void {
  state[to] = state[from];
  state[to + 1] = state[from + 1];
  state[to + 2] = state[from + 2];
  state[to + 3] = state[from + 3];
}

/** Slot of the physical quad `quad` (any integer, taken modulo 16). */
function physicalQuad(quad: number): number {
  return PHYSICAL + ((quad & 15) << 2);
}

/** Moves the window up by `increment` quads. */
function rotateUp(state: Int32Array, base: number, increment: number): void {
  for (let quad = 0; quad < increment; quad++) moveQuad(state, physicalQuad(base + quad), quad << 2);
  for (let quad = increment; quad < 4; quad++) moveQuad(state, (quad - increment) << 2, quad << 2);
  for (let quad = 4 - increment; quad < 4; quad++) {
    moveQuad(state, quad << 2, physicalQuad(base + increment + quad));
  }
}

/** Moves the window down by `increment` quads. */
function rotateDown(state: Int32Array, base: number, increment: number): void {
  for (let quad = 4 - increment; quad < 4; quad++) moveQuad(state, physicalQuad(base + quad), quad << 2);
  for (let quad = 3; quad >= increment; quad--) moveQuad(state, quad << 2, (quad - increment) << 2);
  for (let quad = 0; quad < increment; quad++) moveQuad(state, quad << 2, physicalQuad(base - increment + quad));
}

/** Writes the visible registers to their physical words. */
function writeVisible(state: Int32Array): void {
  const first = state[WINDOWBASE] << 2;
  for (let i = 0; i < 16; i++) state[PHYSICAL + ((first + i) & 63)] = state[i];
}

/** Moves the window to `base` (any integer, taken modulo 16): ROTW, WSR.WINDOWBASE, RFWO, RFWU, window exceptions. */
export function setWindowBase(state: Int32Array, base: number): void {
  writeVisible(state);
  state[WINDOWBASE] = base & 15;
  const first = state[WINDOWBASE] << 2;
  for (let i = 0; i < 16; i++) state[i] = state[PHYSICAL + ((first + i) & 63)];
  refreshMode(state);
}

/**
 * Spills the frames that begin in the `quads` quads above the current base, nearest (oldest) first.
 * @returns 0 when done; the address of the guest's overflow handler; -1 when the run stops. The visible registers stay, unless a
 *   handler is entered.
 */
export function makeRoom(context: HelperContext, quads: number): number {
  const { state } = context;
  const base = state[WINDOWBASE];
  let written = false;
  for (let quad = 1; quad <= quads; quad++) {
    const frame = (base + quad) & 15;
    if ((state[WINDOWSTART] & (1 << frame)) === 0) continue;
    const above = bitsFrom(state[WINDOWSTART], frame + 1);
    const size = (above & 1) !== 0 ? 1 : (above & 2) !== 0 ? 2 : 3;
    const handler = handlerAt(context, OVERFLOW_VECTORS[size]);
    if (handler !== -1) {
      windowException(context, frame);
      return handler;
    }
    if (!written) writeVisible(state);
    written = true;
    if (!storeFrame(context, frame, size)) return -1;
    state[WINDOWSTART] &= ~(1 << frame);
  }
  refreshMode(state);
  return 0;
}

/** PS, EPC1 and the window as a window exception leaves them. */
function windowException(context: HelperContext, frame: number): void {
  const { state } = context;
  state[PS] = (state[PS] & ~PS_OWB) | (state[WINDOWBASE] << PS_OWB_SHIFT) | PS_EXCM;
  state[EPC1] = context.pc | 0;
  setWindowBase(state, frame);
}

/** Index of register `register` of the frame at `frame` in the physical file, as a slot. */
function physical(frame: number, register: number): number {
  return PHYSICAL + (((frame << 2) + register) & 63);
}

/**
 * Stores the registers of a frame of `size` quads into its save areas: a0 to a3 below the callee's stack pointer, the others below
 * the caller's.
 */
function storeFrame(context: HelperContext, frame: number, size: number): boolean {
  const { state, memory } = context;
  const calleeStack = state[physical(frame + size, 1)];
  let extra = 0;
  if (size > 1) {
    const callerStack = memory.load((state[physical(frame, 1)] - 12) >>> 0, 4);
    if (typeof callerStack !== 'number') {
      context.fault(callerStack);
      return false;
    }
    extra = callerStack - (size << 4);
  }
  for (let quad = 0; quad < size; quad++) {
    const at = quad === 0 ? calleeStack - 16 : extra + (quad - 1) * 16;
    const fault = memory.storeWords(at >>> 0, state, physicalQuad(frame + quad), 4);
    if (fault !== undefined) {
      context.fault(fault);
      return false;
    }
  }
  return true;
}

const reloaded = new Int32Array(12);

/**
 * Brings the caller, `size` quads below the current frame, back into the physical file and marks it live.
 * @returns 0 when done; the address of the guest's underflow handler; -1 when the run stops, with nothing changed
 */
function reloadCaller(context: HelperContext, size: number): number {
  const { state } = context;
  const frame = (state[WINDOWBASE] - size) & 15;
  const handler = handlerAt(context, UNDERFLOW_VECTORS[size]);
  if (handler !== -1) {
    windowException(context, frame);
    return handler;
  }
  if (!loadFrame(context, frame, size, state[1])) return -1;
  state[WINDOWSTART] |= 1 << frame;
  return 0;
}

/**
 * Loads the registers of a frame of `size` quads from its save areas.
 * @param calleeStack stack pointer of its callee
 */
function loadFrame(context: HelperContext, frame: number, size: number, calleeStack: number): boolean {
  const { state, memory } = context;
  let extra = 0;
  for (let quad = 0; quad < size; quad++) {
    if (quad === 1) {
      const callerStack = memory.load((reloaded[1] - 12) >>> 0, 4);
      if (typeof callerStack !== 'number') {
        context.fault(callerStack);
        return false;
      }
      extra = callerStack - (size << 4);
    }
    const at = quad === 0 ? calleeStack - 16 : extra + (quad - 1) * 16;
    const fault = memory.loadWords(at >>> 0, reloaded, quad * 4, 4);
    if (fault !== undefined) {
      context.fault(fault);
      return false;
    }
  }
  for (let register = 0; register < size << 2; register++) state[physical(frame, register)] = reloaded[register];
  return true;
}

/**
 * MOVSP: when the caller's registers lie in the save area below the stack pointer, brings them back first, so that a later spill
 * finds the new stack pointer (as the alloca handlers of XTOS and ESP-IDF do).
 * @returns 0 when the move may go on; the address of the guest's handler; -1 when the run stops
 */
export function prepareStackMove(context: HelperContext): number {
  const { state } = context;
  if ((bitsFrom(state[WINDOWSTART], state[WINDOWBASE] + 13) & 7) !== 0) return 0;
  const size = state[0] >>> 30;
  if (size === 0 || generalHandler(context) !== -1) return takeException(context, Cause.Alloca);
  return reloadCaller(context, size);
}
