import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { availableEngines } from './engine.js';
import { findVectorFiles, runVectorFile } from './vector-file.js';
import { runXtensaCase } from './xtensa-case.js';

const folder = fileURLToPath(new URL('../../fixtures/cpu/', import.meta.url));
const files = ['xtensa', 'xtensa-fpsteps'].flatMap((name) => findVectorFiles(`${folder}${name}`));

/** add a2, a3, a4 */
const ADD = {
  t: 'add',
  a: 'add a2, a3, a4',
  c: '402380',
  pc: 0x1_0000,
  r: [0, 0, 0, 3, 4, ...new Array<number>(11).fill(0)],
  sp: [0, 0, 0, 0, 0, 0, 0, 0],
  u: [0, 0, 0],
};

describe.each(availableEngines())('Xtensa vectors on %s', (engine) => {
  it.each(files.map((path) => path.slice(folder.length)))('%s', (name) => {
    const { passed, reports } = runVectorFile(`${folder}${name}`, engine);
    expect(reports).toEqual([]);
    expect(passed).toBeGreaterThan(20);
  });

  it('reports a wrong result', () => {
    expect(runXtensaCase({ ...ADD, o: { a2: 7 } }, engine)).toEqual([]);
    expect(runXtensaCase({ ...ADD, o: { a2: 8 } }, engine)).toEqual(['a2: 0x7, expected 0x8']);
    expect(runXtensaCase({ ...ADD, o: {} }, engine)).toEqual(['a2: 0x7, expected 0x0']);
  });
});
