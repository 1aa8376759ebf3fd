import { pcOperand } from './operand.js';

/** A call the assembler expanded: L32R aN, literal, then CALLXn aN (-mlongcalls), six bytes. */
export interface LongCall {
  /** 0, 1, 2, 3 for CALLX0, CALLX4, CALLX8, CALLX12: the register window moves by four times it. */
  readonly window: 0 | 1 | 2 | 3;
}

export const LONG_CALL_SIZE = 6;

/** OR a1, a1, a1: the three-byte no-operation GNU ld writes. */
const NOP = 0x201110;

export function read24(view: DataView, offset: number): number {
  return view.getUint8(offset) | (view.getUint8(offset + 1) << 8) | (view.getUint8(offset + 2) << 16);
}

export function write24(view: DataView, offset: number, instruction: number): void {
  view.setUint8(offset, instruction);
  view.setUint8(offset + 1, instruction >>> 8);
  view.setUint8(offset + 2, instruction >>> 16);
}

/** The window of the expanded call at a place, 0 to 3; -1 when there is none. */
export function longCallWindow(view: DataView, offset: number): number {
  if (offset < 0 || offset + LONG_CALL_SIZE > view.byteLength) return -1;
  const load = read24(view, offset);
  const jump = read24(view, offset + 3);
  if ((load & 15) !== 1) return -1;
  // CALLX: op0 0, m 3, r, op1 and op2 0.
  if ((jump & 0xfff0cf) !== 0xc0) return -1;
  return ((load >>> 4) & 15) === ((jump >>> 8) & 15) ? (jump >>> 4) & 3 : -1;
}

/** The expanded call at a place; undefined when the place holds something else. */
export function longCall(view: DataView, offset: number): LongCall | undefined {
  const window = longCallWindow(view, offset);
  return window === 0 || window === 1 || window === 2 || window === 3 ? { window } : undefined;
}

/**
 * Shortens an expanded call to NOP and a direct CALLn, if the target is a multiple of 4 within reach and, for a windowed
 * call, in the same 1 GB.
 * @param place address of the L32R
 * @param target address of the function
 * @returns whether it was shortened; if not, nothing was changed and the long form still works
 */
export function relaxLongCall(view: DataView, offset: number, place: number, target: number): boolean {
  const window = longCallWindow(view, offset);
  if (window < 0) return false;
  const direct = 0x05 | (window << 4);
  const operand = pcOperand(direct);
  if (operand === undefined || (target & 3) !== 0) return false;
  const distance = (target - operand.base(place + 3)) | 0;
  if (distance < operand.min || distance > operand.max) return false;
  if (window > 0 && crossesSegment(place + 3, target)) return false;
  write24(view, offset, NOP);
  write24(view, offset + 3, operand.write(direct, distance));
  return true;
}

/** CALL4, CALL8 and CALL12 keep the window size in the top two bits of the return address. */
export function crossesSegment(place: number, target: number): boolean {
  return place >>> 30 !== target >>> 30;
}
