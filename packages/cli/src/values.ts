import { type BoardName, boardNames, type ImportGroupName, importGroupNames } from 'loadstone';
import { UsageError } from './usage-error.js';

/** C types behind the short names of `--var`. */
const TYPES: Readonly<Record<string, string>> = {
  i8: 'int8_t',
  u8: 'uint8_t',
  i16: 'int16_t',
  u16: 'uint16_t',
  i32: 'int32_t',
  u32: 'uint32_t',
  i64: 'int64_t',
  u64: 'uint64_t',
  f32: 'float',
  f64: 'double',
  ptr: 'void *',
};

/** A `--var`: a variable the firmware side defines. */
export interface VariableOption {
  readonly name: string;
  /** The C declaration, e.g. `int32_t d_e_a`. */
  readonly declaration: string;
  readonly value: number | bigint;
}

const NAME = /^[A-Za-z_.$][\w.$]*$/;

/**
 * Reads a whole number: decimal, 0x hexadecimal or 0b binary, with an optional minus sign.
 * @throws UsageError when the text is something else
 */
export function parseInteger(text: string, what: string): bigint {
  const match = /^(-?)(0x[0-9a-f]+|0b[01]+|\d+)$/i.exec(text.trim());
  if (!match) throw new UsageError(`${what}: "${text}" is not a whole number`);
  const magnitude = BigInt(match[2] as string);
  return match[1] === '-' ? -magnitude : magnitude;
}

/**
 * Reads a whole number within bounds.
 * @throws UsageError when it is no whole number or lies outside `min` to `max`
 */
export function parseCount(text: string, what: string, min: number, max: number): number {
  const value = parseInteger(text, what);
  if (value < BigInt(min) || value > BigInt(max)) throw new UsageError(`${what}: ${text} is not ${min} to ${max}`);
  return Number(value);
}

/**
 * Reads `name=type:value`, e.g. `d_e_a=i32:9`; the type may be left out and is i32 then.
 * @throws UsageError for an unknown type, or a value the type cannot hold
 */
export function parseVariable(text: string): VariableOption {
  const match = /^([^=]+)=(?:([a-z]\w*):)?(.+)$/.exec(text);
  const name = match?.[1] ?? '';
  if (!match || !NAME.test(name)) throw new UsageError(`--var ${text}: not of the form name=type:value`);
  const type = match[2] ?? 'i32';
  const ctype = TYPES[type];
  if (ctype === undefined) {
    throw new UsageError(`--var ${text}: unknown type ${type}; one of ${Object.keys(TYPES).join(', ')}`);
  }
  const value = match[3] as string;
  const declaration = ctype.endsWith('*') ? `${ctype}${name}` : `${ctype} ${name}`;
  if (type.startsWith('f')) {
    const number = Number(value);
    if (Number.isNaN(number) && value.toLowerCase() !== 'nan') {
      throw new UsageError(`--var ${text}: "${value}" is not a number`);
    }
    return { name, declaration, value: number };
  }
  const bits = type === 'ptr' ? 32 : Number(type.slice(1));
  const integer = parseInteger(value, `--var ${name}`);
  const min = type.startsWith('i') ? -(2n ** BigInt(bits - 1)) : 0n;
  // A signed type also takes the bit pattern's unsigned reading (i32:0xffffffff).
  const max = 2n ** BigInt(bits) - 1n;
  if (integer < min || integer > max) throw new UsageError(`--var ${text}: ${value} does not fit ${type}`);
  const wrapped = type.startsWith('i') ? BigInt.asIntN(bits, integer) : integer;
  return { name, declaration, value: bits === 64 ? wrapped : Number(wrapped) };
}

/**
 * Reads `name=0xADDRESS`.
 * @throws UsageError when it is not of that form
 */
export function parseSymbol(text: string): { readonly name: string; readonly address: number } {
  const at = text.lastIndexOf('=');
  const name = text.slice(0, at);
  if (at < 1 || !NAME.test(name)) throw new UsageError(`--symbol ${text}: not of the form name=0xADDRESS`);
  return { name, address: parseCount(text.slice(at + 1), `--symbol ${name}`, 0, 0xffff_ffff) };
}

/**
 * One of the allowed words.
 * @throws UsageError for another one
 */
export function chosen<Word extends string>(text: string, what: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new UsageError(`${what} ${text}: one of ${words.join(', ')}`);
  return word;
}

/** The name of a board. @throws UsageError */
export function boardName(text: string): BoardName {
  return chosen(text, '--board', boardNames);
}

const ENGINES = ['interpreter', 'wasm', 'unicorn'] as const;

/** What `--engine` can choose. */
export type EngineName = (typeof ENGINES)[number];

/** The engine of `--engine`; undefined: the best that works here. @throws UsageError */
export function engineName(text: string | undefined): EngineName | undefined {
  return text === undefined ? undefined : chosen(text, '--engine', ENGINES);
}

/** Reads `@libc,@arduino`. @throws UsageError for an unknown group */
export function parseImports(text: string): ImportGroupName[] {
  return text.split(',').map((name) => chosen(name.trim(), '--import', importGroupNames));
}
