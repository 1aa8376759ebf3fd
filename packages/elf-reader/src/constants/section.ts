import { EM } from './header.js';
import { flagNames, nameOf } from './names.js';

/** sh_type (gABI, Section Header; GNU extensions from the Linux Standard Base). */
export const SHT = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  HASH: 5,
  DYNAMIC: 6,
  NOTE: 7,
  NOBITS: 8,
  REL: 9,
  SHLIB: 10,
  DYNSYM: 11,
  INIT_ARRAY: 14,
  FINI_ARRAY: 15,
  PREINIT_ARRAY: 16,
  GROUP: 17,
  SYMTAB_SHNDX: 18,
  RELR: 19,
  LLVM_ADDRSIG: 0x6fff4c03,
  GNU_ATTRIBUTES: 0x6ffffff5,
  GNU_HASH: 0x6ffffff6,
  GNU_LIBLIST: 0x6ffffff7,
  CHECKSUM: 0x6ffffff8,
  GNU_VERDEF: 0x6ffffffd,
  GNU_VERNEED: 0x6ffffffe,
  GNU_VERSYM: 0x6fffffff,
} as const;

/** Processor-specific sh_type values of EM_ARM (AAELF32, Section Types). */
export const SHT_ARM = {
  EXIDX: 0x70000001,
  PREEMPTMAP: 0x70000002,
  ATTRIBUTES: 0x70000003,
  DEBUGOVERLAY: 0x70000004,
  OVERLAYSECTION: 0x70000005,
} as const;

/** Processor-specific sh_type values of EM_RISCV. */
export const SHT_RISCV = { ATTRIBUTES: 0x70000003 } as const;

/** Processor-specific sh_type values of EM_X86_64. */
export const SHT_X86_64 = { UNWIND: 0x70000001 } as const;

/** The name of a section type for a machine, without `SHT_`: `PROGBITS`, `ARM_EXIDX`. */
export function sectionTypeName(type: number, machine: number): string | undefined {
  const common = nameOf(SHT, type);
  if (common !== undefined) return common;
  const [group, prefix] =
    machine === EM.ARM
      ? [SHT_ARM, 'ARM_']
      : machine === EM.RISCV
        ? [SHT_RISCV, 'RISCV_']
        : machine === EM.X86_64
          ? [SHT_X86_64, 'X86_64_']
          : [{}, ''];
  const name = nameOf(group, type);
  return name === undefined ? undefined : prefix + name;
}

/** sh_flags (gABI, Section Attribute Flags). */
export const SHF = {
  WRITE: 0x1,
  ALLOC: 0x2,
  EXECINSTR: 0x4,
  MERGE: 0x10,
  STRINGS: 0x20,
  INFO_LINK: 0x40,
  LINK_ORDER: 0x80,
  OS_NONCONFORMING: 0x100,
  GROUP: 0x200,
  TLS: 0x400,
  COMPRESSED: 0x800,
  GNU_RETAIN: 0x200000,
  /** EM_ARM (AAELF32): the section holds instructions only and may not be readable. */
  ARM_PURECODE: 0x20000000,
  EXCLUDE: 0x80000000,
} as const;

/**
 * The names of the flags of a section of a machine, without `SHF_`: `ALLOC`, `ARM_PURECODE`; then unknown bits as `0x…`.
 * Bit 29 is ARM_PURECODE for EM_ARM, AARCH64_PURECODE for EM_AARCH64 and another thing elsewhere.
 */
export function sectionFlagNames(flags: number, machine: number): string[] {
  const { ARM_PURECODE, ...common } = SHF;
  if (machine === EM.ARM) return flagNames(SHF, flags);
  return flagNames(machine === EM.AARCH64 ? { ...common, AARCH64_PURECODE: ARM_PURECODE } : common, flags);
}

/** Reserved section indexes. */
export const SHN = {
  UNDEF: 0,
  LORESERVE: 0xff00,
  ABS: 0xfff1,
  COMMON: 0xfff2,
  XINDEX: 0xffff,
} as const;

/** ch_type of a compressed section. */
export const ELFCOMPRESS = { ZLIB: 1, ZSTD: 2 } as const;

/** The flag word of an SHT_GROUP section. */
export const GRP = { COMDAT: 0x1 } as const;
