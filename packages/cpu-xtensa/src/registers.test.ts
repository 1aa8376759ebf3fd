import { describe, expect, it } from 'vitest';
import { CALLINC, CCOUNT, EXPSTATE, INTERRUPT, LCOUNT, PS, VECBASE, WINDOWSTART } from './slots.js';
import { SPECIAL_REGISTERS } from './special-registers.js';
import { CODE, machineWith } from './testing/machine.js';

describe('special registers', () => {
  const plain = SPECIAL_REGISTERS.filter(({ kind, access }) => kind === 'plain' && access === 'rwx');

  it.each(plain.map((register) => [register.name, register] as const))('%s keeps the bits it has', (name, register) => {
    const { cpu } = machineWith(`wsr a2, ${name}\nrsr a3, ${name}\nmovi a2, 0\nxsr a2, ${name}`);
    cpu.set(2, 0xffff_ffff);
    expect(cpu.run({ fuel: 4 })).toMatchObject({ kind: 'fuel' });
    expect(cpu.get(3)).toBe(register.mask >>> 0);
    expect(cpu.get(2)).toBe(register.mask >>> 0);
    expect(cpu.get(register.slot)).toBe(0);
  });

  it('joins PS from its two slots', () => {
    const { cpu } = machineWith('wsr a2, ps\nrsr a3, ps\nrsil a4, 5\nxsr a5, ps');
    cpu.set(2, 0xffff_ffef);
    cpu.set(5, 0x6_0020);
    expect(cpu.run({ fuel: 4 })).toMatchObject({ kind: 'fuel' });
    expect(cpu.get(3)).toBe(0x7_0f2f);
    expect(cpu.get(4)).toBe(0x7_0f2f);
    expect(cpu.get(5)).toBe(0x7_0f25);
    expect([cpu.get(PS), cpu.get(CALLINC)]).toEqual([0x4_0020, 2]);
  });

  it('sets and clears interrupt bits, and counts cycles', () => {
    const { cpu } = machineWith('wsr a2, intset\nrsr a3, interrupt\nwsr a4, intclear\nrsr a5, ccount\nrsr a6, ccount');
    cpu.set(2, 0xf0);
    cpu.set(4, 0x30);
    cpu.set(CCOUNT, 1000);
    expect(cpu.run({ fuel: 5 })).toMatchObject({ kind: 'fuel' });
    expect(cpu.get(3)).toBe(0xf0);
    expect(cpu.get(INTERRUPT)).toBe(0xc0);
    expect(cpu.get(5)).toBe(1000);
    expect(cpu.get(6)).toBeGreaterThan(1000);
  });

  it('has the reset state of a started chip', () => {
    const { cpu } = machineWith('rsr a2, configid0\nrsr a3, configid1\nrsr a4, prid');
    expect(cpu.get(VECBASE)).toBe(0x4000_0000);
    expect(cpu.get(WINDOWSTART)).toBe(1);
    expect(cpu.get(LCOUNT)).toBe(0);
    expect(cpu.run({ fuel: 3 })).toMatchObject({ kind: 'fuel' });
    expect([cpu.get(2), cpu.get(3), cpu.get(4)]).toEqual([0xc2bc_fffe, 0x1cc5_fe96, 0xcdcd]);
  });

  it('drives the output wires', () => {
    const { cpu } = machineWith(
      'setb_expstate 31\nsetb_expstate 4\nclrb_expstate 31\nwrmsk_expstate a2, a3\nrur a4, expstate',
    );
    cpu.set(2, 0b0110);
    cpu.set(3, 0b0011);
    expect(cpu.run({ fuel: 5 })).toMatchObject({ kind: 'fuel' });
    expect(cpu.get(EXPSTATE)).toBe(0b1_0010);
    expect(cpu.get(4)).toBe(0b1_0010);
  });

  it('keeps region attributes', () => {
    const { cpu } = machineWith('wdtlb a3, a2\nrdtlb1 a4, a2\nritlb1 a5, a2\nrdtlb0 a6, a2');
    cpu.set(2, 0x6123_4567);
    cpu.set(3, 0xf);
    expect(cpu.run({ fuel: 4 })).toMatchObject({ kind: 'fuel' });
    expect([cpu.get(4), cpu.get(5), cpu.get(6)]).toEqual([0xf, 2, 0x6000_0000]);
  });
});

describe('instructions that no vector covers', () => {
  it.each([
    [0xffff_ffff, 0xffff_ffff],
    [0x8000_0000, 0x8000_0000],
    [0x7fff_ffff, 0x8000_0001],
    [0x1234_5678, 0x9abc_def0],
    [0, 0xffff_ffff],
  ])('muluh and mulsh of %i and %i', (a, b) => {
    const { cpu } = machineWith('muluh a4, a2, a3\nmulsh a5, a2, a3');
    cpu.set(2, a);
    cpu.set(3, b);
    expect(cpu.run({ fuel: 2 })).toMatchObject({ kind: 'fuel' });
    expect(BigInt(cpu.get(4))).toBe((BigInt(a) * BigInt(b)) >> 32n);
    expect(BigInt(cpu.get(5))).toBe(BigInt.asUintN(32, (BigInt(a | 0) * BigInt(b | 0)) >> 32n));
  });

  it.each([
    ['ssa8b a2', 3, 8],
    ['ssa8b a2', 0, 32],
    ['ssa8l a2', 3, 24],
    ['ssl a2', 0, 32],
  ])('%s', (source, value, sar) => {
    const { cpu } = machineWith(`${source}\nrsr a3, sar`);
    cpu.set(2, value);
    cpu.run({ fuel: 2 });
    expect(cpu.get(3)).toBe(sar);
  });

  it('S32C1I stores only over the expected word', () => {
    const { cpu, memory } = machineWith('wsr a4, scompare1\ns32c1i a2, a3, 0\ns32c1i a5, a3, 0');
    const address = CODE + 0x1000;
    memory.write(address, Uint8Array.of(7, 0, 0, 0));
    cpu.set(2, 99);
    cpu.set(3, address);
    cpu.set(4, 7);
    cpu.set(5, 55);
    expect(cpu.run({ fuel: 3 })).toMatchObject({ kind: 'fuel' });
    expect([cpu.get(2), cpu.get(5), memory.load(address, 4)]).toEqual([7, 99, 99]);
  });

  it('calls go to words from the word of the call', () => {
    for (const offset of [0, 1, 2, 3]) {
      const { cpu, memory } = machineWith('nop');
      // call0 with offset 2
      memory.write(CODE + 8 + offset, Uint8Array.of(0x85, 0, 0));
      cpu.pc = CODE + 8 + offset;
      expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: CODE + 8 + 4 + 8 });
      expect(cpu.get(0)).toBe(CODE + 8 + offset + 3);
    }
  });
});
