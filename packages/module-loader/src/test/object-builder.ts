import type { ByteSource } from '@loadstone/fd-sources';
import { memorySource } from '@loadstone/fd-sources';
import { relTableBytes, StringTableBuilder, symbolTableBytes, writeRelocatable } from '../adapt/elf-writer.js';

export const STB_GLOBAL = 0x10;
export const STB_WEAK = 0x20;
export const FUNC = 2;
export const OBJECT = 1;
export const SHN_ABS = 0xfff1;
export const SHN_COMMON = 0xfff2;

export interface BuiltSection {
  readonly name: string;
  readonly flags?: number;
  readonly type?: number;
  readonly align?: number;
  readonly bytes?: Uint8Array | readonly number[];
  /** Bytes of a NOBITS section. */
  readonly size?: number;
  /** [offset, type, symbol name] */
  readonly relocations?: readonly (readonly [offset: number, type: number, symbol: string])[];
}

export interface BuiltSymbol {
  readonly name: string;
  /** Section name; undefined for an undefined symbol; a number for a reserved index. */
  readonly section?: string | number;
  readonly value?: number;
  readonly size?: number;
  /** st_info; default global without type. */
  readonly info?: number;
}

/** Bytes of 32-bit words, little-endian. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  return bytes;
}

/** Bytes of 16-bit halves, little-endian. */
export function halves(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint16(i * 2, value, true);
  });
  return bytes;
}

/** `BL .` as compilers leave it for the linker: addend -4. */
export const BL = [0xf7ff, 0xfffe] as const;

/** A relocatable object, by default for Arm. */
export function buildObject(
  sections: readonly BuiltSection[],
  symbols: readonly BuiltSymbol[],
  machine = 40,
): Uint8Array {
  const strings = new StringTableBuilder();
  const indexOf = new Map(sections.map((section, i) => [section.name, i + 1]));
  const sectionIndex = ({ section }: BuiltSymbol) =>
    typeof section === 'number' ? section : (indexOf.get(section ?? '') ?? 0);
  const ordered = [...symbols].sort(
    (a, b) => Number((a.info ?? STB_GLOBAL) >> 4 !== 0) - Number((b.info ?? STB_GLOBAL) >> 4 !== 0),
  );
  const locals = ordered.filter(({ info = STB_GLOBAL }) => info >> 4 === 0).length;
  const symbolIndex = new Map(ordered.map((symbol, i) => [symbol.name, i + 1]));
  const symbolBytes = symbolTableBytes(
    ordered.map((symbol) => ({
      name: symbol.name,
      value: symbol.value ?? 0,
      size: symbol.size ?? 0,
      info: symbol.info ?? STB_GLOBAL,
      other: 0,
      sectionIndex: sectionIndex(symbol),
    })),
    strings,
  );
  const relocated = sections.filter(({ relocations = [] }) => relocations.length > 0);
  const symtab = sections.length + relocated.length + 2;
  const empty = new Uint8Array(0);
  return writeRelocatable(
    { machine, flags: 0x0500_0000, osAbi: 0 },
    [
      ...sections.map(({ name, flags = 6, type = 1, align = 4, bytes = [], size }) => ({
        name,
        type: size === undefined ? type : 8,
        flags,
        align,
        bytes: Uint8Array.from(bytes),
        ...(size === undefined ? {} : { size }),
      })),
      ...relocated.map(({ name, relocations = [] }) => ({
        name: `.rel${name}`,
        type: 9,
        flags: 0x40,
        align: 4,
        bytes: relTableBytes(
          relocations.map(([offset, type, symbol]) => ({ offset, type, symbol: symbolIndex.get(symbol) ?? 0 })),
        ),
        link: symtab,
        info: indexOf.get(name) ?? 0,
        entrySize: 8,
      })),
      { name: '.shstrtab', type: 3, flags: 0, align: 1, bytes: empty },
      {
        name: '.symtab',
        type: 2,
        flags: 0,
        align: 4,
        bytes: symbolBytes,
        link: symtab + 1,
        info: locals + 1,
        entrySize: 16,
      },
      { name: '.strtab', type: 3, flags: 0, align: 1, bytes: strings.bytes() },
    ],
    symtab - 1,
  );
}

export function objectSource(
  sections: readonly BuiltSection[],
  symbols: readonly BuiltSymbol[],
  machine = 40,
): ByteSource {
  return memorySource(buildObject(sections, symbols, machine));
}
