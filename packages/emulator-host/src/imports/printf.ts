import type { CType } from '../c/c-type.js';
import { LimitReached } from '../call/limit.js';
import type { VariableArguments } from '../host/host-call.js';
import type { GuestAccess } from '../memory/guest-access.js';
import { exponentText, fixedText, generalText, hexFloatText } from './float-text.js';

const integer = (name: string, size: 4 | 8, signed: boolean): CType => ({ kind: 'integer', name, size, signed });
const INT = integer('int', 4, true);
const LONG_LONG = integer('long long', 8, true);
const DOUBLE: CType = { kind: 'float', name: 'double', size: 8 };
const POINTER: CType = { kind: 'pointer', to: { kind: 'void' } };

interface Conversion {
  readonly left: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly alternate: boolean;
  readonly zero: boolean;
  readonly width: number;
  /** -1: none given. */
  readonly precision: number;
  /** hh, h, l, ll, j, z, t, L or empty. */
  readonly length: string;
  readonly letter: string;
}

const CONVERSION = /%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d*))?(hh|h|ll|l|j|z|t|L|q)?([a-zA-Z%])/y;
/** Widest padding that is produced, and most bytes of one printf: a hostile format must not exhaust the host. */
const WIDEST = 65536;
const LONGEST = 0x10_0000;

/**
 * C's printf (C11 7.21.6.1, newlib's choices where C leaves one: `%p` prints `0x` and hex digits, `(null)` for a null string).
 * Text is a byte string: one character for each byte, 0 to 255. An unknown conversion is copied as it stands.
 * @param format bytes of the format, as a byte string
 * @throws LimitReached when the text grows beyond 1 MiB
 */
export function formatPrintf(format: string, args: VariableArguments, access: GuestAccess): string {
  let out = '';
  let at = 0;
  while (at < format.length) {
    const percent = format.indexOf('%', at);
    if (percent < 0) return out + format.slice(at);
    out += format.slice(at, percent);
    CONVERSION.lastIndex = percent;
    const match = CONVERSION.exec(format);
    if (!match) {
      out += '%';
      at = percent + 1;
      continue;
    }
    at = CONVERSION.lastIndex;
    const text = convert(readConversion(match, args), args, access, out.length);
    out += text ?? match[0];
    if (out.length > LONGEST) throw new LimitReached('console', `one printf made more than ${LONGEST} bytes`);
  }
  return out;
}

function readConversion(match: RegExpExecArray, args: VariableArguments): Conversion {
  const [, flags, widthText, precisionText, length = '', letter] = match;
  let width = widthText === '*' ? Number(args.next(INT)) : Number(widthText ?? 0);
  const left = flags.includes('-') || width < 0;
  width = Math.min(Math.abs(width), WIDEST);
  let precision = -1;
  if (precisionText !== undefined)
    precision = precisionText === '*' ? Number(args.next(INT)) : Number(precisionText || 0);
  return {
    left,
    plus: flags.includes('+'),
    space: flags.includes(' '),
    alternate: flags.includes('#'),
    zero: flags.includes('0'),
    width,
    precision: precision < 0 ? -1 : Math.min(precision, WIDEST),
    length: length === 'q' ? 'll' : length,
    letter,
  };
}

/** The text of one conversion; undefined when it is unknown. */
function convert(c: Conversion, args: VariableArguments, access: GuestAccess, printed: number): string | undefined {
  switch (c.letter) {
    case '%':
      return '%';
    case 'd':
    case 'i':
      return signedText(c, integerArgument(c, args, true));
    case 'u':
      return numberText(c, '', digitsOf(c, integerArgument(c, args, false), 10));
    case 'o': {
      const digits = digitsOf(c, integerArgument(c, args, false), 8);
      return numberText(c, '', c.alternate && !digits.startsWith('0') ? `0${digits}` : digits);
    }
    case 'x':
    case 'X': {
      const value = integerArgument(c, args, false);
      const text = numberText(c, c.alternate && value !== 0n ? '0x' : '', digitsOf(c, value, 16));
      return c.letter === 'X' ? text.toUpperCase() : text;
    }
    case 'p':
      return numberText(c, '0x', Number(args.next(POINTER)).toString(16));
    case 'c':
    case 'C':
      return pad(c, characterText(c, Number(args.next(INT))));
    case 's':
    case 'S':
      return pad(c, stringText(c, Number(args.next(POINTER)), access));
    case 'n':
      storeCount(c, Number(args.next(POINTER)), access, printed);
      return '';
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
      return floatText(c, Number(args.next(DOUBLE)));
    default:
      return undefined;
  }
}

