import { readOffset12, writeSign } from './arm-state.js';
import { type FieldCodec, INTERWORKING, MISALIGNED, OUT_OF_RANGE, TARGET, WRITTEN } from './codec.js';
import {
  readAdr12,
  readBranch21,
  readBranch25,
  readBranchFuture,
  readImm16,
  writeAdr12,
  writeBranch21,
  writeBranch25,
  writeBranchFuture,
  writeImm16,
} from './thumb.js';

function thumb32(view: DataView, offset: number): number {
  return (view.getUint16(offset, true) << 16) | view.getUint16(offset + 2, true);
}

function setThumb32(view: DataView, offset: number, instruction: number): number {
  view.setUint16(offset, instruction >>> 16, true);
  view.setUint16(offset + 2, instruction, true);
  return WRITTEN;
}

/** Bit 12 of BL's second halfword is 1, of BLX's 0. */
const BL_BIT = 0x1000;

export const thumbCall: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readBranch25(thumb32(view, offset)),
  write(view, offset, x, place, target) {
    const instruction = thumb32(view, offset);
    const toArm = target === TARGET.ARM || (target === TARGET.PLAIN && (instruction & BL_BIT) === 0);
    if (!toArm) return setThumb32(view, offset, writeBranch25(instruction, x) | BL_BIT);
    // BLX branches from the place rounded down to a word.
    if (((place + x) & 3) !== 0) return MISALIGNED;
    const aligned = (x + 2) & ~3;
    if (aligned >= 0x1000000) return OUT_OF_RANGE;
    return setThumb32(view, offset, writeBranch25(instruction, aligned) & ~BL_BIT);
  },
};

export const thumbJump24: FieldCodec = {
  size: 4,
  readAddend: thumbCall.readAddend,
  write(view, offset, x, _place, target) {
    if (target === TARGET.ARM) return INTERWORKING;
    return setThumb32(view, offset, writeBranch25(thumb32(view, offset), x));
  },
};

export const thumbJump19: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readBranch21(thumb32(view, offset)),
  write(view, offset, x, _place, target) {
    if (target === TARGET.ARM) return INTERWORKING;
    return setThumb32(view, offset, writeBranch21(thumb32(view, offset), x));
  },
};

/** B (T2) and B<cond> (T1): `bits` bits of a halfword count. */
export function thumbShortBranch(bits: number): FieldCodec {
  const mask = (1 << bits) - 1;
  return {
    size: 2,
    readAddend: (view, offset) => (view.getUint16(offset, true) << (32 - bits)) >> (31 - bits),
    write(view, offset, x, _place, target) {
      if (target === TARGET.ARM) return INTERWORKING;
      view.setUint16(offset, (view.getUint16(offset, true) & ~mask) | ((x >> 1) & mask), true);
      return WRITTEN;
    },
  };
}

/** CBZ, CBNZ: i in bit 9, imm5 in bits 7..3. The addend formula is AAELF32's own. */
export const thumbJump6: FieldCodec = {
  size: 2,
  readAddend(view, offset) {
    const instruction = view.getUint16(offset, true);
    const imm = ((instruction >>> 3) & 0x40) | ((instruction >>> 2) & 0x3e);
    return ((imm + 4) & 0x7f) - 4;
  },
  write(view, offset, x, _place, target) {
    if (target === TARGET.ARM) return INTERWORKING;
    const instruction = view.getUint16(offset, true) & 0xfd07;
    view.setUint16(offset, instruction | ((x & 0x40) << 3) | ((x & 0x3e) << 2), true);
    return WRITTEN;
  },
};

export const thumbMovw: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => (readImm16(thumb32(view, offset)) << 16) >> 16,
  write: (view, offset, x) => setThumb32(view, offset, writeImm16(thumb32(view, offset), x)),
};

export const thumbMovt: FieldCodec = {
  ...thumbMovw,
  write: (view, offset, x) => setThumb32(view, offset, writeImm16(thumb32(view, offset), x >>> 16)),
};

export const thumbAdr12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readAdr12(thumb32(view, offset)),
  write: (view, offset, x) => setThumb32(view, offset, writeAdr12(thumb32(view, offset), x)),
};

/** LDR (literal) and its kin: imm12 with the sign in U, bit 7 of the first halfword. */
export const thumbPc12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readOffset12(thumb32(view, offset)),
  write: (view, offset, x) => setThumb32(view, offset, (writeSign(thumb32(view, offset), x) & ~0xfff) | Math.abs(x)),
};

export const thumbLdr12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => view.getUint16(offset + 2, true) & 0xfff,
  write(view, offset, x) {
    view.setUint16(offset + 2, (view.getUint16(offset + 2, true) & 0xf000) | x, true);
    return WRITTEN;
  },
};

/** LDR (literal) and ADR: imm8 words. The addend formula is AAELF32's own. */
export const thumbPc8: FieldCodec = {
  size: 2,
  readAddend: (view, offset) => ((((view.getUint16(offset, true) & 0xff) << 2) + 4) & 0x3ff) - 4,
  write(view, offset, x) {
    view.setUint16(offset, (view.getUint16(offset, true) & 0xff00) | (x >>> 2), true);
    return WRITTEN;
  },
};

/** LDR and STR (immediate): imm5 words in bits 10..6. */
export const thumbAbs5: FieldCodec = {
  size: 2,
  readAddend: (view, offset) => (view.getUint16(offset, true) >>> 4) & 0x7c,
  write(view, offset, x) {
    view.setUint16(offset, (view.getUint16(offset, true) & 0xf83f) | (x << 4), true);
    return WRITTEN;
  },
};

/** MOV and ADD with imm8: byte `group` of X. */
export function thumbImm8(group: number): FieldCodec {
  return {
    size: 2,
    readAddend: (view, offset) => view.getUint8(offset),
    write(view, offset, x) {
      view.setUint8(offset, x >>> (8 * group));
      return WRITTEN;
    },
  };
}

export function thumbBranchFuture(bits: number): FieldCodec {
  return {
    size: 4,
    readAddend: (view, offset) => readBranchFuture(thumb32(view, offset), bits),
    write(view, offset, x, _place, target) {
      if (target === TARGET.ARM) return INTERWORKING;
      return setThumb32(view, offset, writeBranchFuture(thumb32(view, offset), bits, x));
    },
  };
}
