import { readFileSync } from 'node:fs';
import { thumb } from '@loadstone/cpu-thumb';
import { describe, expect, it } from 'vitest';
import { createBoard } from '../board/board.js';
import { genericCortexM } from '../board/generic.js';
import { tencentosEvbMxPlus } from '../board/tencentos-evb-mx-plus.js';
import { fixture, fixtureJson } from '../testing/images.js';
import { commonImports } from './common.js';

/** Helper name -> result and argument letters, as fixtures/aeabi/generate.mjs has them. */
const helpers = fixtureJson<Record<string, string>>('aeabi/names.json');
const TYPES: Record<string, string> = {
  i: 'unsigned',
  u: 'unsigned',
  s: 'unsigned',
  f: 'unsigned',
  l: 'unsigned long long',
  m: 'unsigned long long',
  d: 'unsigned long long',
  q: 'unsigned long long',
};

/** Lines `helper arguments... results...`, hexadecimal, which libgcc's helpers printed under qemu-arm. */
const rows = readFileSync(new URL('../../fixtures/aeabi/expected.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

const isNan = (letter: string, bits: bigint): boolean =>
  letter === 'f'
    ? (bits & 0x7fff_ffffn) > 0x7f80_0000n
    : letter === 'd' && (bits & (2n ** 63n - 1n)) > 0x7ff0_0000_0000_0000n;

const board = createBoard(tencentosEvbMxPlus, { architecture: thumb });
board.define(...commonImports(board, 'aeabi'));

describe('__aeabi helpers', () => {
  it.each(Object.entries(helpers))('%s answers as libgcc does', (name, signature) => {
    const [result, letters] = signature.split(' ');
    const own = rows.filter(([row]) => row === name);
    expect(own.length).toBeGreaterThan(5);
    for (const [, ...words] of own) {
      const values = words.map((word) => BigInt(`0x${word}`));
      const args = values
        .slice(0, letters.length)
        .map((value, at) => (TYPES[letters[at]].endsWith('long') ? value : Number(value)));
      const returns = result === 'Q' ? 'two' : TYPES[result];
      const prototype = `${returns} f(${[...letters].map((letter) => TYPES[letter]).join(', ')})`;
      if (result === 'Q') {
        // Quotient in r0 and r1, remainder in r2 and r3.
        board.call(`__aeabi_${name}`, prototype.replace('two', 'void'), args);
        const word = (register: number): bigint => BigInt(board.cpu.get(register));
        expect([words, (word(1) << 32n) | word(0), (word(3) << 32n) | word(2)]).toEqual([words, values[2], values[3]]);
        continue;
      }
      const got = BigInt(
        board.call(`__aeabi_${name}`, prototype, args, { abi: 'aapcs' }).returnValue as number | bigint,
      );
      const wanted = values[letters.length];
      if (isNan(result, wanted)) expect(isNan(result, got)).toBe(true);
      else expect([words, got]).toEqual([words, wanted]);
    }
  });

  it('divides by zero as libgcc does', () => {
    const divide = (name: string, type: string, a: number | bigint): unknown =>
      board.call(name, `${type} f(${type}, ${type})`, [a, type.includes('long') ? 0n : 0]).returnValue;
    expect([5, -5, 0].map((a) => divide('__aeabi_idiv', 'int', a))).toEqual([0x7fff_ffff, -0x8000_0000, 0]);
    expect([5, 0].map((a) => divide('__aeabi_uidiv', 'unsigned', a))).toEqual([0xffff_ffff, 0]);
    expect([5n, -5n].map((a) => divide('__aeabi_ldivmod', 'long long', a))).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
  });

  it('serves code compiled for a CPU without division and floats', () => {
    const guest = createBoard(genericCortexM, {
      architecture: thumb,
      regions: [{ name: 'image', start: 0x3000_0000, size: 0x1000, kind: 'ram', executable: true }],
    });
    guest.define(...commonImports(guest, 'aeabi'));
    const symbols = fixtureJson<Record<string, string>>('aeabi/arithmetic.json');
    guest.write(0x3000_0000, fixture('aeabi/arithmetic.bin'));
    Object.keys(helpers).forEach((name, index) => {
      guest.memory.write32(Number(symbols['helpers']) + 4 * index, guest.resolve(`__aeabi_${name}`));
    });
    const fn = (prototype: string) => guest.fn(Number(symbols[/(\w+)\(/.exec(prototype)?.[1] ?? '']) | 1, prototype);
    const poly = (x: number): number => ((x * 1.25 - 3.5) * x + 0.1) / (x + 7);
    for (const x of [0, 1.5, -6.9, 1e100, -7]) expect(fn('double poly(double x)')(x)).toBe(poly(x));
    expect(fn('float mean(const float *v, int n)')([1, 2.5, 0.1], 3)).toBe(
      Math.fround(Math.fround(Math.fround(3.5) + Math.fround(0.1)) / 3),
    );
    expect(fn('long long mixed(long long a, long long b, double x)')(-10_000_000_000_001n, 3_000_000n, 2.5)).toBe(
      -10_000_000_000_001n / 3_000_000n + (-10_000_000_000_001n % 3_000_000n) * 3n + 2500n,
    );
    expect(fn('uint64_t scale(uint64_t n, float f)')(12_345_678_901n, 1.5)).toBe(18_518_518_351n);
    expect(
      [
        [1, 2],
        [2, 1],
        [3, 3],
        [Number.NaN, 1],
      ].map(([a, b]) => fn('int order(double, double)')(a, b)),
    ).toEqual([-1, 1, 0, 2]);
    expect(fn('int divide(int, int)')(-7, 2)).toBe(-3001);
  });
});
