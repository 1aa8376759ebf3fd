/**
 * State slots of the LX6, one 32-bit word each. The numbers are the contract with the back ends and with hosts that read or
 * write registers.
 *
 * Three registers are kept in another shape than the guest reads them:
 * - PS.CALLINC is a slot of its own ({@link CALLINC}), written by every windowed call; {@link PS} holds 0 in its place.
 * - FCR and FSR share {@link FCSR}: their bits do not meet (FSR is bits 7 to 11).
 * - The physical register file ({@link PHYSICAL} and the 63 words behind it) is stale where it is visible: slots 0 to 15 hold
 *   a0 to a15 then (`WindowLayout` in cpu-core).
 */

/** a0; a1 to a15 follow. */
export const A0 = 0;
export const SAR = 16;
/** Booleans b0 to b15 as bits 0 to 15. */
export const BR = 17;
/** Bits 0 to 31 of the MAC16 accumulator. */
export const ACCLO = 18;
/** Bits 32 to 39 of the accumulator, sign-extended. */
export const ACCHI = 19;
/** m0; m1 to m3 follow. */
export const M0 = 20;
export const LBEG = 24;
export const LEND = 25;
export const LCOUNT = 26;
export const SCOMPARE1 = 27;
export const THREADPTR = 28;
/** FCR (bits 0 to 6) and FSR (bits 7 to 11). */
export const FCSR = 29;
export const CPENABLE = 30;
/** PS.CALLINC, 0 to 3. */
export const CALLINC = 31;
/** f0; f1 to f15 follow. */
export const F0 = 32;
/** PS without CALLINC. */
export const PS = 48;
export const WINDOWBASE = 49;
export const WINDOWSTART = 50;
export const VECBASE = 51;
/** EPC1; EPC2 to EPC7 follow. */
export const EPC1 = 52;
/** EPS2; EPS3 to EPS7 follow. */
export const EPS2 = 59;
/** EXCSAVE1; EXCSAVE2 to EXCSAVE7 follow. */
export const EXCSAVE1 = 65;
export const DEPC = 72;
export const EXCCAUSE = 73;
export const EXCVADDR = 74;
export const INTERRUPT = 75;
export const INTENABLE = 76;
export const CCOUNT = 77;
/** CCOMPARE0; CCOMPARE1 and CCOMPARE2 follow. */
export const CCOMPARE0 = 78;
/** MISC0; MISC1 to MISC3 follow. */
export const MISC0 = 81;
export const DEBUGCAUSE = 85;
export const IBREAKENABLE = 86;
export const IBREAKA0 = 87;
export const DBREAKA0 = 89;
export const DBREAKC0 = 91;
export const ICOUNT = 93;
export const ICOUNTLEVEL = 94;
export const DDR = 95;
export const MEMCTL = 96;
export const ATOMCTL = 97;
export const MMID = 98;
export const EXPSTATE = 99;
export const F64R_LO = 100;
export const F64R_HI = 101;
export const F64S = 102;
/** Attributes of the eight 512 MiB regions of the instruction side, then of the data side. */
export const ITLB0 = 103;
export const DTLB0 = 111;
export const PRID = 119;
/** Physical register 0; 1 to 63 follow. A multiple of 4. */
export const PHYSICAL = 120;
/** The decoding mode of the state (`mode.ts`), kept up to date by whatever changes it. Not a register of the chip. */
export const MODE = PHYSICAL + 64;
export const SLOT_COUNT = MODE + 1;

/** Bits of PS (Xtensa ISA manual, table of PS fields). RING does not exist in this configuration. */
export const PS_INTLEVEL = 0xf;
export const PS_EXCM = 0x10;
export const PS_UM = 0x20;
export const PS_OWB_SHIFT = 8;
export const PS_OWB = 0xf00;
export const PS_CALLINC_SHIFT = 16;
export const PS_WOE = 0x4_0000;
/** Bits of the {@link PS} slot. */
export const PS_SLOT_MASK = PS_INTLEVEL | PS_EXCM | PS_UM | PS_OWB | PS_WOE;
/** FCR's bits in {@link FCSR}: rounding mode and exception enables. */
export const FCR_MASK = 0x7f;
/** FSR's bits in {@link FCSR}. */
export const FSR_MASK = 0xf80;

/** Slot of float register `n`, 0 to 15. */
export function floatSlot(n: number): number {
  return F0 + n;
}

/** PS as the guest reads it. */
export function readPs(state: Int32Array): number {
  return state[PS] | (state[CALLINC] << PS_CALLINC_SHIFT);
}

/** Writes PS as the guest does; bits that do not exist are dropped. */
export function writePs(state: Int32Array, value: number): void {
  state[PS] = value & PS_SLOT_MASK;
  state[CALLINC] = (value >>> PS_CALLINC_SHIFT) & 3;
}

function numbered(prefix: string, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${from + i}`);
}

/** Names of the slots, in order. */
export const SLOT_NAMES: readonly string[] = [
  ...numbered('a', 0, 16),
  'sar',
  'br',
  'acclo',
  'acchi',
  ...numbered('m', 0, 4),
  'lbeg',
  'lend',
  'lcount',
  'scompare1',
  'threadptr',
  'fcsr',
  'cpenable',
  'ps.callinc',
  ...numbered('f', 0, 16),
  'ps',
  'windowbase',
  'windowstart',
  'vecbase',
  ...numbered('epc', 1, 7),
  ...numbered('eps', 2, 6),
  ...numbered('excsave', 1, 7),
  'depc',
  'exccause',
  'excvaddr',
  'interrupt',
  'intenable',
  'ccount',
  ...numbered('ccompare', 0, 3),
  ...numbered('misc', 0, 4),
  'debugcause',
  'ibreakenable',
  ...numbered('ibreaka', 0, 2),
  ...numbered('dbreaka', 0, 2),
  ...numbered('dbreakc', 0, 2),
  'icount',
  'icountlevel',
  'ddr',
  'memctl',
  'atomctl',
  'mmid',
  'expstate',
  'f64r_lo',
  'f64r_hi',
  'f64s',
  ...numbered('itlb', 0, 8),
  ...numbered('dtlb', 0, 8),
  'prid',
  ...numbered('ar', 0, 64),
  'decoding mode',
];
