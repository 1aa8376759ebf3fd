import {
  groupShift,
  isAddOrSub,
  readBranch26,
  readModified,
  readMove16,
  readOffset8,
  readOffset10,
  readOffset12,
  residualAfter,
  writeModified,
  writeMove16,
  writeSign,
} from './arm-state.js';
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

/** What a branch goes to. `THUMB` is the T of the formulas: a symbol of type STT_FUNC that addresses a Thumb instruction. */
export const TARGET = {
  /** Data, or a label without type: the branch keeps its instruction set. */
  PLAIN: 0,
  /** A Thumb function: T is 1. */
  THUMB: 1,
  /** An A32 function. Cortex-M cannot execute it. */
  ARM: 2,
} as const;

export type Target = 0 | 1 | 2;

/** What writing a field came to. */
export const WRITTEN = 0;
export const OUT_OF_RANGE = 1;
export const MISALIGNED = 2;
export const INTERWORKING = 3;
export const BAD_INSTRUCTION = 4;

/** How a place keeps a value. Instructions are read and written as the CPU fetches them: little-endian (half)words. */
export interface FieldCodec {
  /** Bytes of the place. */
  readonly size: 0 | 1 | 2 | 4;
  /** The REL addend, signed. */
  readAddend(view: DataView, offset: number): number;
  /**
   * Writes X, which lies in the row's range.
   * @param checked whether a group that does not take all bits is an error
   * @returns WRITTEN, or why nothing was written
   */
  write(view: DataView, offset: number, x: number, place: number, target: number, checked: boolean): number;
}

function thumb32(view: DataView, offset: number): number {
  return (view.getUint16(offset, true) << 16) | view.getUint16(offset + 2, true);
}

function setThumb32(view: DataView, offset: number, instruction: number): number {
  view.setUint16(offset, instruction >>> 16, true);
  view.setUint16(offset + 2, instruction, true);
  return WRITTEN;
}

const none: FieldCodec = { size: 0, readAddend: () => 0, write: () => WRITTEN };

const word32: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => view.getInt32(offset, true),
  write(view, offset, x) {
    view.setInt32(offset, x, true);
    return WRITTEN;
  },
};

/** The place of GLOB_DAT and JUMP_SLOT: what it held is no addend (AAELF32, Dynamic relocations). */
const slot32: FieldCodec = { ...word32, readAddend: () => 0 };

const word16: FieldCodec = {
  size: 2,
  readAddend: (view, offset) => view.getInt16(offset, true),
  write(view, offset, x) {
    view.setInt16(offset, x, true);
    return WRITTEN;
  },
};

const word8: FieldCodec = {
  size: 1,
  readAddend: (view, offset) => view.getInt8(offset),
  write(view, offset, x) {
    view.setInt8(offset, x);
    return WRITTEN;
  },
};

/** Bit 31 belongs to the unwinder (EHABI32) and stays. */
const prel31: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => (view.getInt32(offset, true) << 1) >> 1,
  write(view, offset, x) {
    view.setInt32(offset, (view.getInt32(offset, true) & 0x80000000) | (x & 0x7fffffff), true);
    return WRITTEN;
  },
};

/** The H bit of BLX is not part of the addend (AAELF32, Arm relocation actions by instruction type). */
function armBranchAddend(view: DataView, offset: number): number {
  return readBranch26(view.getUint32(offset, true));
}

/** `exchange`: whether BL may become BLX and back (R_ARM_CALL only; R_ARM_JUMP24 needs a veneer). */
function armBranch(exchange: 'always' | 'never' | 'if unconditional BL'): FieldCodec {
  return {
    size: 4,
    readAddend: armBranchAddend,
    write(view, offset, x, _place, target) {
      const instruction = view.getUint32(offset, true);
      const isBlx = instruction >>> 25 === 0x7d;
      if (target === TARGET.THUMB || (isBlx && target === TARGET.PLAIN)) {
        const canBeBlx = isBlx || (instruction >>> 24 === 0xeb && exchange !== 'never');
        if (!canBeBlx) return INTERWORKING;
        view.setUint32(offset, 0xfa000000 | ((x & 2) << 23) | ((x >> 2) & 0xffffff), true);
        return WRITTEN;
      }
      if ((x & 3) !== 0) return MISALIGNED;
      const opcode = isBlx ? 0xeb000000 : instruction & 0xff000000;
      view.setUint32(offset, opcode | ((x >> 2) & 0xffffff), true);
      return WRITTEN;
    },
  };
}

const armMovw: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => (readMove16(view.getUint32(offset, true)) << 16) >> 16,
  write(view, offset, x) {
    view.setUint32(offset, writeMove16(view.getUint32(offset, true), x), true);
    return WRITTEN;
  },
};