function bitsOf(length: string): number {
  if (length === 'hh') return 8;
  if (length === 'h') return 16;
  return length === 'll' || length === 'j' || length === 'L' ? 64 : 32;
}

function integerArgument(c: Conversion, args: VariableArguments, signed: boolean): bigint {
  const bits = bitsOf(c.length);
  const value = BigInt(args.next(bits === 64 ? LONG_LONG : INT));
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** Digits with the precision's leading zeros; precision 0 prints the value 0 as nothing. */
function digitsOf(c: Conversion, magnitude: bigint, radix: number): string {
  if (c.precision === 0 && magnitude === 0n) return '';
  return magnitude.toString(radix).padStart(Math.max(c.precision, 0), '0');
}

function signOf(c: Conversion, negative: boolean): string {
  if (negative) return '-';
  return c.plus ? '+' : c.space ? ' ' : '';
}

function signedText(c: Conversion, value: bigint): string {
  return numberText(c, signOf(c, value < 0n), digitsOf(c, value < 0n ? -value : value, 10));
}

/** Pads between prefix and digits with zeros, or outside with blanks. */
function numberText(c: Conversion, prefix: string, digits: string): string {
  const zeros = c.zero && !c.left && c.precision < 0;
  const body = zeros ? digits.padStart(c.width - prefix.length, '0') : digits;
  return pad(c, prefix + body);
}

function pad(c: Conversion, text: string): string {
  return c.left ? text.padEnd(c.width) : text.padStart(c.width);
}

function characterText(c: Conversion, code: number): string {
  return c.length === 'l' || c.letter === 'C' ? utf8(code >>> 0) : String.fromCharCode(code & 0xff);
}

function stringText(c: Conversion, address: number, access: GuestAccess): string {
  const limit = c.precision < 0 ? undefined : c.precision;
  if (address === 0) return '(null)'.slice(0, limit);
  if (c.length !== 'l' && c.letter !== 'S') return byteString(access.cStringBytes(address, limit));
  let text = '';
  for (let at = address; ; at += 4) {
    const code = access.load(at, 4);
    if (code === 0) return text;
    const piece = utf8(code);
    if (limit !== undefined && text.length + piece.length > limit) return text;
    text += piece;
  }
}

function utf8(code: number): string {
  return byteString(new TextEncoder().encode(String.fromCodePoint(code <= 0x10ffff ? code : 0xfffd)));
}

function storeCount(c: Conversion, address: number, access: GuestAccess, printed: number): void {
  const bits = bitsOf(c.length);
  if (bits === 64) {
    access.store(address, 4, printed);
    access.store(address + 4, 4, 0);
  } else access.store(address, bits === 8 ? 1 : bits === 16 ? 2 : 4, printed);
}

function floatText(c: Conversion, value: number): string {
  const lower = c.letter.toLowerCase();
  const negative = value < 0 || Object.is(value, -0);
  const sign = signOf(c, negative);
  let text: string;
  if (!Number.isFinite(value)) {
    text = pad(c, sign + (Number.isNaN(value) ? 'nan' : 'inf'));
  } else {
    const precision = c.precision < 0 ? 6 : c.precision;
    if (lower === 'f') text = fixedText(value, precision, c.alternate);
    else if (lower === 'e') text = exponentText(value, precision, c.alternate);
    else if (lower === 'g') text = generalText(value, precision, c.alternate);
    else text = hexFloatText(value, c.precision, c.alternate);
    const prefix = lower === 'a' ? `${sign}0x` : sign;
    if (lower === 'a') text = text.slice(2);
    text = numberText({ ...c, precision: -1 }, prefix, text);
  }
  return c.letter === lower ? text : text.toUpperCase();
}

/** A byte string of bytes. */
export function byteString(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** The bytes of a byte string. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
