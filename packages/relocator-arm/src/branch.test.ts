import { describe, expect, it } from 'vitest';
import {
  applyArm,
  armRelocations,
  branchRange,
  RelocationError,
  reaches,
  readAddend,
  resolveTarget,
  unresolvedWeak,
} from './index.js';

describe('branchRange', () => {
  it('describes BL', () => {
    expect(branchRange(10)).toEqual({
      min: -0x1000000,
      max: 0xfffffe,
      instructionSet: 'thumb',
      size: 4,
      isCall: true,
      takesVeneer: true,
      canExchange: true,
    });
  });

  it('knows branches only', () => {
    const names = armRelocations.filter((row) => branchRange(row.type) !== undefined).map((row) => row.name.slice(6));
    expect(names).toEqual(
      'PC24 THM_CALL PLT32 CALL JUMP24 THM_JUMP24 THM_JUMP19 THM_JUMP6 THM_JUMP11 THM_JUMP8 THM_BF16 THM_BF12 THM_BF18'.split(
        ' ',
      ),
    );
  });

  it('reaches is what apply accepts', () => {
    const P = 0x20000000;
    for (const row of armRelocations) {
      const range = branchRange(row.type);
      if (range === undefined) continue;
      const A = range.instructionSet === 'arm' ? -8 : -4;
      const step = range.instructionSet === 'arm' ? 4 : 2;
      for (const x of [range.min, range.min - step, range.max & -step, (range.max & -step) + step]) {
        const bytes = new DataView(new ArrayBuffer(4));
        bytes.setUint32(0, range.instructionSet === 'arm' ? 0xeb000000 : 0xf800f000, true);
        let accepted = true;
        try {
          applyArm(bytes, 0, row.type, P, P + x - A, A);
        } catch (error) {
          expect(error).toBeInstanceOf(RelocationError);
          accepted = false;
        }
        expect(reaches(row.type, P, P + x - A, A), `${row.name} ${x}`).toBe(accepted);
      }
    }
  });

  it('a far target in another region of a Cortex-M is out of reach', () => {
    expect(reaches(10, 0x20000000, 0x08000000, -4)).toBe(false);
    expect(reaches(2, 0x20000000, 0x08000000, 0)).toBe(true);
  });
});

describe('undefined weak symbols (AAELF32, Weak References)', () => {
  it.each([
    ['BL', 10, -4, 4],
    ['B', 102, -4, 2],
    ['A32 BL', 28, -8, 4],
  ])('%s goes to the next instruction', (_, type, A, size) => {
    const P = 0x8000;
    const S = unresolvedWeak(type, P, A);
    // The CPU adds the distance to P + bias.
    expect(S + A + (type === 28 ? 8 : 4)).toBe(P + size);
  });

  it('data is 0, the place or the base', () => {
    expect(unresolvedWeak(2, 0x8000, 0)).toBe(0);
    expect(unresolvedWeak(3, 0x8000, 0)).toBe(0x8000);
    expect(unresolvedWeak(54, 0x8002, 0)).toBe(0x8000);
    expect(unresolvedWeak(9, 0x8000, 0, 0x400)).toBe(0x400);
    expect(unresolvedWeak(200, 0x8000, 0)).toBe(0);
  });

  it('GNU ld and LLD encode a skipped BL as a branch of 0', () => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, 0xfffef7ff, true);
    const A = readAddend(view, 0, 10);
    applyArm(view, 0, 10, 0x8000, unresolvedWeak(10, 0x8000, A), A);
    expect(readAddend(view, 0, 10)).toBe(0);
  });
});

it('TARGET1 and TARGET2 follow the platform', () => {
  expect(resolveTarget(38)).toBe(2);
  expect(resolveTarget(38, { target1: 'rel' })).toBe(3);
  expect(resolveTarget(41)).toBe(3);
  expect(resolveTarget(41, { target2: 'abs' })).toBe(2);
  expect(resolveTarget(41, { target2: 'got-rel' })).toBe(96);
  expect(resolveTarget(10)).toBe(10);
});