const armMovt: FieldCodec = {
  ...armMovw,
  write: (view, offset, x, place, target, checked) => armMovw.write(view, offset, x >>> 16, place, target, checked),
};

const armLdr12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readOffset12(view.getUint32(offset, true)),
  write(view, offset, x) {
    const instruction = writeSign(view.getUint32(offset, true), x) & ~0xfff;
    view.setUint32(offset, instruction | Math.abs(x), true);
    return WRITTEN;
  },
};

function armAlu(group: number): FieldCodec {
  return {
    size: 4,
    readAddend: (view, offset) => readModified(view.getUint32(offset, true)),
    write(view, offset, x, _place, _target, checked) {
      const instruction = view.getUint32(offset, true);
      if (!isAddOrSub(instruction)) return BAD_INSTRUCTION;
      const residual = residualAfter(Math.abs(x), group);
      const bits = (residual & (0xff << groupShift(residual))) >>> 0;
      if (checked && bits !== residual) return OUT_OF_RANGE;
      view.setUint32(offset, writeModified(instruction, bits, x < 0), true);
      return WRITTEN;
    },
  };
}

function armLdrGroup(group: number): FieldCodec {
  return {
    size: 4,
    readAddend: armLdr12.readAddend,
    write(view, offset, x) {
      const residual = residualAfter(Math.abs(x), group);
      if (residual > 0xfff) return OUT_OF_RANGE;
      const instruction = writeSign(view.getUint32(offset, true), x) & ~0xfff;
      view.setUint32(offset, instruction | residual, true);
      return WRITTEN;
    },
  };
}

function armLdrsGroup(group: number): FieldCodec {
  return {
    size: 4,
    readAddend: (view, offset) => readOffset8(view.getUint32(offset, true)),
    write(view, offset, x) {
      const residual = residualAfter(Math.abs(x), group);
      if (residual > 0xff) return OUT_OF_RANGE;
      const instruction = writeSign(view.getUint32(offset, true), x) & ~0xf0f;
      view.setUint32(offset, instruction | ((residual & 0xf0) << 4) | (residual & 0xf), true);
      return WRITTEN;
    },
  };
}

function armLdcGroup(group: number): FieldCodec {
  return {
    size: 4,
    readAddend: (view, offset) => readOffset10(view.getUint32(offset, true)),
    write(view, offset, x) {
      const residual = residualAfter(Math.abs(x), group);
      if (residual > 0x3fc) return OUT_OF_RANGE;
      if ((residual & 3) !== 0) return MISALIGNED;
      const instruction = writeSign(view.getUint32(offset, true), x) & ~0xff;
      view.setUint32(offset, instruction | (residual >>> 2), true);
      return WRITTEN;
    },
  };
}

/** R_ARM_LDR_SBREL_11_0_NC and its ALU companions: fixed bits of X, without a sign (Arm ELF B02). */
function armStaticBase(shift: number, mask: number): FieldCodec {
  return {
    size: 4,
    readAddend: (view, offset) => (view.getUint32(offset, true) & mask) << shift,
    write(view, offset, x) {
      view.setUint32(offset, (view.getUint32(offset, true) & ~mask) | ((x >>> shift) & mask), true);
      return WRITTEN;
    },
  };
}

/** Bit 12 of BL's second halfword is 1, of BLX's 0. */
const BL_BIT = 0x1000;

const thumbCall: FieldCodec = {
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

const thumbJump24: FieldCodec = {
  size: 4,
  readAddend: thumbCall.readAddend,
  write(view, offset, x, _place, target) {
    if (target === TARGET.ARM) return INTERWORKING;
    return setThumb32(view, offset, writeBranch25(thumb32(view, offset), x));
  },
};

const thumbJump19: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readBranch21(thumb32(view, offset)),
  write(view, offset, x, _place, target) {
    if (target === TARGET.ARM) return INTERWORKING;
    return setThumb32(view, offset, writeBranch21(thumb32(view, offset), x));
  },
};

/** B (T2) and B<cond> (T1): `bits` bits of a halfword count. */
function thumbShortBranch(bits: number): FieldCodec {
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
const thumbJump6: FieldCodec = {
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

const thumbMovw: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => (readImm16(thumb32(view, offset)) << 16) >> 16,
  write: (view, offset, x) => setThumb32(view, offset, writeImm16(thumb32(view, offset), x)),
};

const thumbMovt: FieldCodec = {
  ...thumbMovw,
  write: (view, offset, x) => setThumb32(view, offset, writeImm16(thumb32(view, offset), x >>> 16)),
};

const thumbAdr12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readAdr12(thumb32(view, offset)),
  write: (view, offset, x) => setThumb32(view, offset, writeAdr12(thumb32(view, offset), x)),
};

