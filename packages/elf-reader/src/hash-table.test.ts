import { describe, expect, it } from 'vitest';
import { GnuHashTable, gnuHash, STB, SysvHashTable, sysvHash } from './index.js';
import { open } from './test-files.js';

describe('hash functions (values of glibc symbols, as linkers store them)', () => {
  it('SysV', () => {
    // gABI: h = (h << 4) + c, the top nibble folded back.
    expect(sysvHash('')).toBe(0);
    expect(sysvHash('printf')).toBe(0x077905a6);
    expect(sysvHash('exit')).toBe(0x0006cf04);
    expect(sysvHash('syscall')).toBe(0x0b09985c);
  });

  it('GNU', () => {
    expect(gnuHash('')).toBe(0x00001505);
    expect(gnuHash('printf')).toBe(0x156b2bb8);
    expect(gnuHash('exit')).toBe(0x7c967e3f);
    expect(gnuHash('syscall')).toBe(0xbac212a0);
  });
});

describe.each(['x86_64.so', 'aarch64_be.so', 'armeb.so', 'arm.so', 'mips64el.so', 'cortex-m4.so'])('%s', (name) => {
  it('finds every export and nothing else', () => {
    const file = open(name);
    const symbols = file.symbols('.dynsym');
    const exports = [...(symbols ?? [])].filter(
      (symbol) => !symbol.isUndefined && symbol.binding !== STB.LOCAL && symbol.name !== '',
    );
    expect(exports.length).toBeGreaterThanOrEqual(4);
    for (const symbol of exports) expect(file.findExport(symbol.name)).toBe(symbol.index);
    for (const absent of ['', 'twic', 'twicee', 'other', 'hidden']) expect(file.findExport(absent)).toBe(-1);
  });
});

describe('both tables of one file', () => {
  it('agree', () => {
    const file = open('x86_64.so');
    const symbols = file.symbols('.dynsym');
    const [gnu, sysv] = ['.gnu.hash', '.hash'].map((name) => file.sectionByName(name));
    if (symbols === undefined || gnu === undefined || sysv === undefined) throw new Error('fixture');
    const byGnu = new GnuHashTable(file.bytes, gnu.offset, symbols);
    const bySysv = new SysvHashTable(file.bytes, sysv.offset, symbols);
    expect(bySysv.chainCount).toBe(symbols.count);
    for (const { name, index, isUndefined } of symbols) {
      if (name === '') continue;
      expect(bySysv.find(name)).toBe(index);
      expect(byGnu.find(name)).toBe(isUndefined ? -1 : index);
      if (!isUndefined) expect(byGnu.mayContain(gnuHash(name))).toBe(true);
    }
  });
});

describe('files without section headers', () => {
  it.each([
    ['x86_64-segments.so', 'x86_64.so'],
    ['arm-segments.so', 'arm.so'],
    ['mips64el-segments.so', 'mips64el.so'],
    ['client-segments.so', 'client.so'],
  ])('%s has the dynamic symbols and relocations of %s', (stripped, whole) => {
    const bare = open(stripped);
    const full = open(whole);
    expect(bare.sections).toEqual([]);
    expect([...(bare.symbols('.dynsym') ?? [])]).toEqual([...(full.symbols('.dynsym') ?? [])]);
    expect(bare.relocationTables().map((table) => [table.kind, [...table]])).toEqual(
      full.dynamicRelocations().map((table) => [table.kind, [...table]]),
    );
    expect(new Set(bare.relocationTables().flatMap((table) => [...table.offsets]))).toEqual(
      new Set(full.relocationTables().flatMap((table) => [...table.offsets])),
    );
    expect(bare.symbols()).toBe(undefined);
  });
});
