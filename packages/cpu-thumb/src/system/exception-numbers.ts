/** Exception numbers (ARMv7-M ARM B1.5.2). External interrupt n is 16 + n. */
export const EXCEPTION = {
  RESET: 1,
  NMI: 2,
  HARD_FAULT: 3,
  MEM_MANAGE: 4,
  BUS_FAULT: 5,
  USAGE_FAULT: 6,
  SVCALL: 11,
  DEBUG_MONITOR: 12,
  PENDSV: 14,
  SYSTICK: 15,
  FIRST_INTERRUPT: 16,
} as const;

/** Exceptions modelled: 16 of the system and 240 interrupts. */
export const EXCEPTION_COUNT = 256;
