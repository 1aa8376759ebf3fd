import { describe, expect, it } from 'vitest';
import { BIN, createEsp32, DEC, HEX, OCT } from '../esp32.js';

function printed(value: string | number | bigint | boolean, format?: number): string {
  const { Serial, board } = createEsp32();
  Serial.begin(115200);
  expect(Serial.print(value, format)).toBe(board.console.bytes);
  return board.console.text;
}

describe('Serial', () => {
  // What Print.cpp's algorithms give: bases other than ten show the 32-bit pattern, floats are rounded by adding half a place.
  it.each<[string | number | bigint | boolean, number | undefined, string]>([
    ['text', undefined, 'text'],
    [78, undefined, '78'],
    [-78, DEC, '-78'],
    [78, HEX, '4E'],
    [78, OCT, '116'],
    [78, BIN, '1001110'],
    [-1, HEX, 'FFFFFFFF'],
    [78, 1, '78'],
    [1.23456, undefined, '1.23'],
    [1.23456, 0, '1'],
    [1.23456, 4, '1.2346'],
    [-0.5, 1, '-0.5'],
    [1.999, undefined, '2.00'],
    [Number.NaN, undefined, 'nan'],
    [Number.POSITIVE_INFINITY, undefined, 'inf'],
    [5e9 + 0.5, undefined, 'ovf'],
    [2n ** 40n, undefined, '1099511627776'],
    [true, undefined, '1'],
  ])('print(%s, %s) writes %s', (value, format, text) => {
    expect(printed(value, format)).toBe(text);
  });

  it('println ends lines with CR LF, printf as the format says', () => {
    const { Serial, board } = createEsp32();
    expect(Serial.println('Grüße')).toBe(9);
    expect(Serial.println()).toBe(2);
    expect(Serial.printf('%s 0x%X %5.1f\n', 'größer', 0xabc, 2.25)).toBe(21);
    Serial.write(0xc3);
    Serial.write(0xbc);
    expect(board.console.text).toBe('Grüße\r\n\r\ngrößer 0xABC   2.2\nü');
    expect([Serial.available(), Serial.read()]).toEqual([0, -1]);
    expect(() => Serial.printf('%d')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('goes to a function of the host', () => {
    const parts: string[] = [];
    const { Serial } = createEsp32({ print: (text) => parts.push(text) });
    Serial.println(1);
    expect(parts).toEqual(['1\r\n']);
  });
});
