import type { Operand, OperandKey } from './row.js';
import { A0, F0, M0 } from './slots.js';

/**
 * Operand kinds of the rows. A register operand is named as in the manual: first the register file (a, f, b, m), then the
 * field (r, s, t).
 */

function register(prefix: string, base: number, letter: 'r' | 's' | 't', address: boolean): Operand {
  return {
    key: letter,
    letters: letter,
    decode: (raw) => base + raw,
    print: (value) => `${prefix}${value - base}`,
    address,
  };
}

export const AR = register('a', A0, 'r', true);
export const AS = register('a', A0, 's', true);
export const AT = register('a', A0, 't', true);
export const FR = register('f', F0, 'r', false);
export const FS = register('f', F0, 's', false);
export const FT = register('f', F0, 't', false);
/** Booleans: the value is the bit number in BR. */
export const BR_ = register('b', 0, 'r', false);
export const BS = register('b', 0, 's', false);
export const BT = register('b', 0, 't', false);

/** Boolean groups of `count` (4 or 8), first bit number. */
export function booleanGroup(count: 4 | 8): Operand {
  return { key: 's', letters: 's', decode: (raw) => raw * count, print: (value) => `b${value}`, address: false };
}

/** MAC16 register loaded: m0 to m3. */
export const MW = mac('w', 0);
/** First factor: m0 or m1. */
export const MX = mac('x', 0);
/** Second factor: m2 or m3. */
export const MY = mac('y', 2);

function mac(letter: 'w' | 'x' | 'y', first: number): Operand {
  return {
    key: letter,
    letters: letter,
    decode: (raw) => M0 + first + raw,
    print: (value) => `m${value - M0}`,
    address: false,
  };
}

/** A number: letters of its bits, and how the raw bits become the value. Default: as they are. */
export function imm(letters: string, decode: (raw: number) => number = (raw) => raw, key: OperandKey = 'imm'): Operand {
  return { key, letters, decode, print: (value) => String(value), address: false };
}

/** The second number of an instruction. */
export function imm2(letters: string, decode?: (raw: number) => number): Operand {
  return imm(letters, decode, 'imm2');
}

/** An address in the code or of a literal. */
export function label(letters: string, decode: (raw: number, pc: number) => number): Operand {
  return {
    key: 'target',
    letters,
    decode: (raw, pc) => decode(raw, pc) >>> 0,
    print: (value) => `0x${value.toString(16)}`,
    address: false,
  };
}

/** A name that stands for bits the pattern fixes (a special register). */
export function fixedName(name: string): Operand {
  return { key: 'imm', letters: '', decode: () => 0, print: () => name, address: false };
}

/** Two's complement of `width` bits. */
export function signed(raw: number, width: number): number {
  return (raw << (32 - width)) >> (32 - width);
}

/** Branch target: pc + 4 + signed offset of `width` bits. */
export function relative(letters: string, width: number): Operand {
  return label(letters, (raw, pc) => pc + 4 + signed(raw, width));
}

/** Forward target: pc + 4 + unsigned offset. */
export function forward(letters: string): Operand {
  return label(letters, (raw, pc) => pc + 4 + raw);
}
