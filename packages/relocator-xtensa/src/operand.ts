/** The pc-relative operands of the Xtensa ISA (Instruction Set Architecture Reference Manual, chapter 8), little-endian. */
export interface PcOperand {
  /** What the operand belongs to: `L32R`, `CALL`, `J`, `BEQZ …`. */
  readonly kind: 'l32r' | 'call' | 'j' | 'branch8' | 'branch12' | 'branch6' | 'loop';
  /** Bytes of the instruction. */
  readonly size: 2 | 3;
  /** Least and greatest distance from the base, bytes. */
  readonly min: number;
  readonly max: number;
  /** The target must be a multiple of it. */
  readonly align: 1 | 4;
  /** The address the distance counts from. */
  base(place: number): number;
  /** Distance held by an instruction, bytes. */
  read(instruction: number): number;
  /** The instruction with another distance. */
  write(instruction: number, distance: number): number;
}

function after(place: number): number {
  return place + 4;
}

/** L32R: 16 bits extended with ones, in words before the place rounded up to a word. */
const l32r: PcOperand = {
  kind: 'l32r',
  size: 3,
  min: -0x40000,
  max: -4,
  align: 4,
  base: (place) => (place + 3) & ~3,
  read: (instruction) => 0xfffc0000 | ((instruction >>> 6) & 0x3fffc) | 0,
  write: (instruction, distance) => (instruction & 0xff) | ((distance << 6) & 0xffff00),
};

/** CALL0, CALL4, CALL8, CALL12: 18 bits, signed, in words from the word that holds the place, plus 4. */
const call: PcOperand = {
  kind: 'call',
  size: 3,
  min: -0x80000,
  max: 0x7fffc,
  align: 4,
  base: (place) => (place & ~3) + 4,
  read: (instruction) => ((instruction << 8) >> 14) * 4,
  write: (instruction, distance) => (instruction & 0x3f) | ((distance << 4) & 0xffffc0),
};

/** J: 18 bits, signed. */
const j: PcOperand = {
  kind: 'j',
  size: 3,
  min: -0x20000,
  max: 0x1ffff,
  align: 1,
  base: after,
  read: (instruction) => (instruction << 8) >> 14,
  write: (instruction, distance) => (instruction & 0x3f) | ((distance << 6) & 0xffffc0),
};

/** BEQZ, BNEZ, BGEZ, BLTZ: 12 bits, signed. */
const branch12: PcOperand = {
  kind: 'branch12',
  size: 3,
  min: -0x800,
  max: 0x7ff,
  align: 1,
  base: after,
  read: (instruction) => (instruction << 8) >> 20,
  write: (instruction, distance) => (instruction & 0xfff) | ((distance << 12) & 0xfff000),
};

/** The other wide branches: 8 bits, signed. */
const branch8: PcOperand = {
  kind: 'branch8',
  size: 3,
  min: -0x80,
  max: 0x7f,
  align: 1,
  base: after,
  read: (instruction) => (instruction << 8) >> 24,
  write: (instruction, distance) => (instruction & 0xffff) | ((distance << 16) & 0xff0000),
};

/** LOOP, LOOPNEZ, LOOPGTZ: 8 bits, unsigned, to the end of the loop. */
const loop: PcOperand = {
  ...branch8,
  kind: 'loop',
  min: 0,
  max: 0xff,
  read: (instruction) => (instruction >>> 16) & 0xff,
};

/** BEQZ.N, BNEZ.N: 6 bits, unsigned; the upper two in bits 5..4, the lower four in bits 15..12. */
const branch6: PcOperand = {
  kind: 'branch6',
  size: 2,
  min: 0,
  max: 0x3f,
  align: 1,
  base: after,
  read: (instruction) => (instruction & 0x30) | ((instruction >>> 12) & 0xf),
  write: (instruction, distance) => (instruction & 0x0fcf) | (distance & 0x30) | ((distance & 0xf) << 12),
};

/** The pc-relative operand of an instruction (three bytes, or two and anything); undefined when it has none. */
export function pcOperand(instruction: number): PcOperand | undefined {
  const selector = (instruction >>> 4) & 15;
  switch (instruction & 15) {
    case 0x1:
      return l32r;
    case 0x5:
      return call;
    case 0x6:
      if ((selector & 3) === 0) return j;
      if ((selector & 3) === 1) return branch12;
      if ((selector & 3) === 2) return branch8;
      return specialBranch(instruction);
    case 0x7:
      return branch8;
    case 0xc:
      return (instruction & 0x80) === 0 ? undefined : branch6;
    default:
      return undefined;
  }
}

/** op0 6, n 3: ENTRY, then by m BF, BT and the loops, BLTUI, BGEUI. */
function specialBranch(instruction: number): PcOperand | undefined {
  const m = (instruction >>> 6) & 3;
  if (m === 0) return undefined;
  if (m !== 1) return branch8;
  const r = (instruction >>> 12) & 15;
  if (r === 0 || r === 1) return branch8;
  return r >= 8 && r <= 10 ? loop : undefined;
}

const BRANCH12 = ['BEQZ', 'BNEZ', 'BLTZ', 'BGEZ'];
const BRANCH_IMMEDIATE = ['BEQI', 'BNEI', 'BLTI', 'BGEI'];
const BRANCH_REGISTER = 'BNONE BEQ BLT BLTU BALL BBC BBCI BBCI BANY BNE BGE BGEU BNALL BBS BBSI BBSI'.split(' ');

/** Mnemonic of an instruction with a pc-relative operand; undefined for any other. */
export function pcMnemonic(instruction: number): string | undefined {
  const operand = pcOperand(instruction);
  const n = (instruction >>> 4) & 3;
  const m = (instruction >>> 6) & 3;
  const r = (instruction >>> 12) & 15;
  switch (operand?.kind) {
    case 'l32r':
      return 'L32R';
    case 'call':
      return `CALL${n * 4}`;
    case 'j':
      return 'J';
    case 'branch12':
      return BRANCH12[m];
    case 'branch6':
      return (instruction & 0x40) === 0 ? 'BEQZ.N' : 'BNEZ.N';
    case 'loop':
      return ['LOOP', 'LOOPNEZ', 'LOOPGTZ'][r - 8];
    case 'branch8':
      if ((instruction & 15) === 7) return BRANCH_REGISTER[r];
      if (n === 2) return BRANCH_IMMEDIATE[m];
      if (m === 1) return r === 0 ? 'BF' : 'BT';
      return m === 2 ? 'BLTUI' : 'BGEUI';
    default:
      return undefined;
  }
}
