import { describe, expect, it } from 'vitest';
import {
  apply,
  applyXtensa,
  longCall,
  pcMnemonic,
  pcOperand,
  RelocationError,
  relaxLongCall,
  xtensaRelocations,
} from './index.js';

const P = 0x40080000;

function view(...bytes: number[]): DataView {
  return new DataView(Uint8Array.from(bytes).buffer);
}

function word(value: number): DataView {
  const data = new DataView(new ArrayBuffer(4));
  data.setUint32(0, value, true);
  return data;
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

describe('words', () => {
  it.each([
    ['32 adds to the place', 1, 0x11234, 0],
    ['RTLD stores S', 2, 0x1000, 0],
    ['GLOB_DAT replaces', 3, 0x1004, 0],
    ['JMP_SLOT replaces', 4, 0x1004, 0],
    ['RELATIVE adds B', 5, 0x30234, 0x20000],
    ['GNU_VTINHERIT does nothing', 15, 0x10230, 0],
    ['GNU_VTENTRY does nothing', 16, 0x10230, 0],
  ])('%s', (_, type, expected, base) => {
    const data = word(0x10230);
    applyXtensa(data, 0, type, P, 0x1000, 4, base);
    expect(data.getUint32(0, true)).toBe(expected);
  });

  it('outside the bytes', () => {
    for (const offset of [-1, 1, 4]) {
      expect(errorOf(() => applyXtensa(word(0), offset, 1, P, 0, 0)).code).toBe('OUT_OF_BOUNDS');
    }
    expect(errorOf(() => applyXtensa(view(0x21, 0), 0, 20, P, P, 0)).code).toBe('OUT_OF_BOUNDS');
    expect(errorOf(() => applyXtensa(view(0x21), 0, 20, P, P, 0)).code).toBe('OUT_OF_BOUNDS');
  });
});

describe('windowed calls', () => {
  it.each([0x15, 0x25, 0x35])('%i cannot cross a 1 GB boundary', (byte) => {
    const at = 0x3ffffff0;
    const { code, data } = errorOf(() => applyXtensa(view(byte, 0, 0), 0, 20, at, 0x40000010, 0));
    expect(code).toBe('CALL_SEGMENT');
    expect(data).toMatchObject({ name: 'R_XTENSA_SLOT0_OP', place: at, symbol: 0x40000010 });
  });

  it('CALL0 can', () => {
    const data = view(0x05, 0, 0);
    applyXtensa(data, 0, 20, 0x3ffffff0, 0x40000010, 0);
    expect(pcOperand(data.getUint8(0))?.kind).toBe('call');
  });

  it('expanded ones are checked', () => {
    // l32r a8, …; callx8 a8
    const bytes = [0x81, 0, 0, 0xe0, 0x08, 0x00];
    expect(longCall(view(...bytes), 0)).toEqual({ window: 2 });
    applyXtensa(view(...bytes), 0, 11, P, 0x40001000, 0);
    expect(errorOf(() => applyXtensa(view(...bytes), 0, 11, P, 0x20001000, 0)).code).toBe('CALL_SEGMENT');
    expect(errorOf(() => applyXtensa(view(...bytes), 0, 12, 0x3ffffff0, 0x40000010, 0)).code).toBe('CALL_SEGMENT');
    expect(errorOf(() => applyXtensa(view(...bytes), 0, 12, P, P + 0x102, 0)).code).toBe('MISALIGNED');
    const relaxed = view(...bytes);
    expect(relaxLongCall(relaxed, 0, P, P + 0x100)).toBe(true);
    // or a1, a1, a1; call8 from the word of P + 3
    expect([0, 1, 2, 3, 4, 5].map((i) => relaxed.getUint8(i))).toEqual([0x10, 0x11, 0x20, 0xe5, 0x0f, 0x00]);
  });

  it('only what the assembler expands is an expanded call', () => {
    expect(longCall(view(0x81, 0, 0, 0xe0, 0x09, 0x00), 0)).toBe(undefined);
    expect(longCall(view(0x86, 0, 0, 0xe0, 0x08, 0x00), 0)).toBe(undefined);
    expect(longCall(view(0x81, 0, 0, 0xa0, 0x08, 0x00), 0)).toBe(undefined);
    expect(longCall(view(0x81, 0, 0), 0)).toBe(undefined);
    expect(errorOf(() => applyXtensa(view(0x81, 0, 0), 0, 12, P, P, 0)).code).toBe('BAD_INSTRUCTION');
    // ASM_EXPAND on anything else says nothing.
    applyXtensa(view(0, 0, 0), 0, 11, P, 0x20000000, 0);
  });
});

describe('L32R', () => {
  it('names a literal behind its use', () => {
    const error = errorOf(() => applyXtensa(view(0x21, 0, 0), 0, 20, P, P + 8, 0));
    expect(error.message).toContain('the literal lies behind the L32R');
    expect(error.data).toMatchObject({ min: -0x40000, max: -4, value: 8, mnemonic: 'L32R' });
  });

  it.each([0, 1, 2, 3])('counts from the place rounded up (place %i modulo 4)', (at) => {
    const up = (P + at + 3) & ~3;
    for (const distance of [-0x40000, -4]) {
      const data = view(0x21, 0, 0);
      applyXtensa(data, 0, 20, P + at, up + distance, 0);
      const instruction = data.getUint8(0) | (data.getUint8(1) << 8) | (data.getUint8(2) << 16);
      expect(pcOperand(instruction)?.read(instruction)).toBe(distance);
    }
  });
});

describe('what cannot be applied', () => {
  it('refused types name themselves', () => {
    for (const { type, name, refusal } of xtensaRelocations.filter((row) => row.action === 'refuse')) {
      const error = errorOf(() => applyXtensa(word(0), 0, type, P, 0, 0));
      expect(error.code).toBe('UNSUPPORTED');
      expect(error.message).toBe(`${name}: ${refusal}`);
    }
    expect(errorOf(() => applyXtensa(word(0), 0, 99, P, 0, 0))).toMatchObject({
      code: 'UNKNOWN_TYPE',
      data: { name: 'R_XTENSA_99' },
    });
    expect(errorOf(() => applyXtensa(word(0), 0, 7, P, 0, 0)).code).toBe('UNKNOWN_TYPE');
  });

  it.each([
    ['ENTRY', [0x36, 0x41, 0x00]],
    ['ADD', [0x30, 0x22, 0x80]],
    ['MOVI.N', [0x0c, 0x02]],
    ['op0 6, r 7 (reserved)', [0x76, 0x70, 0x00]],
  ])('%s has no pc-relative operand', (_, bytes) => {
    expect(errorOf(() => applyXtensa(view(...bytes), 0, 20, P, P, 0)).code).toBe('BAD_INSTRUCTION');
    expect(pcMnemonic(bytes[0] | (bytes[1] << 8))).toBe(undefined);
  });
});

it('numbers are unique', () => {
  const types = xtensaRelocations.map((row) => row.type);
  expect(types).toEqual([...new Set(types)].sort((a, b) => a - b));
});

it('apply takes names', () => {
  const into = new Uint8Array([9, 0x06, 0, 0, 9]);
  apply({ type: 20, place: P, symbol: P, addend: 8, into: into.subarray(1, 4), offset: 0 });
  expect([...into]).toEqual([9, 0x06, 0x01, 0, 9]);
});
