import { memorySource } from '@loadstone/fd-sources';
import { describe, expect, test } from 'vitest';
import type { AllocationPurpose, AllocationRequest } from '../target-memory.js';
import { FlatMemory } from '../test/flat-memory.js';
import {
  BL,
  buildObject,
  FUNC,
  halves,
  OBJECT,
  objectSource,
  SHN_ABS,
  SHN_COMMON,
  STB_GLOBAL,
  STB_WEAK,
  words,
} from '../test/object-builder.js';
import { loadModule } from './load-module.js';
import type { LoadOptions } from './options.js';

const RAM = 0x2000_0000;
const BASE = 0x2000_1000;
const ABS32 = 2;
const THM_CALL = 10;
const WA = 3;

function board(options: Partial<LoadOptions> = {}) {
  const memory = new FlatMemory(RAM, 0x10000, BASE);
  return { memory, options: { memory, resolve: () => undefined, ...options } satisfies LoadOptions };
}

/** Target of the BL at an address, by its encoding T1 (ARMv7-M ARM, A7.7.18). */
function branchTarget(memory: FlatMemory, address: number): number {
  const word = memory.u32(address);
  const [upper, lower] = [word & 0xffff, word >>> 16];
  const s = (upper >> 10) & 1;
  const i1 = 1 ^ (((lower >> 13) & 1) ^ s);
  const i2 = 1 ^ (((lower >> 11) & 1) ^ s);
  const offset = (s << 24) | (i1 << 23) | (i2 << 22) | ((upper & 0x3ff) << 12) | ((lower & 0x7ff) << 1);
  return (address + 4 + ((offset << 7) >> 7)) >>> 0;
}

const text = { name: '.text', bytes: halves(0x4770, 0xbf00) };

