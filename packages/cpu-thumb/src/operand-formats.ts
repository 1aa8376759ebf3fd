import { decodeFloat32 } from '@loadstone/cpu-core';
import { expandFloatImmediate, expandImmediate, Shift, signExtend } from './immediates.js';
import { conditionNames } from './it-state.js';
import type { Fields } from './row.js';
import { conditionalOffset, longOffset } from './rows/branch.js';
import { fractionBits } from './rows/float-convert.js';
import { registerNames as R } from './slots.js';

/*
 * Parts of a row's format, as llvm-objdump writes them. A format is text with parts in braces:
 *   {Rx} {Sx} {Dx}      register of field x
 *   {x}  {#x} {#x*4}    field as decimal, as hexadecimal immediate, scaled
 *   {#x|32} {#x+1}      with 0 meaning 32; plus one
 *   {,#x*4} {,x}        optional offset: nothing for 0
 * and the names below.
 */

/** What a part may use. */
export interface FormatContext {
  readonly f: Fields;
  readonly address: number;
  readonly word: number;
  /** ITSTATE at the instruction. */
  readonly itstate: number;
}

type Part = (context: FormatContext) => string;

const hex = (value: number): string => `#${value < 0 ? '-' : ''}0x${Math.abs(value).toString(16)}`;
const condition = ({ itstate }: FormatContext): string => (itstate === 0 ? '' : conditionNames[itstate >>> 4]);
const when = (value: number, text: string): string => (value !== 0 ? text : '');
const label = (address: number): string => `0x${(address >>> 0).toString(16)}`;

const shiftNames = ['lsl', 'lsr', 'asr', 'ror'] as const;

function shiftSuffix(kind: Shift, amount: number): string {
  if (amount !== 0) return `, ${shiftNames[kind]} #${amount}`;
  return kind === Shift.Lsl ? '' : kind === Shift.Ror ? ', rrx' : `, ${shiftNames[kind]} #32`;
}

function list(mask: number): string {
  return `{${R.filter((_, r) => (mask >> r) & 1).join(', ')}}`;
}

/** `{s3, s4}` */
function sequence(prefix: string, first: number, count: number): string {
  return `{${Array.from({ length: count }, (_, i) => `${prefix}${first + i}`).join(', ')}}`;
}

/** Offset whose sign is a field, in decimal; "-0" is kept. */
const signed = (up: number, offset: number): string => `#${up === 1 ? '' : '-'}${offset}`;

/** [n], [n, #i], [n, #i]!, [n], #i of LDRD, coprocessor and FPU transfers. */
function addressing(base: string, p: number, u: number, w: number, offset: number): string {
  if (p === 0) return `[${base}], ${signed(u, offset)}`;
  const inside = u === 1 && offset === 0 && w === 0 ? '' : `, ${signed(u, offset)}`;
  return `[${base}${inside}]${when(w, '!')}`;
}

const barrierNames = [...Array(16).keys()].map((option) => {
  const access = [undefined, undefined, 'st', ''][option & 3];
  const domain = ['osh', 'nsh', 'ish', ''][option >> 2];
  if (access === undefined) return hex(option);
  return domain === '' ? access || 'sy' : domain + access;
});

const speculationBarriers = new Map([
  [0, 'ssbb'],
  [4, 'pssbb'],
]);

const hintNames = ['nop', 'yield', 'wfe', 'wfi', 'sev'];

const specialNames = new Map([
  [0, 'apsr'],
  [1, 'iapsr'],
  [2, 'eapsr'],
  [3, 'xpsr'],
  [5, 'ipsr'],
  [6, 'epsr'],
  [7, 'iepsr'],
  [8, 'msp'],
  [9, 'psp'],
  [16, 'primask'],
  [17, 'basepri'],
  [18, 'basepri_max'],
  [19, 'faultmask'],
  [20, 'control'],
]);
const specialName = (number: number): string => specialNames.get(number) ?? `${number}`;

