import { describe, expect, it } from 'vitest';
import {
  DT,
  type ElfFile,
  EM,
  nameOf,
  PT,
  readGroups,
  readNotes,
  readSymbolVersions,
  relocationTypeName,
  type SymbolTable,
  sectionFlagNames,
  sectionTypeName,
} from './index.js';
import { fixture, open } from './test-files.js';

type SymbolRow = [
  name: string,
  at: number,
  value: number,
  size: number,
  bind: number,
  type: number,
  other: number,
  section: number,
];

/** What llvm-readobj 22 says of a file; see fixtures/rebuild.mjs. */
interface Readobj {
  header: [
    elfClass: number,
    order: number,
    machineName: string,
    machine: number,
    type: number,
    entry: number,
    flags: number,
  ];
  sections: [
    name: string,
    typeName: string,
    type: number,
    flags: number,
    flagNames: string[],
    address: number,
    offset: number,
    size: number,
    link: number,
    info: number,
    align: number,
    entrySize: number,
  ][];
  segments: [
    typeName: string,
    type: number,
    offset: number,
    address: number,
    physical: number,
    fileSize: number,
    memorySize: number,
    flags: number,
    align: number,
  ][];
  symbols: SymbolRow[];
  dynamicSymbols: SymbolRow[];
  relocations: [
    section: number,
    entries: [offset: number, typeName: string, type: number, symbol: number, addend: number][],
  ][];
  dynamic: [tag: number, name: string, value: number][];
  notes: [owner: string, size: number, buildId: string][];
  groups: [section: number, signature: string, members: number[]][];
}

const FILES = [
  'x86_64.so',
  'aarch64_be.so',
  'armeb.so',
  'mips64el.so',
  'arm.so',
  'client.so',
  'cortex-m4.so',
  'comdat.o',
  'common.o',
  'debug-arm.o',
  'debug-aarch64_be.o',
  'debug-armeb.o',
  'xtensa.o',
];

function rows(table: SymbolTable | undefined, file: ElfFile): SymbolRow[] {
  if (table === undefined) return [];
  const versions = table.kind === '.dynsym' ? readSymbolVersions(file) : undefined;
  return [...table].map((symbol) => {
    // llvm-readobj calls a section symbol by its section and appends the version.
    const version = versions?.of(symbol.index);
    const at =
      version?.name === undefined ? '' : (version.hidden || version.file !== undefined ? '@' : '@@') + version.name;
    const own = symbol.name === '' && symbol.type === 3 ? file.section(symbol.sectionIndex).name : symbol.name;
    return [
      own + at,
      table.nameOffset(symbol.index),
      symbol.value,
      symbol.size,
      symbol.binding,
      symbol.type,
      symbol.other,
      table.shndx(symbol.index),
    ];
  });
}

describe.each(FILES)('%s as llvm-readobj reads it', (name) => {
  const file = open(name);
  const expected: Readobj = JSON.parse(new TextDecoder().decode(fixture(`${name}.json`)));

  it('header', () => {
    const { header } = file;
    expect([
      header.class / 32,
      header.littleEndian ? 1 : 2,
      `EM_${nameOf(EM, header.machine)}`,
      header.machine,
      header.type,
      header.entry,
      header.flags,
    ]).toEqual(expected.header);
  });

  it('sections', () => {
    const found = file.sections.map((section) => [
      section.name,
      `SHT_${sectionTypeName(section.type, file.header.machine)}`.toUpperCase(),
      section.type,
      section.flags,
      section.address,
      section.offset,
      section.size,
      section.link,
      section.info,
      section.align,
      section.entrySize,
    ]);
    const wanted = expected.sections
      // Types of a single machine that this package gives no name.
      .map(([at, typeName, type, flags, , ...rest]) => [
        at,
        /MIPS/.test(typeName) ? 'SHT_UNDEFINED' : typeName.toUpperCase(),
        type,
        flags,
        ...rest,
      ]);
    expect(found).toEqual(wanted);
  });

  it('section flags by name', () => {
    for (const [at, , , flags, names] of expected.sections) {
      const found = sectionFlagNames(flags, file.header.machine).map((flag) => `SHF_${flag}`);
      if (!names.some((flag) => /MIPS/.test(flag))) expect(found.sort(), at).toEqual(names.sort());
    }
  });

  it('segments', () => {
    const found = file.segments.map((segment) => [
      segment.type,
      segment.offset,
      segment.address,
      segment.physicalAddress,
      segment.fileSize,
      segment.memorySize,
      segment.flags,
      segment.align,
    ]);
    expect(found).toEqual(expected.segments.map(([, ...rest]) => rest));
    for (const [typeName, type] of expected.segments) {
      if (!/MIPS/.test(typeName)) expect(`PT_${nameOf(PT, type)}`).toBe(typeName);
    }
  });

  it('symbols', () => {
    expect(rows(file.symbols('.symtab'), file)).toEqual(expected.symbols);
    expect(rows(file.symbols('.dynsym'), file)).toEqual(expected.dynamicSymbols);
  });

  it('relocations', () => {
    const found = file
      .relocationTables()
      .map((table) => [table.sectionIndex, [...table].map((r) => [r.offset, r.type, r.symbol, r.addend])]);
    expect(found).toEqual(
      expected.relocations.map(([section, list]) => [section, list.map(([offset, , ...rest]) => [offset, ...rest])]),
    );
    for (const [, list] of expected.relocations) {
      for (const [, typeName, type] of list) {
        if (/ARM_|XTENSA/.test(typeName)) expect(relocationTypeName(type, file.header.machine)).toBe(typeName);
      }
    }
  });

  it('dynamic segment', () => {
    const found = file.dynamic?.entries.map(({ tag, value }) => [tag, value]) ?? [];
    const wanted = expected.dynamic.filter(([tag]) => tag !== DT.NULL);
    expect(found).toEqual(wanted.map(([tag, , value]) => [tag, value]));
    for (const [tag, typeName] of wanted) if (!/MIPS/.test(typeName)) expect(nameOf(DT, tag)).toBe(typeName);
  });

  it('notes', () => {
    const found = readNotes(file).map(({ name: owner, description }) => [owner, description.length]);
    // llvm-readobj cuts no name at its first NUL.
    expect(found).toEqual(expected.notes.map(([owner, size]) => [owner.split('\0')[0], size]));
  });

  it('groups', () => {
    const found = readGroups(file).map(({ section, signature, members }) => [
      section.index,
      signature,
      members.map((m) => m.index),
    ]);
    expect(found).toEqual(expected.groups);
  });
});
