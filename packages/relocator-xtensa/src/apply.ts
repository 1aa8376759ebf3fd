import { RelocationError, type RelocationErrorCode, type RelocationErrorData } from './error.js';
import { crossesSegment, longCallWindow, read24, relaxLongCall, write24 } from './long-call.js';
import { type PcOperand, pcMnemonic, pcOperand } from './operand.js';
import { xtensaRelocation, xtensaRelocationName } from './table.js';

/**
 * Applies one relocation. Nothing is written when it throws.
 * @param view bytes to relocate, little-endian
 * @param offset where the place starts in `view`
 * @param type ELF32_R_TYPE
 * @param P address of the place, 32-bit
 * @param S address of the symbol, 32-bit; for RTLD the word to store
 * @param A `r_addend`
 * @param base B: load address minus link address, for RELATIVE
 * @throws RelocationError
 */
export function applyXtensa(
  view: DataView,
  offset: number,
  type: number,
  P: number,
  S: number,
  A: number,
  base = 0,
): void {
  const row = xtensaRelocation(type);
  switch (row?.action) {
    case 'nothing':
      return;
    case 'add S + A':
      checkWord(view, offset, type);
      view.setInt32(offset, view.getInt32(offset, true) + S + A, true);
      return;
    case 'set S + A':
      checkWord(view, offset, type);
      view.setInt32(offset, S + A, true);
      return;
    case 'set S + A - P':
      checkWord(view, offset, type);
      view.setInt32(offset, S + A - P, true);
      return;
    case 'add B + A':
      checkWord(view, offset, type);
      view.setInt32(offset, view.getInt32(offset, true) + base + A, true);
      return;
    case 'set S':
      checkWord(view, offset, type);
      view.setInt32(offset, S, true);
      return;
    case 'operand':
      applyOperand(view, offset, type, P, S, A);
      return;
    case 'check call':
      checkLongCall(view, offset, type, P, S, A);
      return;
    case 'relax call':
      simplifyLongCall(view, offset, type, P, S, A);
      return;
    default:
      throw refusal(type);
  }
}

function checkWord(view: DataView, offset: number, type: number): void {
  if (offset < 0 || offset + 4 > view.byteLength) throw outOfBounds(type, offset, view.byteLength);
}

function applyOperand(view: DataView, offset: number, type: number, P: number, S: number, A: number): void {
  if (offset < 0 || offset + 2 > view.byteLength) throw outOfBounds(type, offset, view.byteLength);
  const operand = pcOperand(view.getUint8(offset) | specialByte(view, offset));
  if (operand === undefined) throw problem('BAD_INSTRUCTION', view, offset, type, P, S, A);
  if (offset + operand.size > view.byteLength) throw outOfBounds(type, offset, view.byteLength);
  const target = (S + A) | 0;
  const distance = (target - operand.base(P)) | 0;
  if ((target & (operand.align - 1)) !== 0) throw problem('MISALIGNED', view, offset, type, P, S, A, operand, distance);
  if (distance < operand.min || distance > operand.max) {
    throw problem('OUT_OF_RANGE', view, offset, type, P, S, A, operand, distance);
  }
  if (operand.size === 2) {
    view.setUint16(offset, operand.write(view.getUint16(offset, true), distance), true);
    return;
  }
  const instruction = read24(view, offset);
  if (operand.kind === 'call' && (instruction & 0x30) !== 0 && crossesSegment(P, target)) {
    throw problem('CALL_SEGMENT', view, offset, type, P, S, A, operand, distance);
  }
  write24(view, offset, operand.write(instruction, distance));
}

/** The second byte, whose upper half tells BF, BT and the loops apart. */
function specialByte(view: DataView, offset: number): number {
  return view.getUint8(offset + 1) << 8;
}

function checkLongCall(view: DataView, offset: number, type: number, P: number, S: number, A: number): void {
  if (longCallWindow(view, offset) > 0 && crossesSegment(P, S + A)) {
    throw problem('CALL_SEGMENT', view, offset, type, P, S, A);
  }
}

