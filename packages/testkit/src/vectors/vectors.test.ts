import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runArmCase } from './arm-case.js';
import { availableEngines } from './engine.js';
import { findVectorFiles, runVectorFile } from './vector-file.js';

const folder = fileURLToPath(new URL('../../fixtures/cpu/armv7em', import.meta.url));

describe.each(availableEngines())('ARM vectors on %s', (engine) => {
  it.each(findVectorFiles(folder).map((path) => path.slice(folder.length + 1)))('%s', (name) => {
    const { passed, failed, reports } = runVectorFile(`${folder}/${name}`, engine);
    expect(reports).toEqual([]);
    expect(failed).toBe(0);
    expect(passed).toBeGreaterThan(70);
  });

  it('reports a wrong result', () => {
    const r = Array.from({ length: 15 }, () => 0);
    const test = { t: 'movs', a: 'movs r0, #5', c: '0520', pc: 0x80_0000, r, p: 0, o: { '0': 6 } };
    expect(runArmCase(test, engine)).toEqual(['r0: 0x00000005, expected 0x00000006']);
  });
});
