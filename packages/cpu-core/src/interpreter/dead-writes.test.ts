import { describe, expect, test } from 'vitest';
import { createAddressSpace } from '../address-space.js';
import { BlockBuilder, eq } from '../builder.js';
import { createCpu } from '../core-cpu.js';
import { FlagCondition, konst, Op } from '../ir.js';
import { engines } from '../testing/engines.js';
import { R, type Row, scriptArchitecture } from '../testing/script-architecture.js';
import { DeadWrites } from './dead-writes.js';

const architecture = scriptArchitecture([], {
  helpers: [
    { name: 'pure', pure: true, run: (_context, a) => a },
    { name: 'effect', pure: false, run: (_context, a) => a },
  ],
});

/** Numbers of the micro-ops of the instructions that are dead. */
function dead(...rows: readonly Row[]): number[] {
  const builder = new BlockBuilder(architecture.slots.length);
  rows.forEach((row, i) => {
    builder.begin(4 * i, 4);
    row(builder);
  });
  const block = builder.finish();
  const writes = new DeadWrites(architecture);
  writes.find(block);
  return [...writes.dead.subarray(0, block.starts[rows.length])].flatMap((isDead, i) => (isDead === 1 ? [i] : []));
}

const flags: Row = (b) => b.flags(Op.FlagsAdd, R(1), R(2));
const set: Row = (b) => b.mov(R(3), konst(1));

describe('dead writes', () => {
  test('flags and registers that the next instructions write again', () => {
    expect(dead(flags, flags)).toEqual([0]);
    expect(dead(set, flags, set)).toEqual([0]);
  });

  test('not what is read in between, in whole or in part', () => {
    expect(dead(flags, (b) => b.flagTest(FlagCondition.Ge, R(5)), flags)).toEqual([]);
    expect(dead(flags, (b) => b.flags(Op.FlagsAdc, R(1), R(2)))).toEqual([]);
    expect(dead(flags, (b) => b.flags(Op.FlagsNz, R(1)))).toEqual([]);
    expect(dead(set, (b) => b.add(R(3), konst(1), R(5)), set)).toEqual([]);
    expect(dead(set, (b) => b.add(R(3), konst(1), R(3)), set)).toEqual([0, 1]);
    expect(dead(set, (b) => b.helper(0, R(3), konst(0), konst(0), R(5)), set)).toEqual([]);
  });

  test('not what an exit, an access or a helper may show', () => {
    expect(dead(set, (b) => b.jumpIf(eq(R(1), konst(0)), 0), set)).toEqual([]);
    expect(dead(set, (b) => b.load(Op.Load32, R(1), konst(0), R(5)), set)).toEqual([]);
    expect(dead(set, (b) => b.helper(1), set)).toEqual([]);
    expect(dead(set)).toEqual([]);
  });

  test('not what only a conditional part writes again', () => {
    expect(dead(set, (b) => b.when(eq(R(1), konst(0)), () => b.mov(R(3), konst(2))))).toEqual([]);
    expect(dead((b) => b.when(eq(R(1), konst(0)), () => b.mov(R(3), konst(2))), set)).toEqual([1]);
  });

  test('not what an instruction writes behind its access', () => {
    const postIncrement: Row = (b) => {
      b.store(Op.Store32, R(3), konst(0), R(1));
      b.add(R(3), konst(4), R(3));
    };
    expect(dead(postIncrement, set)).toEqual([]);
  });
});

test.each(engines)('a stop asked for by a device shows everything of its instruction, $engine $compile', (options) => {
  const memory = createAddressSpace([
    { name: 'code', start: 0x1000, size: 0x100, kind: 'ram', executable: true },
    {
      name: 'device',
      start: 0x8000,
      size: 16,
      kind: 'mmio',
      executable: false,
      device: { read: () => 0, write: () => cpu.requestStop() },
    },
  ]);
  memory.write(0x1000, new Uint8Array(Uint32Array.of(0, 1, 0, 1, 9).buffer));
  const rows: Row[] = [
    (b) => {
      b.store(Op.Store32, R(3), konst(0), R(1));
      b.add(R(3), konst(4), R(3));
    },
    (b) => b.mov(R(3), konst(0x8008)),
  ];
  const cpu = createCpu(scriptArchitecture(rows), memory, options);
  cpu.pc = 0x1000;
  cpu.set(3, 0x8000);
  expect(cpu.run()).toEqual({ kind: 'requested', pc: 0x1004 });
  expect(cpu.get(3)).toBe(0x8004);
  expect(cpu.run()).toEqual({ kind: 'requested', pc: 0x100c });
  expect(cpu.get(3)).toBe(0x800c);
});
