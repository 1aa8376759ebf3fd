/** Flags of an Xtensa property entry (binutils include/elf/xtensa.h). */
export const XTENSA_PROP = {
  LITERAL: 0x1,
  INSN: 0x2,
  DATA: 0x4,
  UNREACHABLE: 0x8,
  INSN_LOOP_TARGET: 0x10,
  INSN_BRANCH_TARGET: 0x20,
  INSN_NO_DENSITY: 0x40,
  INSN_NO_REORDER: 0x80,
  NO_TRANSFORM: 0x100,
  ALIGN: 0x800,
  INSN_ABSLIT: 0x20000,
} as const;
