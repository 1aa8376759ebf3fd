import { Budget } from './budget.js';
import { R_XTENSA } from './constants/index.js';
import { Fields } from './elf-bytes.js';
import type { ElfFile } from './elf-file.js';
import type { RelocationTable } from './relocation-table.js';
import type { Section } from './section.js';

/** What a range of an Xtensa section holds. */
export interface XtensaProperty {
  /** The table's section: `.xt.prop`, `.xt.lit` or one with that prefix. */
  readonly table: Section;
  /** Address in a linked file; offset into `section` in a relocatable one. */
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  /** Bits in `XTENSA_PROP`; LITERAL for `.xt.lit`, which stores none. */
  readonly flags: number;
  /** Index of the section the entry describes, in a relocatable file. */
  readonly section?: number;
}

/** Alignment of the range, bytes: the five bits above XTENSA_PROP.ALIGN are its logarithm. 1 when the flag is not set. */
export function xtensaPropertyAlign(flags: number): number {
  return (flags & 0x800) === 0 ? 1 : 2 ** ((flags >>> 12) & 0x1f);
}

/**
 * The property tables of an Xtensa file: `.xt.prop` (address, size, flags), `.xt.lit` and the older `.xt.insn` (address,
 * size), whole or split by section. In a relocatable file the addresses come from the tables' R_XTENSA_32 relocations.
 * @throws ElfError
 */
export function readXtensaProperties(file: ElfFile): XtensaProperty[] {
  const found: XtensaProperty[] = [];
  const budget = new Budget(file.source.size, 'property tables');
  const relocations = new Map<number, RelocationTable>();
  for (const table of file.relocationTables()) relocations.set(table.targetIndex, table);
  for (const section of file.sections) {
    const kind = /^\.xt\.(prop|lit|insn)(\.|$)/.exec(section.name)?.[1];
    if (kind === undefined) continue;
    budget.spend(section.offset, section.size);
    readTable(file, section, kind, relocations.get(section.index), found);
  }
  return found;
}

function readTable(
  file: ElfFile,
  table: Section,
  kind: string,
  relocations: RelocationTable | undefined,
  found: XtensaProperty[],
): void {
  const fields = new Fields(table.data(), table.offset, file.littleEndian, file.is64);
  const step = kind === 'prop' ? 12 : 8;
  const implied = kind === 'lit' ? 0x1 : 0x2;
  const places = relocations === undefined ? undefined : targets(file, relocations);
  for (let at = 0; at + step <= fields.length; at += step) {
    const stored = fields.u32(at, 'property address');
    const place = places?.get(at);
    const entry = {
      table,
      address: (stored + (place?.address ?? 0)) >>> 0,
      size: fields.u32(at + 4, 'property size'),
      flags: kind === 'prop' ? fields.u32(at + 8, 'property flags') : implied,
    };
    found.push(place === undefined ? entry : { ...entry, section: place.section });
  }
}

/** Offset in the table -> what its relocation adds there. */
function targets(file: ElfFile, relocations: RelocationTable): Map<number, { address: number; section: number }> {
  const places = new Map<number, { address: number; section: number }>();
  const symbols = file.symbols(file.section(relocations.symbolTableIndex));
  if (symbols === undefined) return places;
  for (const { offset, type, symbol, addend } of relocations) {
    if (type !== R_XTENSA['32']) continue;
    const section = symbols.sectionOf(symbol);
    places.set(offset, { address: symbols.value(symbol) + addend, section });
  }
  return places;
}
