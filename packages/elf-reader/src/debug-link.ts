import { Fields } from './elf-bytes.js';
import type { ElfFile } from './elf-file.js';

/** Where the debugging information was moved to (GDB manual, Separate Debug Files). */
export interface DebugLink {
  /** File name, without directories. */
  readonly name: string;
  /** CRC-32 of that file. */
  readonly crc32: number;
}

/** `.gnu_debuglink`; undefined when the file has none. @throws ElfError TRUNCATED, BAD_STRING */
export function readDebugLink(file: ElfFile): DebugLink | undefined {
  const section = file.sectionByName('.gnu_debuglink');
  if (section === undefined) return undefined;
  const bytes = section.data();
  const fields = new Fields(bytes, section.offset, file.littleEndian, file.is64);
  const name = fields.string(0, 'debug link');
  const end = bytes.indexOf(0);
  return { name, crc32: fields.u32((end + 4) & ~3, 'debug link CRC') };
}
