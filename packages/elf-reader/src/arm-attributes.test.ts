import { describe, expect, it } from 'vitest';
import {
  ARM_CPU_ARCH,
  armFileAttributes,
  Fields,
  nameOf,
  parseArmAttributes,
  readArmAttributes,
  TAG_ARM,
} from './index.js';
import { errorOf, open } from './test-files.js';

function fields(...bytes: (number | string)[]): Fields {
  const flat = bytes.flatMap((item) =>
    typeof item === 'string' ? [...item, '\0'].map((c) => c.charCodeAt(0)) : [item],
  );
  return new Fields(Uint8Array.from(flat), 0x100, true, false);
}

/** Tag names and values as `arm-none-eabi-readelf -A` 2.40 prints them; its words for numbers are in the ABI's tables. */
const GCC = {
  CPU_name: '7E-M',
  CPU_arch: ARM_CPU_ARCH['v7E-M'],
  CPU_arch_profile: 'M'.charCodeAt(0),
  THUMB_ISA_use: 2,
  FP_arch: 6,
  ABI_PCS_wchar_t: 4,
  ABI_FP_denormal: 1,
  ABI_FP_exceptions: 1,
  ABI_FP_number_model: 3,
  ABI_align_needed: 1,
  ABI_align_preserved: 1,
  ABI_enum_size: 1,
  ABI_HardFP_use: 1,
  ABI_VFP_args: 1,
  ABI_optimization_goals: 6,
  CPU_unaligned_access: 1,
};

describe('.ARM.attributes', () => {
  it('of gcc', () => {
    const [{ vendor, scopes }] = readArmAttributes(open('comdat.o'));
    expect(vendor).toBe('aeabi');
    expect(scopes.map(({ scope, indexes }) => [scope, indexes])).toEqual([['file', []]]);
    expect(Object.fromEntries(scopes[0].attributes.map(({ name, value }) => [name, value]))).toEqual(GCC);
  });

  it('of clang, with tags out of order', () => {
    const attributes = armFileAttributes(open('debug-arm.o'));
    expect(attributes.get(TAG_ARM.conformance)).toBe('2.09');
    expect(attributes.get(TAG_ARM.CPU_name)).toBe('cortex-m4');
    expect(nameOf(ARM_CPU_ARCH, Number(attributes.get(TAG_ARM.CPU_arch)))).toBe('v7E-M');
    expect(attributes.get(TAG_ARM.ABI_PCS_R9_use)).toBe(0);
    expect(attributes.get(TAG_ARM.ABI_enum_size)).toBe(2);
    expect(attributes.get(TAG_ARM.ABI_FP_16bit_format)).toBe(1);
    expect([...attributes.keys()].length).toBe(18);
  });

  it('of a big-endian file', () => {
    expect(armFileAttributes(open('debug-armeb.o')).get(TAG_ARM.CPU_arch)).toBe(ARM_CPU_ARCH.v7);
  });

  it('a file without them', () => {
    expect(readArmAttributes(open('xtensa.o'))).toEqual([]);
  });

  it('keeps unknown tags: a number for even ones, a string for odd ones', () => {
    const list = fields(
      0x41,
      37,
      0,
      0,
      0,
      'aeabi',
      1,
      27,
      0,
      0,
      0,
      80,
      0x85,
      0x01,
      81,
      'text',
      6,
      13,
      32,
      1,
      'vendor',
      3,
      9,
    );
    expect(parseArmAttributes(list)[0].scopes[0].attributes).toEqual([
      { tag: 80, value: 0x85 },
      { tag: 81, value: 'text' },
      { tag: 6, name: 'CPU_arch', value: 13 },
      { tag: 32, name: 'compatibility', flag: 1, value: 'vendor' },
      { tag: 3, value: 9 },
    ]);
  });

  it('sections, symbols and vendors of their own', () => {
    // The second list ends inside its last attribute's value.
    const short = fields(
      0x41,
      28,
      0,
      0,
      0,
      'aeabi',
      2,
      10,
      0,
      0,
      0,
      4,
      5,
      0,
      34,
      1,
      3,
      8,
      0,
      0,
      0,
      7,
      0,
      34,
      9,
      0,
      0,
      0,
      'ARM',
      1,
    );
    expect(errorOf(() => parseArmAttributes(short)).code).toBe('BAD_VALUE');
    const right = fields(
      0x41,
      29,
      0,
      0,
      0,
      'aeabi',
      2,
      10,
      0,
      0,
      0,
      4,
      5,
      0,
      34,
      1,
      3,
      9,
      0,
      0,
      0,
      7,
      0,
      34,
      0,
      9,
      0,
      0,
      0,
      'ARM',
      1,
    );
    expect(parseArmAttributes(right)).toEqual([
      {
        vendor: 'aeabi',
        scopes: [
          { scope: 'section', indexes: [4, 5], attributes: [{ tag: 34, name: 'CPU_unaligned_access', value: 1 }] },
          { scope: 'symbol', indexes: [7], attributes: [{ tag: 34, name: 'CPU_unaligned_access', value: 0 }] },
        ],
      },
      { vendor: 'ARM', scopes: [] },
    ]);
  });

  it.each([
    ['another version', [0x42], 'UNSUPPORTED', 0x100],
    ['a length that passes the end', [0x41, 99, 0, 0, 0, 'aeabi'], 'BAD_VALUE', 0x101],
    ['a length of nothing', [0x41, 0, 0, 0, 0], 'BAD_VALUE', 0x101],
    ['no length', [0x41, 9, 0], 'TRUNCATED', 0x101],
    ['an unknown scope', [0x41, 12, 0, 0, 0, 'gnu', 9, 4, 0, 0], 'BAD_VALUE', 0x109],
    [
      'a number without end',
      [0x41, 19, 0, 0, 0, 'gnu', 1, 11, 0, 0, 0, 6, 255, 255, 255, 255, 255],
      'BAD_VALUE',
      0x114,
    ],
  ] as const)('%s', (_, bytes, code, offset) => {
    const error = errorOf(() => parseArmAttributes(fields(...bytes)));
    expect([error.code, error.data.offset]).toEqual([code, offset]);
  });
});
