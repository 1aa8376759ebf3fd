import { DT, ElfError, type ElfFile, PT, type Section, SHF, SHT, STT } from '@loadstone/elf-reader';
import { armRelocationName } from '@loadstone/relocator-arm';
import { TENCENTOS_RELOCATION_TYPES } from '../tencentos/relocate.js';
import type { DefectList, DefectPlace } from './defect.js';
import { type CheckedSymbols, checkNames } from './symbol-defects.js';

const R_ARM_RELATIVE = 23;
const STB_WEAK = 2;

/** Every defect of the shared-object build that the file touches. */
export function sharedDefects(elf: ElfFile, list: DefectList, checked: CheckedSymbols): void {
  const dynamic = elf.dynamic;
  if (!elf.sections.some(({ type }) => type === SHT.DYNAMIC)) list.add('no-section-headers', { section: '.dynamic' });
  else if (!elf.sections.some(({ type }) => type === SHT.DYNSYM))
    list.add('no-section-headers', { section: '.dynsym' });
  checkSegments(elf, list);
  for (const tag of [DT.SYMTAB, DT.STRTAB, DT.REL, DT.JMPREL]) {
    const address = dynamic?.get(tag);
    if (address !== undefined && elf.offsetOfAddress(address) !== address) {
      const [segment] = elf.segments.filter(({ type }) => type === PT.LOAD);
      list.add('address-not-offset', segment === undefined ? {} : { fileOffset: segment.offset });
    }
  }
  const hasRelocations = (dynamic?.get(DT.RELSZ) ?? 0) > 0 || (dynamic?.get(DT.PLTRELSZ) ?? 0) > 0;
  if (hasRelocations && dynamic?.get(DT.RELENT) === undefined) list.add('missing-relent', { section: '.rel.plt' });
  if ((dynamic?.get(DT.RELASZ) ?? 0) > 0) list.add('rela-ignored', { section: '.rela.dyn' });
  for (const tag of [DT.INIT, DT.INIT_ARRAYSZ]) {
    if ((dynamic?.get(tag) ?? 0) > 0)
      list.add('constructors-ignored', { section: tag === DT.INIT ? '.init' : '.init_array' });
  }
  checkRelocations(elf, list, checked);
  const symbols = elf.symbols('.dynsym');
  if (symbols === undefined) return;
  checkNames(symbols, list);
  for (let i = 1; i < symbols.count; i++) {
    if (symbols.isAbsolute(i)) list.add('absolute-symbol-moved', { symbol: symbols.name(i) });
  }
}

function checkSegments(elf: ElfFile, list: DefectList): void {
  for (const section of elf.sections) {
    if ((section.flags & SHF.ALLOC) === 0 || section.size === 0) continue;
    const place = { fileOffset: section.headerOffset, section: labelOf(section) };
    if (section.align > 4) list.add('segment-alignment', place);
    if ((section.flags & SHF.TLS) !== 0) list.add('thread-local', place);
  }
}

function checkRelocations(elf: ElfFile, list: DefectList, checked: CheckedSymbols): void {
  const symbols = elf.symbols('.dynsym');
  for (const table of elf.dynamicRelocations()) {
    if (table.kind !== 'REL') continue;
    for (const { offset, type, symbol } of table) {
      const name = symbol === 0 ? '' : (symbols?.name(symbol) ?? '');
      const place: DefectPlace = {
        offset,
        relocation: armRelocationName(type),
        ...(name === '' ? {} : { symbol: name }),
      };
      if (!TENCENTOS_RELOCATION_TYPES.has(type)) list.add('silent-relocation', place, place.relocation);
      if (type === R_ARM_RELATIVE || name === '') list.add('relative-relocation', place);
      else if (symbols?.isUndefined(symbol)) {
        const weak = symbols.binding(symbol) === STB_WEAK;
        if (checked.exported(name) === undefined) list.add(weak ? 'weak-undefined' : 'missing-import', place, name);
      } else if (symbols?.type(symbol) === STT.FUNC && checked.strict && checked.exported(name) === undefined) {
        list.add('own-function-slot', place, name);
      }
    }
  }
}

/** A file whose section names are damaged still loads: nothing but people reads them. */
function labelOf(section: Section): string {
  try {
    return section.name;
  } catch (error) {
    if (error instanceof ElfError) return `section ${section.index}`;
    throw error;
  }
}
