import { memorySource } from '@loadstone/fd-sources';
import { checkModule, loadModule, TencentosLoader } from '@loadstone/module-loader';
import { describe, expect, test } from 'vitest';
import { ArenaMemory } from './arena.js';
import { exportsOf, fixtureObject, SINGLE_CASES } from './fixture-objects.js';
import type { CorpusCase } from './loader-corpus.js';

function check(testCase: CorpusCase) {
  return checkModule(
    memorySource(fixtureObject(testCase.files[0])),
    testCase.kind === 'obj' ? 'tencentos-object' : 'tencentos-shared',
    {
      base: testCase.base,
      symbols: exportsOf(testCase),
      ...(testCase.heap_max === undefined ? {} : { heapSize: testCase.heap_max }),
    },
  );
}

/** Files whose answer depends on what the original's stack held. */
const STACK_DEPENDENT = /^(bad-empty|bad-entsize0|trunc-|switch-so|.*\.v8000)/;
const portable = SINGLE_CASES.filter(({ name }) => !STACK_DEPENDENT.test(name));

describe('check says what the original does', () => {
  test.each(portable)('$name', (testCase) => {
    const { parity, verdict } = check(testCase);
    const [expected] = testCase.strict;
    expect(parity.error).toBe(expected.err);
    expect(parity.log.join('\n')).toContain(expected.log.trimEnd());
    if (expected.err !== 0) {
      // Whatever the board refuses is explained.
      expect(parity.defects.filter(({ severity }) => severity === 'fatal')).not.toEqual([]);
      expect(verdict).toBe(expected.err === 'RUNOFF' ? 'undefined' : 'refused');
      return;
    }
    expect(parity.memoryFnv1a).toBe(expected.fnv1a);
    expect(verdict).toMatch(/^(runs|loads-wrong)$/);
  });
});

describe('what check calls right is right', () => {
  const right = portable.filter((testCase) => {
    const { verdict, parity } = check(testCase);
    // Padding and unwind tables, which only full loading has, move the sections.
    return (
      verdict === 'runs' &&
      parity.defects.every(({ severity }) => severity === 'note') &&
      !testCase.name.includes('clang') &&
      !testCase.name.includes('+4')
    );
  });

  test('many files are', () => {
    expect(right.length).toBeGreaterThan(40);
  });

  test.each(right)('$name: the board has the bytes that full loading gives', (testCase) => {
    const source = memorySource(fixtureObject(testCase.files[0]));
    const symbols = exportsOf(testCase);
    const [board, full] = [0, 1].map(() => new ArenaMemory(0x2000_0000, 0x8_0000, testCase.base, 0x4_0000));
    const kind = testCase.kind === 'obj' ? 'object' : 'shared';
    const loader = new TencentosLoader({
      kind,
      read: (_fd, offset, into) => source.read(offset, into),
      memory: board,
      symbols,
    });
    expect(loader.load(0).error).toBe(0);
    loadModule(source, { memory: full, resolve: (name) => testCase.ext[name] });
    const size = testCase.strict[0].alloc;
    expect(board.range(testCase.base, size)).toEqual(full.range(testCase.base, size));
  });
});

describe('defects', () => {
  const defectsOf = (name: string) => {
    const testCase = SINGLE_CASES.find((candidate) => candidate.name === name);
    if (testCase === undefined) throw new Error(`no case ${name}`);
    return check(testCase).parity.defects;
  };
  test.each([
    ['basic-gcc-Os', 'string-table-order', { section: '.shstrtab' }],
    ['strings-gcc-O0.old', 'unaligned-section', { section: '.data' }],
    ['basic-gcc-O0.old.far', 'far-branch', { symbol: 'sugar_fjord', section: '.text', relocation: 'R_ARM_THM_CALL' }],
    ['basic-gcc-O0.old.noext', 'missing-import', { symbol: 'sugar_fjord' }],
    ['basic-gcc-fsec.old', 'extra-section', {}],
    ['common-gcc-common.old', 'common-symbol', {}],
    ['basic-gcc-pure.old', 'pure-code', { section: '.text' }],
    ['basic-lnx-pie.old', 'silent-relocation', {}],
    ['cpp-gcc-O0.old', 'constructors-ignored', { section: '.init_array' }],
    ['longname-gcc-O0.old', 'cut-name', {}],
    ['ptrdata-so-ne', 'relative-relocation', { relocation: 'R_ARM_RELATIVE' }],
    ['switch-so-ne', 'missing-relent', {}],
    ['basic-so-ne.v8000', 'address-not-offset', {}],
    ['bad-machine386-obj', 'wrong-machine', { fileOffset: 18 }],
  ])('%s: %s', (name, id, place) => {
    const defect = defectsOf(name).find((candidate) => candidate.id === id);
    expect(defect).toMatchObject({ id, place });
    expect([defect?.title, defect?.consequence, defect?.remedy].every((text) => (text ?? '').length > 10)).toBe(true);
  });

  test('without symbols of its own the check assumes firmware in flash', () => {
    const report = checkModule(memorySource(fixtureObject('basic-gcc-O0.old.o')), 'tencentos-object');
    expect(report.parity).toMatchObject({
      error: 9,
      code: 'ELFLOADER_ERR_RELOCATE_FAILED',
      log: ['relocation out of range'],
    });
    expect(report.full).toMatchObject({ loads: true, veneers: 1 });
    expect(report.imports.map(({ name, kind }) => [name, kind])).toEqual([
      ['sugar_fjord', 'function'],
      ['mango_gamma', 'unknown'],
    ]);
  });
});

describe('blobs', () => {
  const blob = (size: number, entry: number) => {
    const bytes = new Uint8Array(size);
    new DataView(bytes.buffer).setUint32(size - 20, entry, true);
    bytes.set(new TextEncoder().encode('AAAAAAAAAAAAAAA'), size - 16);
    return memorySource(bytes);
  };
  test.each([
    ['gp-iot', blob(104, 4), 'runs', []],
    ['gp-iot', blob(105, 4), 'undefined', ['blob-size']],
    ['gp-iot', blob(104, 400), 'loads-wrong', ['blob-entry']],
    ['gp-iot-first', blob(104, 4), 'loads-wrong', ['blob-metadata-place', 'blob-entry']],
    ['gp-iot', memorySource(new Uint8Array(12)), 'undefined', ['blob-too-small']],
  ] as const)('%s %#', (profile, source, verdict, ids) => {
    const report = checkModule(source, profile);
    expect(report.verdict).toBe(verdict);
    expect(report.parity.defects.map(({ id }) => id)).toEqual(ids);
  });

  test('too large for the heap', () => {
    const report = checkModule(blob(104, 4), 'gp-iot', { heapSize: 100 });
    expect(report).toMatchObject({ verdict: 'refused', parity: { error: 'INSUFFICIENT_HEAP' } });
  });
});
