/** ThumbExpandImm (ARMv7-M ARM A5.3.2) of the twelve bits i:imm3:imm8. */
export function expandImmediate(imm12: number): number {
  const byte = imm12 & 0xff;
  switch (imm12 >>> 8) {
    case 0:
      return byte;
    case 1:
      return byte | (byte << 16);
    case 2:
      return ((byte << 8) | (byte << 24)) >>> 0;
    case 3:
      return (byte * 0x0101_0101) >>> 0;
    default: {
      const rotation = imm12 >>> 7;
      const unrotated = 0x80 | (imm12 & 0x7f);
      return ((unrotated >>> rotation) | (unrotated << (32 - rotation))) >>> 0;
    }
  }
}

/** Whether the immediate is UNPREDICTABLE: a pattern of a zero byte. */
export function isUnpredictableImmediate(imm12: number): boolean {
  const kind = imm12 >>> 8;
  return kind >= 1 && kind <= 3 && (imm12 & 0xff) === 0;
}

/** Whether ThumbExpandImm_C gives a carry of its own (bit 31 of the value) rather than the old one. */
export function immediateSetsCarry(imm12: number): boolean {
  return imm12 >>> 10 !== 0;
}

/** VFPExpandImm (ARMv7-M ARM A6.4.1) to single precision: eight bits to float bits. */
export function expandFloatImmediate(imm8: number): number {
  const exponent = (imm8 & 0x40) !== 0 ? 0x7c : 0x80;
  return ((imm8 & 0x80) << 24) | ((exponent | ((imm8 >>> 4) & 3)) << 23) | ((imm8 & 0xf) << 19) | 0;
}

/** Sign-extends the low `width` bits. */
export function signExtend(value: number, width: number): number {
  return (value << (32 - width)) >> (32 - width);
}

/** DecodeImmShift (ARMv7-M ARM A7.4.2): kinds of shift. */
export const enum Shift {
  Lsl = 0,
  Lsr,
  Asr,
  Ror,
}