function simplifyLongCall(view: DataView, offset: number, type: number, P: number, S: number, A: number): void {
  const window = longCallWindow(view, offset);
  if (window < 0) throw problem('BAD_INSTRUCTION', view, offset, type, P, S, A);
  const target = (S + A) | 0;
  if (relaxLongCall(view, offset, P, target)) return;
  const operand = pcOperand(0x05);
  const distance = operand === undefined ? 0 : (target - operand.base(P + 3)) | 0;
  if ((target & 3) !== 0) throw problem('MISALIGNED', view, offset, type, P, S, A, operand, distance);
  const code = window > 0 && crossesSegment(P + 3, target) ? 'CALL_SEGMENT' : 'OUT_OF_RANGE';
  throw problem(code, view, offset, type, P, S, A, operand, distance);
}

/** `applyXtensa` with its arguments by name. */
export interface XtensaApplication {
  readonly type: number;
  /** P: address of the place. */
  readonly place: number;
  /** S: address of the symbol; for RTLD the word to store. */
  readonly symbol: number;
  /** A: `r_addend`; 0 when left out. */
  readonly addend?: number;
  /** B: load address minus link address, for RELATIVE. */
  readonly base?: number;
  /** Bytes to relocate. */
  readonly into: Uint8Array;
  /** Where the place starts in `into`. */
  readonly offset: number;
}

/** @throws RelocationError */
export function apply({ type, place, symbol, addend = 0, base = 0, into, offset }: XtensaApplication): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  applyXtensa(view, offset, type, place, symbol, addend, base);
}

function refusal(type: number): RelocationError {
  const row = xtensaRelocation(type);
  const name = xtensaRelocationName(type);
  if (row === undefined) return new RelocationError('UNKNOWN_TYPE', `${name}: unknown relocation type`, { type, name });
  return new RelocationError('UNSUPPORTED', `${name}: ${row.refusal}`, { type, name });
}

function outOfBounds(type: number, offset: number, length: number): RelocationError {
  const name = xtensaRelocationName(type);
  return new RelocationError('OUT_OF_BOUNDS', `${name}: place ${offset} passes the end of ${length} bytes`, {
    type,
    name,
    offset,
  });
}

function problem(
  code: RelocationErrorCode,
  view: DataView,
  offset: number,
  type: number,
  P: number,
  S: number,
  A: number,
  operand?: PcOperand,
  distance?: number,
): RelocationError {
  const name = xtensaRelocationName(type);
  const instruction = offset + 3 <= view.byteLength ? read24(view, offset) : view.getUint16(offset, true);
  const mnemonic = pcMnemonic(instruction);
  const target = (S + A) >>> 0;
  const data: RelocationErrorData = {
    type,
    name,
    place: P >>> 0,
    offset,
    symbol: S >>> 0,
    addend: A,
    instruction,
    ...(mnemonic === undefined ? {} : { mnemonic }),
    ...(operand === undefined ? {} : { min: operand.min, max: operand.max }),
    ...(distance === undefined ? {} : { value: distance }),
  };
  const where = `${name} at 0x${(P >>> 0).toString(16)} to 0x${target.toString(16)}`;
  return new RelocationError(code, `${where}: ${reason(code, mnemonic, operand, distance)}`, data);
}

function reason(code: RelocationErrorCode, mnemonic = 'the call', operand?: PcOperand, distance = 0): string {
  switch (code) {
    case 'MISALIGNED':
      return `the target of ${mnemonic} must be a multiple of 4`;
    case 'CALL_SEGMENT':
      return `a windowed call (${mnemonic}) cannot cross a 1 GB boundary`;
    case 'BAD_INSTRUCTION':
      return 'the place holds no instruction this type changes';
    default:
      if (operand?.kind === 'l32r' && distance > operand.max) return 'the literal lies behind the L32R that loads it';
      return `${mnemonic} reaches ${operand?.min} to ${operand?.max} bytes, not ${distance}`;
  }
}
