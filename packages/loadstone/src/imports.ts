import { type Board, type BoardSymbol, commonImports, type ImportGroup } from '@loadstone/emulator-host';
import { LoadstoneError } from './error.js';

/** Groups of ready-made firmware functions that a module can be given. */
const GROUPS = {
  /** The C library: all of the following but `@arduino` and `@aeabi`. */
  '@libc': ['memory', 'string', 'stdio', 'heap', 'stdlib', 'abort'],
  '@memory': ['memory'],
  '@string': ['string'],
  '@stdio': ['stdio'],
  '@heap': ['heap'],
  '@stdlib': ['stdlib'],
  '@abort': ['abort'],
  '@arduino': ['arduino'],
  /** Arm's run-time helpers: soft floats, 64-bit integers, division, memory. */
  '@aeabi': ['aeabi', 'memory'],
} as const satisfies Record<string, readonly ImportGroup[]>;

/** Name of a group of ready-made firmware functions. */
export type ImportGroupName = keyof typeof GROUPS;

/** Names of the groups of ready-made firmware functions. */
export const importGroupNames = Object.keys(GROUPS) as readonly ImportGroupName[];

/** Made once for each board: functions of a group share state (a clock, a random number). */
const made = new WeakMap<Board, Map<ImportGroup, ReadonlyMap<string, BoardSymbol>>>();

/**
 * Finds functions in groups. One that is found is put onto the board, so that later modules get the same.
 * @returns the address for a name, undefined when no group has it
 * @throws LoadstoneError BAD_OPTION for an unknown group
 */
export function importResolver(
  board: Board,
  names: readonly ImportGroupName[],
): (symbol: string) => number | undefined {
  const groups = names.flatMap((name): readonly ImportGroup[] => {
    if (Object.hasOwn(GROUPS, name)) return GROUPS[name];
    throw new LoadstoneError('BAD_OPTION', `there is no import group ${name}; one of ${importGroupNames.join(', ')}`, {
      name,
    });
  });
  return (symbol) => {
    for (const group of groups) {
      const definition = groupOf(board, group).get(symbol);
      if (!definition) continue;
      board.define(definition);
      return board.resolve(symbol);
    }
    return undefined;
  };
}

function groupOf(board: Board, group: ImportGroup): ReadonlyMap<string, BoardSymbol> {
  const known = made.get(board) ?? new Map<ImportGroup, ReadonlyMap<string, BoardSymbol>>();
  made.set(board, known);
  const symbols = known.get(group) ?? new Map(commonImports(board, group).map((each) => [each.name, each]));
  known.set(group, symbols);
  return symbols;
}
