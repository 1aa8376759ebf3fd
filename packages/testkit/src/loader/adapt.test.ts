import { ElfFile, STB, STT } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import {
  adaptObject,
  auditImports,
  checkModule,
  LoaderError,
  loadModule,
  TencentosLoader,
} from '@loadstone/module-loader';
import { type Board, createBoard } from 'loadstone';
import { describe, expect, test } from 'vitest';
import { fixtureObject, SINGLE_CASES } from './fixture-objects.js';

const names = [...new Set(SINGLE_CASES.filter(({ kind }) => kind === 'obj').flatMap(({ files }) => files))].filter(
  (name) => name.endsWith('.o') && !/^(bad|trunc|armstate)/.test(name),
);

function adapted(name: string): Uint8Array | LoaderError {
  try {
    return adaptObject(fixtureObject(name), 'tencentos-object');
  } catch (error) {
    if (error instanceof LoaderError) return error;
    throw error;
  }
}

const results = names.map((name) => ({ name, result: adapted(name) }));
const good = results.flatMap(({ name, result }) => (result instanceof LoaderError ? [] : [{ name, bytes: result }]));

describe('what cannot be adapted is refused with its reasons', () => {
  test.each([
    ['cpp-gcc-O0.old.o', '.init_array holds constructors, which the loader does not run'],
    ['longname-gcc-O0.old.o', 'has more than 30 bytes; give it a shorter name with rename'],
    ['asmrel-gas.old.o', 'R_ARM_REL32 to the import'],
  ])('%s', (name, reason) => {
    const { result } = results.find((candidate) => candidate.name === name) ?? {};
    expect(result).toMatchObject({ code: 'CANNOT_ADAPT' });
    expect(result instanceof LoaderError && result.data.names?.some((text) => text.includes(reason))).toBe(true);
  });

  test('nothing else is', () => {
    const refused = results.filter(({ result }) => result instanceof LoaderError).map(({ name }) => name.split('-')[0]);
    expect([...new Set(refused)].sort()).toEqual(['asmrel', 'cpp', 'longname']);
  });

  test('other profiles', () => {
    expect(() => adaptObject(fixtureObject(names[0]), 'tencentos-shared')).toThrowError(
      expect.objectContaining({ code: 'CANNOT_ADAPT' }),
    );
  });

  test('a shorter name helps', () => {
    const bytes = adaptObject(fixtureObject('longname-gcc-O0.old.o'), 'tencentos-object', {
      rename: { xnkarma_noble_ember_ultra_xenon_river_gamma: 'xnkarma' },
    });
    expect(auditImports(memorySource(bytes), ['xnkarma']).missing).toEqual([]);
    expect(checkModule(memorySource(bytes), 'tencentos-object').verdict).toBe('runs');
  });
});

/** Everything a module imports, put onto a board: functions that give 7, words that hold 11. */
function firmware(board: Board, object: string): Map<string, number> {
  const exports = SINGLE_CASES.find(({ files }) => files[0] === object)?.ext ?? {};
  const symbols = new Map<string, number>();
  for (const [name, address] of Object.entries(exports)) {
    const isFunction = (address & 1) !== 0;
    const at = board.allocate({ size: 8, align: 8, purpose: 'text' }) ?? 0;
    // MOVS R0, #7; BX LR or a word.
    board.write(at, isFunction ? Uint8Array.of(7, 0x20, 0x70, 0x47) : Uint8Array.of(11, 0, 0, 0));
    symbols.set(name, isFunction ? at + 1 : at);
  }
  return symbols;
}

/** Names of the functions a module exports. */
function exportedFunctions(object: Uint8Array): string[] {
  const found: string[] = [];
  for (const symbol of ElfFile.open(memorySource(object)).symbols('.symtab') ?? []) {
    if (symbol.type === STT.FUNC && symbol.binding === STB.GLOBAL && !symbol.isUndefined) found.push(symbol.name);
  }
  return found;
}

/** What the functions of a loaded module give for a few arguments, in turn. */
function behaviour(board: Board, functions: readonly string[], find: (name: string) => number): unknown[] {
  return functions.flatMap((name) =>
    [0, 1, 2, 5].map((argument) => {
      const result = board.call(find(name), 'int f(int, int, int)', [argument, 3, 1], { fuel: 100_000 });
      // Addresses differ, as the sections lie elsewhere; what kind of thing comes back does not.
      const value = Number(result.returnValue) >>> 0;
      return [
        name,
        argument,
        result.status,
        result.fault?.kind,
        value >= 0x2000_0000 && value < 0x2100_0000 ? 'address' : value,
      ];
    }),
  );
}

describe('an adapted object', () => {
  test.each(good)('$name loads on the board', ({ bytes }) => {
    const report = checkModule(memorySource(bytes), 'tencentos-object');
    expect(report.parity.defects.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(report).toMatchObject({ verdict: 'runs', full: { loads: true } });
  });

  // `undef` imports what the firmware lacks.
  test.each(good.filter(({ name }) => !name.startsWith('undef')))(
    '$name behaves as the original does in full',
    ({ name, bytes }) => {
      const original = fixtureObject(name);
      const functions = exportedFunctions(original);
      const [fullBoard, parityBoard] = [0, 1].map(() => createBoard('generic-cortex-m', { engine: 'interpreter' }));
      const provided = firmware(fullBoard, name);
      const full = loadModule(memorySource(original), {
        memory: fullBoard,
        resolve: (symbol, { defined }) => (defined ? undefined : provided.get(symbol)),
      });
      const source = memorySource(bytes);
      const loader = new TencentosLoader({
        kind: 'object',
        read: (_fd, offset, into) => source.read(offset, into),
        memory: parityBoard,
        symbols: [...firmware(parityBoard, name)].map(([symbol, address]) => ({ name: symbol, address })),
        exportSearch: 'terminated',
      });
      const { error, module } = loader.load(0);
      if (module === undefined) throw new Error(`error ${error}`);
      const expected = behaviour(fullBoard, functions, (symbol) => full.find(symbol) ?? 0);
      const actual = behaviour(parityBoard, functions, (symbol) => loader.findSymbol(module, symbol.slice(0, 30)) ?? 0);
      expect(actual).toEqual(expected);
      const returned = expected.filter((entry) => Array.isArray(entry) && entry[2] === 'returned');
      expect(returned.length > 0 || functions.length === 0).toBe(true);
    },
  );
});
