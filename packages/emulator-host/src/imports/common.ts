import type { Board } from '../board/board.js';
import type { BoardSymbol } from '../host/symbol.js';
import { aeabiImports } from './aeabi.js';
import { arduinoImports } from './arduino.js';
import { heapImports } from './heap.js';
import { memoryImports } from './memory.js';
import { stdioImports } from './stdio.js';
import { abortImports, stdlibImports } from './stdlib.js';
import { stringImports } from './string.js';

/** Groups of ready-made firmware functions. */
export type ImportGroup = 'memory' | 'string' | 'stdio' | 'heap' | 'stdlib' | 'abort' | 'arduino' | 'aeabi';

const groups: Record<ImportGroup, (board: Board) => readonly BoardSymbol[]> = {
  memory: memoryImports,
  string: stringImports,
  stdio: stdioImports,
  heap: heapImports,
  stdlib: stdlibImports,
  abort: abortImports,
  arduino: arduinoImports,
  aeabi: aeabiImports,
};

/**
 * Firmware functions that modules commonly import, for `board.define(...)`. Without group names: all but `arduino` and `aeabi`. Names the board
 * defines already are left out.
 */
export function commonImports(board: Board, ...names: ImportGroup[]): BoardSymbol[] {
  const wanted: readonly ImportGroup[] =
    names.length > 0 ? names : ['memory', 'string', 'stdio', 'heap', 'stdlib', 'abort'];
  return wanted.flatMap((name) => groups[name](board)).filter((symbol) => !board.symbols.has(symbol.name));
}
