import { expect, test } from 'vitest';
import { ne } from '../builder.js';
import { DEFAULT_STATE_WORDS, GuestMemory } from '../guest-memory.js';
import { konst, Op } from '../ir.js';
import { R, type Row, scriptArchitecture } from '../testing/script-architecture.js';
import type { Generation } from './interpreter-tier.js';
import { Machine } from './machine.js';

const CODE = 0x1000;
const DATA = 0x8000;

/** A loop with flags, a fused branch, memory and a computed jump. */
const ROWS: readonly Row[] = [
  (b) => b.add(R(0), konst(1), R(0)),
  (b) => b.store(Op.Store32, konst(DATA), konst(0), b.xor(b.load(Op.Load32, konst(DATA), konst(0)), R(0))),
  (b) => b.shl(R(0), konst(3), R(1)),
  (b) => b.jumpIf(ne(b.and(R(0), konst(7)), konst(0)), CODE),
  (b) => b.jumpTo(konst(CODE)),
];

/** Machines whose code regions differ in size do not share a generated interpreter. */
function machine(generation: Generation, codeBytes: number): Machine {
  const memory = new GuestMemory(
    [
      { name: 'code', start: CODE, size: codeBytes, kind: 'ram', executable: true },
      { name: 'data', start: DATA, size: 0x100, kind: 'ram', executable: false },
    ],
    DEFAULT_STATE_WORDS,
  );
  memory.write(CODE, new Uint8Array(Uint32Array.from(ROWS.keys()).buffer));
  return new Machine(scriptArchitecture([...ROWS]), memory, generation);
}

/** Runs a slice; returns the pc behind it. */
function slice(m: Machine, pc: number): number {
  m.run(pc, 1000);
  return m.currentPc();
}

test('the generated interpreter takes over when enough was interpreted, and nothing else changes', () => {
  const tiered = machine('when-it-pays', 0x1000);
  const script = machine('never', 0x1000);
  const generated = machine('at-once', 0x2000);
  expect([tiered, script, generated].map((m) => m.isGenerated)).toEqual([false, false, true]);
  let pc = CODE;
  for (let round = 0; round < 60; round++) {
    const all = [tiered, script, generated].map((m) => ({
      pc: slice(m, pc),
      completed: m.completed(),
      exit: m.exit,
      slots: [...m.state.subarray(0, m.architecture.slots.length)],
      word: m.memory.load(DATA, 4),
    }));
    expect(all[0]).toEqual(all[1]);
    expect(all[0]).toEqual(all[2]);
    pc = all[0].pc;
  }
  expect([tiered, script, generated].map((m) => m.isGenerated)).toEqual([true, false, true]);
});

test('CPUs of one shape share what they have run, and the generated interpreter', () => {
  const first = machine('when-it-pays', 0x3000);
  const second = machine('when-it-pays', 0x3000);
  const other = machine('when-it-pays', 0x4000);
  for (let round = 0, pc = CODE; round < 60; round++) pc = slice(first, pc);
  expect([first, second, other].map((m) => m.isGenerated)).toEqual([true, false, false]);
  expect(machine('when-it-pays', 0x3000).isGenerated).toBe(true);
  slice(second, CODE);
  slice(other, CODE);
  expect([second, other].map((m) => m.isGenerated)).toEqual([true, false]);
});
