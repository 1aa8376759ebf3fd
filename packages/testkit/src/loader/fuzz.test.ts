import { readFileSync } from 'node:fs';
import { memorySource } from '@loadstone/fd-sources';
import {
  adaptObject,
  auditImports,
  checkModule,
  GpIotRunner,
  LoaderDefect,
  LoaderError,
  loadModule,
  TencentosLoader,
} from '@loadstone/module-loader';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArenaMemory } from './arena.js';
import { fixtureObject } from './fixture-objects.js';
import { LINKED_FOLDER } from './linked-case.js';

/** Mutated files in all, over the tests below; the nightly run sets FUZZ_FILES=100000. */
const FILES = Number(process.env['FUZZ_FILES'] ?? 6000);

const linked = (name: string) => new Uint8Array(readFileSync(`${LINKED_FOLDER}obj/${name}.o`));
const OBJECTS = [
  fixtureObject('basic-gcc-O0.old.o'),
  fixtureObject('ptrdata-gcc-fsec.old.o'),
  fixtureObject('strings-clang-Os.o'),
  fixtureObject('cpp-gcc-O0.old.o'),
  fixtureObject('ptrdata-lnx-pie.old.o'),
  linked('arm-types'),
  linked('xtensa-tables-sections'),
];
const SHARED = ['basic-so-ne.so', 'ptrdata-so-ne.so', 'cpp-so-ne.so', 'manyext-lld.so'].map(fixtureObject);

/** Values at which fields break. */
const EDGES = [
  0, 1, 2, 3, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0xfff1, 0xfff2, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0,
  0xffff_ffff,
];

interface Mutation {
  readonly at: number;
  readonly kind: 'byte' | 'word' | 'edge' | 'copy';
  readonly value: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  kind: fc.constantFrom('byte', 'word', 'edge', 'edge', 'copy'),
  value: fc.nat(0xffff_ffff),
});

/** Where headers and tables lie is where most mutations go: the first bytes and the last third. */
function offsetOf(at: number, length: number): number {
  return at < 0.2
    ? Math.floor((at / 0.2) * 64) % length
    : at < 0.6
      ? Math.floor(length * (0.6 + at * 0.66)) % length
      : Math.floor(at * length);
}

function mutate(original: Uint8Array, mutations: readonly Mutation[], cut: number): Uint8Array {
  const bytes = original.slice(0, cut < 0.9 ? original.length : Math.floor(original.length * (cut - 0.9) * 10));
  if (bytes.length < 4) return bytes;
  const view = new DataView(bytes.buffer);
  for (const { at, kind, value } of mutations) {
    const offset = Math.min(offsetOf(at, bytes.length), bytes.length - 4);
    if (kind === 'byte') bytes[offset] = value;
    else if (kind === 'word') view.setUint32(offset & ~3, value, true);
    else if (kind === 'edge') view.setUint32(offset & ~3, EDGES[value % EDGES.length], true);
    else view.setUint32(offset & ~3, view.getUint32((value % bytes.length) & ~3 & (bytes.length - 4), true), true);
  }
  return bytes;
}

function file(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.constantFrom(...originals),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    )
    .map(([original, mutations, cut]) => mutate(original, mutations, cut));
}

/** Runs `work`; everything but a typed error fails the test. */
function typed(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof LoaderError || error instanceof LoaderDefect)) throw error;
    expect(error.code).toMatch(/^[A-Z_]+$/);
  }
}

const memory = new ArenaMemory(0x2000_0000, 0x4_0000, 0x2000_1000, 0x2_0000);
function freshMemory(): ArenaMemory {
  memory.next = 0x2000_1000;
  return memory;
}

describe('mutated files load or give a typed error', () => {
  const runs = { numRuns: Math.ceil(FILES / 6) };

  test.each([
    ['object', [...OBJECTS, SHARED[0]]],
    ['shared', [...SHARED, OBJECTS[0]]],
  ] as const)('parity of the %s build', (kind, originals) => {
    fc.assert(
      fc.property(file(originals), fc.constantFrom('strict', 'terminated'), (bytes, exportSearch) => {
        const source = memorySource(bytes);
        const loader = new TencentosLoader({
          kind,
          read: (_fd, offset, into) => source.read(offset, into),
          memory: freshMemory(),
          symbols: [{ name: 'sugar_fjord', address: 0x2000_0101 }],
          exportSearch,
          readLimit: 5000,
        });
        typed(() => {
          const { error, module } = loader.load(0);
          expect(error).toBeGreaterThanOrEqual(0);
          expect(error).toBeLessThanOrEqual(13);
          if (module !== undefined) loader.findSymbol(module, 'mango_karma');
        });
      }),
      runs,
    );
  });

  test('full loading', () => {
    fc.assert(
      fc.property(file([...OBJECTS, ...SHARED]), (bytes) => {
        const own = freshMemory();
        typed(() => {
          const module = loadModule(memorySource(bytes), { memory: own, resolve: () => 0x0800_0101 });
          for (const { address, size } of module.blocks) own.range(address, size);
          module.unload();
        });
      }),
      runs,
    );
  });

  test('import audit', () => {
    fc.assert(
      fc.property(file([...OBJECTS, ...SHARED]), (bytes) => {
        typed(() => auditImports(memorySource(bytes), ['mango_gamma', 'sugar']));
      }),
      runs,
    );
  });

  test('check never throws', () => {
    fc.assert(
      fc.property(
        file([...OBJECTS, ...SHARED]),
        fc.constantFrom('tencentos-object', 'tencentos-shared', 'gp-iot'),
        (bytes, profile) => {
          const report = checkModule(memorySource(bytes), profile, { heapSize: 0x1_0000, readLimit: 5000 });
          if (report.verdict === 'runs') expect(report.parity.error).toBe(0);
        },
      ),
      runs,
    );
  });

  test('an adapted object is one the board loads', () => {
    fc.assert(
      fc.property(file(OBJECTS), (bytes) => {
        typed(() => {
          const adapted = adaptObject(bytes, 'tencentos-object');
          const { parity } = checkModule(memorySource(adapted), 'tencentos-object', {
            heapSize: 0x2_0000,
            readLimit: 100_000,
          });
          expect(['ELFLOADER_ERR_NONE', 'ELFLOADER_ERR_OUT_OF_MEMORY']).toContain(parity.code);
        });
      }),
      runs,
    );
  });
});

test('any blob is taken or refused by the runner', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom('first', 'head'), (bytes, generation) => {
      const runner = new GpIotRunner({ generation, memory: freshMemory(), freeHeap: () => 500, log: () => undefined });
      typed(() => {
        const result = runner.load(memorySource(bytes));
        if (result.status === 'loaded') expect(result.blob.size).toBe(bytes.length);
      });
    }),
    { numRuns: 500 },
  );
});
