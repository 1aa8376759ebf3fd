import type { HostCall } from '../host/host-call.js';
import { type HostFunction, type HostImplementation, host } from '../host/symbol.js';
import { compareBytes } from './memory.js';
import { byteString } from './printf.js';

const raw = (prototype: string, implementation: HostImplementation): HostFunction =>
  host(prototype, implementation, { rawPointers: true });

function terminated(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length + 1);
  copy.set(bytes);
  return copy;
}

/** strcmp order: unsigned bytes, the shorter string first. */
function compare(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(terminated(a), terminated(b));
}

const lower = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/** Index of the first byte that is (or, `inverted`, is not) in a set; the length when there is none. */
function span(bytes: Uint8Array, set: Uint8Array, inverted: boolean): number {
  const index = bytes.findIndex((byte) => set.includes(byte) !== inverted);
  return index < 0 ? bytes.length : index;
}

/** What strtol and its kin parse: value, where it ended, and whether it was out of range for `bits`. */
function parseInteger(text: string, base: number, bits: number, signed: boolean): { value: bigint; length: number } {
  const match = /^[ \t\n\v\f\r]*([+-]?)/.exec(text);
  const sign = match?.[1] ?? '';
  let at = match?.[0].length ?? 0;
  let radix = base;
  const prefix = /^0[xX][0-9a-fA-F]/.test(text.slice(at));
  if ((radix === 0 || radix === 16) && prefix) {
    at += 2;
    radix = 16;
  } else if (radix === 0) radix = text[at] === '0' ? 8 : 10;
  let value = 0n;
  const start = at;
  for (; at < text.length; at += 1) {
    const digit = Number.parseInt(text[at], 36);
    if (Number.isNaN(digit) || digit >= radix) break;
    value = value * BigInt(radix) + BigInt(digit);
  }
  if (at === start) return { value: 0n, length: 0 };
  const most = signed ? (1n << BigInt(bits - 1)) - (sign === '-' ? 0n : 1n) : (1n << BigInt(bits)) - 1n;
  if (value > most) value = most;
  else if (sign === '-') return { value: BigInt.asUintN(bits, -value), length: at };
  const negative = sign === '-' && signed;
  return { value: BigInt.asUintN(bits, negative ? -value : value), length: at };
}

function parser(name: string, returns: string, bits: number, signed: boolean): HostFunction {
  return raw(
    `${returns} ${name}(const char *text, char **end, int base)`,
    (text: number, end: number, base: number, call: HostCall) => {
      const { value, length } = parseInteger(byteString(call.access.cStringBytes(text)), base, bits, signed);
      if (end !== 0) call.access.store(end, 4, text + length);
      return value;
    },
  );
}

/** String functions of string.h and strings.h, and the number parsers of stdlib.h. */
export function stringImports(): HostFunction[] {
  const text = (address: number, call: HostCall, limit?: number): Uint8Array =>
    call.access.cStringBytes(address, limit);
  const length = (address: number, call: HostCall): number => text(address, call).length;
  const number = (address: number, call: HostCall): bigint =>
    parseInteger(byteString(text(address, call)), 10, 64, true).value;
  return [
    raw('size_t strlen(const char *s)', length),
    raw('size_t strnlen(const char *s, size_t n)', (s: number, n: number, call: HostCall) => text(s, call, n).length),
    raw('char *strcpy(char *to, const char *from)', (to: number, from: number, call: HostCall) => {
      call.access.write(to, terminated(text(from, call)));
      return to;
    }),
    raw('char *stpcpy(char *to, const char *from)', (to: number, from: number, call: HostCall) => {
      const bytes = text(from, call);
      call.access.write(to, terminated(bytes));
      return to + bytes.length;
    }),
    raw(
      'char *strncpy(char *to, const char *from, size_t n)',
      (to: number, from: number, n: number, call: HostCall) => {
        const bytes = text(from, call, n);
        call.access.write(to, bytes);
        if (n > bytes.length) call.access.fill(to + bytes.length, n - bytes.length, 0);
        return to;
      },
    ),
    raw(
      'size_t strlcpy(char *to, const char *from, size_t n)',
      (to: number, from: number, n: number, call: HostCall) => {
        const bytes = text(from, call);
        if (n > 0) call.access.write(to, terminated(bytes.subarray(0, n - 1)));
        return bytes.length;
      },
    ),
    raw('char *strcat(char *to, const char *from)', (to: number, from: number, call: HostCall) => {
      call.access.write(to + length(to, call), terminated(text(from, call)));
      return to;
    }),
    raw(
      'char *strncat(char *to, const char *from, size_t n)',
      (to: number, from: number, n: number, call: HostCall) => {
        call.access.write(to + length(to, call), terminated(text(from, call, n)));
        return to;
      },
    ),
    raw('int strcmp(const char *a, const char *b)', (a: number, b: number, call: HostCall) =>
      compare(text(a, call), text(b, call)),
    ),
    raw('int strncmp(const char *a, const char *b, size_t n)', (a: number, b: number, n: number, call: HostCall) =>
      compareBytes(terminated(text(a, call, n)).subarray(0, n), terminated(text(b, call, n)).subarray(0, n)),
    ),
    raw('int strcasecmp(const char *a, const char *b)', (a: number, b: number, call: HostCall) =>
      compare(lower(text(a, call)), lower(text(b, call))),
    ),
    raw('int strncasecmp(const char *a, const char *b, size_t n)', (a: number, b: number, n: number, call: HostCall) =>
      compareBytes(
        lower(terminated(text(a, call, n))).subarray(0, n),
        lower(terminated(text(b, call, n))).subarray(0, n),
      ),
    ),
    raw('char *strchr(const char *s, int c)', (s: number, c: number, call: HostCall) => {
      const index = terminated(text(s, call)).indexOf(c & 0xff);
      return index < 0 ? 0 : s + index;
    }),
    raw('char *strrchr(const char *s, int c)', (s: number, c: number, call: HostCall) => {
      const index = terminated(text(s, call)).lastIndexOf(c & 0xff);
      return index < 0 ? 0 : s + index;
    }),
    raw('char *strstr(const char *s, const char *part)', (s: number, part: number, call: HostCall) => {
      const index = byteString(text(s, call)).indexOf(byteString(text(part, call)));
      return index < 0 ? 0 : s + index;
    }),
    raw('size_t strspn(const char *s, const char *set)', (s: number, set: number, call: HostCall) =>
      span(text(s, call), text(set, call), true),
    ),
    raw('size_t strcspn(const char *s, const char *set)', (s: number, set: number, call: HostCall) =>
      span(text(s, call), text(set, call), false),
    ),
    raw('char *strpbrk(const char *s, const char *set)', (s: number, set: number, call: HostCall) => {
      const bytes = text(s, call);
      const index = span(bytes, text(set, call), false);
      return index === bytes.length ? 0 : s + index;
    }),
    raw('int atoi(const char *s)', (s: number, call: HostCall) => BigInt.asIntN(32, number(s, call))),
    raw('long atol(const char *s)', (s: number, call: HostCall) => BigInt.asIntN(32, number(s, call))),
    raw('long long atoll(const char *s)', number),
    raw('double atof(const char *s)', (s: number, call: HostCall) => Number.parseFloat(byteString(text(s, call))) || 0),
    parser('strtol', 'long', 32, true),
    parser('strtoul', 'unsigned long', 32, false),
    parser('strtoll', 'long long', 64, true),
    parser('strtoull', 'unsigned long long', 64, false),
  ];
}
