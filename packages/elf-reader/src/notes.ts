import { Budget } from './budget.js';
import { NT_GNU, PT, SHT } from './constants/index.js';
import { Fields } from './elf-bytes.js';
import type { ElfFile } from './elf-file.js';

import { Section } from './section.js';

/** One note (gABI, Note Section). */
export interface Note {
  /** Who defines the type: `GNU`, `Xtensa_Info`. */
  readonly name: string;
  /** n_type, by the name; `NT_GNU` for `GNU`. */
  readonly type: number;
  /** The descriptor: a copy of its bytes. */
  readonly description: Uint8Array;
}

const utf8 = new TextDecoder('utf-8');

function parse(bytes: Uint8Array, offset: number, align: number, file: ElfFile, into: Note[]): void {
  const fields = new Fields(bytes, offset, file.littleEndian, file.is64);
  // Eight only for .note.gnu.property of 64-bit files; every other table is laid out in words.
  const step = align === 8 ? 8 : 4;
  let at = 0;
  while (at + 12 <= bytes.length) {
    const nameSize = fields.u32(at, 'n_namesz');
    const size = fields.u32(at + 4, 'n_descsz');
    const type = fields.u32(at + 8, 'n_type');
    const name = fields.slice(at + 12, nameSize, 'note name');
    const start = alignUp(at + 12 + nameSize, step);
    const description = fields.slice(start, size, 'note descriptor').slice();
    const end = name.indexOf(0);
    into.push({ name: utf8.decode(end < 0 ? name : name.subarray(0, end)), type, description });
    at = alignUp(start + size, step);
  }
}

function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * All notes: those of the SHT_NOTE sections, or of the PT_NOTE segments when the file has no section headers.
 * @throws ElfError TRUNCATED when a note passes the end of its section
 */
export function readNotes(file: ElfFile): Note[] {
  const notes: Note[] = [];
  const holders =
    file.sections.length > 0
      ? file.sections.filter((section) => section.type === SHT.NOTE)
      : file.segments.filter((segment) => segment.type === PT.NOTE);
  const budget = new Budget(file.source.size, 'notes');
  for (const holder of holders) {
    budget.spend(holder.offset, holder instanceof Section ? holder.size : holder.fileSize);
    parse(holder.data(), holder.offset, holder.align, file, notes);
  }
  return notes;
}

/** The build id (NT_GNU_BUILD_ID) in hexadecimal; undefined when the file has none. */
export function readBuildId(file: ElfFile): string | undefined {
  const note = readNotes(file).find(({ name, type }) => name === 'GNU' && type === NT_GNU.BUILD_ID);
  if (note === undefined) return undefined;
  return Array.from(note.description, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
