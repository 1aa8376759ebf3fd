import { readFileSync } from 'node:fs';
import { createBoard, host, loadModule, variable } from 'loadstone';
import { describe, expect, test } from 'vitest';
import { LINKED_FOLDER } from './linked-case.js';

/** What `entry` of tables.c gives for 0 to 10, read off the source, with outer(x) = x + 100 and outer_value = 77. */
const ENTRY = [101, 6, 5, 77, 'o'.charCodeAt(0), 0, 18, 'f'.charCodeAt(0), 1, -1, 31];

const FILES = [
  'arm-tables-O0.o',
  'arm-tables-sections.o',
  'arm-tables-movw.o',
  'arm-tables-unwind.o',
  'arm-tables-m0.o',
  'arm-tables-pic.o',
  'arm-tables.so',
  'xtensa-tables-O0.o',
  'xtensa-tables-Os.o',
  'xtensa-tables-sections.o',
  'xtensa-tables-literals.o',
  'xtensa-tables.so',
];

/** Firmware far away as well as near: far needs veneers on Arm; Xtensa calls were compiled long or stay within reach. */
describe.each(FILES)('%s', (file) => {
  const arm = file.startsWith('arm');

  test.each(arm ? (['firmware', 'near'] as const) : (['near'] as const))(
    'runs with the firmware %s',
    async (firmwareAt) => {
      const board = arm
        ? createBoard('tencentos-evb-mx-plus', { firmwareAt, engine: 'interpreter' })
        : createBoard('generic-xtensa', { firmwareAt, engine: 'interpreter', abi: 'xtensa-call0' });
      const calls: number[] = [];
      const module = await loadModule(new Uint8Array(readFileSync(`${LINKED_FOLDER}obj/${file}`)), {
        board,
        symbols: {
          outer: host('int outer(int)', (x: number) => {
            calls.push(x);
            return x + 100;
          }),
          outer_value: variable('int outer_value', 77),
        },
      });
      expect(ENTRY.map((_, argument) => module.call('entry', argument))).toEqual(ENTRY);
      expect(calls).toEqual([1]);
      if (firmwareAt === 'firmware' && /O0|sections|m0/.test(file))
        expect(module.loaded.veneers.length).toBeGreaterThan(0);
      module.unload();
    },
  );
});

test('a windowed call that does not reach goes through a stub', async () => {
  const module = await loadModule(new Uint8Array(readFileSync(`${LINKED_FOLDER}obj/xtensa-windowed.o`)), {
    board: createBoard('generic-xtensa', { engine: 'interpreter' }),
    symbols: { outer: host('int outer(int)', (x: number) => x + 100) },
  });
  expect(module.loaded.veneers).toMatchObject([{ size: 12 }]);
  expect(module.call('twice', 5)).toBe(210);
  expect(module.call('twice', -200)).toBe(-200);
});

test('C++ objects are constructed by priority, work through their vtable, and are destroyed at unload', async () => {
  const calls: number[] = [];
  const module = await loadModule(new Uint8Array(readFileSync(`${LINKED_FOLDER}obj/arm-classes.o`)), {
    board: createBoard('tencentos-evb-mx-plus', { engine: 'interpreter' }),
    symbols: {
      outer: host('int outer(int)', (x: number) => {
        calls.push(x);
        return x;
      }),
    },
  });
  // early(7) has priority 200; late(3) and plain() come after it in the order of the file.
  expect(calls[0]).toBe(7);
  expect([...calls].sort((a, b) => a - b)).toEqual([3, 7, 100]);
  // late: 3 * 3 * 3; early: 7 * 7 * 7.
  expect(module.call('measure', module.find('_ZL4late'))).toBe(27 + 27 + 343);
  expect(module.call('doubled', 21)).toBe(42);
  calls.length = 0;
  expect(module.unload().destructorsLeft).toEqual([]);
  expect(calls.at(-1)).toBe(-7);
  expect([...calls].sort((a, b) => a - b)).toEqual([-7, -3, 200]);
});
