import { describe, expect, it } from 'vitest';
import { UsageError } from './usage-error.js';
import { parseCount, parseInteger, parseSymbol, parseVariable } from './values.js';

describe('parseVariable', () => {
  it.each([
    ['d_e_a=i32:9', { name: 'd_e_a', declaration: 'int32_t d_e_a', value: 9 }],
    ['d_e_a=9', { name: 'd_e_a', declaration: 'int32_t d_e_a', value: 9 }],
    ['x=i32:0xffffffff', { name: 'x', declaration: 'int32_t x', value: -1 }],
    ['x=u8:255', { name: 'x', declaration: 'uint8_t x', value: 255 }],
    ['x=i64:-5', { name: 'x', declaration: 'int64_t x', value: -5n }],
    ['x=f32:1.5', { name: 'x', declaration: 'float x', value: 1.5 }],
    ['p=ptr:0x20000000', { name: 'p', declaration: 'void *p', value: 0x20000000 }],
  ])('%s', (text, expected) => {
    expect(parseVariable(text)).toEqual(expected);
  });

  it.each(['x', 'x=', '=5', 'x=i33:5', 'x=u8:256', 'x=u8:-1', 'x=i8:-129', 'x=i32:nine', '1x=5', 'x=f32:abc'])(
    'refuses %s',
    (text) => {
      expect(() => parseVariable(text)).toThrow(UsageError);
    },
  );
});

describe('numbers and symbols', () => {
  it('reads decimal, hexadecimal, binary and negative numbers', () => {
    expect([parseInteger('12', 'n'), parseInteger('-0x10', 'n'), parseInteger('0b101', 'n')]).toEqual([12n, -16n, 5n]);
    expect(() => parseInteger('1e3', 'n')).toThrow(UsageError);
  });

  it('keeps counts within bounds', () => {
    expect(parseCount('100', 'n', 0, 100)).toBe(100);
    expect(() => parseCount('101', 'n', 0, 100)).toThrow(UsageError);
  });

  it('reads name=address', () => {
    expect(parseSymbol('printf=0x08001235')).toEqual({ name: 'printf', address: 0x08001235 });
    expect(() => parseSymbol('printf')).toThrow(UsageError);
    expect(() => parseSymbol('printf=0x100000000')).toThrow(UsageError);
  });
});
