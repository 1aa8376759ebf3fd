import { type CompiledRow, compileRow, type Row } from './row.js';
import { booleanRows } from './rows/booleans.js';
import { branchRows } from './rows/branches.js';
import { callRows } from './rows/calls.js';
import { coreArithmeticRows } from './rows/core-arithmetic.js';
import { densityRows } from './rows/density.js';
import { exceptionRows } from './rows/exceptions.js';
import { floatRows } from './rows/float.js';
import { floatStepRows } from './rows/float-steps.js';
import { loadStoreRows } from './rows/load-store.js';
import { loopRows } from './rows/loops.js';
import { mac16Rows } from './rows/mac16.js';
import { multiplyDivideRows } from './rows/multiply-divide.js';
import { shiftRows } from './rows/shifts.js';
import { specialRegisterRows } from './rows/special-registers.js';
import { systemRows } from './rows/system.js';
import { windowRows } from './rows/windows.js';

/** All instructions of the ESP32's core except the double-precision accelerator's (f64iter, f64rnd ...), whose meaning is not public. */
export const INSTRUCTION_ROWS: readonly Row[] = [
  ...coreArithmeticRows,
  ...shiftRows,
  ...loadStoreRows,
  ...branchRows,
  ...callRows,
  ...windowRows,
  ...loopRows,
  ...densityRows,
  ...multiplyDivideRows,
  ...mac16Rows,
  ...booleanRows,
  ...floatRows,
  ...floatStepRows,
  ...specialRegisterRows,
  ...exceptionRows,
  ...systemRows,
];

/** Length in bytes of the instruction that begins with `byte`: 2 when bit 3 is set (op0 8 to 15), else 3. */
export function instructionLength(byte: number): 2 | 3 {
  return (byte & 8) !== 0 ? 2 : 3;
}

/** Rows that an instruction word may be, found by its fields op0 (4 bits), op1, op2 and r; 16-bit instructions by op0 and r. */
class DecodeIndex {
  private readonly long: (readonly CompiledRow[] | undefined)[] = new Array(0x1_0000);
  private readonly short: (readonly CompiledRow[] | undefined)[] = new Array(0x100);

  constructor(private readonly rows: readonly CompiledRow[]) {}

  find(word: number, length: number): CompiledRow | undefined {
    const candidates = length === 3 ? this.longCandidates(word) : this.shortCandidates(word);
    for (const row of candidates) if ((word & row.mask) === row.value) return row;
    return undefined;
  }

  /** Lists are made when first asked for. */
  private longCandidates(word: number): readonly CompiledRow[] {
    const key = (word & 0xf) | ((word >>> 8) & 0xfff0);
    const fields = 0xff_f00f;
    return (this.long[key] ??= this.matching(word & fields, fields, 3));
  }

  private shortCandidates(word: number): readonly CompiledRow[] {
    const key = (word & 0xf) | ((word >>> 8) & 0xf0);
    const fields = 0xf00f;
    return (this.short[key] ??= this.matching(word & fields, fields, 2));
  }

  private matching(value: number, fields: number, length: number): readonly CompiledRow[] {
    return this.rows.filter((row) => row.length === length && (row.value & fields) === (value & row.mask & fields));
  }
}

let index: DecodeIndex | undefined;

/**
 * The row of an instruction.
 * @param word its 3 or 2 bytes, little-endian
 * @param length {@link instructionLength}
 */
export function findRow(word: number, length: number): CompiledRow | undefined {
  index ??= new DecodeIndex(INSTRUCTION_ROWS.map(compileRow));
  return index.find(word, length);
}
