/** Exceptions that stop a run, in the order of their numbers for `raise`. The argument is given in brackets. */
export const exceptions = [
  /** An encoding the architecture leaves UNDEFINED, UDF included [the instruction word]. */
  'undefined-instruction',
  /** An encoding or operand choice the manual calls UNPREDICTABLE [the instruction word]. */
  'unpredictable-instruction',
  /** A branch by bx, blx, pop, ldm or ldr to an address with bit 0 clear, that is into ARM state [the address]. */
  'invalid-state',
  /** SDIV or UDIV by zero while CCR.DIV_0_TRP is set [0]. */
  'divide-by-zero',
  /** SVC [its number]. */
  'supervisor-call',
  /** BKPT [its number]. */
  'breakpoint',
  /** An instruction for a coprocessor other than the FPU [the coprocessor's number]. */
  'no-coprocessor',
] as const;

export type ThumbException = (typeof exceptions)[number];
