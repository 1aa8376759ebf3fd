/** Condition number of "always". */
export const ALWAYS = 14;

/** Condition suffixes by number (ARMv7-M ARM A7.3.1). */
export const conditionNames = [
  'eq',
  'ne',
  'hs',
  'lo',
  'mi',
  'pl',
  'vs',
  'vc',
  'hi',
  'ls',
  'ge',
  'lt',
  'gt',
  'le',
  '',
] as const;

/** ITSTATE behind an instruction of an IT block: ITAdvance() of ARMv7-M ARM A7.3.3. */
export function advance(itstate: number): number {
  return (itstate & 7) === 0 ? 0 : (itstate & 0xe0) | ((itstate << 1) & 0x1f);
}

/** Whether the instruction is the last of its block. */
export function isLast(itstate: number): boolean {
  return (itstate & 0xf) === 8;
}
