import type { Architecture } from '@loadstone/cpu-core';
import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import { EM } from '@loadstone/elf-reader';
import {
  type Board,
  type BoardDescription,
  type BoardOptions,
  esp32,
  genericCortexM,
  genericXtensa,
  createBoard as makeBoard,
  tencentosEvbMxPlus,
} from '@loadstone/emulator-host';
import type { ByteSource } from '@loadstone/fd-sources';
import { LoadstoneError } from './error.js';

/** File offset of e_machine (gABI, ELF Header), the same in both classes. */
const E_MACHINE_OFFSET = 18;

/** The boards that come with Loadstone, each with its CPU. */
const BOARDS = {
  'tencentos-evb-mx-plus': { description: tencentosEvbMxPlus, architecture: thumb, machine: 'arm' },
  esp32: { description: esp32, architecture: xtensa, machine: 'xtensa' },
  'generic-cortex-m': { description: genericCortexM, architecture: thumb, machine: 'arm' },
  'generic-xtensa': { description: genericXtensa, architecture: xtensa, machine: 'xtensa' },
} as const satisfies Record<
  string,
  { description: BoardDescription; architecture: Architecture; machine: 'arm' | 'xtensa' }
>;

/** Name of a board that comes with Loadstone. */
export type BoardName = keyof typeof BOARDS;

/** Names of the boards that come with Loadstone. */
export const boardNames = Object.keys(BOARDS) as readonly BoardName[];

/** Board options; the CPU is chosen by the board. */
export type CreateBoardOptions = Omit<BoardOptions, 'architecture'>;

/**
 * Makes a board that comes with Loadstone. For a board of your own use `createBoard` of @loadstone/emulator-host, which
 * takes a description and an architecture.
 * @throws LoadstoneError BAD_OPTION for an unknown name; HostError for symbols that clash
 */
export function createBoard(name: BoardName, options: CreateBoardOptions = {}): Board {
  const board = Object.hasOwn(BOARDS, name) ? BOARDS[name] : undefined;
  if (!board) {
    throw new LoadstoneError('BAD_OPTION', `there is no board ${name}; one of ${boardNames.join(', ')}`, { name });
  }
  return makeBoard(board.description, { ...options, architecture: board.architecture });
}

/**
 * The board a module is meant for: `esp32` for Xtensa, `tencentos-evb-mx-plus` for everything else (which then refuses what is
 * not ARM by name).
 */
export function boardForModule(source: ByteSource): BoardName {
  const machine = new Uint8Array(2);
  const got = source.read(E_MACHINE_OFFSET, machine);
  return got === 2 && (machine[0] | (machine[1] << 8)) === EM.XTENSA ? 'esp32' : 'tencentos-evb-mx-plus';
}

/** The machine of a board that comes with Loadstone. */
export function boardMachine(name: BoardName): 'arm' | 'xtensa' {
  return BOARDS[name].machine;
}

/** The machine of a board's CPU, as module-loader names it; undefined for another CPU. */
export function machineOf(board: Board): 'arm' | 'xtensa' | undefined {
  const { name } = board.cpu.architecture;
  return Object.values(BOARDS).find(({ architecture }) => architecture.name === name)?.machine;
}
