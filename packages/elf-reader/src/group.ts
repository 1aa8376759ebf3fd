import { Budget } from './budget.js';
import { GRP, SHT, STT } from './constants/index.js';
import { Fields } from './elf-bytes.js';
import type { ElfFile } from './elf-file.js';
import { ElfError } from './error.js';
import type { Section } from './section.js';

/** A section group (gABI, Section Groups). */
export interface SectionGroup {
  /** The SHT_GROUP section itself. */
  readonly section: Section;
  /** The flag word; bits in `GRP`. */
  readonly flags: number;
  /** GRP_COMDAT: of groups with the same signature a linker keeps one. */
  readonly isComdat: boolean;
  /** Name of the symbol that identifies the group. */
  readonly signature: string;
  readonly members: readonly Section[];
}

/** All section groups. @throws ElfError BAD_INDEX (member, symbol table or symbol), TRUNCATED */
export function readGroups(file: ElfFile): SectionGroup[] {
  const budget = new Budget(file.source.size, 'groups');
  return file.sectionsOfType(SHT.GROUP).map((section) => {
    budget.spend(section.offset, section.size);
    const fields = new Fields(section.data(), section.offset, file.littleEndian, file.is64);
    const flags = fields.u32(0, 'group flags');
    const members: Section[] = [];
    for (let at = 4; at + 4 <= fields.length; at += 4) members.push(file.section(fields.u32(at, 'group member')));
    return {
      section,
      flags,
      isComdat: (flags & GRP.COMDAT) !== 0,
      signature: signatureOf(file, section),
      members,
    };
  });
}

function signatureOf(file: ElfFile, section: Section): string {
  const symbols = file.symbols(file.section(section.link));
  if (symbols === undefined) {
    throw new ElfError('BAD_INDEX', `group ${section.index} names no symbol table`, {
      offset: section.headerOffset,
      field: 'sh_link',
      value: section.link,
      section: section.index,
    });
  }
  const name = symbols.name(section.info);
  // A section symbol has no name of its own: the section's is meant.
  if (name !== '' || symbols.type(section.info) !== STT.SECTION) return name;
  return file.section(symbols.sectionOf(section.info)).name;
}
