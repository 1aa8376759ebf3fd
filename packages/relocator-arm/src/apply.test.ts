import { describe, expect, it } from 'vitest';
import { apply, applyArm, RelocationError, readAddend, rewriteV4bx, TARGET, type Target } from './index.js';

/** Little-endian halfwords (Thumb) or words (A32, data). */
function halfwords(...values: number[]): DataView {
  const view = new DataView(new ArrayBuffer(values.length * 2));
  for (const [i, value] of values.entries()) view.setUint16(i * 2, value, true);
  return view;
}

function word(value: number): DataView {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view;
}

function errorOf(action: () => void): RelocationError {
  try {
    action();
  } catch (error) {
    if (error instanceof RelocationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const P = 0x20000000;

describe('REL addends (AAELF32, Examples of REL format initial addends)', () => {
  it.each([
    ['SUB R0, R1, #1020', 58, word(0xe2410fff), -1020],
    ['LDR R0, [R2, #16]', 63, word(0xe59f0010), 16],
    ['BL .', 10, halfwords(0xf7ff, 0xfffe), -4],
    ['DCB 0xf0', 8, word(0xf0), -16],
    ['MOVW #0x8000 is signed', 47, halfwords(0xf248, 0x0000), -32768],
    ['MOVT #0x7fff', 48, halfwords(0xf6c7, 0x70ff), 32767],
    ['CBZ with imm 0x7c', 52, halfwords(0xb3f0), -4],
    ['CBZ with imm 4', 52, halfwords(0xb110), 4],
    ['LDR (literal) with imm8 0xff', 11, halfwords(0x48ff), -4],
    ['LDR (literal) with imm8 2', 11, halfwords(0x4802), 8],
    ['LDR (immediate) with imm5 3', 7, halfwords(0x68c8), 12],
    ['PREL31 keeps bit 31 out', 42, word(0xbfffffff), 0x3fffffff],
    ['PREL31 negative', 42, word(0x7fffffff), -1],
    ['ABS16', 5, word(0x8000), -32768],
    ['JUMP_SLOT has none', 22, word(0x1234), 0],
    ['GLOB_DAT has none', 21, word(0x1234), 0],
    ['RELATIVE', 23, word(0xfffffff0), -16],
    ['LDRH with U clear', 64, word(0xe15f10bc), -12],
    ['LDC', 67, word(0xed9f1003), 12],
    ['ADD #0xff000000', 57, word(0xe28f04ff), -0x1000000],
  ])('%s', (_, type, view, addend) => {
    expect(readAddend(view, 0, type)).toBe(addend);
  });
});

describe('dynamic relocations', () => {
  it('RELATIVE adds the load distance', () => {
    const view = word(0x1000);
    applyArm(view, 0, 23, P, 0, readAddend(view, 0, 23), TARGET.PLAIN, { base: 0x20000000 });
    expect(view.getUint32(0, true)).toBe(0x20001000);
  });

  it.each([21, 22])('GLOB_DAT and JUMP_SLOT (%i) drop what the place held and keep the Thumb bit', (type) => {
    const view = word(0xdead);
    applyArm(view, 0, type, P, 0x08001234, readAddend(view, 0, type), TARGET.THUMB);
    expect(view.getUint32(0, true)).toBe(0x08001235);
  });

  it('BREL_ADJ adds the change of the static base', () => {
    const view = word(8);
    applyArm(view, 0, 12, P, 0, 8, TARGET.PLAIN, { base: 0x100 });
    expect(view.getUint32(0, true)).toBe(0x108);
  });
});

describe('formulas no linker implements', () => {
  const origins = { base: 0x1000, gotOrigin: 0x2000, got: 0x2010, plt: 0x3000 };
  it.each([
    ['SBREL31 ((S + A) | T) - B(S)', 39, word(0x80000004), 0x80000205],
    ['GOT_ABS GOT(S) + A', 95, word(4), 0x2014],
    ['PLT32_ABS PLT(S) + A', 94, word(4), 0x3004],
    ['BASE_ABS B(S) + A', 31, word(4), 0x1004],
    ['GOT_BREL12 GOT(S) + A - GOT_ORG', 97, word(0xe5910004), 0xe5910014],
    ['GOTOFF12 S + A - GOT_ORG', 98, word(0xe5910004), 0xe5110dfc],
    ['LDR_SBREL_11_0_NC S + A - B(S)', 35, word(0xe5990004), 0xe5990204],
    ['ALU_SBREL_19_12_NC', 36, word(0xe2899a01), 0xe2899a01],
  ])('%s', (_, type, view, expected) => {
    applyArm(view, 0, type, P, 0x1200, readAddend(view, 0, type), TARGET.THUMB, origins);
    expect(view.getUint32(0, true)).toBe(expected);
  });

  it('THM_GOT_BREL12 GOT(S) + A - GOT_ORG', () => {
    const view = halfwords(0xf8d1, 0x2004);
    applyArm(view, 0, 131, P, 0, readAddend(view, 0, 131), TARGET.PLAIN, origins);
    expect([view.getUint16(0, true), view.getUint16(2, true)]).toEqual([0xf8d1, 0x2014]);
  });

  it('ALU_SBREL_27_20_CK takes 28 bits', () => {
    const view = word(0xe2899600);
    applyArm(view, 0, 37, P, 0x12345678, 0, TARGET.PLAIN, { base: 0x10000000 });
    expect(view.getUint32(0, true)).toBe(0xe2899623);
    expect(errorOf(() => applyArm(view, 0, 37, P, 0x20000000, 0, TARGET.PLAIN, { base: 0 })).code).toBe('OUT_OF_RANGE');
  });

  it('THM_ABS5 keeps words in bits 10..6', () => {
    const view = halfwords(0x6848);
    applyArm(view, 0, 7, P, 0x18, readAddend(view, 0, 7));
    expect(view.getUint16(0, true)).toBe(0x69c8);
  });

  it('an origin that is not given is an error', () => {
    const error = errorOf(() => applyArm(word(0), 0, 26, P, 0, 0));
    expect(error.code).toBe('MISSING_ORIGIN');
    expect(error.data).toMatchObject({ name: 'R_ARM_GOT_BREL', place: P });
  });
});

/** One instruction per range, the A that its own state needs, and the last X on both sides. */
const EDGES: [name: string, type: number, instruction: number[], A: number, min: number, max: number, step: number][] =
  [
    ['THM_CALL', 10, [0xf000, 0xf800], -4, -(2 ** 24), 2 ** 24 - 2, 2],
    ['THM_JUMP24', 30, [0xf000, 0xb800], -4, -(2 ** 24), 2 ** 24 - 2, 2],
    ['THM_JUMP19', 51, [0xf000, 0x8000], -4, -(2 ** 20), 2 ** 20 - 2, 2],
    ['THM_JUMP11', 102, [0xe000], -4, -2048, 2046, 2],
    ['THM_JUMP8', 103, [0xd000], -4, -256, 254, 2],
    ['THM_JUMP6', 52, [0xb100], -4, 0, 126, 2],
    ['THM_BF16', 136, [0xf0c0, 0xe001], -4, -(2 ** 16), 2 ** 16 - 2, 2],
    ['THM_BF12', 137, [0xf0c0, 0xe001], -4, -(2 ** 12), 2 ** 12 - 2, 2],
    ['THM_BF18', 138, [0xf080, 0xc001], -4, -(2 ** 18), 2 ** 18 - 2, 2],
    ['THM_PC8', 11, [0x4800], -4, 0, 1020, 4],
    ['THM_PC12', 54, [0xf8df, 0x0000], -4, -4095, 4095, 1],
    ['THM_ALU_PREL_11_0', 53, [0xf20f, 0x0000], -4, -4095, 4095, 1],
    ['CALL', 28, [0x0000, 0xeb00], -8, -(2 ** 25), 2 ** 25 - 4, 4],
    ['JUMP24', 29, [0x0000, 0xea00], -8, -(2 ** 25), 2 ** 25 - 4, 4],
    ['PC24', 1, [0x0000, 0xeb00], -8, -(2 ** 25), 2 ** 25 - 4, 4],
    ['PLT32', 27, [0x0000, 0xeb00], -8, -(2 ** 25), 2 ** 25 - 4, 4],
    ['PREL31', 42, [0, 0], 0, -(2 ** 30), 2 ** 30 - 1, 1],
    ['LDR_PC_G0', 4, [0x0000, 0xe59f], -8, -4095, 4095, 1],
    ['LDRS_PC_G0', 64, [0x00b0, 0xe1df], -8, -255, 255, 1],
    ['LDC_PC_G0', 67, [0x0000, 0xed9f], -8, -1020, 1020, 4],
  ];

describe('range edges', () => {
  it.each(EDGES)('%s', (_, type, instruction, A, min, max, step) => {
    const place = 0x10000000;
    const at = (x: number) => applyArm(halfwords(...instruction), 0, type, place, place + x - A, A);
    for (const inside of [min, max]) {
      const view = halfwords(...instruction);
      applyArm(view, 0, type, place, place + inside - A, A);
      // What was written is what would be read: X itself. JUMP6 and PC8 wrap their addend (AAELF32).
      if (type !== 52 && type !== 11) expect(readAddend(view, 0, type)).toBe(inside);
    }
    for (const [outside, bound] of [
      [min - step, min],
      [max + step, max],
    ]) {
      const { code, data } = errorOf(() => at(outside));
      expect(code).toBe('OUT_OF_RANGE');
      expect(data).toMatchObject({ place, symbol: (place + outside - A) >>> 0, addend: A, value: outside });
      if (data.min !== undefined && data.max !== undefined) {
        expect(bound === min ? data.min : data.max - (data.max % step)).toBe(bound);
      }
    }
  });

  it.each([
    ['ABS16', 5, -32768, 65535],
    ['ABS8', 8, -128, 255],
    ['ABS12', 6, -4095, 4095],
  ])('%s', (_, type, min, max) => {
    for (const inside of [min, max]) applyArm(word(0xe5900000), 0, type, P, inside, 0);
    for (const outside of [min - 1, max + 1]) {
      expect(errorOf(() => applyArm(word(0xe5900000), 0, type, P, outside, 0)).code).toBe('OUT_OF_RANGE');
    }
  });

  it.each([
    ['MOVW_BREL', 86],
    ['THM_MOVW_BREL', 89],
  ])('%s', (_, type) => {
    const at = (x: number) => applyArm(word(0), 0, type, P, 0x1000 + x, 0, TARGET.PLAIN, { base: 0x1000 });
    for (const inside of [0, 0xffff]) at(inside);
    for (const outside of [-1, 0x10000]) expect(errorOf(() => at(outside)).code).toBe('OUT_OF_RANGE');
  });
});

describe('alignment', () => {
  it.each([
    ['an A32 branch to an odd halfword', 29, word(0xea000000), 0x1002],
    ['LDR (literal) to a halfword', 11, halfwords(0x4800), 0x42],
    ['LDR (immediate) of a halfword', 7, halfwords(0x6808), 0x42 - P],
    ['LDC of a halfword', 67, word(0xed9f1000), 0x42],
  ])('%s', (_, type, view, distance) => {
    expect(errorOf(() => applyArm(view, 0, type, P, P + distance, 0)).code).toBe('MISALIGNED');
  });

  it('BLX to an A32 function that is no multiple of 4', () => {
    expect(errorOf(() => applyArm(halfwords(0xf7ff, 0xfffe), 0, 10, P, P + 0x1002, -4, TARGET.ARM)).code).toBe(
      'MISALIGNED',
    );
  });
});

describe('interworking', () => {
  it.each([
    ['B.W to A32', 30, halfwords(0xf7ff, 0xbffe), TARGET.ARM],
    ['B<cond>.W to A32', 51, halfwords(0xf43f, 0xaffe), TARGET.ARM],
    ['B to A32', 102, halfwords(0xe7fe), TARGET.ARM],
    ['CBZ to A32', 52, halfwords(0xb100), TARGET.ARM],
    ['A32 B to Thumb', 29, word(0xeafffffe), TARGET.THUMB],
    ['A32 BLEQ to Thumb', 28, word(0x0bfffffe), TARGET.THUMB],
    ['PC24 of a B to Thumb', 1, word(0xeafffffe), TARGET.THUMB],
  ] satisfies [string, number, DataView, Target][])('%s needs a veneer', (_, type, view, target) => {
    expect(errorOf(() => applyArm(view, 0, type, P, P + 0x40, -4, target)).code).toBe('INTERWORKING');
  });

  it('PC24 and PLT32 of an unconditional BL become BLX', () => {
    for (const type of [1, 27]) {
      const view = word(0xebfffffe);
      applyArm(view, 0, type, P, P + 0x42, -8, TARGET.THUMB);
      expect(view.getUint32(0, true)).toBe(0xfb00000e);
    }
  });
});

describe('what cannot be applied', () => {
  it('unknown and refused types name themselves', () => {
    expect(errorOf(() => applyArm(word(0), 0, 200, P, 0, 0))).toMatchObject({
      code: 'UNKNOWN_TYPE',
      data: { type: 200, name: 'R_ARM_200' },
    });
    const tls = errorOf(() => readAddend(word(0), 0, 107));
    expect(tls.code).toBe('UNSUPPORTED');
    expect(tls.message).toBe('R_ARM_TLS_IE32: thread-local storage is not supported');
  });

  it('places outside the bytes', () => {
    for (const offset of [-1, 1, 4, 2 ** 31]) {
      expect(errorOf(() => applyArm(word(0), offset, 2, P, 0, 0)).code).toBe('OUT_OF_BOUNDS');
      expect(errorOf(() => readAddend(word(0), offset, 2)).code).toBe('OUT_OF_BOUNDS');
    }
  });

  it('a group relocation on another instruction', () => {
    expect(errorOf(() => applyArm(word(0xe3a00000), 0, 58, P, P, 0)).code).toBe('BAD_INSTRUCTION');
  });
});

it('V4BX is left alone unless asked for', () => {
  const view = word(0xe12fff13);
  applyArm(view, 0, 40, P, 0, 0);
  expect(view.getUint32(0, true)).toBe(0xe12fff13);
  rewriteV4bx(view, 0);
  expect(view.getUint32(0, true)).toBe(0xe1a0f003);
  expect(errorOf(() => rewriteV4bx(view, 0)).code).toBe('BAD_INSTRUCTION');
});

it('apply takes names and reads the REL addend itself', () => {
  const into = new Uint8Array([0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0]);
  apply({ type: 2, place: P + 4, symbol: 0x1000, target: TARGET.THUMB, into: into.subarray(4), offset: 0 });
  expect([...into]).toEqual([0xff, 0xff, 0xff, 0xff, 0x09, 0x10, 0, 0]);
});
