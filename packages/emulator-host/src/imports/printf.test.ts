import { createAddressSpace } from '@loadstone/cpu-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CType } from '../c/c-type.js';
import type { VariableArguments } from '../host/host-call.js';
import { GuestAccess } from '../memory/guest-access.js';
import { GuestMemory } from '../memory/guest-memory.js';
import { fixtureJson } from '../testing/images.js';
import { byteString, bytesOf, formatPrintf } from './printf.js';

interface Case {
  readonly format: string;
  readonly args: readonly (readonly [string, string | number])[];
}

const RAM = 0x2000_0000;
const memory = new GuestMemory(
  createAddressSpace([{ name: 'ram', start: RAM, size: 0x1000, kind: 'ram', executable: false }]),
);
const access = new GuestAccess(memory);

/** Arguments from a list; strings lie in memory. */
function given(list: Case['args']): VariableArguments {
  let index = 0;
  let free = RAM;
  return {
    next(type: CType | string) {
      const [kind, value] = list[index];
      index += 1;
      if (kind === 'string') {
        const address = free;
        free += memory.writeCString(address, String(value));
        return address;
      }
      if (kind === 'wide') {
        free = Math.ceil(free / 4) * 4;
        const address = free;
        for (const character of `${value}\0`) {
          memory.write32(free, character.codePointAt(0) ?? 0);
          free += 4;
        }
        return address;
      }
      if (kind === 'double') return value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value);
      const wide = typeof type !== 'string' && type.kind === 'integer' && type.size === 8;
      return wide ? BigInt(value) : Number(value);
    },
  };
}

const cases = fixtureJson<Case[]>('printf/cases.json');
const expected = fixtureJson<[number, string][]>('printf/expected.json');

describe('formatPrintf', () => {
  it(`prints ${cases.length} cases as glibc on 32-bit Arm does`, () => {
    const wrong = cases
      .map(({ format, args }, index) => ({
        format,
        args,
        got: formatPrintf(format, given(args), access),
        want: expected[index][1],
      }))
      .filter(({ got, want }) => got !== want);
    expect(wrong).toEqual([]);
    expect(cases.length).toBeGreaterThan(800);
  });

  it('stores the count for %n and prints (null) for a null string', () => {
    memory.write32(RAM + 0x100, 0xffff_ffff);
    expect(
      formatPrintf(
        'abc%hhn%s',
        given([
          ['pointer', RAM + 0x100],
          ['pointer', 0],
        ]),
        access,
      ),
    ).toBe('abc(null)');
    expect(memory.read32(RAM + 0x100)).toBe(0xffff_ff03);
  });

  it('copies unknown conversions and a lone percent sign', () => {
    expect(formatPrintf('%y %', given([]), access)).toBe('%y %');
  });

  it('keeps bytes as they are', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect([...bytesOf(byteString(bytes))]).toEqual([...bytes]);
  });

  it('ends for any format', () => {
    const anything: VariableArguments = {
      next: (type) => (typeof type !== 'string' && type.kind === 'float' ? 1.5 : 0),
    };
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'%-+ #0*.123hlzdioxXcsfFeEgGap'), maxLength: 30 }), (format) => {
        expect(formatPrintf(format, anything, access).length).toBeLessThan(70000 * 30);
      }),
    );
  });
});
