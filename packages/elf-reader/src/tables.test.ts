import { readFileSync } from 'node:fs';
import { brotliDecompressSync, crc32 } from 'node:zlib';
import { memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import {
  ElfFile,
  readBuildId,
  readDebugLink,
  readSymbolVersions,
  readXtensaProperties,
  SHN,
  STB,
  VER_FLG,
  XTENSA_PROP,
  xtensaPropertyAlign,
} from './index.js';
import { errorOf, fixture, open } from './test-files.js';

describe('compressed sections', () => {
  it.each(['debug-arm', 'debug-aarch64_be', 'debug-armeb'])('%s inflates to what llvm-objcopy decompresses', (name) => {
    const file = open(`${name}.o`);
    const section = file.sectionByName('.debug_info');
    expect(section?.isCompressed).toBe(true);
    expect(section?.data()).toEqual(fixture(`${name}.debug_info`));
    expect(section?.rawData().length).toBe(section?.size);
    for (const other of file.sections) other.data();
  });

  it('zstd is refused by name', () => {
    const section = open('debug-zstd.o').sectionByName('.debug_info');
    const error = errorOf(() => section?.data());
    expect([error.code, error.data.value]).toEqual(['UNSUPPORTED', 2]);
  });

  it('a size above the limit takes no memory', () => {
    const file = ElfFile.open(memorySource(fixture('debug-arm.o')), { inflateLimit: 100 });
    expect(errorOf(() => file.sectionByName('.debug_info')?.data()).code).toBe('TOO_LARGE');
  });

  it.each([
    ['more than deflate can expand', 4, 0x0f],
    ['one byte more', 4, 1],
    ['a broken stream', 12 + 6, 0],
    ['a broken checksum', -1, 0],
  ])('%s', (_, at, plus) => {
    const bytes = fixture('debug-arm.o');
    const section = open('debug-arm.o').sectionByName('.debug_str');
    if (section === undefined) throw new Error('fixture');
    const place = at < 0 ? section.offset + section.size + at : section.offset + at;
    if (plus === 0x0f) bytes[place + 2] = plus;
    else if (plus === 1) bytes[place] += 1;
    else bytes[place] ^= 0xff;
    const damaged = ElfFile.open(memorySource(bytes)).sectionByName('.debug_str');
    const error = errorOf(() => damaged?.data());
    expect([error.code, error.data.offset]).toEqual(['BAD_COMPRESSION', section.offset]);
  });
});

describe('more than 65,279 sections', () => {
  const packed = readFileSync(new URL('../fixtures/many-sections.o.br', import.meta.url));
  const bytes = new Uint8Array(brotliDecompressSync(packed));
  const file = ElfFile.open(memorySource(bytes));
  const symbols = file.symbols();

  it('counts and names them through section 0', () => {
    expect(file.header.sectionHeaderCount).toBe(0);
    expect(file.sections.length).toBeGreaterThan(65300);
    expect(file.sections.filter(({ name }) => name === 's').length).toBe(65300);
  });

  it('finds the name table through section 0', () => {
    const moved = bytes.slice();
    const view = new DataView(moved.buffer);
    view.setUint32(file.section(0).headerOffset + 24, file.header.sectionNameTableIndex, true);
    view.setUint16(50, SHN.XINDEX, true);
    expect(ElfFile.open(memorySource(moved)).section(100).name).toBe(file.section(100).name);
  });

  it('finds the sections of symbols through SHT_SYMTAB_SHNDX', () => {
    // Each symbol's section holds one byte, the low byte of the number in the symbol's name.
    const names = ['g0', 'g16000', 'g32000', 'g48000', 'g64000', 'g65297', 'g65298', 'g65299'];
    for (const name of names) {
      const symbol = symbols?.findByName(name);
      const section = file.section(symbol?.sectionIndex ?? 0);
      expect([section.name, ...section.data()]).toEqual(['s', Number(name.slice(1)) % 256]);
    }
    const last = symbols?.indexOf('g65299') ?? 0;
    expect(symbols?.shndx(last)).toBe(SHN.XINDEX);
  });
});

describe('COMMON symbols', () => {
  it('hold their alignment and have no section', () => {
    const symbols = [...(open('common.o').symbols() ?? [])].filter((symbol) => symbol.isCommon);
    expect(symbols.map(({ name, value, size, sectionIndex }) => [name, value, size, sectionIndex]).sort()).toEqual([
      ['byte', 1, 1, 0],
      ['tentative', 4, 48, 0],
      ['wide', 16, 8, 0],
    ]);
  });
});

describe('symbol versions', () => {
  it('defined', () => {
    const file = open('x86_64.so');
    const versions = readSymbolVersions(file);
    expect(versions?.definitions).toEqual([
      { index: 1, flags: VER_FLG.BASE, name: 'libmodule.so.1', parents: [] },
      { index: 2, flags: 0, name: 'V1', parents: [] },
      { index: 3, flags: 0, name: 'V2', parents: [] },
    ]);
    // GNU ld records what a version inherits from, LLD does not.
    const gnu = readSymbolVersions(open('cortex-m4.so'))?.definitions;
    expect(gnu?.find((definition) => definition.name === 'V2')?.parents).toEqual(['V1']);
    const symbols = file.symbols('.dynsym');
    expect(versions?.of(symbols?.indexOf('twice') ?? 0)).toEqual({ index: 3, hidden: false, name: 'V2' });
    // LLD gives undefined symbols the local index under `local: *` (`readelf -V` agrees).
    expect(versions?.of(symbols?.indexOf('other') ?? 0)).toEqual({ index: 0, hidden: false });
  });

  it.each(['client.so', 'client-segments.so'])('needed by %s', (name) => {
    const file = open(name);
    const versions = readSymbolVersions(file);
    expect(versions?.definitions).toEqual([]);
    expect(versions?.needs.map(({ name: version, file: library }) => [version, library]).sort()).toEqual([
      ['V1', 'libmodule.so.1'],
      ['V2', 'libmodule.so.1'],
    ]);
    const twice = file.symbols('.dynsym')?.indexOf('twice') ?? 0;
    expect(versions?.of(twice)).toMatchObject({ name: 'V2', file: 'libmodule.so.1' });
    expect(file.dynamic?.needed).toEqual(['libmodule.so.1']);
  });

  it('of a file without any', () => {
    expect(readSymbolVersions(open('comdat.o'))).toBe(undefined);
  });
});

describe('the dynamic segment', () => {
  it('names', () => {
    expect(open('arm-segments.so').dynamic?.soname).toBe('libmodule.so.1');
    expect(open('arm-segments.so').dynamic?.runPath).toBe(undefined);
    expect(open('comdat.o').dynamic).toBe(undefined);
  });
});

it('build ids', () => {
  // What `llvm-readelf -n` prints.
  expect(readBuildId(open('x86_64.so'))).toBe(
    JSON.parse(new TextDecoder().decode(fixture('x86_64.so.json'))).notes[0][2],
  );
  expect(readBuildId(open('x86_64-segments.so'))).toBe(readBuildId(open('x86_64.so')));
  expect(readBuildId(open('comdat.o'))).toBe(undefined);
});

it('debug links', () => {
  const link = readDebugLink(open('debuglink.o'));
  expect(link).toEqual({ name: 'module.debug', crc32: crc32(fixture('module.debug')) });
  expect(readDebugLink(open('comdat.o'))).toBe(undefined);
});

it('Xtensa property tables', () => {
  const file = open('xtensa.o');
  const found = readXtensaProperties(file).map(({ table, section, address, size, flags }) => [
    table.name,
    file.section(section ?? 0).name,
    address,
    size,
    flags,
  ]);
  const { LITERAL, INSN, DATA, ALIGN, INSN_BRANCH_TARGET } = XTENSA_PROP;
  // From `xtensa-lx106-elf-readelf -x .xt.prop -r`, and the code itself: l32r, beqz, l32r, callx0 and ret.n at 12.
  expect(found).toEqual([
    ['.xt.lit', '.literal', 0, 8, LITERAL],
    ['.xt.prop', '.literal', 0, 8, LITERAL],
    ['.xt.prop', '.text', 0, 0, DATA | ALIGN | (2 << 12)],
    ['.xt.prop', '.text', 0, 12, INSN],
    ['.xt.prop', '.text', 12, 2, INSN | INSN_BRANCH_TARGET],
    ['.xt.prop', '.text', 14, 0, 8],
    ['.xt.prop', '.text.g', 0, 0, DATA | ALIGN | (2 << 12)],
    ['.xt.prop', '.text.g', 0, 4, INSN],
    ['.xt.prop', '.text.g', 4, 0, 8],
  ]);
  expect(xtensaPropertyAlign(0x2804)).toBe(4);
  expect(xtensaPropertyAlign(INSN)).toBe(1);
});

describe('symbols by name', () => {
  it('a defined global comes before weak, local and undefined ones', () => {
    const symbols = open('comdat.o').symbols();
    if (symbols === undefined) throw new Error('fixture');
    for (const name of new Set([...symbols].map((symbol) => symbol.name))) {
      if (name === '') continue;
      const same = [...symbols].filter((symbol) => symbol.name === name);
      expect(symbols.allByName(name)).toEqual(same.map((symbol) => symbol.index));
      const rank = (symbol: (typeof same)[0]) => (symbol.isUndefined ? 3 : [2, 0, 1][symbol.binding]);
      const best = Math.min(...same.map(rank));
      expect(symbols.findByName(name)).toEqual(same.find((symbol) => rank(symbol) === best));
    }
    expect(symbols.indexOf('absent')).toBe(-1);
    expect(symbols.findByName('absent')).toBe(undefined);
    expect(symbols.allByName('$t').length).toBeGreaterThan(5);
    expect(symbols.findByName('total')?.binding).toBe(STB.GLOBAL);
  });

  it('indexes outside the table', () => {
    const symbols = open('common.o').symbols();
    for (const i of [-1, symbols?.count ?? 0, Number.NaN])
      expect(errorOf(() => symbols?.value(i)).code).toBe('BAD_INDEX');
  });
});
