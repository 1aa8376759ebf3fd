import { describe, expect, it } from 'vitest';
import * as slots from './slots.js';

describe('slots', () => {
  it('names every slot where its constant says', () => {
    expect(slots.SLOT_NAMES.length).toBe(slots.SLOT_COUNT);
    expect(new Set(slots.SLOT_NAMES).size).toBe(slots.SLOT_COUNT);
    const named: readonly [string, number][] = [
      ['a0', slots.A0],
      ['sar', slots.SAR],
      ['br', slots.BR],
      ['m0', slots.M0],
      ['lcount', slots.LCOUNT],
      ['fcsr', slots.FCSR],
      ['ps.callinc', slots.CALLINC],
      ['f0', slots.F0],
      ['ps', slots.PS],
      ['windowstart', slots.WINDOWSTART],
      ['epc1', slots.EPC1],
      ['eps2', slots.EPS2],
      ['excsave1', slots.EXCSAVE1],
      ['excvaddr', slots.EXCVADDR],
      ['ccompare0', slots.CCOMPARE0],
      ['misc0', slots.MISC0],
      ['dbreakc0', slots.DBREAKC0],
      ['f64s', slots.F64S],
      ['itlb0', slots.ITLB0],
      ['prid', slots.PRID],
      ['ar0', slots.PHYSICAL],
    ];
    for (const [name, slot] of named) expect(slots.SLOT_NAMES[slot], name).toBe(name);
    expect(slots.PHYSICAL % 4).toBe(0);
  });
});
