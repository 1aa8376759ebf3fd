import { describe, expect, it } from 'vitest';
import { type ArmRelocation, armRelocation, armRelocationName, armRelocations } from './index.js';

describe('the table', () => {
  it('has one row per number, in order, with unique names', () => {
    const types = armRelocations.map((row) => row.type);
    expect(types).toEqual([...new Set(types)].sort((a, b) => a - b));
    expect(new Set(armRelocations.map((row) => row.name)).size).toBe(armRelocations.length);
  });

  it('knows the numbers AAELF32 gives a meaning, and no other', () => {
    const known = [...range(0, 111), 128, 129, 130, ...range(131, 138), 160, ...range(161, 167)];
    expect(armRelocations.map((row) => row.type)).toEqual(known);
    expect(armRelocation(112)).toBe(undefined);
    expect(armRelocation(256)).toBe(undefined);
    expect(armRelocationName(112)).toBe('R_ARM_112');
    expect(armRelocationName(10)).toBe('R_ARM_THM_CALL');
  });

  it('gives every applicable data and instruction row a place to write', () => {
    const bytes: Record<ArmRelocation['place'], number[]> = {
      data: [1, 2, 4],
      arm: [4],
      thumb16: [1, 2],
      thumb32: [4],
      miscellaneous: [0],
    };
    for (const row of armRelocations) expect(bytes[row.place], row.name).toContain(row.size);
  });

  it('refuses by name what a module loader cannot do', () => {
    const refused = armRelocations.filter((row) => row.refusal !== undefined);
    expect(
      refused.filter((row) => row.name.includes('TLS')).every((row) => row.refusal === 'thread-local storage'),
    ).toBe(true);
    expect(armRelocations.filter((row) => row.name.includes('TLS') && row.refusal === undefined)).toEqual([]);
    expect(armRelocation(20)?.refusal).toBe('copy');
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