describe('symbols', () => {
  const data = (...names: string[]) => ({
    name: '.data',
    flags: WA,
    bytes: words(...names.map(() => 0)),
    relocations: names.map((name, i) => [i * 4, ABS32, name] as const),
  });

  test('an undefined weak symbol that nobody provides is 0', () => {
    const { memory, options } = board();
    const module = loadModule(objectSource([text, data('maybe')], [{ name: 'maybe', info: STB_WEAK }]), options);
    expect(memory.u32(BASE + 4)).toBe(0);
    expect(module.imports).toEqual([{ name: 'maybe', type: 0, weak: true, defined: false, address: undefined }]);
  });

  test('a weak definition gives way to one from outside, a global one does not', () => {
    const { memory, options } = board({ resolve: () => 0x0800_0001 });
    const symbols = [
      { name: 'soft', section: '.text', value: 1, info: STB_WEAK | FUNC },
      { name: 'hard', section: '.text', value: 1, info: STB_GLOBAL | FUNC },
    ];
    const module = loadModule(objectSource([text, data('soft', 'hard')], symbols), options);
    expect([memory.u32(BASE + 4), memory.u32(BASE + 8)]).toEqual([0x0800_0001, BASE + 1]);
    expect(module.imports.map(({ name }) => name)).toEqual(['soft']);
  });

  test('every missing symbol is named at once', () => {
    const source = objectSource(
      [text, data('one', 'two', 'one')],
      [{ name: 'one' }, { name: 'two' }, { name: 'unused' }],
    );
    const { memory, options } = board();
    expect(() => loadModule(source, options)).toThrowError(
      expect.objectContaining({ code: 'UNRESOLVED_SYMBOL', data: { symbol: 'one', names: ['one', 'two'] } }),
    );
    expect(memory.freed).toEqual([BASE]);
  });

  test('COMMON symbols get zeroed room with their alignment', () => {
    const { memory, options } = board();
    memory.bytes.fill(0xa5);
    const symbols = [
      { name: 'small', section: SHN_COMMON, value: 1, size: 3, info: STB_GLOBAL | OBJECT },
      { name: 'wide', section: SHN_COMMON, value: 16, size: 8, info: STB_GLOBAL | OBJECT },
    ];
    const module = loadModule(objectSource([text, data('wide')], symbols), options);
    const wide = module.find('wide') ?? 0;
    expect(wide % 16).toBe(0);
    expect(memory.u32(BASE + 4)).toBe(wide);
    expect([...memory.range(wide, 8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(module.find('small')).toBe(wide - 16);
  });

  test('absolute symbols stay, section symbols move', () => {
    const { memory, options } = board();
    const symbols = [
      { name: 'port', section: SHN_ABS, value: 0x4000_1000 },
      { name: 'start', section: '.text', value: 0, info: 3 },
    ];
    loadModule(objectSource([text, data('port', 'start')], symbols), options);
    expect([memory.u32(BASE + 4), memory.u32(BASE + 8)]).toEqual([0x4000_1000, BASE]);
  });

  test('__start_ and __stop_ bound sections whose name is an identifier', () => {
    const { memory, options } = board();
    const table = { name: 'commands', flags: WA, bytes: words(1, 2, 3) };
    loadModule(
      objectSource(
        [text, data('__start_commands', '__stop_commands'), table],
        [{ name: '__start_commands' }, { name: '__stop_commands' }],
      ),
      options,
    );
    expect([memory.u32(BASE + 4), memory.u32(BASE + 8)]).toEqual([BASE + 12, BASE + 24]);
  });

  test('__dso_handle is a word of the module', () => {
    const { memory, options } = board();
    const module = loadModule(objectSource([text, data('__dso_handle')], [{ name: '__dso_handle' }]), options);
    expect(memory.u32(BASE + 4)).toBe(module.dsoHandle);
    expect(module.sectionAt(module.dsoHandle ?? 0)?.name).toBe('.dso_handle');
  });

  test('relocations and symbols of an address', () => {
    const { options } = board();
    const symbols = [
      { name: 'table', section: '.data', size: 8, info: STB_GLOBAL | OBJECT },
      { name: '$d', section: '.data', info: 0 },
      { name: 'run', section: '.text', value: 1, size: 4, info: STB_GLOBAL | FUNC },
    ];
    const module = loadModule(objectSource([text, data('run', 'table')], symbols), options);
    expect(module.relocationAt(BASE + 10)).toMatchObject({
      place: BASE + 8,
      typeName: 'R_ARM_ABS32',
      symbol: 'table',
      section: '.data',
    });
    expect(module.relocationAt(BASE)).toBeUndefined();
    expect(module.symbolAt(BASE + 2)).toEqual({ name: 'run', offset: 2, size: 4 });
    expect(module.symbolAt(BASE + 5)).toEqual({ name: 'table', offset: 1, size: 8 });
    expect(module.symbolAt(BASE + 0x100)).toBeUndefined();
    expect(module.symbols.map(({ name, exported }) => [name, exported])).toEqual([
      ['table', true],
      ['run', true],
    ]);
  });
});

describe('veneers', () => {
  const calls = {
    name: '.text',
    bytes: halves(...BL, ...BL, ...BL),
    relocations: [
      [0, THM_CALL, 'far'],
      [4, THM_CALL, 'far'],
      [8, THM_CALL, 'near'],
    ] as const,
  };
  const symbols = [{ name: 'far' }, { name: 'near' }];
  const resolve = (name: string) => (name === 'far' ? 0x0800_0101 : 0x2000_8001);

  test('branches that do not reach share one stub for each target', () => {
    const { memory, options } = board({ resolve });
    const module = loadModule(objectSource([calls], symbols), options);
    const [veneer] = module.veneers;
    expect(module.veneers).toHaveLength(1);
    expect([branchTarget(memory, BASE), branchTarget(memory, BASE + 4), branchTarget(memory, BASE + 8)]).toEqual([
      veneer.address,
      veneer.address,
      0x2000_8000,
    ]);
    // LDR.W PC, [PC, #0] and the target with its Thumb bit.
    expect(memory.u32(veneer.address)).toBe(0xf000f8df);
    expect(memory.u32(veneer.address + 4)).toBe(0x0800_0101);
    expect(memory.requests.map(({ purpose }) => purpose)).toEqual(['module', 'veneer']);
  });

  test('ARMv6-M gets a stub in 16-bit instructions', () => {
    // .ARM.attributes: vendor "aeabi", file scope, Tag_CPU_arch 12 (v6S-M).
    const attributes = {
      name: '.ARM.attributes',
      type: 0x7000_0003,
      flags: 0,
      align: 1,
      bytes: [0x41, 17, 0, 0, 0, ...new TextEncoder().encode('aeabi\0'), 1, 7, 0, 0, 0, 6, 12],
    };
    const { memory, options } = board({ resolve });
    const module = loadModule(objectSource([calls, attributes], symbols), options);
    const [{ address, size }] = module.veneers;
    expect(size).toBe(16);
    // PUSH {R0}; LDR R0, [PC, #8]: the word at Align(PC, 4) + 8 is the last of the stub.
    expect(memory.u32(address)).toBe(0x4802b401);
    expect(memory.u32(address + 12)).toBe(0x0800_0101);
    expect(branchTarget(memory, BASE)).toBe(address);
  });

  test('without veneers the branch is an error with its range', () => {
    const { options } = board({ resolve, veneers: false });
    expect(() => loadModule(objectSource([calls], symbols), options)).toThrowError(
      expect.objectContaining({
        code: 'RELOCATION_FAILED',
        data: expect.objectContaining({ relocation: 'R_ARM_THM_CALL', place: BASE, section: '.text' }),
      }),
    );
  });

  test('a call of a missing weak function goes to the next instruction', () => {
    const { memory, options } = board({ resolve: (name) => (name === 'far' ? undefined : 0x2000_8001) });
    loadModule(objectSource([calls], [{ name: 'far', info: STB_WEAK }, { name: 'near' }]), options);
    expect(branchTarget(memory, BASE)).toBe(BASE + 4);
  });

  test('a veneer is for the symbol itself: an offset is an error', () => {
    const { options } = board({ resolve });
    const behind = { ...calls, bytes: halves(0xf000, 0xf800, ...BL, ...BL) };
    expect(() => loadModule(objectSource([behind], symbols), options)).toThrowError(
      expect.objectContaining({ code: 'RELOCATION_FAILED' }),
    );
  });
});

describe('placement', () => {
  const sections = [
    { name: '.text.b', bytes: halves(0x4770), align: 2 },
    { name: '.rodata', flags: 2, bytes: [1, 2, 3], align: 1 },
    { name: '.data', flags: WA, bytes: words(7), align: 8 },
    { name: '.bss', flags: WA, size: 40, align: 32 },
    { name: '.text.c', bytes: halves(0x4770, 0x4770), align: 16 },
  ];

  test('one block, sections by kind, each aligned', () => {
    const { memory, options } = board();
    const module = loadModule(objectSource(sections, []), options);
    expect(module.sections.map(({ name, address }) => [name, address - BASE])).toEqual([
      ['.text.b', 0],
      ['.rodata', 20],
      ['.data', 24],
      ['.bss', 32],
      ['.text.c', 16],
    ]);
    expect(memory.requests).toEqual([{ size: 72, align: 32, purpose: 'module' }]);
    expect(module.sections.find(({ name }) => name === '.rodata')?.permissions).toEqual({
      read: true,
      write: false,
      execute: false,
    });
  });

  test('split: a block for each purpose', () => {
    const { memory, options } = board({ placement: 'split' });
    loadModule(objectSource(sections, []), options);
    expect(memory.requests.map(({ purpose, size }) => [purpose, size])).toEqual([
      ['text', 20],
      ['rodata', 3],
      ['data', 72],
    ]);
  });

  test('a function chooses the purpose', () => {
    const { memory, options } = board({
      placement: ({ name }): AllocationPurpose => (name === '.bss' ? 'bss' : 'module'),
    });
    loadModule(objectSource(sections, []), options);
    expect(memory.requests.map(({ purpose }) => purpose)).toEqual(['module', 'bss']);
  });

  test('a heap that ignores alignment is asked for more', () => {
    const { memory, options } = board();
    class Crooked extends FlatMemory {
      override allocate({ size, purpose }: AllocationRequest): number | undefined {
        return super.allocate({ size, align: 4, purpose });
      }
    }
    const crooked = new Crooked(RAM, 0x10000, BASE + 4);
    const module = loadModule(objectSource(sections, []), { ...options, memory: crooked });
    expect(module.sections.every(({ address, align }) => address % align === 0)).toBe(true);
    module.unload();
    expect(crooked.freed).toHaveLength(2);
    expect(memory.requests).toEqual([]);
  });

  test('sections that need no patching stay in flash', () => {
    const file = buildObject(
      [
        { name: '.text.pure', bytes: halves(0x2007, 0x4770) },
        { name: '.text.patched', bytes: words(0), relocations: [[0, ABS32, 'pure']] },
      ],
      [{ name: 'pure', section: '.text.pure', value: 1, info: STB_GLOBAL | FUNC }],
    );
    const memory = new FlatMemory(RAM, 0x10000, BASE);
    memory.write(0x2000_8000, file);
    const options = { memory, resolve: () => undefined, inPlace: { address: 0x2000_8000 } };
    const module = loadModule(memorySource(file), options);
    const pure = module.sections.find(({ name }) => name === '.text.pure');
    expect(pure).toMatchObject({ inPlace: true, address: 0x2000_8000 + 52 });
    expect(memory.u32(BASE)).toBe((pure?.address ?? 0) + 1);
    expect(memory.requests).toEqual([{ size: 4, align: 4, purpose: 'module' }]);
    memory.bytes[0x8000 + 52] ^= 1;
    expect(() => loadModule(memorySource(file), options)).toThrowError(
      expect.objectContaining({ code: 'READ_ONLY_PLACE' }),
    );
  });
});

describe('constructors', () => {
  const functions = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const code = { name: '.text', bytes: halves(...functions.map(() => 0x4770)) };
  const symbols = functions.map((name, i) => ({ name, section: '.text', value: i * 2 + 1, info: STB_GLOBAL | FUNC }));
  const array = (name: string, type: number, ...names: string[]) => ({
    name,
    type,
    flags: WA,
    bytes: words(...names.map(() => 0)),
    relocations: names.map((symbol, i) => [i * 4, 38, symbol] as const),
  });
  const object = objectSource(
    [
      code,
      array('.init_array', 14, 'a', 'b'),
      array('.init_array.00200', 14, 'c'),
      array('.ctors.65435', 1, 'd', 'e'),
      array('.fini_array', 15, 'f', 'g'),
      array('.fini_array.00200', 15, 'c'),
    ],
    symbols,
  );
  const names = (addresses: readonly number[]) =>
    addresses.map((address) => functions[(address - BASE - 1) / 2]).join('');

  test('run by rising priority, destructors the other way round', () => {
    const { options } = board();
    const module = loadModule(object, options);
    // .ctors.65435 has priority 100 and runs backwards.
    expect(names(module.constructors)).toBe('edcab');
    expect(names(module.destructors)).toBe('gfc');
    expect(module.unload()).toMatchObject({ destructorsRun: [], destructorsLeft: module.destructors });
  });

  test('are called when there is a way to call them', () => {
    const called: number[] = [];
    const { memory, options } = board({ call: (address) => called.push(address) });
    const module = loadModule(object, options);
    expect(names(called)).toBe('edcab');
    const report = module.unload();
    expect(names(called)).toBe('edcabgfc');
    expect(report.freed.map(({ address }) => address)).toEqual([BASE]);
    expect(memory.freed).toEqual([BASE]);
    expect(() => module.unload()).toThrowError(expect.objectContaining({ code: 'NOT_LOADED' }));
  });
});

describe('refusals', () => {
  const ok = { name: '.text', bytes: words(0, 0) };
  const cases: [string, string, () => Uint8Array][] = [
    ['another machine', 'WRONG_MACHINE', () => buildObject([ok], [], 62)],
    [
      'an executable',
      'WRONG_TYPE',
      () => {
        const bytes = buildObject([ok], []);
        bytes[16] = 2;
        return bytes;
      },
    ],
    ['a cut file', 'TRUNCATED', () => buildObject([ok], []).subarray(0, 200)],
    [
      'an unknown relocation',
      'BAD_RELOCATION',
      () => buildObject([{ ...ok, relocations: [[0, 200, 'x']] }], [{ name: 'x', section: '.text' }]),
    ],
    [
      'a place outside the section',
      'RELOCATION_FAILED',
      () => buildObject([{ ...ok, relocations: [[6, ABS32, 'x']] }], [{ name: 'x', section: '.text' }]),
    ],
    [
      'thread-local storage',
      'UNSUPPORTED',
      () => buildObject([{ ...ok, relocations: [[0, 104, 'x']] }], [{ name: 'x', section: '.text' }]),
    ],
    [
      'a symbol of an unloaded section',
      'BAD_SYMBOL',
      () =>
        buildObject(
          [
            { ...ok, relocations: [[0, ABS32, 'x']] },
            { name: '.debug', flags: 0, bytes: [1] },
          ],
          [{ name: 'x', section: '.debug' }],
        ),
    ],
    [
      'relocated .bss',
      'BAD_RELOCATION',
      () =>
        buildObject(
          [ok, { name: '.bss', flags: WA, size: 4, relocations: [[0, ABS32, 'x']] }],
          [{ name: 'x', section: '.text' }],
        ),
    ],
    ['an odd alignment', 'BAD_FORMAT', () => buildObject([{ ...ok, align: 12 }], [])],
    [
      'too large for the heap',
      'OUT_OF_MEMORY',
      () => buildObject([ok, { name: '.bss', flags: WA, size: 0xfffffff0 }], []),
    ],
    [
      'a static base',
      'UNSUPPORTED',
      () => buildObject([{ ...ok, relocations: [[0, 9, 'x']] }], [{ name: 'x', section: '.text' }]),
    ],
  ];
  test.each(cases)('%s: %s', (_what, code, make) => {
    const { memory, options } = board();
    expect(() => loadModule(memorySource(make()), options)).toThrowError(
      expect.objectContaining({ name: 'LoaderError', code }),
    );
    expect(memory.freed.length).toBe(code === 'OUT_OF_MEMORY' ? 0 : memory.requests.length);
  });

  test('a module for the other CPU', () => {
    const { options } = board({ machine: 'xtensa' });
    expect(() => loadModule(objectSource([ok], []), options)).toThrowError(
      expect.objectContaining({ code: 'WRONG_MACHINE' }),
    );
  });

  test('an address that is no 32-bit number', () => {
    const { options } = board({ resolve: () => -1 });
    expect(() =>
      loadModule(objectSource([{ ...ok, relocations: [[0, ABS32, 'x']] }], [{ name: 'x' }]), options),
    ).toThrowError(expect.objectContaining({ code: 'BAD_SYMBOL' }));
  });

  test('more relocations than allowed', () => {
    const { options } = board({ relocationLimit: 1, resolve: () => 4 });
    expect(() =>
      loadModule(
        objectSource(
          [
            {
              ...ok,
              relocations: [
                [0, ABS32, 'x'],
                [4, ABS32, 'x'],
              ],
            },
          ],
          [{ name: 'x' }],
        ),
        options,
      ),
    ).toThrowError(expect.objectContaining({ code: 'LIMIT' }));
  });
});
