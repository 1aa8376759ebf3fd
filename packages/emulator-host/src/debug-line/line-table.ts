import { joinPath, type LineHeader, readLineHeader } from './header.js';
import { DwarfReader } from './reader.js';

/** The debug sections a line table needs. */
export interface LineSections {
  /** `.debug_line`. */
  readonly line: Uint8Array;
  /** `.debug_line_str` and `.debug_str` (DWARF 5). */
  readonly lineStrings?: Uint8Array;
  readonly strings?: Uint8Array;
  /** Default true. */
  readonly littleEndian?: boolean;
  /**
   * The relocated value of the word at a byte offset of `.debug_line`, whose unrelocated value is `stored`: an address or an
   * offset into a string section. Undefined: the word stands as it is. `null`: the code it names was not loaded.
   */
  readonly word?: (offset: number, stored: number) => number | null | undefined;
  /** Added to addresses that `word` leaves as they are (a shared object's load bias). */
  readonly bias?: number;
}

/** A source position. */
export interface SourceLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 when not known. */
  readonly column: number;
}

interface Row extends SourceLine {
  readonly address: number;
}

interface Sequence {
  readonly start: number;
  /** Address behind the last instruction. */
  readonly end: number;
  readonly rows: readonly Row[];
}

/** Most rows of one table: a hostile program cannot grow without bound. */
const ROW_LIMIT = 4_000_000;

const DW_LNS_copy = 1;
const DW_LNS_advance_pc = 2;
const DW_LNS_advance_line = 3;
const DW_LNS_set_file = 4;
const DW_LNS_set_column = 5;
const DW_LNS_const_add_pc = 8;
const DW_LNS_fixed_advance_pc = 9;
const DW_LNE_end_sequence = 1;
const DW_LNE_set_address = 2;
const DW_LNE_define_file = 3;

/** Source lines of code addresses: the line number programs of DWARF 2 to 5 (DWARF 5 section 6.2), run. */
export class LineTable {
  readonly #sequences: readonly Sequence[];

  /** @throws HostError DEBUG_LINE for damaged data */
  constructor(sections: LineSections) {
    const sequences: Sequence[] = [];
    let budget = ROW_LIMIT;
    for (let offset = 0; offset + 4 <= sections.line.length; ) {
      const header = readLineHeader(sections, offset);
      budget -= runProgram(sections, header, sequences, budget);
      offset = header.end;
    }
    this.#sequences = sequences.sort((a, b) => a.start - b.start);
  }

  /** Number of address ranges with lines. */
  get size(): number {
    return this.#sequences.length;
  }

  /** The source line of an instruction. @param address without Thumb bit */
  find(address: number): SourceLine | undefined {
    for (const { start, end, rows } of this.#sequences) {
      if (start > address) return undefined;
      if (address >= end) continue;
      let low = 0;
      let high = rows.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (rows[middle].address <= address) low = middle + 1;
        else high = middle;
      }
      const row = rows[low - 1];
      return row && row.line > 0 ? { file: row.file, line: row.line, column: row.column } : undefined;
    }
    return undefined;
  }
}

/** Runs one line number program (DWARF 5 section 6.2.5). Returns the rows made. */
function runProgram(sections: LineSections, header: LineHeader, sequences: Sequence[], budget: number): number {
  const reader = new DwarfReader(sections.line, sections.littleEndian ?? true, header.program, header.end);
  const { minimumLength, lineBase, lineRange, opcodeBase, files, directories } = header;
  let address = 0;
  let loaded = true;
  let file = 1;
  let line = 1;
  let column = 0;
  let rows: Row[] = [];
  let made = 0;
  const emit = (): void => {
    made += 1;
    if (made > budget) throw reader.fail('the table has too many rows');
    rows.push({ address, file: files[file] ?? '?', line, column });
  };
  while (!reader.done) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address += Math.floor(adjusted / lineRange) * minimumLength;
      line += lineBase + (adjusted % lineRange);
      emit();
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = reader.uleb();
        const next = reader.offset + length;
        const extended = length > 0 ? reader.u8() : 0;
        if (extended === DW_LNE_end_sequence) {
          const ordered = rows.length > 0 && loaded;
          if (ordered && address > rows[0].address) sequences.push({ start: rows[0].address, end: address, rows });
          rows = [];
          address = 0;
          file = 1;
          line = 1;
          column = 0;
          loaded = true;
        } else if (extended === DW_LNE_set_address) {
          const place = reader.offset;
          const stored = length === 9 ? reader.u64() : reader.u32();
          const value = sections.word?.(place, stored);
          loaded = value !== null;
          // Bit 0 of a Thumb function's address is no part of the address.
          address = value ?? stored + (sections.bias ?? 0);
          address -= address % Math.max(1, Math.min(minimumLength, 2));
        } else if (extended === DW_LNE_define_file) {
          const name = reader.string();
          files.push(joinPath(directories[reader.uleb()], name));
        }
        if (next > header.end) throw reader.fail('an extended opcode reaches past its unit');
        reader.offset = next;
        break;
      }
      case DW_LNS_copy:
        emit();
        break;
      case DW_LNS_advance_pc:
        address += reader.uleb() * minimumLength;
        break;
      case DW_LNS_advance_line:
        line += reader.sleb();
        break;
      case DW_LNS_set_file:
        file = reader.uleb();
        break;
      case DW_LNS_set_column:
        column = reader.uleb();
        break;
      case DW_LNS_const_add_pc:
        address += Math.floor((255 - opcodeBase) / lineRange) * minimumLength;
        break;
      case DW_LNS_fixed_advance_pc:
        address += reader.u16();
        break;
      default:
        for (let operand = 0; operand < header.operandCounts[opcode - 1]; operand += 1) reader.uleb();
    }
  }
  return made;
}
