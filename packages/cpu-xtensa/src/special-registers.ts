import {
  ACCHI,
  ACCLO,
  ATOMCTL,
  BR,
  CCOMPARE0,
  CCOUNT,
  CPENABLE,
  DBREAKA0,
  DBREAKC0,
  DDR,
  DEBUGCAUSE,
  DEPC,
  EPC1,
  EPS2,
  EXCCAUSE,
  EXCSAVE1,
  EXCVADDR,
  EXPSTATE,
  F64R_HI,
  F64R_LO,
  F64S,
  IBREAKA0,
  IBREAKENABLE,
  ICOUNT,
  ICOUNTLEVEL,
  INTENABLE,
  INTERRUPT,
  LBEG,
  LCOUNT,
  LEND,
  M0,
  MEMCTL,
  MISC0,
  MMID,
  PRID,
  PS,
  SAR,
  SCOMPARE1,
  THREADPTR,
  VECBASE,
  WINDOWBASE,
  WINDOWSTART,
} from './slots.js';

/** How a special register differs from a plain word. */
export type SpecialRegisterKind =
  | 'plain'
  /** PS: CALLINC has a slot of its own. */
  | 'ps'
  /** Bits 7 to 0, sign-extended. */
  | 'acchi'
  /** Moves the register window. */
  | 'window-base'
  | 'window-start'
  /** Writing tells decoding of the loop end. */
  | 'loop-end'
  | 'loop-count'
  /** Reading advances it. */
  | 'cycle-count'
  /** Writing sets, clears bits of INTERRUPT. */
  | 'interrupt-set'
  | 'interrupt-clear';

/** A special register as the ESP32's core has it (esp32_v3_49_prod). */
export interface SpecialRegister {
  readonly number: number;
  readonly name: string;
  readonly slot: number;
  /** Which of RSR, WSR, XSR exist. */
  readonly access: 'rwx' | 'rw' | 'r' | 'w';
  /** Bits that exist. */
  readonly mask: number;
  readonly kind: SpecialRegisterKind;
  /** Whether a write changes how instructions decode, or whether ENTRY and RETW enter handlers of the guest: `WindowUnit.isPlain`. */
  readonly changesMode: boolean;
}

const ALL = 0xffff_ffff;
/** PS fields kept in EPSn: 13 bits. */
const PS_BITS = 0x7_0f3f;

function register(
  number: number,
  name: string,
  slot: number,
  mask = ALL,
  access: SpecialRegister['access'] = 'rwx',
  kind: SpecialRegisterKind = 'plain',
  changesMode = false,
): SpecialRegister {
  return { number, name, slot, access, mask, kind, changesMode };
}

function series(number: number, name: string, first: number, slot: number, count: number, mask = ALL) {
  return Array.from({ length: count }, (_, i) => register(number + i, `${name}${first + i}`, slot + i, mask));
}

/** CONFIGID0 and CONFIGID1 of the ESP32 (core-isa.h). */
export const CONFIG_ID = [0xc2bc_fffe, 0x1cc5_fe96] as const;

/** Special registers by number; CONFIGID0 (176) and CONFIGID1 (208) are constants and stand with the rows. */
export const SPECIAL_REGISTERS: readonly SpecialRegister[] = [
  register(0, 'lbeg', LBEG),
  register(1, 'lend', LEND, ALL, 'rwx', 'loop-end', true),
  register(2, 'lcount', LCOUNT, ALL, 'rwx', 'loop-count', true),
  register(3, 'sar', SAR, 0x3f),
  register(4, 'br', BR, 0xffff),
  register(12, 'scompare1', SCOMPARE1),
  register(16, 'acclo', ACCLO),
  register(17, 'acchi', ACCHI, ALL, 'rwx', 'acchi'),
  ...series(32, 'm', 0, M0, 4),
  register(72, 'windowbase', WINDOWBASE, 0xf, 'rwx', 'window-base', true),
  register(73, 'windowstart', WINDOWSTART, 0xffff, 'rwx', 'window-start', true),
  register(89, 'mmid', MMID, ALL, 'w'),
  register(96, 'ibreakenable', IBREAKENABLE, 3),
  register(97, 'memctl', MEMCTL, 1),
  register(99, 'atomctl', ATOMCTL, 0x3f),
  register(104, 'ddr', DDR),
  ...series(128, 'ibreaka', 0, IBREAKA0, 2),
  ...series(144, 'dbreaka', 0, DBREAKA0, 2),
  ...series(160, 'dbreakc', 0, DBREAKC0, 2, 0xc000_003f),
  ...series(177, 'epc', 1, EPC1, 7),
  register(192, 'depc', DEPC),
  ...series(194, 'eps', 2, EPS2, 6, PS_BITS),
  ...series(209, 'excsave', 1, EXCSAVE1, 7),
  register(224, 'cpenable', CPENABLE, 0xff, 'rwx', 'plain', true),
  register(226, 'interrupt', INTERRUPT, ALL, 'r'),
  register(226, 'intset', INTERRUPT, ALL, 'w', 'interrupt-set'),
  register(227, 'intclear', INTERRUPT, ALL, 'w', 'interrupt-clear'),
  register(228, 'intenable', INTENABLE),
  register(230, 'ps', PS, PS_BITS, 'rwx', 'ps', true),
  register(231, 'vecbase', VECBASE, 0xffff_fc00, 'rwx', 'plain', true),
  register(232, 'exccause', EXCCAUSE, 0x3f),
  register(233, 'debugcause', DEBUGCAUSE, 0xf3f),
  register(234, 'ccount', CCOUNT, ALL, 'rwx', 'cycle-count'),
  register(235, 'prid', PRID, ALL, 'r'),
  register(236, 'icount', ICOUNT),
  register(237, 'icountlevel', ICOUNTLEVEL, 0xf),
  register(238, 'excvaddr', EXCVADDR),
  ...series(240, 'ccompare', 0, CCOMPARE0, 3),
  ...series(244, 'misc', 0, MISC0, 4),
];

/** A user register that is a plain word; FCR and FSR share a slot and stand with the float rows. */
export interface UserRegister {
  readonly number: number;
  readonly name: string;
  readonly slot: number;
}

export const USER_REGISTERS: readonly UserRegister[] = [
  { number: 230, name: 'expstate', slot: EXPSTATE },
  { number: 231, name: 'threadptr', slot: THREADPTR },
  { number: 234, name: 'f64r_lo', slot: F64R_LO },
  { number: 235, name: 'f64r_hi', slot: F64R_HI },
  { number: 236, name: 'f64s', slot: F64S },
];
