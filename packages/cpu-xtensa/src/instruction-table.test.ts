import { BlockBuilder, CONST_A, CONST_B, CONST_C, createAddressSpace, createCpu, OP_STRIDE } from '@loadstone/cpu-core';
import { describe, expect, it } from 'vitest';
import { findRow, INSTRUCTION_ROWS, instructionLength } from './instruction-table.js';
import { compileRow, row } from './row.js';
import { EPC1, EXCCAUSE, PS, SLOT_NAMES, VECBASE, WINDOWBASE, WINDOWSTART } from './slots.js';
import { xtensa } from './xtensa.js';

const rows = INSTRUCTION_ROWS.map(compileRow);

describe('instruction table', () => {
  it('has no two rows that overlap', () => {
    const overlaps: string[] = [];
    rows.forEach((a, i) => {
      for (const b of rows.slice(i + 1)) {
        if (a.length === b.length && ((a.value ^ b.value) & a.mask & b.mask) === 0) {
          overlaps.push(`${a.row.name} ${a.row.bits} and ${b.row.name} ${b.row.bits}`);
        }
      }
    });
    expect(overlaps).toEqual([]);
  });

  it('gives each row the length its first byte says', () => {
    for (const { row, length, mask, value } of rows) {
      expect(mask & 8, row.name).toBe(8);
      expect(instructionLength(value & 0xff), row.name).toBe(length);
    }
  });

  it('finds exactly the encodings that the rows cover', () => {
    // With no overlap the number of covered encodings is the sum over the rows.
    const covered = (length: number): number =>
      rows.filter((r) => r.length === length).reduce((sum, r) => sum + 2 ** (8 * length - bitCount(r.mask)), 0);
    let short = 0;
    for (let word = 0; word < 0x1_0000; word++) if ((word & 8) !== 0 && findRow(word, 2) !== undefined) short++;
    expect(short).toBe(covered(2));
    // Every 24-bit encoding of op0 0 and 4, where all gaps but a few are.
    let sampled = 0;
    let found = 0;
    for (let high = 0; high < 0x10_0000; high++) {
      for (const op0 of [0, 4]) {
        const compiled = findRow((high << 4) | op0, 3);
        if (compiled !== undefined) found++;
        sampled++;
      }
    }
    const sparse = rows.filter((r) => r.length === 3 && (r.value & 15 & ~4) === 0);
    expect(found).toBe(sparse.reduce((sum, r) => sum + 2 ** (24 - bitCount(r.mask)), 0));
    expect(found).toBeLessThan(sampled);
  });

  it('leaves window base and start bits to helpers: compiled code keeps them elsewhere', () => {
    const named: string[] = [];
    for (const { row, length, value } of rows) {
      const architecture = xtensa.forCpu?.() ?? xtensa;
      const builder = new BlockBuilder(SLOT_NAMES.length);
      architecture.lift(builder, 0x1000, Uint8Array.of(value, value >> 8, value >> 16).subarray(0, length), 0);
      const { ops } = builder.finish();
      for (let at = 0; at < ops.length; at += OP_STRIDE) {
        // Operands that are no constants, and what is written.
        const slots = [CONST_A, CONST_B, CONST_C].map((flag, i) => ((ops[at] & flag) === 0 ? ops[at + 2 + i] : 0));
        slots.push(ops[at + 1]);
        if (slots.includes(WINDOWBASE) || slots.includes(WINDOWSTART)) named.push(`${row.name} ${row.bits}`);
      }
    }
    expect(named).toEqual([]);
  });

  it('refuses a malformed pattern', () => {
    expect(() => compileRow(row('0000 0000', 'short', [], () => {}))).toThrow('short: 8 bits');
    expect(() => compileRow(row('0000 0000 0000 00zz', 'x', [], () => {}))).toThrow('letter z');
  });
});

describe('undefined encodings', () => {
  /** One of each gap: reserved op0, op1, op2, r, and instructions of other configurations. */
  const UNDEFINED = [
    [0x0e, 0x00, 0x00],
    [0x0f, 0x00, 0x00],
    [0x00, 0x31, 0x00],
    [0x20, 0x30, 0x00],
    [0x00, 0x00, 0x62],
    [0x00, 0x05, 0x03],
    [0x00, 0x00, 0xe3],
    [0x00, 0x00, 0x8e],
    [0x02, 0x70, 0x00],
    [0x36, 0x05, 0x00],
    [0x0d, 0x10],
    [0x4d, 0xf0],
  ];

  it.each(UNDEFINED.map((bytes) => [bytes.map((b) => b.toString(16)).join(' '), bytes] as const))(
    '%s raises cause 0 and changes nothing',
    (_, bytes) => {
      const memory = createAddressSpace([{ name: 'ram', start: 0x1000, size: 0x1000, kind: 'ram', executable: true }]);
      const cpu = createCpu(xtensa, memory);
      memory.write(0x1000, Uint8Array.from(bytes));
      cpu.pc = 0x1000;
      const before = xtensa.slots.map((_, slot) => cpu.get(slot));
      expect(cpu.run()).toEqual({ kind: 'exception', pc: 0x1000, name: 'illegal-instruction', argument: 0 });
      expect(xtensa.slots.map((_, slot) => cpu.get(slot))).toEqual(before);
      expect(cpu.instructions).toBe(0);
    },
  );

  it('enters the guest handler when VECBASE points at one', () => {
    const memory = createAddressSpace([{ name: 'ram', start: 0x4000, size: 0x1000, kind: 'ram', executable: true }]);
    const cpu = createCpu(xtensa, memory);
    cpu.set(VECBASE, 0x4000);
    // User vector: j .
    memory.write(0x4340, Uint8Array.of(0x06, 0xff, 0xff));
    memory.write(0x4800, Uint8Array.of(0, 0, 0));
    cpu.pc = 0x4800;
    expect(cpu.run({ fuel: 1 })).toEqual({ kind: 'fuel', pc: 0x4340 });
    expect(cpu.get(EPC1)).toBe(0x4800);
    expect(cpu.get(EXCCAUSE)).toBe(0);
    expect(cpu.get(PS) & 0x10).toBe(0x10);
  });
});

function bitCount(value: number): number {
  return value.toString(2).replaceAll('0', '').length;
}
