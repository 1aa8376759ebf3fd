import type { HostCall } from '../host/host-call.js';
import { type HostFunction, host } from '../host/symbol.js';

/** Compares as memcmp does. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    if (a[index] !== b[index]) return a[index] - b[index];
  }
  return a.length - b.length;
}

function copy(to: number, from: number, size: number, call: HostCall): number {
  if (size > 0) call.access.write(to, call.access.bytes(from, size));
  return to;
}

function set(to: number, value: number, size: number, call: HostCall): number {
  if (size > 0) call.access.fill(to, size, value);
  return to;
}

/** Memory functions of string.h, and the ARM run-time ABI's names for them (RTABI32 section 4.3.4). */
export function memoryImports(): HostFunction[] {
  const plain = [
    host('void *memcpy(void *to, const void *from, size_t size)', copy),
    host('void *memmove(void *to, const void *from, size_t size)', copy),
    host('void *memset(void *to, int value, size_t size)', set),
    host('void bzero(void *to, size_t size)', (to: number, size: number, call: HostCall) => set(to, 0, size, call)),
    host(
      'int memcmp(const void *a, const void *b, size_t size)',
      (a: number, b: number, size: number, call: HostCall) =>
        compareBytes(call.access.bytes(a, size), call.access.bytes(b, size)),
    ),
    host(
      'void *memchr(const void *from, int value, size_t size)',
      (from: number, value: number, size: number, call: HostCall) => {
        for (let at = from; at < from + size; at += 1) {
          if (call.access.load(at, 1) === (value & 0xff)) return at;
        }
        return 0;
      },
    ),
  ];
  const aligned = ['', '4', '8'].flatMap((suffix) => [
    host(`void __aeabi_memcpy${suffix}(void *to, const void *from, size_t size)`, copy),
    host(`void __aeabi_memmove${suffix}(void *to, const void *from, size_t size)`, copy),
    host(
      `void __aeabi_memset${suffix}(void *to, size_t size, int value)`,
      (to: number, size: number, value: number, call: HostCall) => set(to, value, size, call),
    ),
    host(`void __aeabi_memclr${suffix}(void *to, size_t size)`, (to: number, size: number, call: HostCall) =>
      set(to, 0, size, call),
    ),
  ]);
  return [...plain, ...aligned];
}
