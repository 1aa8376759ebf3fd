/** What the adapter must know of an instruction before Unicorn runs it. Encodings: ARMv7-M Architecture Reference Manual A7.7. */
export interface InstructionFacts {
  readonly length: 2 | 4;
  /** IT: ITSTATE behind it. */
  readonly it: number;
  /** BX or BLX of this register: the target's bit 0 must be set. */
  readonly branchRegister: number;
  /** Words at consecutive addresses, which must be aligned and accessible before anything happens. */
  readonly transfer: Transfer | undefined;
  /** SVC or BKPT number, UDF word. */
  readonly argument: number;
}

export interface Transfer {
  readonly base: number;
  /** Bytes from the base register's value to the first word. */
  readonly offset: number;
  readonly words: number;
  readonly load: boolean;
  /** Index of the word that is loaded into the pc, or -1. */
  readonly pcWord: number;
}

const NONE: Omit<InstructionFacts, 'length' | 'argument'> = { it: 0, branchRegister: -1, transfer: undefined };
const SP = 13;

/** Whether the first half-word begins a 32-bit instruction (A5.1). */
export function isWide(first: number): boolean {
  return first >>> 11 >= 0x1d;
}

/** @param second the second half-word; used for 32-bit instructions */
export function instructionFacts(first: number, second: number): InstructionFacts {
  return isWide(first) ? wideFacts(first, second) : narrowFacts(first);
}

function narrowFacts(code: number): InstructionFacts {
  const facts = { ...NONE, length: 2, argument: code >>> 8 === 0xde ? code : code & 0xff } as const;
  if (code >>> 8 === 0xbf && (code & 0xf) !== 0) return { ...facts, it: code & 0xff };
  if (code >>> 8 === 0x47) return { ...facts, branchRegister: (code >>> 3) & 0xf };
  const list = code & 0xff;
  if (code >>> 12 === 0xc) {
    const load = (code & 0x800) !== 0;
    return { ...facts, transfer: { base: (code >>> 8) & 7, offset: 0, words: bits(list), load, pcWord: -1 } };
  }
  const extra = (code >>> 8) & 1;
  const words = bits(list) + extra;
  if (code >>> 9 === 0x5a)
    return { ...facts, transfer: { base: SP, offset: -4 * words, words, load: false, pcWord: -1 } };
  if (code >>> 9 === 0x5e)
    return { ...facts, transfer: { base: SP, offset: 0, words, load: true, pcWord: extra === 1 ? words - 1 : -1 } };
  return facts;
}

function wideFacts(first: number, second: number): InstructionFacts {
  const facts = { ...NONE, length: 4, argument: ((first << 16) | second) >>> 0 } as const;
  const load = (first & 0x10) !== 0;
  const base = first & 0xf;
  const up = (first & 0x80) !== 0;
  const before = (first & 0x100) !== 0;
  const writeBack = (first & 0x20) !== 0;
  if ((first & 0xfe40) === 0xe800 && up !== before) {
    const words = bits(second);
    const pcWord = load && (second & 0x8000) !== 0 ? words - 1 : -1;
    return { ...facts, transfer: { base, offset: up ? 0 : -4 * words, words, load, pcWord } };
  }
  if ((first & 0xfe40) === 0xe840 && (before || writeBack)) {
    const amount = 4 * (second & 0xff);
    const offset = before ? (up ? amount : -amount) : 0;
    return base === 15 ? facts : { ...facts, transfer: { base, offset, words: 2, load, pcWord: -1 } };
  }
  if ((first & 0xffe0) === 0xe840) {
    const offset = 4 * (second & 0xff);
    return { ...facts, transfer: { base, offset, words: 1, load, pcWord: -1 } };
  }
  if ((first & 0xfe00) === 0xec00 && (second & 0xe00) === 0xa00 && base !== 15) {
    const amount = 4 * (second & 0xff);
    if (before && !writeBack) {
      const words = (second & 0x100) !== 0 ? 2 : 1;
      return { ...facts, transfer: { base, offset: up ? amount : -amount, words, load, pcWord: -1 } };
    }
    if (up !== before)
      return { ...facts, transfer: { base, offset: up ? 0 : -amount, words: second & 0xff, load, pcWord: -1 } };
  }
  return facts;
}

function bits(list: number): number {
  let count = 0;
  for (let rest = list; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** ITSTATE behind one instruction (A7.3.3, ITAdvance). */
export function advanceIt(state: number): number {
  return (state & 7) === 0 ? 0 : (state & 0xe0) | ((state << 1) & 0x1f);
}
