import { FdTable, memorySource, SourceError } from '@loadstone/fd-sources';
import { describe, expect, test } from 'vitest';
import { FlatMemory } from '../test/flat-memory.js';
import { buildObject, FUNC, halves, OBJECT, STB_GLOBAL, words } from '../test/object-builder.js';
import { ELFLOADER_ERR, elfLoaderErrorName } from './error-numbers.js';
import type { TencentosEvent } from './observer.js';
import { TencentosLoader, type TencentosLoaderOptions } from './tencentos-loader.js';

const RAM = 0x2000_0000;
const ABS32 = 2;

/** A module that stores the address of `outer` and defines `run` and `value`. */
const OBJECT_BYTES = buildObject(
  [
    { name: '.text', bytes: halves(0x4770, 0xbf00) },
    { name: '.data', flags: 3, bytes: words(0, 5), relocations: [[0, ABS32, 'outer']] },
  ],
  [
    { name: 'run', section: '.text', value: 1, size: 2, info: STB_GLOBAL | FUNC },
    { name: 'value', section: '.data', value: 4, size: 4, info: STB_GLOBAL | OBJECT },
    { name: 'outer' },
  ],
);

function firmware(bytes: Uint8Array, options: Partial<TencentosLoaderOptions> = {}) {
  const memory = new FlatMemory(RAM, 0x1000);
  const loader = new TencentosLoader({
    kind: 'object',
    read: (_fd, offset, into) => memorySource(bytes).read(offset, into),
    memory,
    symbols: [{ name: 'outer', address: 0x0800_0101 }],
    ...options,
  });
  return { memory, loader };
}

/** A copy with one 32-bit field of a section header changed. */
function withSectionField(bytes: Uint8Array, section: number, field: number, value: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(view.getUint32(32, true) + section * 40 + field, value, true);
  return copy;
}

describe('one firmware', () => {
  test('loads, finds and unloads as in C', () => {
    const { loader, memory } = firmware(OBJECT_BYTES);
    const { error, module } = loader.load(7);
    if (module === undefined) throw new Error(`error ${error}`);
    expect(module).toMatchObject({
      fd: 7,
      base: RAM,
      sections: {
        text: { index: 1, address: RAM },
        data: { index: 2, address: RAM + 4 },
        bss: { index: -1, address: 0 },
      },
    });
    expect(memory.u32(RAM + 4)).toBe(0x0800_0101);
    expect([
      loader.findSymbol(module, 'run'),
      loader.findSymbol(module, 'value'),
      loader.findSymbol(module, 'outer'),
    ]).toEqual([RAM + 1, RAM + 8, null]);
    expect(loader.unload(module)).toBe(0);
    expect(memory.freed).toEqual([RAM]);
    expect(loader.unload(module)).toBe(ELFLOADER_ERR.PTR_NULL);
    expect(loader.unload(null)).toBe(ELFLOADER_ERR.PTR_NULL);
    // The module still knows where its symbols were.
    expect(loader.findSymbol(module, 'run')).toBe(RAM + 1);
  });

  test('elfloader_fd_read may be replaced: the file lies anywhere', () => {
    const { loader } = firmware(new Uint8Array(0));
    const flash = new Uint8Array(0x2000 + OBJECT_BYTES.length);
    flash.set(OBJECT_BYTES, 0x2000);
    const offsets: number[] = [];
    loader.read = (fd, offset, into) => {
      offsets.push(offset);
      return memorySource(flash).read(fd * 0x2000 + offset, into);
    };
    expect(loader.load(1).error).toBe(0);
    // Header, then the section headers one by one, as the C code asks.
    expect(offsets.slice(0, 3)).toEqual([
      0,
      new DataView(OBJECT_BYTES.buffer).getUint32(32, true),
      new DataView(OBJECT_BYTES.buffer).getUint32(32, true) + 40,
    ]);
  });

  test('a descriptor that is not open is error 1, bytes not yet fetched are not', () => {
    const { loader } = firmware(OBJECT_BYTES);
    const table = new FdTable({ shortReads: 'parity' });
    loader.read = (fd, offset, into) => table.read(fd, offset, into);
    expect(loader.load(3).error).toBe(ELFLOADER_ERR.FD_READ_FAILED);
    loader.read = () => {
      throw new SourceError('NOT_CACHED', 'later');
    };
    expect(() => loader.load(3)).toThrow(SourceError);
    loader.read = () => -1;
    expect(loader.load(3).error).toBe(ELFLOADER_ERR.FD_READ_FAILED);
  });

  test('section records outlive the module they came from', () => {
    const { loader } = firmware(OBJECT_BYTES);
    expect(loader.load(0).error).toBe(0);
    const textOnly = buildObject(
      [{ name: '.text', bytes: halves(0x4770, 0xbf00) }],
      [{ name: 'run', section: '.text', value: 1, info: STB_GLOBAL | FUNC }],
    );
    loader.read = (_fd, offset, into) => memorySource(textOnly).read(offset, into);
    expect(loader.load(0).module?.sections?.data).toEqual({ index: 2, address: RAM + 4 });
  });

  test('tells what it resolved', () => {
    const events: TencentosEvent[] = [];
    firmware(OBJECT_BYTES, { observe: (event) => events.push(event) }).loader.load(0);
    expect(events).toEqual([
      { kind: 'allocated', address: RAM, size: 12 },
      expect.objectContaining({
        kind: 'relocation',
        type: ABS32,
        place: RAM + 4,
        name: 'outer',
        resolvedBy: 'export',
        result: 'done',
      }),
    ]);
  });
});

