import { INSTRUCTION_ROWS } from '../instruction-table.js';
import { type CompiledRow, compileRow } from '../row.js';

/**
 * A small assembler for tests, from the instruction table itself. A line is `label:`, an instruction in the disassembler's form
 * with labels or numbers as targets, `.word N`, `.align N` or `.org ADDRESS`; `#` begins a comment.
 */

const byName = new Map<string, CompiledRow[]>();
for (const source of INSTRUCTION_ROWS)
  byName.set(source.name, [...(byName.get(source.name) ?? []), compileRow(source)]);

export interface Assembled {
  readonly bytes: Uint8Array;
  readonly labels: ReadonlyMap<string, number>;
}

/** @throws Error for a line that no row can express */
export function assemble(base: number, source: string): Assembled {
  const lines = source
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  const labels = new Map<string, number>();
  let at = base;
  for (const line of lines) {
    if (line.endsWith(':')) labels.set(line.slice(0, -1), at);
    else at = place(at, line) + sizeOf(line);
  }
  const bytes = new Uint8Array(at - base);
  at = base;
  for (const line of lines) {
    if (line.endsWith(':')) continue;
    at = place(at, line);
    const size = sizeOf(line);
    if (size > 0) bytes.set(encode(line, at, labels), at - base);
    at += size;
  }
  return { bytes, labels };
}

function place(at: number, line: string): number {
  const [name, argument] = line.split(/\s+/);
  if (name === '.align') return Math.ceil(at / Number(argument)) * Number(argument);
  return name === '.org' ? Number(argument) : at;
}

function sizeOf(line: string): number {
  const name = line.split(/\s+/)[0];
  if (name === '.align' || name === '.org') return 0;
  if (name === '.word') return 4;
  return name.endsWith('.n') ? 2 : 3;
}

function encode(line: string, at: number, labels: ReadonlyMap<string, number>): number[] {
  const name = line.split(/\s+/)[0];
  const texts = line
    .slice(name.length)
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (name === '.word') return wordBytes(labels.get(texts[0]) ?? Number(texts[0]), 4);
  for (const row of byName.get(name) ?? []) {
    const word = encodeRow(row, texts, at, labels);
    if (word !== undefined) return wordBytes(word, row.length);
  }
  throw new Error(`cannot assemble ${line}`);
}

function wordBytes(word: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (word >>> (8 * i)) & 0xff);
}

function linearRaw(decode: (raw: number, pc: number) => number, at: number, target: number, count: number): number {
  const first = decode(0, at);
  return ((target - first) / (decode(1, at) - first)) & (count - 1);
}

function encodeRow(
  row: CompiledRow,
  texts: readonly string[],
  at: number,
  labels: ReadonlyMap<string, number>,
): number | undefined {
  if (texts.length !== row.operands.length) return undefined;
  let word = row.value;
  for (const [i, { operand, pieces }] of row.operands.entries()) {
    const text = texts[i];
    const target = operand.key === 'target' ? (labels.get(text) ?? Number(text)) : undefined;
    const count = pieces.reduce((most, piece) => Math.max(most, (piece.mask + 1) << piece.up), 1);
    // Targets are linear in the raw bits.
    let raw = target === undefined ? 0 : linearRaw(operand.decode, at, target, count);
    const matches = (value: number): boolean =>
      target === undefined ? operand.print(value) === text : value === target;
    if (target !== undefined && !matches(operand.decode(raw, at))) return undefined;
    while (raw < count && !matches(operand.decode(raw, at))) raw++;
    if (raw === count) return undefined;
    for (const piece of pieces) word |= ((raw >>> piece.up) & piece.mask) << piece.shift;
  }
  return word;
}
