import { type ByteSource, memorySource } from '@loadstone/fd-sources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ElfError,
  ElfFile,
  readArmAttributes,
  readBuildId,
  readDebugLink,
  readGroups,
  readNotes,
  readSymbolVersions,
  readXtensaProperties,
} from './index.js';
import { fixture } from './test-files.js';

const FILES = [
  'x86_64.so',
  'x86_64-segments.so',
  'arm.so',
  'arm-segments.so',
  'mips64el-segments.so',
  'aarch64_be.so',
  'armeb.so',
  'client.so',
  'cortex-m4.so',
  'comdat.o',
  'common.o',
  'debug-armeb.o',
  'debuglink.o',
  'xtensa.o',
].map((name) => fixture(name));

/** Numbers that sit at the edges of fields. */
const INTERESTING = [
  0, 1, 2, 4, 7, 8, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
];

type Mutation = (bytes: Uint8Array) => Uint8Array;

/** A place anywhere, in the ELF header, or in the headers of sections and segments, where most fields are. */
const where = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(63).map((at) => -1 - at),
);

function place(bytes: Uint8Array, at: number): number {
  return at < 0 ? Math.min(-1 - at, bytes.length - 1) : Math.min(Math.floor(at * bytes.length), bytes.length - 1);
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(where, fc.nat(255)).map(
    ([at, value]): Mutation =>
      (bytes) => {
        bytes[place(bytes, at)] = value;
        return bytes;
      },
  ),
  fc.tuple(where, fc.constantFrom(...INTERESTING), fc.boolean()).map(
    ([at, value, little]): Mutation =>
      (bytes) => {
        const start = Math.min(place(bytes, at) & ~3, bytes.length - 4);
        if (start >= 0) new DataView(bytes.buffer, bytes.byteOffset).setUint32(start, value, little);
        return bytes;
      },
  ),
  // A word of the table of section headers, which lies at the end of most files.
  fc.tuple(fc.nat(799), fc.oneof(fc.constantFrom(...INTERESTING), fc.nat(5000)), fc.boolean()).map(
    ([word, value, little]): Mutation =>
      (bytes) => {
        const start = bytes.length - 4 - word * 4;
        if (start >= 0) new DataView(bytes.buffer, bytes.byteOffset).setUint32(start & ~3, value, little);
        return bytes;
      },
  ),
  fc.double({ min: 0, max: 1, noNaN: true }).map(
    (at): Mutation =>
      (bytes) =>
        bytes.slice(0, Math.floor(at * bytes.length)),
  ),
  fc.tuple(where, where, fc.nat(200)).map(
    ([from, to, length]): Mutation =>
      (bytes) => {
        if (bytes.length > 0) bytes.copyWithin(place(bytes, to), place(bytes, from), place(bytes, from) + length);
        return bytes;
      },
  ),
);

const mutant = fc
  .tuple(fc.nat(FILES.length - 1), fc.array(mutation, { minLength: 1, maxLength: 6 }))
  .map(([file, mutations]) => {
    let bytes: Uint8Array = FILES[file].slice();
    for (const mutate of mutations) bytes = mutate(bytes);
    return bytes;
  });

function counted(bytes: Uint8Array): { source: ByteSource; read: () => number } {
  const inner = memorySource(bytes);
  let total = 0;
  const source: ByteSource = {
    size: inner.size,
    read(offset, into) {
      total += into.length;
      return inner.read(offset, into);
    },
  };
  return { source, read: () => total };
}

/** Runs one part of the reader; a typed error is a good answer. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    expect(error.message.length).toBeGreaterThan(10);
  }
}

/** Everything that keeps what it reads. */
function tables(file: ElfFile): void {
  attempt(() => file.sections.map((section) => [section.flags, section.addressBig, section.link, section.info]));
  for (const section of file.sections) attempt(() => section.name);
  attempt(() => file.segments.map((segment) => [segment.type, segment.offset]));
  for (const kind of ['.symtab', '.dynsym'] as const) {
    attempt(() => {
      for (const symbol of file.symbols(kind) ?? []) expect(symbol.index).toBeGreaterThanOrEqual(0);
    });
    attempt(() => file.symbols(kind)?.indexOf('twice'));
  }
  attempt(() => file.relocationTables().map((table) => table.offsets.length));
  attempt(() => file.dynamicRelocations().map((table) => table.count));
  attempt(() => file.dynamic?.needed);
}

const RUNS = Number(process.env.LOADSTONE_FUZZ_RUNS ?? 3000);

describe('mutated files', () => {
  it('give a typed error or an answer, and what is kept stays within the file', { timeout: 3_600_000 }, () => {
    fc.assert(
      fc.property(mutant, (bytes) => {
        const { source, read } = counted(bytes);
        attempt(() => {
          const file = ElfFile.open(source);
          attempt(() => tables(file));
          // Header, twice the file for the tables kept, one look into hash tables and at section 0 each.
          expect(read()).toBeLessThanOrEqual(80 + 3 * bytes.length + 4096);
          attempt(() => file.findExport('twice'));
          attempt(() => readSymbolVersions(file)?.of(1));
          attempt(() => readNotes(file));
          attempt(() => readBuildId(file));
          attempt(() => readDebugLink(file));
          attempt(() => readGroups(file));
          attempt(() => readArmAttributes(file));
          attempt(() => readXtensaProperties(file));
          for (const section of file.sections.slice(0, 60)) attempt(() => section.data());
          for (const segment of file.segments.slice(0, 20)) attempt(() => segment.data());
        });
      }),
      { numRuns: RUNS },
    );
  });
});
