import type { LineSections } from './line-table.js';
import { DwarfReader } from './reader.js';

/** The header of one line number program (DWARF 5 section 6.2.4; versions 2 to 4 likewise). */
export interface LineHeader {
  readonly version: number;
  readonly minimumLength: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operand counts of standard opcodes 1 to opcodeBase - 1. */
  readonly operandCounts: readonly number[];
  /** File names by number; number 0 exists from version 5 on. */
  readonly files: string[];
  readonly directories: readonly string[];
  /** Offset of the program, and of the next unit. */
  readonly program: number;
  readonly end: number;
}

const DW_LNCT_path = 1;
const DW_LNCT_directory_index = 2;

const DW_FORM_block2 = 0x03;
const DW_FORM_block4 = 0x04;
const DW_FORM_data2 = 0x05;
const DW_FORM_data4 = 0x06;
const DW_FORM_data8 = 0x07;
const DW_FORM_string = 0x08;
const DW_FORM_block = 0x09;
const DW_FORM_block1 = 0x0a;
const DW_FORM_data1 = 0x0b;
const DW_FORM_strp = 0x0e;
const DW_FORM_udata = 0x0f;
const DW_FORM_sec_offset = 0x17;
const DW_FORM_data16 = 0x1e;
const DW_FORM_line_strp = 0x1f;

/** Most entries of a file or directory table. */
const TABLE_LIMIT = 65536;

/** Reads the header of the unit at `offset`. @throws HostError DEBUG_LINE */
export function readLineHeader(sections: LineSections, offset: number): LineHeader {
  const littleEndian = sections.littleEndian ?? true;
  const reader = new DwarfReader(sections.line, littleEndian, offset);
  let length = reader.u32();
  const wide = length === 0xffff_ffff;
  if (wide) length = reader.u64();
  const end = reader.offset + length;
  if (end > sections.line.length) throw reader.fail(`a unit of ${length} bytes reaches past the section`);
  const version = reader.u16();
  if (version < 2 || version > 5) throw reader.fail(`version ${version} is unknown`);
  if (version >= 5) reader.skip(2);
  const headerLength = wide ? reader.u64() : reader.u32();
  const program = reader.offset + headerLength;
  if (program > end) throw reader.fail('the header reaches past its unit');
  const minimumLength = reader.u8();
  if (version >= 4) reader.skip(1);
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  if (lineRange === 0) throw reader.fail('the line range is 0');
  const opcodeBase = reader.u8();
  const operandCounts: number[] = [];
  for (let opcode = 1; opcode < opcodeBase; opcode += 1) operandCounts.push(reader.u8());
  const tables = version >= 5 ? readTables5(sections, reader, wide) : readTables2(reader);
  return {
    version,
    minimumLength,
    defaultIsStatement,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    ...tables,
    program,
    end,
  };
}

/** Joins a directory and a file name. */
export function joinPath(directory: string | undefined, name: string): string {
  return directory === undefined || directory === '' || name.startsWith('/') ? name : `${directory}/${name}`;
}

/** Versions 2 to 4: NUL-terminated lists; file 0 does not exist, directory 0 is the unit's own and not named. */
function readTables2(reader: DwarfReader): { files: string[]; directories: string[] } {
  const directories: string[] = [''];
  for (let name = reader.string(); name !== ''; name = reader.string()) directories.push(name);
  const files: string[] = [''];
  for (let name = reader.string(); name !== ''; name = reader.string()) {
    files.push(joinPath(directories[reader.uleb()], name));
    reader.uleb();
    reader.uleb();
  }
  return { files, directories };
}

interface Entry {
  readonly path: string;
  readonly directory: number;
}

/** Version 5: tables that describe their own columns. */
function readTables5(
  sections: LineSections,
  reader: DwarfReader,
  wide: boolean,
): { files: string[]; directories: string[] } {
  const directories = readEntries(sections, reader, wide).map((entry) => entry.path);
  const files = readEntries(sections, reader, wide).map(({ path, directory }) =>
    joinPath(directory === 0 ? '' : directories[directory], path),
  );
  return { files, directories };
}

function readEntries(sections: LineSections, reader: DwarfReader, wide: boolean): Entry[] {
  const format: [number, number][] = [];
  const columns = reader.u8();
  for (let column = 0; column < columns; column += 1) format.push([reader.uleb(), reader.uleb()]);
  const count = reader.uleb();
  if (count > TABLE_LIMIT) throw reader.fail(`a table of ${count} entries`);
  if (columns === 0 && count > 0) throw reader.fail('a table without columns');
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    let path = '';
    let directory = 0;
    for (const [content, form] of format) {
      const value = readForm(sections, reader, form, wide);
      if (content === DW_LNCT_path) path = String(value);
      else if (content === DW_LNCT_directory_index) directory = Number(value);
    }
    entries.push({ path, directory });
  }
  return entries;
}

function readForm(sections: LineSections, reader: DwarfReader, form: number, wide: boolean): number | string {
  switch (form) {
    case DW_FORM_string:
      return reader.string();
    case DW_FORM_line_strp:
      return readOffsetString(sections, reader, wide, sections.lineStrings);
    case DW_FORM_strp:
      return readOffsetString(sections, reader, wide, sections.strings);
    case DW_FORM_udata:
      return reader.uleb();
    case DW_FORM_data1:
      return reader.u8();
    case DW_FORM_data2:
      return reader.u16();
    case DW_FORM_data4:
      return reader.u32();
    case DW_FORM_data8:
      return reader.u64();
    case DW_FORM_sec_offset:
      return wide ? reader.u64() : reader.u32();
    case DW_FORM_data16:
      reader.skip(16);
      return 0;
    case DW_FORM_block:
      reader.skip(reader.uleb());
      return 0;
    case DW_FORM_block1:
      reader.skip(reader.u8());
      return 0;
    case DW_FORM_block2:
      reader.skip(reader.u16());
      return 0;
    case DW_FORM_block4:
      reader.skip(reader.u32());
      return 0;
    default:
      throw reader.fail(`form 0x${form.toString(16)} is unknown`);
  }
}

function readOffsetString(
  sections: LineSections,
  reader: DwarfReader,
  wide: boolean,
  strings: Uint8Array | undefined,
): string {
  const place = reader.offset;
  const stored = wide ? reader.u64() : reader.u32();
  const offset = sections.word?.(place, stored) ?? stored;
  if (!strings || offset >= strings.length)
    throw reader.fail(`a name at offset ${offset} of a string section that is not there`);
  return new DwarfReader(strings, true, offset).string();
}
