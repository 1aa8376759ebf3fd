import { createAddressSpace, createCpu } from '@loadstone/cpu-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FSR_INEXACT } from './float-unit.js';
import { CPENABLE, F0, FCSR } from './slots.js';
import { assemble } from './testing/assemble.js';
import { CODE } from './testing/machine.js';
import { xtensa } from './xtensa.js';

/* Rows of float operations: compiled, only some results of a row are looked at. Flags and registers must be the interpreter's. */

const REGISTERS = 5;
const register = fc.integer({ min: 0, max: REGISTERS - 1 });
const instruction = fc
  .tuple(fc.constantFrom('add.s', 'sub.s', 'mul.s', 'madd.s', 'msub.s'), register, register, register)
  .map(([name, r, s, t]) => `${name} f${r}, f${s}, f${t}`);
const number = fc.oneof(
  fc.constantFrom(0, 0x8000_0000, 1, 0x007f_ffff, 0x0080_0000, 0x0080_0001, 0x3f7f_ffff),
  fc.constantFrom(0x7f7f_ffff, 0xff7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0x7f80_0001),
  fc.integer({ min: 0x1f80_0000, max: 0x2080_0000 }),
  fc.integer({ min: 0x3f00_0000, max: 0x4100_0000 }),
  fc.integer({ min: 0x5e80_0000, max: 0x5f80_0000 }),
);

function run(engine: 'interpreter' | 'wasm', code: Uint8Array, numbers: readonly number[], fcsr: number) {
  const memory = createAddressSpace([{ name: 'ram', start: CODE, size: 0x1000, kind: 'ram', executable: true }]);
  memory.write(CODE, code);
  const cpu = createCpu(xtensa, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine });
  cpu.pc = CODE;
  cpu.set(CPENABLE, 1);
  for (const [i, bits] of numbers.entries()) cpu.set(F0 + i, bits);
  cpu.set(FCSR, fcsr);
  const stop = cpu.run({ fuel: 1000 });
  if (engine === 'wasm') expect(cpu.stats().functions).toBe(1);
  const state = numbers.map((_, i) => (cpu.get(F0 + i) >>> 0).toString(16));
  return { stop, state, fcsr: cpu.get(FCSR) >>> 0, instructions: cpu.instructions };
}

describe('rows of float operations', () => {
  it('run alike on the interpreter and compiled', () => {
    fc.assert(
      fc.property(
        fc.array(instruction, { minLength: 1, maxLength: 10 }),
        fc.array(number, { minLength: REGISTERS, maxLength: REGISTERS }),
        fc.constantFrom(FSR_INEXACT, FSR_INEXACT, FSR_INEXACT, 0, FSR_INEXACT | 1),
        (row, numbers, fcsr) => {
          // Code that only leads to an exception is not compiled.
          const code = assemble(CODE, [...row, 'j end', 'end:', 'ill'].join('\n')).bytes;
          expect(run('wasm', code, numbers, fcsr)).toEqual(run('interpreter', code, numbers, fcsr));
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 400) },
    );
  });
});
