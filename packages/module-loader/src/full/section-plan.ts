import { type ElfFile, type Section, SHF, SHT } from '@loadstone/elf-reader';
import { LoaderError } from '../errors.js';
import type { Machine } from './machine.js';
import type { ContentKind, Permissions, SectionToPlace } from './options.js';

/** A section of a relocatable object that takes memory. */
export interface PlannedSection extends Omit<SectionToPlace, 'size' | 'align'> {
  /** Section index; 0 for what the loader makes itself (COMMON, the GOT). */
  readonly index: number;
  readonly section: Section | undefined;
  /** Bytes in memory, `tail` included. */
  size: number;
  align: number;
  /** Bytes behind the contents that the loader uses for stubs. */
  tail: number;
  /** Set when the section is placed. */
  address: number;
  /** Where it lies in its block; undefined when it stays in place. */
  block: MemoryBlock | undefined;
}

/** A piece of target memory that belongs to a module. */
export interface MemoryBlock {
  readonly address: number;
  readonly size: number;
  readonly purpose: string;
  /** False for memory that was there before, such as flash. */
  readonly allocated: boolean;
}

const KIND_ORDER: readonly ContentKind[] = ['literal', 'text', 'rodata', 'got', 'data', 'bss'];
/** Largest alignment accepted, bytes. */
const MAX_ALIGN = 0x1000_0000;

export function checkAlign(align: number, what: string): number {
  if (align <= 1) return 1;
  if (align > MAX_ALIGN || (align & (align - 1)) !== 0) {
    throw new LoaderError('BAD_FORMAT', `alignment ${align} of ${what} is no power of two up to ${MAX_ALIGN}`, {
      section: what,
      value: align,
    });
  }
  return align;
}

function permissionsOf(flags: number): Permissions {
  return { read: true, write: (flags & SHF.WRITE) !== 0, execute: (flags & SHF.EXECINSTR) !== 0 };
}

function kindOf(section: Section, machine: Machine): ContentKind {
  const { flags } = section;
  if (machine.isLiteralSection(section.name)) return 'literal';
  if ((flags & SHF.EXECINSTR) !== 0) return 'text';
  if (section.type === SHT.NOBITS) return 'bss';
  return (flags & SHF.WRITE) !== 0 ? 'data' : 'rodata';
}

/** The sections of a relocatable object that belong in memory (gABI: SHF_ALLOC), in file order. */
export function planSections(elf: ElfFile, machine: Machine): PlannedSection[] {
  const planned: PlannedSection[] = [];
  for (const section of elf.sections) {
    const { flags } = section;
    if ((flags & SHF.ALLOC) === 0 || (flags & SHF.EXCLUDE) !== 0) continue;
    if ((flags & SHF.TLS) !== 0) continue;
    if (section.isCompressed) {
      // gABI, SHF_COMPRESSED: not together with SHF_ALLOC.
      throw new LoaderError('BAD_FORMAT', `${section.name} is compressed and yet belongs in memory`, {
        section: section.name,
      });
    }
    planned.push({
      index: section.index,
      section,
      name: section.name,
      kind: kindOf(section, machine),
      size: section.size,
      tail: 0,
      align: checkAlign(section.align, section.name),
      permissions: permissionsOf(flags),
      address: 0,
      block: undefined,
    });
  }
  return planned;
}

/** A section the loader makes itself. */
export function madeSection(name: string, kind: 'bss' | 'got', size: number, align: number): PlannedSection {
  return {
    index: 0,
    section: undefined,
    name,
    kind,
    size,
    tail: 0,
    align,
    permissions: { read: true, write: true, execute: false },
    address: 0,
    block: undefined,
  };
}

/** The text section whose instructions load from a literal section, by the names the Xtensa assembler gives them. */
function textOfLiteral(name: string): string {
  if (name.startsWith('.literal')) return `.text${name.slice('.literal'.length)}`;
  return name.endsWith('.literal') ? name.slice(0, -'.literal'.length) : '.text';
}

/**
 * The order of sections in their blocks: by kind, then by file order, sections of one name together. Each literal section
 * comes right before its text, because L32R reaches backwards only (Xtensa ISA, L32R: -262144 to -4 bytes).
 */
export function orderSections(sections: readonly PlannedSection[]): PlannedSection[] {
  const ordered: PlannedSection[] = [];
  const literals = new Map<string, PlannedSection[]>();
  const texts = new Set<string>();
  for (const section of sections) if (section.kind === 'text') texts.add(section.name);
  for (const section of sections) {
    if (section.kind !== 'literal') continue;
    const text = textOfLiteral(section.name);
    if (!texts.has(text)) ordered.push(section);
    else literals.set(text, [...(literals.get(text) ?? []), section]);
  }
  for (const kind of KIND_ORDER) {
    if (kind === 'literal') continue;
    const groups = new Map<string, PlannedSection[]>();
    for (const section of sections) {
      if (section.kind !== kind) continue;
      const group = groups.get(section.name);
      if (group === undefined) groups.set(section.name, [section]);
      else group.push(section);
    }
    for (const [name, group] of groups) {
      if (kind === 'text') ordered.push(...(literals.get(name) ?? []));
      ordered.push(...group);
    }
  }
  return ordered;
}