/** "itte" from the first condition and the mask. */
function itMnemonic(first: number, mask: number): string {
  let suffix = '';
  for (let bit = 3; (mask & ((1 << bit) - 1)) !== 0; bit--) suffix += ((mask >> bit) & 1) === (first & 1) ? 't' : 'e';
  return `it${suffix} ${conditionNames[first] || 'al'}`;
}

function floatText(bits: number): string {
  const value = decodeFloat32(bits);
  const [mantissa, exponent] = value.toExponential(6).split('e');
  const power = Number(exponent);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Parts by name. */
export const parts: Readonly<Record<string, Part>> = {
  c: condition,
  s: ({ f }) => when(f.S, 's'),
  's!': ({ itstate }) => (itstate === 0 ? 's' : ''),
  X: ({ f }) => when(f.X, 'x'),
  R: ({ f }) => when(f.R, 'r'),
  N: ({ f }) => (f.N === 1 ? 't' : 'b'),
  M: ({ f }) => (f.M === 1 ? 't' : 'b'),
  T: ({ f }) => (f.T === 1 ? 't' : 'b'),
  E: ({ f }) => when(f.E, 'e'),
  2: ({ f }) => when(f.x, '2'),
  l: ({ f }) => when(f.D, 'l'),
  r: ({ f }) => (f.T === 1 ? '' : 'r'),
  us: ({ f }) => (f.s === 1 ? 's32' : 'u32'),
  fixed: ({ f }) => `${f.U === 1 ? 'u' : 's'}${f.x === 1 ? 32 : 16}`,
  cc: ({ f }) => conditionNames[f.c],

  const: ({ f }) => hex(expandImmediate(f.i)),
  imm16: ({ f }) => hex((f.k << 12) | f.i),
  floatImmediate: ({ f }) => `#${floatText(expandFloatImmediate(f.i))}`,
  fraction: ({ f }) => `#${fractionBits(f)}`,
  shift: ({ f }) => shiftSuffix(f.t, f.i),
  lsl: ({ f }) => shiftSuffix(Shift.Lsl, f.i),
  asr: ({ f }) => shiftSuffix(Shift.Asr, f.i),
  index: ({ f }) => shiftSuffix(Shift.Lsl, f.i),
  rotation: ({ f }) => when(f.r, `, ror #${f.r * 8}`),
  width: ({ f }) => hex(f.e + 1),
  bits: ({ f }) => `#${f.i}, #${f.e - f.i + 1}`,
  add16: ({ f }) => (f.m === 13 || (f.d === 13 && f.m === 13) ? `${R[f.d]}, sp, ${R[f.d]}` : `${R[f.d]}, ${R[f.m]}`),

  list: ({ f }) => list(f.r),
  'list+lr': ({ f }) => list(f.r | 0x4000),
  'list+pc': ({ f }) => list(f.r | 0x8000),
  '!list': ({ f }) => ((f.r >> f.n) & 1 ? '' : '!'),
  '!W': ({ f }) => when(f.W, '!'),
  singles: ({ f }) => sequence('s', f.d * 2 + f.D, f.i),
  doubles: ({ f }) => sequence('d', f.d, f.i),
  'Sm+1': ({ f }) => `s${f.m * 2 + f.M + 1}`,

  literal4: ({ f }) => `[pc, ${hex(f.i * 4)}]`,
  literal: ({ f }) => `[pc, #${f.U === 1 ? '' : '-'}0x${f.i.toString(16)}]`,
  indexed: ({ f }) => (f.P === 1 ? `[${R[f.n]}, ${signed(f.U, f.i)}]!` : `[${R[f.n]}], ${signed(f.U, f.i)}`),
  dual: ({ f }) => addressing(R[f.n], f.P, f.U, f.W, f.i * 4),
  dualLiteral: ({ f }) => addressing('pc', f.P, f.U, 1, f.i * 4).replace('!', ''),
  vmem: ({ f }) => addressing(R[f.n], 1, f.U, 0, f.i * 4),
  memory: ({ f }) => (f.P === 0 && f.W === 0 ? `[${R[f.n]}], {${f.i}}` : addressing(R[f.n], f.P, f.U, f.W, f.i * 4)),

  adr4: ({ f }) => `#${f.i * 4}`,
  'adr+': ({ f }) => `#${f.i}`,
  'adr-': ({ f }) => `#-${f.i}`,
  branch8: ({ f, address }) => label(address + 4 + signExtend(f.i, 8) * 2),
  branch11: ({ f, address }) => label(address + 4 + signExtend(f.i, 11) * 2),
  branchConditional: ({ f, address }) => label(address + 4 + conditionalOffset(f)),
  branchLong: ({ f, address }) => label(address + 4 + longOffset(f)),
  cbz: ({ f, address }) => label(address + 4 + f.i * 2),

  it: ({ f }) => itMnemonic(f.c, f.k),
  hint: (context) => narrowHint(context.f.h, condition(context)),
  'hint.w': (context) => wideHint(context.f.h, condition(context)),
  cps: ({ f }) => `${f.i === 1 ? 'id' : 'ie'} ${when(f.a, 'i')}${when(f.b, 'f')}`,
  special: ({ f }) => specialName(f.h),
  'special:k': ({ f }) => specialName(f.h) + (f.h < 4 ? ['', '_g', '_nzcvq', '_nzcvqg'][f.k] : ''),
  barrier: ({ f }) => barrierNames[f.h],
  isb: ({ f }) => (f.h === 15 ? 'sy' : hex(f.h)),
  // Speculation barriers: DSB with options that mean nothing else.
  dsb: (context) => speculationBarriers.get(context.f.h) ?? `dsb${condition(context)} ${barrierNames[context.f.h]}`,
  addPc: ({ f }) => (f.m === 13 ? 'pc, sp, pc' : `pc, ${R[f.m]}`),
  'flags|t': ({ f }) => (f.t === 15 ? 'apsr_nzcv' : R[f.t]),
};

function narrowHint(hint: number, suffix: string): string {
  return hint < hintNames.length ? hintNames[hint] + suffix : `hint${suffix} ${hex(hint)}`;
}

function wideHint(hint: number, suffix: string): string {
  if (hint === 20) return `csdb${suffix}`;
  return hint < hintNames.length ? `${hintNames[hint]}${suffix}.w` : `hint${suffix}.w ${hex(hint)}`;
}

/** The part a name in braces stands for. */
export function partOf(name: string): Part {
  const named = parts[name];
  if (named) return named;
  const register = /^([RSD])([a-zA-Z])$/.exec(name);
  if (register) return registerPart(register[1], register[2] as keyof Fields);
  const number = /^(,?)(#?)([a-zA-Z])(?:\*(\d+)|\|(\d+)|\+(\d+))?$/.exec(name);
  if (!number) throw new RangeError(`format part {${name}} is unknown`);
  const [, comma, hash, letter, scale, zero, plus] = number;
  return ({ f }) => {
    let value = f[letter as keyof Fields];
    if (comma !== '' && value === 0) return '';
    if (scale !== undefined) value *= Number(scale);
    if (zero !== undefined && value === 0) value = Number(zero);
    if (plus !== undefined) value += Number(plus);
    if (comma !== '') return hash !== '' ? `, ${hex(value)}` : `, #${value}`;
    return hash !== '' ? hex(value) : String(value);
  };
}

function registerPart(kind: string, letter: keyof Fields): Part {
  if (kind === 'R') return ({ f }) => R[f[letter]];
  if (kind === 'D') return ({ f }) => `d${f[letter]}`;
  const low = letter.toUpperCase() as keyof Fields;
  return ({ f }) => `s${f[letter] * 2 + f[low]}`;
}
