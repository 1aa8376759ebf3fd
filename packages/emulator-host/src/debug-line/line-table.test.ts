import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostError } from '../error.js';
import { fixtureJson } from '../testing/images.js';
import { type LineSections, LineTable } from './line-table.js';

interface Build {
  readonly line: string;
  readonly lineStrings?: string;
  readonly relocations: readonly { offset: number; type: string; symbol: string; addend: number | null }[];
  /** address, line, file number, end of sequence */
  readonly rows: readonly [number, number, number, boolean][];
}

const builds = fixtureJson<Record<string, Build>>('lines/lines.json');
const places: Record<string, number> = { '.text.first': 0x1000, '.text.second': 0x2000, '.debug_line_str': 0 };

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function sectionsOf(build: Build): LineSections {
  const words = new Map(build.relocations.map((relocation) => [relocation.offset, relocation]));
  return {
    line: bytes(build.line),
    ...(build.lineStrings !== undefined && { lineStrings: bytes(build.lineStrings) }),
    word: (offset, stored) => {
      const relocation = words.get(offset);
      return relocation && places[relocation.symbol] + (relocation.addend ?? stored);
    },
  };
}

describe('LineTable', () => {
  it.each(Object.entries(builds))('finds what llvm-dwarfdump lists for %s', (_name, build) => {
    const table = new LineTable(sectionsOf(build));
    expect(table.size).toBe(2);
    const last = new Map<number, number>();
    const ends = new Set<number>();
    for (const [address, line, , end] of build.rows) {
      if (end) ends.add(address);
      else last.set(address, line);
    }
    expect(last.size).toBeGreaterThan(8);
    for (const [address, line] of last) {
      expect([address, table.find(address)?.line]).toEqual([address, line === 0 ? undefined : line]);
      const next = [...last.keys(), ...ends].filter((other) => other > address).sort((a, b) => a - b)[0];
      if (line > 0) expect(table.find(next - 1)?.line).toBe(line);
    }
    for (const end of ends) expect(table.find(end)).toBeUndefined();
    expect(table.find(0x0fff)).toBeUndefined();
  });

  it.each(Object.entries(builds))('names the files of %s', (_name, build) => {
    const table = new LineTable(sectionsOf(build));
    const names = new Set(build.rows.map(([address]) => table.find(address)?.file.split('/').at(-1)));
    names.delete(undefined);
    expect([...names].filter((name) => name !== 'lines.c' && name !== 'inner.h')).toEqual([]);
    expect(names.has('lines.c')).toBe(true);
  });

  it('leaves out code that was not loaded', () => {
    const sections = sectionsOf(builds['gcc-4']);
    const table = new LineTable({
      ...sections,
      word: (offset, stored) => (offset === 56 ? null : sections.word?.(offset, stored)),
    });
    expect(table.size).toBe(1);
    expect(table.find(0x1000)).toBeUndefined();
    expect(table.find(0x2000)?.line).toBeGreaterThan(0);
  });

  it('adds the bias of a shared object and clears the Thumb bit', () => {
    const { line } = sectionsOf(builds['gcc-3']);
    const table = new LineTable({ line, bias: 0x2000_0001 });
    expect(table.find(0x2000_0000)?.line).toBeGreaterThan(0);
  });

  it('refuses damaged data with a typed error, in bounded time', () => {
    const originals = Object.values(builds).map(sectionsOf);
    fc.assert(
      fc.property(
        fc.nat(originals.length - 1),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(3000),
        (which, changes, cut) => {
          const { word, ...sections } = originals[which];
          const line = sections.line.slice(0, cut);
          for (const [at, value] of changes) if (at < line.length) line[at] = value;
          try {
            new LineTable({ ...sections, line, ...(word && { word }) }).find(0x1004);
          } catch (error) {
            expect(error).toBeInstanceOf(HostError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
