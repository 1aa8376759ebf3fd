import { describe, expect, test } from 'vitest';
import { BL, FUNC, halves, objectSource, STB_GLOBAL, STB_WEAK } from '../test/object-builder.js';
import { auditImports } from './import-audit.js';
import { editDistance, nearMisses } from './near-miss.js';

const object = objectSource(
  [
    {
      name: '.text',
      bytes: halves(0xbf00, 0xbf00, ...BL, ...BL, 0, 0, 0, 0),
      relocations: [
        [4, 10, 'tos_printf'],
        [8, 10, 'tos_printf'],
        [12, 2, 'counter'],
        [16, 0, 'marker'],
      ],
    },
    { name: '.debug', flags: 0, bytes: [0, 0, 0, 0], relocations: [[0, 2, 'counter']] },
  ],
  [
    { name: 'tos_printf' },
    { name: 'counter' },
    { name: 'marker' },
    { name: 'maybe', info: STB_WEAK },
    { name: 'run', section: '.text', value: 1, size: 20, info: STB_GLOBAL | FUNC },
  ],
);

describe('imports of a module', () => {
  const audit = auditImports(object, ['tos_kprintf', 'counter']);

  test('each with its uses, its kind and whether it is provided', () => {
    expect(audit.imports).toEqual([
      {
        name: 'tos_printf',
        kind: 'function',
        weak: false,
        provided: false,
        uses: [
          { section: '.text', offset: 4, relocation: 'R_ARM_THM_CALL', within: 'run' },
          { section: '.text', offset: 8, relocation: 'R_ARM_THM_CALL', within: 'run' },
        ],
        useCount: 2,
        nearMisses: ['tos_kprintf'],
      },
      {
        name: 'counter',
        kind: 'unknown',
        weak: false,
        provided: true,
        uses: [{ section: '.text', offset: 12, relocation: 'R_ARM_ABS32', within: 'run' }],
        useCount: 1,
        nearMisses: [],
      },
      { name: 'marker', kind: 'unknown', weak: false, provided: false, uses: [], useCount: 0, nearMisses: [] },
      { name: 'maybe', kind: 'unknown', weak: true, provided: false, uses: [], useCount: 0, nearMisses: [] },
    ]);
  });

  test('only what is used and strong is missing', () => {
    expect(audit.missing.map(({ name }) => name)).toEqual(['tos_printf']);
  });

  test('the C table ends with the null row', () => {
    expect(audit.cTable).toContain('extern void tos_printf();\n');
    expect(audit.cTable).toContain('extern char counter[];\n');
    expect(audit.cTable).toMatch(
      / {4}\{ "tos_printf", \(void \*\)tos_printf \},\n[\s\S]* {4}\{ K_NULL, K_NULL \},\n\};\n$/,
    );
  });

  test('the stubs name what is missing', () => {
    expect(audit.stubs).toContain(
      '  // 2 uses, first in run; provided: tos_kprintf\n  "tos_printf": (..._args: number[]) => 0,\n',
    );
    expect(audit.stubs).not.toContain('counter');
  });

  test('uses beyond the limit are counted only', () => {
    const [first] = auditImports(object, [], { useLimit: 1 }).imports;
    expect([first.uses.length, first.useCount]).toEqual([1, 2]);
  });
});

describe('near misses', () => {
  test('edit distance with swapped neighbours', () => {
    expect(editDistance('recieve', 'receive', 3)).toBe(1);
    expect(editDistance('', 'abc', 3)).toBe(3);
    expect(editDistance('kitten', 'sitting', 3)).toBe(3);
    expect(editDistance('kitten', 'sitting', 2)).toBe(3);
  });

  test('nearest first, underscores and case aside', () => {
    expect(nearMisses('Memcpy', ['memset', '__memcpy', 'memcmp', 'strlen'])).toEqual(['__memcpy', 'memcmp']);
  });
});
