/** Immediates of 32-bit A32 instructions. */

/** B and BL: imm24 << 2, signed. */
export function readBranch26(instruction: number): number {
  return (instruction << 8) >> 6;
}

/** MOVW and MOVT (A2, A1): imm4:imm12. */
export function readMove16(instruction: number): number {
  return ((instruction >>> 4) & 0xf000) | (instruction & 0xfff);
}

export function writeMove16(instruction: number, value: number): number {
  return (instruction & 0xfff0f000) | ((value & 0xf000) << 4) | (value & 0xfff);
}

const U_BIT = 0x00800000;

/** LDR, STR, LDRB, STRB: imm12 with the sign in U. */
export function readOffset12(instruction: number): number {
  const magnitude = instruction & 0xfff;
  return (instruction & U_BIT) === 0 ? -magnitude : magnitude;
}

/** LDRD, STRD, LDRH, STRH, LDRSH, LDRSB: imm4H:imm4L with the sign in U. */
export function readOffset8(instruction: number): number {
  const magnitude = ((instruction >>> 4) & 0xf0) | (instruction & 0xf);
  return (instruction & U_BIT) === 0 ? -magnitude : magnitude;
}

/** LDC, STC: imm8 << 2 with the sign in U. */
export function readOffset10(instruction: number): number {
  const magnitude = (instruction & 0xff) << 2;
  return (instruction & U_BIT) === 0 ? -magnitude : magnitude;
}

export function writeSign(instruction: number, value: number): number {
  return value < 0 ? instruction & ~U_BIT : instruction | U_BIT;
}

const OPCODE = 0x01e00000;
const ADD = 0x00800000;
const SUB = 0x00400000;

/** True for ADD and SUB with an immediate. */
export function isAddOrSub(instruction: number): boolean {
  const opcode = instruction & OPCODE;
  return (instruction & 0x0e000000) === 0x02000000 && (opcode === ADD || opcode === SUB);
}

/** ADD, SUB: an 8-bit value rotated right by twice the rotation field, negated for SUB. */
export function readModified(instruction: number): number {
  const rotation = ((instruction >>> 8) & 15) * 2;
  const byte = instruction & 0xff;
  const value = rotation === 0 ? byte : (byte >>> rotation) | (byte << (32 - rotation));
  return ((instruction & OPCODE) === SUB ? -value : value) | 0;
}

/** Writes `bits`, a group of at most eight bits at an even position, with ADD or SUB by the sign of the whole value. */
export function writeModified(instruction: number, bits: number, negative: boolean): number {
  const shift = groupShift(bits);
  const rotation = shift === 0 ? 0 : 16 - shift / 2;
  return (instruction & ~(OPCODE | 0xfff)) | (negative ? SUB : ADD) | (rotation << 8) | (bits >>> shift);
}

/** Position of the eight-bit window that holds the most significant bit: the least even shift that reaches it. */
export function groupShift(residual: number): number {
  const top = 31 - Math.clz32(residual);
  return top < 8 ? 0 : (top - 6) & ~1;
}

/** What is left after groups 0 to `count - 1` were taken from a magnitude (AAELF32, Group relocations). */
export function residualAfter(magnitude: number, count: number): number {
  let residual = magnitude >>> 0;
  for (let n = 0; n < count; n++) residual = (residual & ~(0xff << groupShift(residual))) >>> 0;
  return residual;
}
