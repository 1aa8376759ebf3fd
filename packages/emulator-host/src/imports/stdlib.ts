import { GuestAbort, ThreadExit } from '../call/thread-exit.js';
import type { HostCall } from '../host/host-call.js';
import { type HostFunction, host } from '../host/symbol.js';
import { AccessFault } from '../memory/guest-access.js';

type Compare = (a: number, b: number) => number;

/** A comparison that may be missing. @throws AccessFault for null: the CPU would jump there */
function comparison(compare: Compare | null): Compare {
  if (compare) return compare;
  throw new AccessFault({ kind: 'unmapped', access: 'fetch', address: 0, width: 4 });
}

/** Sorts elements of `size` bytes in guest memory with a guest comparison: insertion by binary search, stable. */
function sort(base: number, count: number, size: number, given: Compare | null, call: HostCall): void {
  const element = (index: number): number => base + index * size;
  if (count < 2 || size === 0) return;
  const compare = comparison(given);
  call.access.check(base, count * size, 'write');
  for (let index = 1; index < count; index += 1) {
    let low = 0;
    let high = index;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(element(middle), element(index)) > 0) high = middle;
      else low = middle + 1;
    }
    if (low === index) continue;
    const moved = call.access.bytes(element(index), size);
    call.access.write(element(low + 1), call.access.bytes(element(low), (index - low) * size));
    call.access.write(element(low), moved);
  }
}

/** Rest of stdlib.h that modules use: abs, rand, qsort, bsearch. */
export function stdlibImports(): HostFunction[] {
  let seed = 1;
  return [
    host('int abs(int n)', (n: number) => Math.abs(n) | 0),
    host('long labs(long n)', (n: number) => Math.abs(n) | 0),
    // The sequence of C11 7.22.2.2's example.
    host('int rand(void)', () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 16) & 0x7fff;
    }),
    host('void srand(unsigned value)', (value: number) => {
      seed = value;
    }),
    host('void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))', sort),
    host(
      'void *bsearch(const void *key, const void *base, size_t count, size_t size, int (*compare)(const void *, const void *))',
      (key: number, base: number, count: number, size: number, compare: Compare | null) => {
        let low = 0;
        let high = count;
        while (low < high) {
          const middle = Math.floor((low + high) / 2);
          const element = (base + middle * size) >>> 0;
          const order = comparison(compare)(key, element);
          if (order === 0) return element;
          if (order < 0) high = middle;
          else low = middle + 1;
        }
        return 0;
      },
    ),
  ];
}

/** Ways for the guest to give up: abort, failed assertions (newlib's and glibc's names), a smashed stack, exit. */
export function abortImports(): HostFunction[] {
  const failed = (file: string | null, line: number, name: string | null, expression: string | null): never => {
    throw new GuestAbort(
      `assertion "${expression}" failed: file "${file}", line ${line}${name === null ? '' : `, function: ${name}`}`,
    );
  };
  return [
    host('void abort(void)', () => {
      throw new GuestAbort('the guest called abort()');
    }),
    host('void __assert_func(const char *file, int line, const char *name, const char *expression)', failed),
    host(
      'void __assert_fail(const char *expression, const char *file, unsigned line, const char *name)',
      (expression: string | null, file: string | null, line: number, name: string | null) =>
        failed(file, line, name, expression),
    ),
    host(
      'void __assert(const char *file, int line, const char *expression)',
      (file: string | null, line: number, expression: string | null) => failed(file, line, null, expression),
    ),
    host('void __stack_chk_fail(void)', () => {
      throw new GuestAbort('the stack protector found a smashed stack (__stack_chk_fail)');
    }),
    host('void exit(int code)', (code: number) => {
      throw new ThreadExit(code);
    }),
  ];
}
