import type { BlockBuilder } from '@loadstone/cpu-core';

/** A decoded instruction: what its operands say. Register operands are slot numbers. */
export interface Decoded {
  /** Address of the instruction, and of the next. */
  pc: number;
  next: number;
  /** Registers of the fields r, s and t, in the register file that the operand names. */
  r: number;
  s: number;
  t: number;
  /** MAC16 registers: loaded, first and second factor. */
  w: number;
  x: number;
  y: number;
  imm: number;
  /** Second immediate (extui width, break's second number). */
  imm2: number;
  /** Target of a branch, jump, call or loop; address of a literal. */
  target: number;
  /** Whether older frames lie in the register window (decoding mode). */
  limited: boolean;
}

export type OperandKey = 'r' | 's' | 't' | 'w' | 'x' | 'y' | 'imm' | 'imm2' | 'target';

/** One operand of a row: where its bits are, what they mean, how it prints. */
export interface Operand {
  /** Property of {@link Decoded} it sets. */
  readonly key: OperandKey;
  /** Letters of its bits in the row's pattern; with more than one letter the first holds the higher bits. */
  readonly letters: string;
  readonly decode: (raw: number, pc: number) => number;
  readonly print: (value: number) => string;
  /** Whether it names an address register, which the register window limits. */
  readonly address: boolean;
}

/** What the lifter must know of a row besides its meaning. */
export const enum Trait {
  None = 0,
  /** Needs coprocessor 0 (the float unit) enabled. */
  Float = 1,
  /** Changes state that decoding depends on. */
  ChangesMode = 2,
  /** Exists only with PS.WOE = 1 and PS.EXCM = 0. */
  Window = 4,
  /** Starts a zero-overhead loop that ends at its target. */
  Loop = 8,
}

/**
 * One instruction. `bits` is the encoding from the most significant bit on, as the manual prints it: 24 or 16 of 0, 1 and
 * operand letters, spaces for the eye.
 */
export interface Row {
  readonly bits: string;
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly lift: (b: BlockBuilder, i: Decoded) => void;
  readonly traits: Trait;
  /** Highest address register it uses without naming it. */
  readonly implied: number;
}

/** A row. */
export function row(
  bits: string,
  name: string,
  operands: readonly Operand[],
  lift: (b: BlockBuilder, i: Decoded) => void,
  traits: Trait = Trait.None,
  implied = 0,
): Row {
  return { bits, name, operands, lift, traits, implied };
}

/** Bits of an operand: words `word >>> shift & mask`, each moved up by `up`. */
interface Piece {
  readonly shift: number;
  readonly mask: number;
  readonly up: number;
}

/** A row made ready for decoding. */
export interface CompiledRow {
  readonly row: Row;
  /** Bytes: 2 or 3. */
  readonly length: number;
  /** The instruction is this row when (word & mask) === value. */
  readonly mask: number;
  readonly value: number;
  readonly operands: readonly { readonly operand: Operand; readonly pieces: readonly Piece[] }[];
}

/**
 * Reads a row's pattern.
 * @throws RangeError when the pattern is malformed or an operand has no bits in it
 */
export function compileRow(source: Row): CompiledRow {
  const bits = source.bits.replaceAll(' ', '');
  const width = bits.length;
  if (width !== 24 && width !== 16) throw new RangeError(`${source.name}: ${width} bits`);
  let mask = 0;
  let value = 0;
  for (let i = 0; i < width; i++) {
    const c = bits[i];
    if (c !== '0' && c !== '1') continue;
    mask |= 1 << (width - 1 - i);
    if (c === '1') value |= 1 << (width - 1 - i);
  }
  const operands = source.operands.map((operand) => {
    const positions: number[] = [];
    for (const letter of operand.letters) {
      for (let i = 0; i < width; i++) if (bits[i] === letter) positions.push(width - 1 - i);
    }
    if (positions.length === 0 && operand.letters !== '')
      throw new RangeError(`${source.name}: no bits for operand ${operand.letters}`);
    return { operand, pieces: pieces(positions) };
  });
  const used = new Set(source.operands.flatMap((operand) => [...operand.letters]));
  for (const c of bits) {
    if (c !== '0' && c !== '1' && !used.has(c))
      throw new RangeError(`${source.name}: letter ${c} belongs to no operand`);
  }
  return { row: source, length: width / 8, mask, value, operands };
}

/** Bit positions, most significant first, as runs. */
function pieces(positions: readonly number[]): Piece[] {
  const result: Piece[] = [];
  let end = positions.length;
  while (end > 0) {
    let start = end - 1;
    while (start > 0 && positions[start - 1] === positions[start] + 1) start--;
    const count = end - start;
    result.push({ shift: positions[end - 1], mask: 2 ** count - 1, up: positions.length - end });
    end = start;
  }
  return result;
}

/** Fills `into` from the instruction word. */
export function decodeOperands(compiled: CompiledRow, word: number, pc: number, into: Decoded): void {
  into.pc = pc;
  into.next = (pc + compiled.length) >>> 0;
  for (const { operand, pieces } of compiled.operands) {
    let raw = 0;
    for (const piece of pieces) raw |= ((word >>> piece.shift) & piece.mask) << piece.up;
    into[operand.key] = operand.decode(raw, pc);
  }
}

/** An empty decoded instruction, to be reused. */
export function emptyDecoded(): Decoded {
  return { pc: 0, next: 0, r: 0, s: 0, t: 0, w: 0, x: 0, y: 0, imm: 0, imm2: 0, target: 0, limited: false };
}
