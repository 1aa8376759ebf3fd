/** Symbol binding, st_info >> 4 (gABI, Symbol Table). */
export const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2, GNU_UNIQUE: 10 } as const;

/** Symbol type, st_info & 15. */
export const STT = {
  NOTYPE: 0,
  OBJECT: 1,
  FUNC: 2,
  SECTION: 3,
  FILE: 4,
  COMMON: 5,
  TLS: 6,
  GNU_IFUNC: 10,
  /** A Thumb function in objects older than the ARM EABI. */
  ARM_TFUNC: 13,
} as const;

/** Symbol visibility, st_other & 3. */
export const STV = { DEFAULT: 0, INTERNAL: 1, HIDDEN: 2, PROTECTED: 3 } as const;
