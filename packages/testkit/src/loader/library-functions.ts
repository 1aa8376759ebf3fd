import { isDeepStrictEqual } from 'node:util';
import { memorySource } from '@loadstone/fd-sources';
import { ModuleRegistry } from '@loadstone/module-loader';
import { type Board, createBoard } from 'loadstone';
import type { LibraryIndex } from './library-closure.js';

/** MOVS R0, #0; BX LR: what functions outside the libraries do here. */
const NOTHING = new Uint8Array([0x00, 0x20, 0x70, 0x47]);

/** Functions of a C library on a Cortex-M board, loaded from its archive with everything they need. */
export class LibraryFunctions {
  readonly board: Board = createBoard('generic-cortex-m');
  readonly registry: ModuleRegistry;
  /** Symbols no archive defines, such as `_sbrk`; each is a function that returns 0. */
  readonly missing: readonly string[];

  /** @throws LoaderError */
  constructor(library: LibraryIndex, roots: readonly string[]) {
    const { members, missing } = library.closure(roots);
    this.missing = missing;
    const nothing = this.allocate(NOTHING);
    const outside = new Set(missing);
    this.registry = new ModuleRegistry({
      memory: this.board,
      resolve: (name) => (outside.has(name) ? nothing + 1 : undefined),
    });
    this.registry.loadAll(members.map(({ name, bytes }) => ({ name, source: memorySource(bytes) })));
  }

  /** Puts bytes into the board's RAM. @returns their address */
  allocate(bytes: Uint8Array): number {
    const address = this.board.allocate({ size: bytes.length, align: 8, purpose: 'text' });
    if (address === undefined) throw new Error('the board has no memory left');
    this.board.write(address, bytes);
    return address;
  }

  /** Address of a function, Thumb bit included. */
  find(name: string): number {
    for (const module of this.registry.modules) {
      const address = module.findExport(name) ?? module.find(name);
      if (address !== undefined) return address;
    }
    throw new Error(`no module defines ${name}`);
  }

  /** Calls a function by its prototype. */
  call(prototype: string, ...args: unknown[]): unknown {
    const name = /(\w+)\s*\(/.exec(prototype)?.[1] ?? '';
    return this.board.fn(this.find(name), prototype)(...args);
  }

  text(address: number, length: number): string {
    const bytes = new Uint8Array(length);
    this.board.read(address, bytes);
    return new TextDecoder('latin1').decode(bytes);
  }
}

export interface LibraryCheck {
  readonly name: string;
  /** Symbols to load with everything they need. */
  readonly roots: readonly string[];
  run(library: LibraryFunctions): unknown;
  readonly expected: unknown;
}

/** Loads what a check needs and runs it. @returns what went wrong */
export function libraryCheckProblem(library: LibraryIndex, check: LibraryCheck): string | undefined {
  try {
    const result = check.run(new LibraryFunctions(library, check.roots));
    return isDeepStrictEqual(result, check.expected)
      ? undefined
      : `gives ${String(result)}, not ${String(check.expected)}`;
  } catch (error) {
    return String(error);
  }
}

/** What is run, and what it must give; known results, not recorded ones. */
export const LIBRARY_CHECKS: readonly LibraryCheck[] = [
  {
    name: 'qsort orders 8-byte strings with strcmp',
    roots: ['qsort', 'strcmp'],
    run(library) {
      const words = ['pear', 'apple', 'fig', 'quince', 'cherry', 'date', 'banana', 'lime'];
      const table = library.allocate(new TextEncoder().encode(words.map((word) => word.padEnd(8, '\0')).join('')));
      library.call(
        'void qsort(void *base, unsigned n, unsigned size, void *compare)',
        table,
        words.length,
        8,
        library.find('strcmp'),
      );
      return library.text(table, 64).replaceAll('\0', '');
    },
    expected: 'applebananacherrydatefiglimepearquince',
  },
  {
    name: 'memmove with overlap',
    roots: ['memmove'],
    run(library) {
      const at = library.allocate(new TextEncoder().encode('0123456789abcdef'));
      library.call('void *memmove(void *to, const void *from, unsigned n)', at + 3, at, 10);
      return library.text(at, 16);
    },
    expected: '0120123456789def',
  },
  {
    name: 'strtod',
    roots: ['strtod'],
    run: (library) => library.call('double strtod(const char *text, void *end)', '-1234.5678e-3xyz', 0),
    expected: -1.2345678,
  },
  {
    name: 'snprintf',
    roots: ['snprintf'],
    run(library) {
      const at = library.allocate(new Uint8Array(64));
      const format = '%s=%d/%08x';
      const count = library.call(
        'int snprintf(char *to, unsigned n, const char *format, const char *s, int d, unsigned x)',
        at,
        64,
        format,
        'key',
        -42,
        0xbeef,
      );
      return [count, library.text(at, Number(count))];
    },
    expected: [16, 'key=-42/0000beef'],
  },
  {
    name: 'sqrt',
    roots: ['sqrt'],
    run: (library) => library.call('double sqrt(double x)', 2),
    expected: Math.SQRT2,
  },
];

/** 64-bit division of libgcc. */
export const DIVISION_CHECK: LibraryCheck = {
  name: '__aeabi_uldivmod',
  roots: ['__aeabi_uldivmod'],
  run: (library) =>
    library.call(
      'unsigned long long __aeabi_uldivmod(unsigned long long a, unsigned long long b)',
      0xfedcba9876543210n,
      0x12345n,
    ),
  expected: 0xfedcba9876543210n / 0x12345n,
};
