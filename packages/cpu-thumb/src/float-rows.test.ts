import { createAddressSpace, createCpu } from '@loadstone/cpu-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thumb } from './architecture.js';
import { SLOT } from './slots.js';

/* Rows of float operations: compiled, only some results of a row are looked at. Flags and registers must be the interpreter's. */

const CODE = 0x2000_0000;
const INEXACT = 1 << 4;
const [ADD, SUB, MUL, DIV] = [0xee30_0a00, 0xee30_0a40, 0xee20_0a00, 0xee80_0a00] as const;
const BINARY = [ADD, SUB, MUL, DIV, 0xeea0_0a00, 0xeea0_0a40, 0xee00_0a00, 0xee00_0a40];
const UNARY = [0xeeb1_0ac0, 0xeeb1_0a40, 0xeeb0_0ac0];

const register = fc.integer({ min: 0, max: 5 });
const d = (s: number) => ((s >> 1) << 12) | ((s & 1) << 22);
const n = (s: number) => ((s >> 1) << 16) | ((s & 1) << 7);
const m = (s: number) => (s >> 1) | ((s & 1) << 5);
const instruction = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...BINARY), register, register, register) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...UNARY), register, fc.constant(0), register) },
);

/** Numbers at whose sums and products something happens, and others. */
const number = fc.oneof(
  fc.constantFrom(0, 0x8000_0000, 1, 0x0000_0fff, 0x007f_ffff, 0x0080_0000, 0x0080_0001, 0x8100_0003),
  fc.constantFrom(0x7f7f_ffff, 0xff7f_ffff, 0x7f00_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0x7f80_0001),
  fc.integer({ min: 0x1f80_0000, max: 0x2080_0000 }),
  fc.integer({ min: 0x3f00_0000, max: 0x4100_0000 }),
  fc.integer({ min: 0x5e80_0000, max: 0x5f80_0000 }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

function run(engine: 'interpreter' | 'wasm', code: Uint8Array, numbers: readonly number[], fpscr: number) {
  const memory = createAddressSpace([{ name: 'ram', start: CODE, size: 0x1000, kind: 'ram', executable: true }]);
  memory.write(CODE, code);
  const cpu = createCpu(thumb, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine });
  cpu.pc = CODE;
  for (const [i, bits] of numbers.entries()) cpu.set(SLOT.S0 + i, bits);
  cpu.set(SLOT.FPSCR, fpscr);
  const stop = cpu.run({ fuel: 1000 });
  if (engine === 'wasm') expect(cpu.stats().functions).toBe(1);
  const state = [...numbers.keys()].map((i) => (cpu.get(SLOT.S0 + i) >>> 0).toString(16));
  return { stop, state, fpscr: cpu.get(SLOT.FPSCR) >>> 0, instructions: cpu.instructions };
}

/** The row, a branch to what follows (code that only leads to an exception is not compiled), and SVC. */
function program(row: readonly number[]): Uint8Array {
  const halves = [...row.flatMap((word) => [word >>> 16, word & 0xffff]), 0xe7ff, 0xdf00];
  return new Uint8Array(Uint16Array.from(halves).buffer);
}

/** Rows at the borders of the simple case, and the flags behind them. */
const CASES: readonly {
  readonly row: readonly number[];
  readonly numbers: readonly number[];
  readonly flags: number;
}[] = [
  // A quotient that is 0 because of an infinity.
  { row: [ADD | d(1) | n(0) | m(0), DIV | d(2) | n(3) | m(1)], numbers: [0x7f7f_ffff, 0, 0, 0], flags: 0x14 },
  // A product that is rounded up to the least normal number.
  { row: [MUL | d(2) | n(0) | m(1)], numbers: [0x0080_0000, 0x3f7f_ffff], flags: 0x18 },
  // Such a product, passed on.
  { row: [MUL | d(2) | n(0) | m(1), ADD | d(3) | n(2) | m(1)], numbers: [0x0080_0000, 0x3f7f_ffff], flags: 0x18 },
  // An exact sum below the normal numbers.
  { row: [ADD | d(2) | n(0) | m(1)], numbers: [0x0080_0000, 0x8000_0001], flags: 0x10 },
  // A sum that is infinite and then not a number.
  { row: [ADD | d(1) | n(0) | m(0), SUB | d(2) | n(1) | m(1)], numbers: [0x7f7f_ffff, 0, 0], flags: 0x15 },
];

describe('rows of float operations', () => {
  // The interpreter in JavaScript comes first: when something has been compiled, the generated one takes its place.
  it.each(['interpreter', 'wasm', 'interpreter'] as const)('raise what they must (%s)', (engine) => {
    for (const { row, numbers, flags } of CASES) {
      expect(run(engine, program(row), numbers, INEXACT).fpscr & 0x1f).toBe(flags);
    }
  });

  it('run alike on the interpreter and compiled', () => {
    fc.assert(
      fc.property(
        fc.array(instruction, { minLength: 1, maxLength: 10 }),
        fc.array(number, { minLength: 6, maxLength: 6 }),
        fc.constantFrom(INEXACT, INEXACT, INEXACT, 0, INEXACT | (1 << 24), INEXACT | (1 << 25), INEXACT | (1 << 22)),
        (row, numbers, fpscr) => {
          const code = program(row.map(([op, a, b, c]) => op | d(a) | n(b) | m(c)));
          expect(run('wasm', code, numbers, fpscr)).toEqual(run('interpreter', code, numbers, fpscr));
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 400) },
    );
  });
});
