/** Immediates of 32-bit Thumb instructions, held as first halfword << 16 | second halfword (ARMv7-M, A5.3). */

/** BL, BLX and B.W (T4): S:I1:I2:imm10:imm11:0 with I = NOT(J XOR S); 25 bits, signed. */
export function readBranch25(instruction: number): number {
  const sign = (instruction >>> 26) & 1;
  const i1 = ((instruction >>> 13) & 1) ^ sign ^ 1;
  const i2 = ((instruction >>> 11) & 1) ^ sign ^ 1;
  const offset =
    (sign << 24) | (i1 << 23) | (i2 << 22) | (((instruction >>> 16) & 0x3ff) << 12) | ((instruction & 0x7ff) << 1);
  return (offset << 7) >> 7;
}

export function writeBranch25(instruction: number, offset: number): number {
  const sign = (offset >>> 24) & 1;
  const j1 = ((offset >>> 23) & 1) ^ sign ^ 1;
  const j2 = ((offset >>> 22) & 1) ^ sign ^ 1;
  return (
    (instruction & 0xf800d000) |
    (sign << 26) |
    (((offset >>> 12) & 0x3ff) << 16) |
    (j1 << 13) |
    (j2 << 11) |
    ((offset >>> 1) & 0x7ff)
  );
}

/** B<cond>.W (T3): S:J2:J1:imm6:imm11:0; 21 bits, signed. */
export function readBranch21(instruction: number): number {
  const offset =
    (((instruction >>> 26) & 1) << 20) |
    (((instruction >>> 11) & 1) << 19) |
    (((instruction >>> 13) & 1) << 18) |
    (((instruction >>> 16) & 0x3f) << 12) |
    ((instruction & 0x7ff) << 1);
  return (offset << 11) >> 11;
}

export function writeBranch21(instruction: number, offset: number): number {
  return (
    (instruction & 0xfbc0d000) |
    (((offset >>> 20) & 1) << 26) |
    (((offset >>> 12) & 0x3f) << 16) |
    (((offset >>> 18) & 1) << 13) |
    (((offset >>> 19) & 1) << 11) |
    ((offset >>> 1) & 0x7ff)
  );
}

/** MOVW (T3) and MOVT (T1): imm4:i:imm3:imm8; 16 bits, unsigned. */
export function readImm16(instruction: number): number {
  return (
    ((instruction >>> 4) & 0xf000) |
    ((instruction >>> 15) & 0x0800) |
    ((instruction >>> 4) & 0x0700) |
    (instruction & 0xff)
  );
}

export function writeImm16(instruction: number, value: number): number {
  return (
    (instruction & 0xfbf08f00) |
    ((value & 0xf000) << 4) |
    ((value & 0x0800) << 15) |
    ((value & 0x0700) << 4) |
    (value & 0xff)
  );
}

/** ADR.W (T2 subtracts, T3 adds): i:imm3:imm8; 12 bits and the sign in the opcode (ARMv7-M, A7.7.7). */
export function readAdr12(instruction: number): number {
  const magnitude = ((instruction >>> 15) & 0x0800) | ((instruction >>> 4) & 0x0700) | (instruction & 0xff);
  return (instruction & 0x00a00000) === 0 ? magnitude : -magnitude;
}

export function writeAdr12(instruction: number, value: number): number {
  const magnitude = value < 0 ? -value : value;
  return (
    (instruction & 0xfb5f8f00) |
    (value < 0 ? 0x00a00000 : 0) |
    ((magnitude & 0x0800) << 15) |
    ((magnitude & 0x0700) << 4) |
    (magnitude & 0xff)
  );
}

/**
 * BF, BFCSEL, BFL (ARMv8.1-M, branch future): immA:immB:immC:0, with `bits` bits of immA in the first halfword, immB in
 * bits 10..1 and immC in bit 11 of the second.
 */
export function readBranchFuture(instruction: number, bits: number): number {
  const high = (instruction >>> 16) & ((1 << bits) - 1);
  const offset = (high << 12) | ((instruction & 0x7fe) << 1) | (((instruction >>> 11) & 1) << 1);
  const unused = 20 - bits;
  return (offset << unused) >> unused;
}

export function writeBranchFuture(instruction: number, bits: number, offset: number): number {
  const mask = (1 << bits) - 1;
  return (
    (instruction & ~((mask << 16) | 0xffe)) |
    (((offset >>> 12) & mask) << 16) |
    ((offset >>> 1) & 0x7fe) |
    (((offset >>> 1) & 1) << 11)
  );
}
