import { describe, expect, it } from 'vitest';
import { commonImports } from '../imports/common.js';
import { type ImageName, loadImage } from '../testing/images.js';

const engines = ['interpreter', 'wasm'] as const;

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
