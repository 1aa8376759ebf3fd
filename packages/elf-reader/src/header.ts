import type { ByteSource } from '@loadstone/fd-sources';
import { ElfBytes } from './elf-bytes.js';
import { ElfError } from './error.js';

/** The ELF header (gABI, ELF Header), as stored: counts are not yet extended through section 0. */
export interface ElfHeader {
  readonly class: 32 | 64;
  readonly littleEndian: boolean;
  /** EI_OSABI; names in `ELFOSABI`. */
  readonly osAbi: number;
  readonly abiVersion: number;
  /** e_type; names in `ET`. */
  readonly type: number;
  /** e_machine; names in `EM`. */
  readonly machine: number;
  readonly version: number;
  /** e_entry: address of the first instruction, 0 for none. Above 2^53 - 1 reading throws NOT_EXACT; see `entryBig`. */
  readonly entry: number;
  readonly entryBig: bigint;
  /** e_phoff, bytes from the start of the file; 0 for no program headers. */
  readonly programHeaderOffset: number;
  /** e_shoff, bytes from the start of the file; 0 for no section headers. */
  readonly sectionHeaderOffset: number;
  /** e_flags, bits defined by the machine. */
  readonly flags: number;
  readonly headerSize: number;
  readonly programHeaderEntrySize: number;
  readonly programHeaderCount: number;
  readonly sectionHeaderEntrySize: number;
  readonly sectionHeaderCount: number;
  readonly sectionNameTableIndex: number;
}

const IDENT_SIZE = 16;

/** @throws ElfError NOT_ELF, UNSUPPORTED, TRUNCATED */
export function readHeader(source: ByteSource): { bytes: ElfBytes; header: ElfHeader } {
  const ident = new Uint8Array(IDENT_SIZE);
  const got = source.read(0, ident);
  if (got < 4 || ident[0] !== 0x7f || ident[1] !== 0x45 || ident[2] !== 0x4c || ident[3] !== 0x46) {
    throw new ElfError('NOT_ELF', 'the file does not start with 7f 45 4c 46', { offset: 0, field: 'e_ident' });
  }
  const [, , , , elfClass, order, version, osAbi, abiVersion] = ident;
  if (got < IDENT_SIZE) {
    throw new ElfError('TRUNCATED', `the ELF header ends after ${got} bytes`, {
      offset: 0,
      field: 'e_ident',
      limit: got,
    });
  }
  if (elfClass !== 1 && elfClass !== 2) throw unsupported(4, 'EI_CLASS', elfClass);
  if (order !== 1 && order !== 2) throw unsupported(5, 'EI_DATA', order);
  if (version !== 1) throw unsupported(6, 'EI_VERSION', version);

  const is64 = elfClass === 2;
  const bytes = new ElfBytes(source, is64, order === 1);
  const fields = bytes.fields(0, is64 ? 64 : 52, 'ELF header');
  const tail = is64 ? 48 : 36;
  const header: ElfHeader = {
    class: is64 ? 64 : 32,
    littleEndian: order === 1,
    osAbi,
    abiVersion,
    type: fields.u16(16, 'e_type'),
    machine: fields.u16(18, 'e_machine'),
    version: fields.u32(20, 'e_version'),
    get entry() {
      return fields.wide(24, 24, 'e_entry');
    },
    get entryBig() {
      return fields.wideBig(24, 24, 'e_entry');
    },
    programHeaderOffset: fields.wide(28, 32, 'e_phoff'),
    sectionHeaderOffset: fields.wide(32, 40, 'e_shoff'),
    flags: fields.u32(tail, 'e_flags'),
    headerSize: fields.u16(tail + 4, 'e_ehsize'),
    programHeaderEntrySize: fields.u16(tail + 6, 'e_phentsize'),
    programHeaderCount: fields.u16(tail + 8, 'e_phnum'),
    sectionHeaderEntrySize: fields.u16(tail + 10, 'e_shentsize'),
    sectionHeaderCount: fields.u16(tail + 12, 'e_shnum'),
    sectionNameTableIndex: fields.u16(tail + 14, 'e_shstrndx'),
  };
  return { bytes, header };
}

function unsupported(offset: number, field: string, value: number): ElfError {
  return new ElfError('UNSUPPORTED', `${field} is ${value}`, { offset, field, value });
}
