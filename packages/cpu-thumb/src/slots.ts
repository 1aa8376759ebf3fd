/** State words of a Cortex-M4F, in slot order: what runs most comes first. */
export const slots: readonly string[] = [
  ...Array.from({ length: 13 }, (_, i) => `r${i}`),
  'sp',
  'lr',
  'n',
  'z',
  'c',
  'v',
  'q',
  'ge',
  'itstate',
  'fpscr',
  ...Array.from({ length: 32 }, (_, i) => `s${i}`),
  'exclusive',
  'primask',
  'basepri',
  'faultmask',
  'control',
  'ipsr',
  'msp',
  'psp',
  'ccr',
  'fpca',
];

/** Slot numbers. r0 to r12, sp and lr are 0 to 14, as in instructions; s0 to s31 follow `S0`. */
export const SLOT = {
  R0: 0,
  R1: 1,
  R2: 2,
  R3: 3,
  R12: 12,
  SP: 13,
  LR: 14,
  /** Bit 31 is the N flag. */
  N: 15,
  /** The Z flag is set when the word is 0. */
  Z: 16,
  /** 0 or 1. */
  C: 17,
  /** Bit 31 is the V flag. */
  V: 18,
  /** 0 or 1. */
  Q: 19,
  /** The four GE bits. */
  GE: 20,
  /** ITSTATE (ARMv7-M ARM B1.4.2): 0 outside IT blocks. */
  ITSTATE: 21,
  FPSCR: 22,
  S0: 23,
  /** The local exclusive monitor: 1 after LDREX, 0 when open. It holds no address, as on Cortex-M3 and M4. */
  EXCLUSIVE: 55,
  PRIMASK: 56,
  BASEPRI: 57,
  FAULTMASK: 58,
  /** CONTROL: bit 0 nPRIV, bit 1 SPSEL. */
  CONTROL: 59,
  /** Number of the exception being handled, 0 in thread mode. */
  IPSR: 60,
  /** Main and process stack pointer: each is valid while the other one is the current sp. */
  MSP: 61,
  PSP: 62,
  /** Configuration and Control Register: bit 3 UNALIGN_TRP, bit 4 DIV_0_TRP are honoured. */
  CCR: 63,
  /** CONTROL.FPCA, 0 or 1: floating-point instructions have run, so that an exception stacks s0 to s15. Set after reset. */
  FPCA: 64,
} as const;

/** Names of registers as disassembly prints them. */
export const registerNames: readonly string[] = [...slots.slice(0, 15), 'pc'];
