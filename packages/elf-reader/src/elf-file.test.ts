import { type ByteSource, memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import { ElfFile, SHT } from './index.js';
import { errorOf, fixture, open } from './test-files.js';

/** A source that counts what is read. */
function counted(bytes: Uint8Array): ByteSource & { read: ByteSource['read']; total: () => number } {
  const inner = memorySource(bytes);
  let total = 0;
  return {
    size: inner.size,
    read(offset, into) {
      total += into.length;
      return inner.read(offset, into);
    },
    total: () => total,
  };
}

/** A file with some bytes changed. */
function patched(name: string, ...patches: [offset: number, ...bytes: number[]][]): ElfFile {
  const bytes = fixture(name);
  for (const [offset, ...values] of patches) bytes.set(values, offset);
  return ElfFile.open(memorySource(bytes));
}

/** 32-bit little-endian bytes. */
function le(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

/** File offset of a word of a section header of a 32-bit file. */
function headerWord(name: string, section: string, word: number): number {
  return (open(name).sectionByName(section)?.headerOffset ?? 0) + word * 4;
}

describe('laziness', () => {
  it('opening reads the identification and the header only', () => {
    const source = counted(fixture('x86_64.so'));
    ElfFile.open(source);
    expect(source.total()).toBe(16 + 64);
  });

  it('a section reads the headers, the names and its own bytes', () => {
    const source = counted(fixture('comdat.o'));
    const file = ElfFile.open(source);
    const section = file.sectionByName('.ARM.attributes');
    section?.data();
    const names = file.section(file.header.sectionNameTableIndex).size;
    expect(source.total()).toBe(16 + 52 + file.sections.length * 40 + names + (section?.size ?? 0));
  });

  it('tables are read once', () => {
    const source = counted(fixture('comdat.o'));
    const file = ElfFile.open(source);
    const walk = () => [[...(file.symbols() ?? [])], file.relocationTables().map((table) => [...table])];
    const first = walk();
    const before = source.total();
    expect(walk()).toEqual(first);
    expect(source.total()).toBe(before);
  });

  it('an export is found without reading the other symbols of a far-away table', () => {
    const source = counted(fixture('x86_64.so'));
    const file = ElfFile.open(source);
    expect(file.findExport('twice')).toBeGreaterThan(0);
    expect(source.total()).toBeLessThan(file.source.size);
  });
});

describe('headers that are refused', () => {
  const header = fixture('common.o').subarray(0, 52);
  it.each([
    ['nothing', new Uint8Array(), 'NOT_ELF', 0],
    ['other magic', Uint8Array.of(0x7f, 0x45, 0x4c, 0x47), 'NOT_ELF', 0],
    ['the magic alone', header.slice(0, 10), 'TRUNCATED', 0],
    ['half a header', header.slice(0, 40), 'TRUNCATED', 0],
    ['class 3', Uint8Array.from(header, (b, i) => (i === 4 ? 3 : b)), 'UNSUPPORTED', 4],
    ['byte order 0', Uint8Array.from(header, (b, i) => (i === 5 ? 0 : b)), 'UNSUPPORTED', 5],
    ['version 2', Uint8Array.from(header, (b, i) => (i === 6 ? 2 : b)), 'UNSUPPORTED', 6],
  ])('%s', (_, bytes, code, offset) => {
    const error = errorOf(() => ElfFile.open(memorySource(bytes)));
    expect([error.code, error.data.offset]).toEqual([code, offset]);
  });
});

describe('hostile fields', () => {
  const NAME = 'common.o';

  it('section headers outside the file', () => {
    const error = errorOf(() => patched(NAME, [32, ...le(0xffffff00)]).sections);
    expect([error.code, error.data.offset]).toEqual(['TRUNCATED', 0xffffff00]);
  });

  it('too small a section header', () => {
    const error = errorOf(() => patched(NAME, [46, 39, 0]).sections);
    expect([error.code, error.data.offset, error.data.limit]).toEqual(['BAD_ENTRY_SIZE', 46, 40]);
  });

  it('a section count that claims gigabytes', () => {
    const at = open(NAME).section(0).headerOffset;
    const file = patched(NAME, [48, 0, 0], [at + 20, ...le(0x7fffffff)]);
    expect(errorOf(() => file.sections).code).toBe('TRUNCATED');
  });

  it('a section size that claims gigabytes is an error only when its bytes are read', () => {
    const at = headerWord(NAME, '.ARM.attributes', 5);
    const file = patched(NAME, [at, ...le(0xfffffff0)]);
    const section = file.sectionByName('.ARM.attributes');
    expect(section?.size).toBe(0xfffffff0);
    const error = errorOf(() => section?.data());
    expect([error.code, error.data.value]).toEqual(['TRUNCATED', 0xfffffff0]);
  });

  it('a section name outside its table', () => {
    const at = headerWord(NAME, '.ARM.attributes', 0);
    const file = patched(NAME, [at, ...le(0x12345)]);
    const index = open(NAME).sectionByName('.ARM.attributes')?.index ?? 0;
    expect(errorOf(() => file.section(index).name)).toMatchObject({ code: 'BAD_STRING', data: { value: 0x12345 } });
    // The others keep their names.
    expect(file.section(index - 1).name).toBe(open(NAME).section(index - 1).name);
  });

  it('a name table that is no section, or no table', () => {
    expect(errorOf(() => patched(NAME, [50, 0xfe, 0x7f]).section(1).name).code).toBe('BAD_INDEX');
    expect(patched(NAME, [50, 0, 0]).section(1).name).toBe('');
    const file = patched(NAME, [50, ...le(open(NAME).sections.findIndex((s) => s.type === SHT.NOBITS)).slice(0, 2)]);
    expect(errorOf(() => file.section(1).name).code).toBe('BAD_INDEX');
  });

  it('symbols of the wrong size, or with strings of nowhere', () => {
    for (const size of [0, 8, 15, 18]) {
      const file = patched(NAME, [headerWord(NAME, '.symtab', 9), ...le(size)]);
      expect(errorOf(() => file.symbols()).code).toBe('BAD_ENTRY_SIZE');
    }
    const file = patched(NAME, [headerWord(NAME, '.symtab', 6), ...le(99)]);
    expect(errorOf(() => file.symbols()).code).toBe('BAD_INDEX');
  });

  it('relocations of the wrong size, for a section that is not there', () => {
    const wrong = patched(NAME, [headerWord(NAME, '.rel.text', 9), ...le(4)]);
    expect(errorOf(() => wrong.relocationTables()).code).toBe('BAD_ENTRY_SIZE');
    const nowhere = patched(NAME, [headerWord(NAME, '.rel.text', 7), ...le(200)]);
    expect(errorOf(() => nowhere.relocationTables())).toMatchObject({
      code: 'BAD_INDEX',
      data: { field: 'sh_info', value: 200 },
    });
  });

  it('larger entries than the record are stepped over', () => {
    const text = headerWord(NAME, '.rel.text', 9);
    const tables = patched(NAME, [text, ...le(16)]).relocationTables();
    const whole = open(NAME).relocationTables();
    const [every, second] = [whole, tables].map((list) =>
      list.find((table) => table.targetIndex === whole[0].targetIndex),
    );
    expect([...(second ?? [])]).toEqual([...(every ?? [])].filter((_, i, all) => i % 2 === 0 && i + 1 < all.length));
  });

  it('tables that claim the same bytes over and over', () => {
    // Every section header becomes a relocation section that spans the whole file.
    const bytes = fixture('comdat.o');
    const file = open('comdat.o');
    for (const section of file.sections.slice(1)) {
      if (section.type === SHT.SYMTAB) continue;
      bytes.set(le(SHT.REL), section.headerOffset + 4);
      bytes.set([...le(0), ...le(bytes.length)], section.headerOffset + 16);
      bytes.set([...le(0), ...le(0)], section.headerOffset + 24);
      bytes.set(le(8), section.headerOffset + 36);
    }
    const hostile = ElfFile.open(memorySource(bytes));
    const error = errorOf(() => hostile.relocationTables().map((table) => table.offsets));
    expect(error.code).toBe('OVERLAP');
  });

  it('a string table without an end', () => {
    const bytes = fixture(NAME);
    const file = open(NAME);
    const strings = file.section(file.sectionByName('.symtab')?.link ?? 0);
    bytes[strings.offset + strings.size - 1] = 0x41;
    const symbols = ElfFile.open(memorySource(bytes)).symbols();
    expect(errorOf(() => [...(symbols ?? [])]).code).toBe('BAD_STRING');
  });

  it('a hash chain that bites its tail', () => {
    const bytes = fixture('mips64el.so');
    const hash = open('mips64el.so').sectionByName('.hash');
    const offset = hash?.offset ?? 0;
    const view = new DataView(bytes.buffer);
    const buckets = view.getUint32(offset, true);
    const chains = view.getUint32(offset + 4, true);
    for (let i = 0; i < buckets; i++) view.setUint32(offset + 8 + i * 4, 1, true);
    for (let i = 0; i < chains; i++) view.setUint32(offset + 8 + (buckets + i) * 4, 1, true);
    expect(errorOf(() => ElfFile.open(memorySource(bytes)).findExport('absent')).code).toBe('CYCLE');
  });
});

describe('64-bit values', () => {
  it('above 2^53 - 1 are bigints, and errors as numbers', () => {
    const kernel = 0xffffffff81000000n;
    const bytes = fixture('x86_64.so');
    const view = new DataView(bytes.buffer);
    view.setBigUint64(24, kernel, true);
    const before = open('x86_64.so');
    const symtab = before.sectionByName('.symtab');
    const text = before.sectionByName('.text');
    if (symtab === undefined || text === undefined) throw new Error('fixture');
    view.setBigUint64(symtab.offset + 24 + 8, kernel, true);
    view.setBigUint64(text.headerOffset + 16, kernel, true);
    const file = ElfFile.open(memorySource(bytes));
    expect(file.header.entryBig).toBe(kernel);
    expect(errorOf(() => file.header.entry)).toMatchObject({ code: 'NOT_EXACT', data: { offset: 24, value: kernel } });
    expect(file.symbols()?.valueBig(1)).toBe(kernel);
    expect(errorOf(() => file.symbols()?.value(1))).toMatchObject({
      code: 'NOT_EXACT',
      data: { offset: symtab.offset + 32 },
    });
    expect(file.sectionByName('.text')?.addressBig).toBe(kernel);
    expect(errorOf(() => file.sectionByName('.text')?.address).code).toBe('NOT_EXACT');
    expect(file.symbols()?.valueBig(2)).toBe(BigInt(before.symbols()?.value(2) ?? -1));
  });
});

it('offsetOfAddress follows PT_LOAD', () => {
  const file = open('x86_64.so');
  const data = file.sectionByName('.data');
  expect(file.offsetOfAddress(data?.address ?? 0)).toBe(data?.offset);
  expect(file.offsetOfAddress(0x7fffffff)).toBe(undefined);
  // .bss takes no bytes of the file.
  expect(open('common.o').offsetOfAddress(0)).toBe(undefined);
});