/** LDR (literal) and its kin: imm12 with the sign in U, bit 7 of the first halfword. */
const thumbPc12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readOffset12(thumb32(view, offset)),
  write: (view, offset, x) => setThumb32(view, offset, (writeSign(thumb32(view, offset), x) & ~0xfff) | Math.abs(x)),
};

const thumbLdr12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => view.getUint16(offset + 2, true) & 0xfff,
  write(view, offset, x) {
    view.setUint16(offset + 2, (view.getUint16(offset + 2, true) & 0xf000) | x, true);
    return WRITTEN;
  },
};

/** LDR (literal) and ADR: imm8 words. The addend formula is AAELF32's own. */
const thumbPc8: FieldCodec = {
  size: 2,
  readAddend: (view, offset) => ((((view.getUint16(offset, true) & 0xff) << 2) + 4) & 0x3ff) - 4,
  write(view, offset, x) {
    view.setUint16(offset, (view.getUint16(offset, true) & 0xff00) | (x >>> 2), true);
    return WRITTEN;
  },
};

/** LDR and STR (immediate): imm5 words in bits 10..6. */
const thumbAbs5: FieldCodec = {
  size: 2,
  readAddend: (view, offset) => (view.getUint16(offset, true) >>> 4) & 0x7c,
  write(view, offset, x) {
    view.setUint16(offset, (view.getUint16(offset, true) & 0xf83f) | (x << 4), true);
    return WRITTEN;
  },
};

/** MOV and ADD with imm8: byte `group` of X. */
function thumbImm8(group: number): FieldCodec {
  return {
    size: 2,
    readAddend: (view, offset) => view.getUint8(offset),
    write(view, offset, x) {
      view.setUint8(offset, x >>> (8 * group));
      return WRITTEN;
    },
  };
}

function thumbBranchFuture(bits: number): FieldCodec {
  return {
    size: 4,
    readAddend: (view, offset) => readBranchFuture(thumb32(view, offset), bits),
    write(view, offset, x, _place, target) {
      if (target === TARGET.ARM) return INTERWORKING;
      return setThumb32(view, offset, writeBranchFuture(thumb32(view, offset), bits, x));
    },
  };
}

/** Every field a relocation type writes, by the name used in the table. */
export const fields = {
  none,
  word32,
  slot32,
  word16,
  word8,
  prel31,
  'arm-call': armBranch('always'),
  'arm-jump24': armBranch('never'),
  'arm-branch': armBranch('if unconditional BL'),
  'arm-movw': armMovw,
  'arm-movt': armMovt,
  'arm-ldr12': armLdr12,
  'arm-alu-g0': armAlu(0),
  'arm-alu-g1': armAlu(1),
  'arm-alu-g2': armAlu(2),
  'arm-ldr-g0': armLdrGroup(0),
  'arm-ldr-g1': armLdrGroup(1),
  'arm-ldr-g2': armLdrGroup(2),
  'arm-ldrs-g0': armLdrsGroup(0),
  'arm-ldrs-g1': armLdrsGroup(1),
  'arm-ldrs-g2': armLdrsGroup(2),
  'arm-ldc-g0': armLdcGroup(0),
  'arm-ldc-g1': armLdcGroup(1),
  'arm-ldc-g2': armLdcGroup(2),
  'arm-sbrel-11-0': armStaticBase(0, 0xfff),
  'arm-sbrel-19-12': armStaticBase(12, 0xff),
  'arm-sbrel-27-20': armStaticBase(20, 0xff),
  'thumb-call': thumbCall,
  'thumb-jump24': thumbJump24,
  'thumb-jump19': thumbJump19,
  'thumb-jump11': thumbShortBranch(11),
  'thumb-jump8': thumbShortBranch(8),
  'thumb-jump6': thumbJump6,
  'thumb-movw': thumbMovw,
  'thumb-movt': thumbMovt,
  'thumb-adr12': thumbAdr12,
  'thumb-pc12': thumbPc12,
  'thumb-ldr12': thumbLdr12,
  'thumb-pc8': thumbPc8,
  'thumb-abs5': thumbAbs5,
  'thumb-imm8-g0': thumbImm8(0),
  'thumb-imm8-g1': thumbImm8(1),
  'thumb-imm8-g2': thumbImm8(2),
  'thumb-imm8-g3': thumbImm8(3),
  'thumb-bf16': thumbBranchFuture(5),
  'thumb-bf12': thumbBranchFuture(1),
  'thumb-bf18': thumbBranchFuture(7),
} as const satisfies Record<string, FieldCodec>;

export type Field = keyof typeof fields;
