/**
 * - NOT_ELF: the first four bytes are not 7F 'E' 'L' 'F'
 * - TRUNCATED: a range passes the end of the file
 * - UNSUPPORTED: a class, byte order, version or compression this package does not read
 * - BAD_ENTRY_SIZE: an entry size is smaller than the record, or not a multiple of 4
 * - BAD_INDEX: a section, symbol, version or string-table index names nothing
 * - BAD_STRING: a string starts outside its table or has no end
 * - BAD_VALUE: any other field that contradicts the format
 * - NOT_EXACT: a 64-bit value above 2^53 - 1, asked for as a number
 * - CYCLE: a chain does not end
 * - OVERLAP: the tables read so far claim more bytes than the file has
 * - BAD_COMPRESSION: a compressed section does not inflate to its stated size and checksum
 * - TOO_LARGE: a compressed section inflates to more than the limit, or a range is too long for one array
 */
export type ElfErrorCode =
  | 'NOT_ELF'
  | 'TRUNCATED'
  | 'UNSUPPORTED'
  | 'BAD_ENTRY_SIZE'
  | 'BAD_INDEX'
  | 'BAD_STRING'
  | 'BAD_VALUE'
  | 'NOT_EXACT'
  | 'CYCLE'
  | 'OVERLAP'
  | 'BAD_COMPRESSION'
  | 'TOO_LARGE';

export interface ElfErrorData {
  /** File offset of the field or range that is wrong. */
  readonly offset?: number;
  /** The field by its ELF name (`sh_offset`), or what was being read. */
  readonly field?: string;
  readonly value?: number | bigint;
  /** The largest value that would have been right, or the number of bytes there are. */
  readonly limit?: number;
  /** Index of the section concerned. */
  readonly section?: number;
}

/** Everything this package throws for a bad file. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
  readonly code: ElfErrorCode;
  readonly data: ElfErrorData;

  constructor(code: ElfErrorCode, message: string, data: ElfErrorData = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** `0x1f`, for messages. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