describe('where C leaves defined behaviour', () => {
  const defect =
    (bytes: Uint8Array, options: Partial<TencentosLoaderOptions> = {}) =>
    () =>
      firmware(bytes, options).loader.load(0);
  // Sections: 1 .text, 2 .data, 3 .rel.data, 4 .shstrtab, 5 .symtab, 6 .strtab.
  const SIZE = 20;
  const ENTRY_SIZE = 36;

  test.each([
    ['RUNOFF', OBJECT_BYTES, { symbols: [] }],
    ['STACK_OVERRUN', withSectionField(withSectionField(OBJECT_BYTES, 3, ENTRY_SIZE, 4096), 3, SIZE, 4096), {}],
    ['UNINITIALISED', withSectionField(OBJECT_BYTES, 3, 16, 0x7000_0000), {}],
    ['HEAP_OVERFLOW', withSectionField(withSectionField(OBJECT_BYTES, 1, SIZE, 0x40), 2, SIZE, 0xffff_fff0), {}],
  ] as const)('%s', (code, bytes, options) => {
    expect(defect(bytes, options)).toThrowError(expect.objectContaining({ name: 'LoaderDefect', code }));
  });

  test('FAULT: a place that is not memory', () => {
    const wild = buildObject(
      [
        { name: '.text', bytes: halves(0x4770, 0xbf00) },
        { name: '.data', flags: 3, bytes: words(0), relocations: [[0x3000_0000, ABS32, 'outer']] },
      ],
      [{ name: 'outer' }],
    );
    expect(defect(wild)).toThrowError(
      expect.objectContaining({ code: 'FAULT', data: expect.objectContaining({ address: RAM + 4 + 0x3000_0000 }) }),
    );
  });

  test('ENDLESS: a symbol table of two gigabytes', () => {
    const { loader } = firmware(withSectionField(OBJECT_BYTES, 5, SIZE, 0x7fff_fff0), { readLimit: 1000 });
    const { module } = loader.load(0);
    expect(module && loader.findSymbol(module, 'run')).toBe(RAM + 1);
    expect(() => module && loader.findSymbol(module, 'nowhere')).toThrowError(
      expect.objectContaining({ code: 'ENDLESS' }),
    );
  });

  test('a search that ends gives error 12 and frees the block', () => {
    const { loader, memory } = firmware(OBJECT_BYTES, { symbols: [], exportSearch: 'terminated' });
    expect(loader.load(0).error).toBe(ELFLOADER_ERR.SYM_NOT_FOUND);
    expect(memory.freed).toEqual([RAM]);
  });

  test('division by zero: UDIV gives 0, libgcc all ones', () => {
    const bytes = withSectionField(OBJECT_BYTES, 3, ENTRY_SIZE, 0);
    expect(defect(bytes)()).toMatchObject({ error: 0 });
    expect(defect(bytes, { zeroDivide: 'all-ones' })).toThrowError(expect.objectContaining({ code: 'UNINITIALISED' }));
  });
});

test('error names', () => {
  expect(elfLoaderErrorName(9)).toBe('ELFLOADER_ERR_RELOCATE_FAILED');
  expect(elfLoaderErrorName(99)).toBe('el_err_t 99');
});
