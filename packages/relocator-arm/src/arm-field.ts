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
import { BAD_INSTRUCTION, type FieldCodec, INTERWORKING, MISALIGNED, OUT_OF_RANGE, TARGET, WRITTEN } from './codec.js';

/** The H bit of BLX is not part of the addend (AAELF32, Arm relocation actions by instruction type). */
function armBranchAddend(view: DataView, offset: number): number {
  return readBranch26(view.getUint32(offset, true));
}

/** `exchange`: whether BL may become BLX and back (R_ARM_CALL only; R_ARM_JUMP24 needs a veneer). */
export function armBranch(exchange: 'always' | 'never' | 'if unconditional BL'): FieldCodec {
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

export const armMovw: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => (readMove16(view.getUint32(offset, true)) << 16) >> 16,
  write(view, offset, x) {
    view.setUint32(offset, writeMove16(view.getUint32(offset, true), x), true);
    return WRITTEN;
  },
};

export const armMovt: FieldCodec = {
  ...armMovw,
  write: (view, offset, x, place, target, checked) => armMovw.write(view, offset, x >>> 16, place, target, checked),
};

export const armLdr12: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => readOffset12(view.getUint32(offset, true)),
  write(view, offset, x) {
    const instruction = writeSign(view.getUint32(offset, true), x) & ~0xfff;
    view.setUint32(offset, instruction | Math.abs(x), true);
    return WRITTEN;
  },
};

export function armAlu(group: number): FieldCodec {
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

export function armLdrGroup(group: number): FieldCodec {
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

export function armLdrsGroup(group: number): FieldCodec {
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

export function armLdcGroup(group: number): FieldCodec {
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
export function armStaticBase(shift: number, mask: number): FieldCodec {
  return {
    size: 4,
    readAddend: (view, offset) => (view.getUint32(offset, true) & mask) << shift,
    write(view, offset, x) {
      view.setUint32(offset, (view.getUint32(offset, true) & ~mask) | ((x >>> shift) & mask), true);
      return WRITTEN;
    },
  };
}
