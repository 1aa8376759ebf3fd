import { describe, expect, it } from 'vitest';
import type { Board } from '../board/board.js';
import type { CallResult } from '../call/result.js';
import { type ImageBoard, imageNames, loadImage } from '../testing/images.js';
import { commonImports } from './common.js';

function withImports(name: (typeof imageNames)[number], options: Parameters<typeof loadImage>[2] = {}): ImageBoard {
  const image = loadImage(name, 'abi', options);
  const { board } = image;
  board.define(...commonImports(board), ...commonImports(board, 'arduino'));
  board.memory.write32(image.address('api'), board.resolve('printf'));
  board.memory.write32(image.address('api') + 16, board.resolve('vprintf'));
  return image;
}

/** Calls a ready-made function through the board's calling convention. */
function call(board: Board, prototype: string, ...args: unknown[]): unknown {
  const name = /(\w+)\(/.exec(prototype)?.[1] ?? '';
  const result = board.call(name, prototype, args);
  if (result.status !== 'returned') throw new Error(result.fault?.message ?? result.status);
  return result.returnValue;
}

describe.each(imageNames)('printf from code compiled for %s', (name) => {
  it('takes every kind of variable argument', () => {
    const image = withImports(name);
    const { board } = image;
    board.fn(image.address('print_all'), 'int print_all(void)')();
    expect(board.console.text).toBe(
      '-5    42|7     |-00042 beef 0XBEEF 10 z text cu 0x20000000 % -123456789012345 123456789abcdef0 44 -7 9\n',
    );
    board.console.clear();
    board.fn(image.address('print_floats'), 'int (double, double)')(2.71829, -0.5);
    expect(board.console.text).toBe('2.718290 -0.500 2.718290e+00 2.71829 1E-10       2.72|2.7e+00   |0x1p+0\n');
    board.console.clear();
    const length = board.fn(image.address('print_mixed'), 'int (int, long long, double, const char *)')(
      1,
      -2n,
      3.5,
      'four',
    );
    expect(board.console.text).toBe('1 -2 3.5 four 2 3.5\n');
    expect(length).toBe(board.console.text.length);
  });
});

// LLVM 22 cannot compile variadic functions for windowed Xtensa.
describe.each(imageNames.filter((name) => name !== 'xtensa-windowed'))('va_list of code compiled for %s', (name) => {
  it('is followed', () => {
    const image = withImports(name);
    const { board } = image;
    board.fn(image.address('log_many'), 'int (double)')(6.25);
    expect(board.console.text).toBe('1 two 3 4000000000000 5 6.25 7 8 9 -10 end\n');
    expect(board.fn(image.address('total'), 'int total(int n, ...)')(6, 1, 2, 3, 4, 5, 6)).toBe(21);
  });
});

describe('ready-made functions', () => {
  const { board } = withImports('arm-soft');
  const at = board.allocate({ size: 256 }) ?? 0;
  const text = (address: unknown): string => board.memory.cString(Number(address));

  it('copies, fills and compares memory', () => {
    board.memory.write(at, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    call(board, 'void *memmove(void *, const void *, size_t)', at + 2, at, 4);
    expect([...board.memory.bytes(at, 8)]).toEqual([1, 2, 1, 2, 3, 4, 7, 8]);
    call(board, 'void *memset(void *, int, size_t)', at, 0x1ff, 3);
    expect([...board.memory.bytes(at, 4)]).toEqual([255, 255, 255, 2]);
    expect(
      call(board, 'int memcmp(const void *, const void *, size_t)', Uint8Array.of(1, 2), Uint8Array.of(1, 3), 2),
    ).toBe(-1);
    expect(call(board, 'void *memchr(const void *, int, size_t)', at, 2, 8)).toBe(at + 3);
    call(board, 'void __aeabi_memset4(void *, size_t, int)', at, 4, 7);
    expect(board.memory.read32(at)).toBe(0x07070707);
    call(board, 'void __aeabi_memclr8(void *, size_t)', at, 2);
    expect(board.memory.read32(at)).toBe(0x07070000);
  });

  it('handles strings as C does', () => {
    expect(call(board, 'size_t strlen(const char *)', 'hello')).toBe(5);
    expect(text(call(board, 'char *strcpy(char *, const char *)', at, 'abc'))).toBe('abc');
    expect(text(call(board, 'char *strcat(char *, const char *)', at, 'def'))).toBe('abcdef');
    call(board, 'char *strncpy(char *, const char *, size_t)', at, 'xy', 5);
    expect([...board.memory.bytes(at, 7)]).toEqual([0x78, 0x79, 0, 0, 0, 0x66, 0]);
    expect(call(board, 'int strcmp(const char *, const char *)', 'abc', 'abd')).toBe(-1);
    expect(call(board, 'int strcmp(const char *, const char *)', 'abc', 'ab')).toBe(0x63);
    expect(call(board, 'int strncmp(const char *, const char *, size_t)', 'abc', 'abd', 2)).toBe(0);
    expect(call(board, 'int strcasecmp(const char *, const char *)', 'HeLLo', 'hEllO')).toBe(0);
    board.memory.writeCString(at, 'find a needle here');
    expect(text(call(board, 'char *strstr(const char *, const char *)', at, 'needle'))).toBe('needle here');
    expect(text(call(board, 'char *strrchr(const char *, int)', at, 0x65))).toBe('e');
    expect(call(board, 'char *strchr(const char *, int)', at, 0)).toBe(at + 18);
    expect(call(board, 'size_t strcspn(const char *, const char *)', at, 'xyz ')).toBe(4);
    expect(call(board, 'size_t strspn(const char *, const char *)', at, 'dinf')).toBe(4);
  });

  it('parses numbers with their ends and limits', () => {
    const end = board.allocate({ size: 4 }) ?? 0;
    board.memory.writeCString(at, '  -0x1Fz');
    expect(call(board, 'long strtol(const char *, char **, int)', at, end, 0)).toBe(-31);
    expect(board.memory.read32(end)).toBe(at + 7);
    expect(call(board, 'long strtol(const char *, char **, int)', '99999999999', 0, 10)).toBe(2147483647);
    expect(call(board, 'long strtol(const char *, char **, int)', '-99999999999', 0, 10)).toBe(-2147483648);
    expect(call(board, 'unsigned long strtoul(const char *, char **, int)', '-1', 0, 10)).toBe(4294967295);
    expect(call(board, 'long strtol(const char *, char **, int)', '0777', 0, 0)).toBe(511);
    expect(call(board, 'int atoi(const char *)', ' 42abc')).toBe(42);
    expect(call(board, 'double atof(const char *)', '2.5e3x')).toBe(2500);
  });

  it('formats into buffers and cuts as snprintf does', () => {
    const out = new Uint8Array(8).fill(0x2e);
    expect(call(board, 'int snprintf(char *, size_t, const char *, ...)', out, 6, '%s-%d', 'abc', 1234)).toBe(8);
    expect([...out]).toEqual([0x61, 0x62, 0x63, 0x2d, 0x31, 0, 0x2e, 0x2e]);
    call(board, 'int sprintf(char *, const char *, ...)', at, '%05.1f|%x', 2.25, 255);
    expect(text(at)).toBe('002.2|ff');
  });

  it('sorts and searches with guest or host comparisons', () => {
    const values = [5, -7, 3, 3, 0, 99, -1];
    const compare = (a: number, b: number): number => (board.memory.read32(a) | 0) - (board.memory.read32(b) | 0);
    call(
      board,
      'void qsort(int *, size_t, size_t, int (*)(const void *, const void *))',
      values,
      values.length,
      4,
      compare,
    );
    expect(values).toEqual([-7, -1, 0, 3, 3, 5, 99]);
    expect(
      call(
        board,
        'void *bsearch(const void *, const void *, size_t, size_t, int (*)(const void *, const void *))',
        at,
        at,
        0,
        4,
        compare,
      ),
    ).toBe(0);
  });

  it('prints Arduino lines with CR LF', () => {
    board.console.clear();
    call(board, 'size_t _ZN5Print7printlnEPKc(void *, const char *)', 0, 'Hello');
    call(board, 'size_t _ZN5Print5printEii(void *, int, int)', 0, -42, 10);
    call(board, 'size_t _ZN5Print7printlnEji(void *, unsigned, int)', 0, 0xbeef, 16);
    call(board, 'size_t _ZN5Print6printfEPKcz(void *, const char *, ...)', 0, 'n=%d\n', 7);
    call(board, 'void delay(uint32_t)', 1500);
    expect(call(board, 'unsigned long millis(void)')).toBe(1500);
    expect(board.console.text).toBe('Hello\r\n-42BEEF\r\nn=7\n');
  });

  it('allocates from the board heap and counts leaks by call site', () => {
    const mark = board.guestHeap.mark;
    const before = board.heap.stats().blocks;
    const a = Number(call(board, 'void *malloc(size_t)', 100));
    const b = Number(call(board, 'void *calloc(size_t, size_t)', 10, 4));
    expect(board.heap.blockAt(a)).toMatchObject({ used: true, size: 100 });
    const c = Number(call(board, 'void *realloc(void *, size_t)', a, 50));
    expect(c).toBe(a);
    call(board, 'void free(void *)', b);
    expect(board.guestHeap.leaks(mark)).toEqual([{ site: expect.any(Number), count: 1, bytes: 50 }]);
    call(board, 'void free(void *)', c);
    expect(board.heap.stats().blocks).toBe(before);
    expect(call(board, 'void *tos_mmheap_alloc(size_t)', 10_000_000)).toBe(0);
  });
});

describe('ready-made functions that fail', () => {
  const outcome = (prototype: string, args: unknown[], options: Parameters<typeof loadImage>[2] = {}): CallResult => {
    const { board } = withImports('arm-soft', options);
    return board.call(/(\w+)\(/.exec(prototype)?.[1] ?? '', prototype, args);
  };

  it('fault where the guest itself would', () => {
    expect(outcome('size_t strlen(const char *)', [0x7000_0000]).fault).toMatchObject({
      kind: 'memory',
      message: 'strlen failed: read of 1 byte at 0x70000000: no memory is there',
    });
    expect(outcome('void *memset(void *, int, size_t)', [0x0800_0000, 0, 16]).fault).toMatchObject({
      access: { kind: 'read-only', access: 'write', region: 'flash' },
    });
    expect(
      outcome('void *memcpy(void *, const void *, size_t)', [0x2000_0100, 0x2000_0200, 0xffff_ffff]).fault?.kind,
    ).toBe('memory');
  });

  it('end in aborts, assertions and exits', () => {
    expect(outcome('void abort(void)', []).fault).toMatchObject({ kind: 'abort', message: 'the guest called abort()' });
    expect(
      outcome('void __assert_func(const char *, int, const char *, const char *)', ['a.c', 12, 'main', 'x > 0']).fault
        ?.message,
    ).toBe('assertion "x > 0" failed: file "a.c", line 12, function: main');
    expect(outcome('void exit(int)', [3])).toMatchObject({ status: 'exited', returnValue: 3 });
  });

  it('stop at the heap limit and go on', () => {
    const result = outcome('void *malloc(size_t)', [1000], { limits: { heapBytes: 500 } });
    expect(result.status).toBe('heap');
    expect(result.fault?.message).toContain('heap limit of 500 bytes');
    expect(result.resume).toBeTypeOf('function');
  });
});

describe('heap checks', () => {
  function checked() {
    const image = withImports('arm-soft', { heapChecks: true });
    const { board } = image;
    const fill = (address: number, count: number): CallResult =>
      board.call(image.address('fill_with'), 'void fill_with(char *out, int n, char c)', [address, count, 1]);
    const malloc = (size: number): number => Number(call(board, 'void *malloc(size_t)', size));
    return { board, fill, malloc, sum: image.address('sum') };
  }

  it('let correct programs pass', () => {
    const { board, fill, malloc } = checked();
    const block = malloc(40);
    expect(fill(block, 39).status).toBe('returned');
    const moved = Number(call(board, 'void *realloc(void *, size_t)', block, 60));
    expect(board.memory.read8(moved + 10)).toBe(1);
    call(board, 'void free(void *)', moved);
    board.guestHeap.check();
  });

  it('stop at the write behind a block', () => {
    const { fill, malloc } = checked();
    const block = malloc(40);
    const { fault } = fill(block, 40);
    expect(fault?.kind).toBe('heap');
    expect(fault?.message).toMatch(
      /^write of 1 byte at 0x[0-9a-f]{8}: out of bounds, just behind the end of a block of 40 bytes that the host allocated/,
    );
  });

  it('stop at a read of freed memory', () => {
    const { board, malloc, sum } = checked();
    const block = malloc(40);
    call(board, 'void free(void *)', block);
    const { fault } = board.call(sum, 'int sum(const int *, int)', [block + 8, 1]);
    expect(fault?.message).toMatch(
      /read of 4 bytes at 0x[0-9a-f]{8}: use after free, 8 bytes into a block of 40 bytes/,
    );
  });

  it('see host functions touch what the guest must not', () => {
    const { board, malloc } = checked();
    const block = malloc(10);
    const { fault } = board.call('memset', 'void *memset(void *, int, size_t)', [block, 0, 11]);
    expect(fault?.message).toMatch(/^memset: write of 11 bytes at .* out of bounds, 0 bytes into a block of 10 bytes/);
  });

  it('name double frees and frees of what is no block', () => {
    const { board, malloc } = checked();
    const block = malloc(10);
    call(board, 'void free(void *)', block);
    expect(board.call('free', 'void free(void *)', [block]).fault?.message).toMatch(
      /^free: double free of 0x[0-9a-f]{8} \(10 bytes\)/,
    );
    const other = malloc(20);
    expect(board.call('free', 'void free(void *)', [other + 4]).fault?.message).toMatch(
      /no allocated block; it lies 4 bytes into a block of 20 bytes/,
    );
  });
});
