import type { Board } from '../board/board.js';
import type { HostCall, VariableArguments } from '../host/host-call.js';
import { type HostFunction, type HostImplementation, host } from '../host/symbol.js';
import type { GuestAccess } from '../memory/guest-access.js';
import { byteString, bytesOf, formatPrintf } from './printf.js';
import { vaListPassing } from './va-list.js';

const raw = (prototype: string, implementation: HostImplementation): HostFunction =>
  host(prototype, implementation, { rawPointers: true });

/** Stores text with its NUL, cut to `size` bytes; returns the length without cutting. */
function store(access: GuestAccess, to: number, size: number, text: string): number {
  if (size > 0) access.write(to, bytesOf(`${text.slice(0, size - 1)}\0`));
  return text.length;
}

const UNLIMITED = 0x7fff_ffff;

/** The printf family over the board's console, and TencentOS tiny's tos_kprintf. */
export function stdioImports(board: Board): HostFunction[] {
  const decoder = new TextDecoder();
  const print = (text: string): number => {
    board.print(decoder.decode(bytesOf(text)));
    return text.length;
  };
  const format = (address: number, args: VariableArguments, access: GuestAccess): string =>
    formatPrintf(byteString(access.cStringBytes(address)), args, access);
  const { parameters, words, read } = vaListPassing(board);
  /** Splits the words of a trailing va_list from the call. */
  const listOf = (rest: readonly unknown[]): { list: VariableArguments; access: GuestAccess } => ({
    list: read(rest.slice(0, words).map(Number)),
    access: (rest[words] as HostCall).access,
  });
  return [
    raw('int printf(const char *format, ...)', (text: number, call: HostCall) =>
      print(format(text, call.varargs, call.access)),
    ),
    raw('int tos_kprintf(const char *format, ...)', (text: number, call: HostCall) =>
      print(format(text, call.varargs, call.access)),
    ),
    raw('int tos_kprintln(const char *format, ...)', (text: number, call: HostCall) =>
      print(`${format(text, call.varargs, call.access)}\n`),
    ),
    raw('int sprintf(char *to, const char *format, ...)', (to: number, text: number, call: HostCall) =>
      store(call.access, to, UNLIMITED, format(text, call.varargs, call.access)),
    ),
    raw(
      'int snprintf(char *to, size_t size, const char *format, ...)',
      (to: number, size: number, text: number, call: HostCall) =>
        store(call.access, to, size, format(text, call.varargs, call.access)),
    ),
    raw(`int vprintf(const char *format, ${parameters})`, (text: number, ...rest: unknown[]) => {
      const { list, access } = listOf(rest);
      return print(format(text, list, access));
    }),
    raw(`int vsprintf(char *to, const char *format, ${parameters})`, (to: number, text: number, ...rest: unknown[]) => {
      const { list, access } = listOf(rest);
      return store(access, to, UNLIMITED, format(text, list, access));
    }),
    raw(
      `int vsnprintf(char *to, size_t size, const char *format, ${parameters})`,
      (to: number, size: number, text: number, ...rest: unknown[]) => {
        const { list, access } = listOf(rest);
        return store(access, to, size, format(text, list, access));
      },
    ),
    raw('int puts(const char *s)', (s: number, call: HostCall) =>
      print(`${byteString(call.access.cStringBytes(s))}\n`),
    ),
    raw('int putchar(int c)', (c: number) => {
      print(String.fromCharCode(c & 0xff));
      return c & 0xff;
    }),
  ];
}
