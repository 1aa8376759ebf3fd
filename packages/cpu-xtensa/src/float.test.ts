import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FCSR, floatSlot } from './slots.js';
import { machineWith } from './testing/machine.js';

/** libgcc's division: f0 = f1 / f2. */
const DIVIDE = `
  div0.s f3, f2
  nexp01.s f4, f2
  const.s f5, 1
  maddn.s f5, f4, f3
  mov.s f6, f3
  mov.s f7, f2
  nexp01.s f2, f1
  maddn.s f6, f5, f6
  const.s f5, 1
  const.s f0, 0
  neg.s f8, f2
  maddn.s f5, f4, f6
  maddn.s f0, f8, f3
  mkdadj.s f7, f1
  maddn.s f6, f5, f6
  maddn.s f8, f4, f0
  const.s f3, 1
  maddn.s f3, f4, f6
  maddn.s f0, f8, f6
  neg.s f2, f2
  maddn.s f6, f3, f6
  maddn.s f2, f4, f0
  addexpm.s f0, f7
  addexp.s f6, f7
  divn.s f0, f2, f6
`;

/** libm's square root: f0 = sqrt(f1). */
const ROOT = `
  sqrt0.s f2, f1
  const.s f3, 0
  maddn.s f3, f2, f2
  nexp01.s f4, f1
  const.s f0, 3
  addexp.s f4, f0
  maddn.s f0, f3, f4
  nexp01.s f3, f1
  neg.s f5, f3
  maddn.s f2, f0, f2
  const.s f0, 0
  const.s f6, 0
  const.s f7, 0
  maddn.s f0, f5, f2
  maddn.s f6, f2, f4
  const.s f4, 3
  maddn.s f7, f4, f2
  maddn.s f3, f0, f0
  maddn.s f4, f6, f2
  neg.s f2, f7
  maddn.s f0, f3, f2
  maddn.s f7, f4, f7
  mksadj.s f2, f1
  nexp01.s f1, f1
  maddn.s f1, f0, f0
  neg.s f3, f7
  addexpm.s f0, f2
  addexp.s f3, f2
  divn.s f0, f1, f3
`;

const singles = new Float32Array(1);
const bits = new Uint32Array(singles.buffer);

function number(word: number): number {
  bits[0] = word;
  return singles[0];
}

function word(value: number): number {
  singles[0] = value;
  return bits[0];
}

const isNaNWord = (value: number): boolean => (value & 0x7fff_ffff) > 0x7f80_0000;

/** Any bit pattern, with the edges of every class often. */
const anyFloat = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 0x8000_0000, 1, 0x7f_ffff, 0x80_0000, 0x3f80_0000, 0x7f7f_ffff, 0x7f80_0000, 0xff80_0000),
);

describe('division and square root of the library', () => {
  it('divide as IEEE 754 says', () => {
    const { cpu } = machineWith(DIVIDE);
    const entry = cpu.pc;
    fc.assert(
      fc.property(anyFloat, anyFloat, (a, b) => {
        cpu.set(floatSlot(1), a);
        cpu.set(floatSlot(2), b);
        cpu.set(FCSR, 0);
        cpu.pc = entry;
        cpu.run({ fuel: 25 });
        // A binary64 quotient of binary32 numbers rounds to the binary32 quotient.
        const expected = word(number(a) / number(b));
        const result = cpu.get(floatSlot(0));
        if (isNaNWord(expected)) expect(isNaNWord(result)).toBe(true);
        else expect(result).toBe(expected);
        const inexact = (cpu.get(FCSR) & 0x80) !== 0;
        const quotient = number(a) / number(b);
        if (!isNaNWord(expected) && (b & 0x7fff_ffff) !== 0)
          expect(inexact).toBe(Math.fround(quotient) !== quotient || remains(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('take roots as IEEE 754 says', () => {
    const { cpu } = machineWith(ROOT);
    const entry = cpu.pc;
    fc.assert(
      fc.property(anyFloat, (a) => {
        cpu.set(floatSlot(1), a);
        cpu.pc = entry;
        cpu.run({ fuel: 29 });
        const expected = word(Math.sqrt(number(a)));
        const result = cpu.get(floatSlot(0));
        if (isNaNWord(expected)) expect(isNaNWord(result)).toBe(true);
        else expect(result).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Whether a quotient that fits binary32 is not exact: quotient * divisor differs from the dividend. */
function remains(a: number, b: number): boolean {
  const quotient = number(a) / number(b);
  return Number.isFinite(quotient) && Number.isFinite(number(b)) && quotient * number(b) !== number(a);
}

describe('arithmetic', () => {
  const operations: readonly [string, (a: number, b: number) => number][] = [
    ['add.s', (a, b) => a + b],
    ['sub.s', (a, b) => a - b],
    ['mul.s', (a, b) => a * b],
  ];

  it.each(operations)('%s rounds to nearest as the host does', (name, operation) => {
    const { cpu } = machineWith(`${name} f0, f1, f2`);
    const entry = cpu.pc;
    fc.assert(
      fc.property(anyFloat, anyFloat, (a, b) => {
        cpu.set(floatSlot(1), a);
        cpu.set(floatSlot(2), b);
        cpu.pc = entry;
        cpu.step();
        const expected = word(Math.fround(operation(number(a), number(b))));
        const result = cpu.get(floatSlot(0));
        if (isNaNWord(expected)) expect(isNaNWord(result)).toBe(true);
        else expect(result).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('chooses the later operand among NaNs and quiets it', () => {
    const { cpu } = machineWith('add.s f0, f1, f2\nmadd.s f3, f1, f2');
    cpu.set(floatSlot(1), 0x7f80_0001);
    cpu.set(floatSlot(2), 0xffc0_1234);
    cpu.set(floatSlot(3), 0x7fa0_0005);
    cpu.run({ fuel: 2 });
    expect(cpu.get(floatSlot(0))).toBe(0xffc0_1234);
    expect(cpu.get(floatSlot(3))).toBe(0x7fe0_0005);
    expect(cpu.get(FCSR)).toBe(0x800);
  });
});
