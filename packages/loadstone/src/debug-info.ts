import { type ElfFile, R_ARM, R_XTENSA, type Section } from '@loadstone/elf-reader';
import { type LineSections, LineTable, type ModuleInfo } from '@loadstone/emulator-host';
import type { LoadedModule } from '@loadstone/module-loader';

/** Types that put an absolute 32-bit word into a debug section. */
const WORD_TYPES: ReadonlySet<number> = new Set([R_ARM['ABS32'], R_XTENSA['32']]);

/** What fault reports ask of a module: its symbols, sections and relocations, and its source lines when it has `.debug_line`. */
export function moduleInfo(module: LoadedModule): ModuleInfo {
  return {
    name: module.name,
    sections: module.sections,
    contains: (address) => module.contains(address),
    symbolAt: (address) => module.symbolAt(address),
    sectionAt: (address) => module.sectionAt(address),
    relocationAt: (address) => module.relocationAt(address),
    lineTable: () => lineTable(module),
  };
}

/** The line table of a module, relocated to where its sections lie. */
function lineTable(module: LoadedModule): LineTable | undefined {
  const { elf } = module;
  const line = elf.sectionByName('.debug_line');
  if (!line) return undefined;
  const lineStrings = elf.sectionByName('.debug_line_str');
  const strings = elf.sectionByName('.debug_str');
  const sections: LineSections = {
    line: line.data(),
    ...(lineStrings ? { lineStrings: lineStrings.data() } : {}),
    ...(strings ? { strings: strings.data() } : {}),
    ...(module.kind === 'object' ? { word: relocatedWords(module, line) } : { bias: loadBias(module) }),
  };
  return new LineTable(sections);
}

/** Distance between where a shared object was linked and where it lies. */
function loadBias(module: LoadedModule): number {
  const lowest = Math.min(...module.elf.segments.filter(({ type }) => type === 1).map(({ address }) => address));
  return Number.isFinite(lowest) ? (module.blocks[0]?.address ?? lowest) - lowest : 0;
}

/** The words of an object's `.debug_line` that relocations write. */
function relocatedWords(module: LoadedModule, line: Section): NonNullable<LineSections['word']> {
  const { elf } = module;
  const values = new Map<number, (stored: number) => number | null>();
  for (const table of elf.relocationTables()) {
    if (table.targetIndex !== line.index) continue;
    const symbols = elf.symbols(elf.section(table.symbolTableIndex));
    if (!symbols) continue;
    for (const { offset, type, symbol, addend } of table) {
      if (!WORD_TYPES.has(type)) continue;
      const target = symbols.get(symbol);
      const base = sectionAddress(elf, module, target.sectionIndex);
      values.set(offset, (stored) =>
        base === undefined ? null : base + target.value + (table.kind === 'RELA' ? addend : stored),
      );
    }
  }
  return (offset, stored) => values.get(offset)?.(stored);
}

/** Where a section lies: its address when it is loaded, 0 for a section of debug strings, undefined when it was left out. */
function sectionAddress(elf: ElfFile, module: LoadedModule, index: number): number | undefined {
  const placed = module.sections.find((section) => section.index === index);
  if (placed) return placed.address;
  return elf.sections[index]?.name.startsWith('.debug') ? 0 : undefined;
}
