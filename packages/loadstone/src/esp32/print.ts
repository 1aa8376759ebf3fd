import type { PrintfArgument } from '../c-printf.js';
import { DEC } from './constants.js';

/** C's conversions, as a board makes them. */
export type Formatter = (format: string, args: readonly PrintfArgument[]) => string;

/** Above this `print` writes `ovf` (Print.cpp, printFloat). */
const LARGEST_FLOAT = 4294967040;

const encoder = new TextEncoder();

/**
 * Arduino's `Print`: text for a byte stream, in UTF-8. Every function gives the number of bytes written. JavaScript has one number
 * type: whole numbers print as integers, others with decimals.
 */
export abstract class Print {
  readonly #format: Formatter;

  constructor(format: Formatter) {
    this.#format = format;
  }

  /**
   * Writes one byte (a number, 0 to 255), bytes, or text.
   * @param size bytes of a buffer to write; default: all
   */
  write(data: number | Uint8Array | string, size?: number): number {
    if (typeof data === 'number') return this.writeBytes(Uint8Array.of(data));
    const bytes = typeof data === 'string' ? encoder.encode(data) : data;
    return this.writeBytes(size === undefined ? bytes : bytes.subarray(0, size));
  }

  /** @param format base of a whole number (`DEC`, `HEX`, `OCT`, `BIN`), or decimals of another; default 10 and 2 */
  print(value: string | number | bigint | boolean, format?: number): number {
    return this.write(printed(value, format));
  }

  /** `print` and CR LF. */
  println(value: string | number | bigint | boolean = '', format?: number): number {
    return this.write(`${printed(value, format)}\r\n`);
  }

  /** C's printf; line ends are the format's own. @throws LoadstoneError BAD_OPTION for a missing argument */
  printf(format: string, ...args: readonly PrintfArgument[]): number {
    return this.write(this.#format(format, args));
  }

  protected abstract writeBytes(bytes: Uint8Array): number;
}

function printed(value: string | number | bigint | boolean, format: number | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && !Number.isInteger(value)) return fixed(value, format ?? 2);
  return whole(BigInt(value), format ?? DEC);
}

/** In base 10 with sign; in others as the 32-bit pattern. A base below 2 is 10 (Print.cpp, printNumber). */
function whole(value: bigint, base: number): string {
  if (base < 2 || base > 36 || base === DEC) return value.toString();
  const pattern = value < 0n ? BigInt.asUintN(value < -0x8000_0000n ? 64 : 32, value) : value;
  return pattern.toString(base).toUpperCase();
}

/** `printFloat`: adds half of the last place and cuts digit by digit. */
function fixed(value: number, places: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return 'inf';
  if (Math.abs(value) > LARGEST_FLOAT) return 'ovf';
  const digits = Math.max(0, Math.trunc(places));
  let rounding = 0.5;
  for (let place = 0; place < digits; place += 1) rounding /= 10;
  const magnitude = Math.abs(value) + rounding;
  let text = `${value < 0 ? '-' : ''}${Math.trunc(magnitude)}${digits > 0 ? '.' : ''}`;
  let rest = magnitude - Math.trunc(magnitude);
  for (let place = 0; place < digits; place += 1) {
    rest *= 10;
    const digit = Math.trunc(rest);
    text += digit;
    rest -= digit;
  }
  return text;
}
