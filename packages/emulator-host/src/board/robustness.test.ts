import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonImports } from '../imports/common.js';
import { type ImageName, loadImage } from '../testing/images.js';
import { type Board, createBoard } from './board.js';
import { esp32 } from './esp32.js';
import { genericCortexM } from './generic.js';

const engines = ['interpreter', 'wasm'] as const;

describe.each(engines)('random code on the %s engine', (engine) => {
  const boards: [string, Board, number, number][] = [
    ['Thumb', createBoard(genericCortexM, { architecture: thumb, engine }), 0x2008_0000, 1],
    ['Xtensa', createBoard(esp32, { architecture: xtensa, engine }), 0x4009_0000, 0],
  ];

  it.each(boards)('%s ends in nothing but typed results', (_name, board, start, codeBit) => {
    board.define(...commonImports(board));
    const clean = board.snapshot();
    const pages = clean.memoryBytes;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 256 }),
        fc.array(fc.nat(0xffff_ffff), { maxLength: 4 }),
        (code, args) => {
          board.restore(clean);
          board.write(start, code);
          const prototype = `int f(${args.map(() => 'unsigned').join(', ') || 'void'})`;
          const result = board.call(start | codeBit, prototype, args, { fuel: 3000 });
          expect(['returned', 'fault', 'fuel', 'exited', 'console', 'heap']).toContain(result.status);
          expect(result.instructions).toBeLessThanOrEqual(3000);
          if (result.status === 'fault') expect(result.fault?.message.length).toBeGreaterThan(5);
        },
      ),
      { numRuns: 60 },
    );
    board.restore(clean);
    expect(board.snapshot().memoryBytes).toBe(pages);
  });
});

describe.each(['arm-soft', 'arm-hard', 'xtensa-windowed', 'xtensa-call0'] as ImageName[])('%s', (name) => {
  it('gives the same counts, memory and output on every engine and run', () => {
    const runs = [...engines, ...engines].map((engine) => {
      const image = loadImage(name, 'abi', { engine });
      const { board, address } = { ...image, address: image.address };
      board.define(...commonImports(board));
      board.memory.write32(address('api'), board.resolve('printf'));
      const values = Array.from({ length: 200 }, (_, index) => (index * 7919) % 211);
      const compare = (a: number, b: number): number => (board.memory.read32(a) | 0) - (board.memory.read32(b) | 0);
      const results = [
        board.call(address('spin'), 'int spin(int n)', [20_000]),
        board.call(address('sort'), 'void sort(int *, int, int (*)(const void *, const void *))', [
          values,
          200,
          compare,
        ]),
        board.call(address('print_all'), 'int print_all(void)'),
        board.call(address('spin'), 'int spin(int n)', [0], { fuel: 54_321 }),
      ];
      return {
        results: results.map(({ status, returnValue, instructions, fault }) => [
          status,
          returnValue,
          instructions,
          fault?.pc,
        ]),
        hash: board.memoryHash(),
        text: board.console.text,
      };
    });
    for (const run of runs) expect(run).toEqual(runs[0]);
    expect(runs[0].results[3][2]).toBe(54_321);
  });
});
