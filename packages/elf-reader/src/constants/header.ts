/** e_type (gABI, ELF Header). */
export const ET = { NONE: 0, REL: 1, EXEC: 2, DYN: 3, CORE: 4 } as const;

/** e_machine: the architectures in current use (gABI registry). */
export const EM = {
  NONE: 0,
  SPARC: 2,
  '386': 3,
  '68K': 4,
  MIPS: 8,
  PARISC: 15,
  SPARC32PLUS: 18,
  PPC: 20,
  PPC64: 21,
  S390: 22,
  ARM: 40,
  SH: 42,
  SPARCV9: 43,
  TRICORE: 44,
  ARC: 45,
  H8_300: 46,
  IA_64: 50,
  X86_64: 62,
  AVR: 83,
  XTENSA: 94,
  MSP430: 105,
  BLACKFIN: 106,
  ALTERA_NIOS2: 113,
  AARCH64: 183,
  MICROBLAZE: 189,
  ARC_COMPACT2: 195,
  RISCV: 243,
  BPF: 247,
  CSKY: 252,
  LOONGARCH: 258,
} as const;

/** EI_OSABI. */
export const ELFOSABI = {
  NONE: 0,
  HPUX: 1,
  NETBSD: 2,
  GNU: 3,
  SOLARIS: 6,
  AIX: 7,
  IRIX: 8,
  FREEBSD: 9,
  TRU64: 10,
  OPENBSD: 12,
  ARM_AEABI: 64,
  ARM_FDPIC: 65,
  ARM: 97,
  STANDALONE: 255,
} as const;

/** e_flags of EM_ARM (AAELF32, ELF Header). The ABI version is the top byte. */
export const EF_ARM = {
  ABI_FLOAT_SOFT: 0x200,
  ABI_FLOAT_HARD: 0x400,
  BE8: 0x00800000,
} as const;

/** The EABI version in e_flags of EM_ARM, 0 to 255; 5 is the current one. */
export function armEabiVersion(flags: number): number {
  return (flags >>> 24) & 0xff;
}

/** e_flags of EM_XTENSA (binutils include/elf/xtensa.h): machine variant in the low four bits. */
export const EF_XTENSA = { XT_INSN: 0x100, XT_LIT: 0x200 } as const;

/** e_flags of EM_RISCV (RISC-V psABI, File Header). */
export const EF_RISCV = { RVC: 0x1, FLOAT_ABI_SINGLE: 0x2, FLOAT_ABI_DOUBLE: 0x4, RVE: 0x8, TSO: 0x10 } as const;
