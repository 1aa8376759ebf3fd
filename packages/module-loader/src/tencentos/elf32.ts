/** Offsets and constants of the ELF32 structures that elfLoader reads (System V gABI, chapters 4 and 5). */

export const EHDR_SIZE = 52;
export const EHDR = { type: 16, phoff: 28, shoff: 32, phentsize: 42, phnum: 44, shentsize: 46, shnum: 48 } as const;
/** The seven ident bytes compared: magic, 32-bit, little-endian, version 1. */
export const IDENT = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] as const;
export const ET_REL = 1;
export const ET_DYN = 3;

export const SHDR_SIZE = 40;
export const SHDR = {
  name: 0,
  type: 4,
  flags: 8,
  addr: 12,
  offset: 16,
  size: 20,
  link: 24,
  info: 28,
  addralign: 32,
  entsize: 36,
} as const;
export const SHT = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  DYNAMIC: 6,
  NOBITS: 8,
  REL: 9,
  DYNSYM: 11,
} as const;
export const SHF_WA = 3;
export const SHF_A = 2;
export const SHF_AX = 6;

export const PHDR_SIZE = 32;
export const PHDR = { type: 0, offset: 4, vaddr: 8, filesz: 16, memsz: 20 } as const;
export const PT_LOAD = 1;

export const DYN_SIZE = 8;
export const DT = {
  NULL: 0,
  PLTRELSZ: 2,
  STRTAB: 5,
  SYMTAB: 6,
  STRSZ: 10,
  SYMENT: 11,
  REL: 17,
  RELSZ: 18,
  RELENT: 19,
  JMPREL: 23,
} as const;

export const SYM_SIZE = 16;
export const SYM = { name: 0, value: 4, info: 12, shndx: 14 } as const;
export const SHN_UNDEF = 0;
/** Value of STB_WEAK and of STT_FUNC: elfLoader compares the symbol TYPE with it. */
export const STB_WEAK = 2;

export const RELA_SIZE = 12;
export const REL = { offset: 0, info: 4 } as const;
