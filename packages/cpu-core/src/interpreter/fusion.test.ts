import { describe, expect, test } from 'vitest';
import { createAddressSpace } from '../address-space.js';
import { eq, ne } from '../builder.js';
import { createCpu } from '../core-cpu.js';
import { FlagCondition, konst, Op } from '../ir.js';
import { edgeValues } from '../testing/op-semantics.js';
import { Random } from '../testing/random.js';
import { FLAG_C, FLAG_N, R, type Row, scriptArchitecture } from '../testing/script-architecture.js';

const CODE = 0x1000;
const DATA = 0x8000;

/** Rows as real instruction sets have them: operations on registers, flags behind them, branches on flags. */
function usualRow(random: Random): Row {
  const register = () => R(random.below(6));
  const [d, a, b] = [register(), register(), register()];
  const value = random.chance(1, 2) ? konst(random.pick(edgeValues)) : b;
  const amount = konst(random.below(32));
  const shift = random.pick([Op.Shl, Op.Shr, Op.Sar, Op.Ror]);
  const operation = random.pick([Op.Add, Op.Sub, Op.And, Op.Or, Op.Xor, Op.AndNot, Op.Mul]);
  const condition = random.below(14) as FlagCondition;
  const branch = random.chance(1, 2) ? eq : ne;
  const rows: Row[] = [
    (r) => r.flags(random.pick([Op.FlagsSub, Op.FlagsAdd]), a, value),
    (r) => {
      const [flags, op] = random.pick([
        [Op.FlagsSub, Op.Sub],
        [Op.FlagsAdd, Op.Add],
      ]);
      r.flags(flags, a, value);
      r.binary(op, a, value, d);
    },
    (r) => {
      const temporary = r.binary(operation, a, value);
      if (random.chance(1, 2)) r.flags(Op.FlagsNz, temporary);
      r.mov(d, temporary);
    },
    (r) => {
      const shifted = r.binary(shift, b, amount);
      if (random.chance(1, 2)) r.binary(operation, a, shifted, d);
      else r.binary(operation, shifted, a, d);
      if (random.chance(1, 4)) r.mov(a, shifted);
    },
    (r) => {
      // Forward over one or two instructions, so that everything ends.
      const test = r.flagTest(condition);
      r.jumpIf(branch(test, konst(0)), r.next + 4 * random.below(3));
      if (random.chance(1, 4)) r.mov(d, test);
    },
    (r) => {
      const test = r.flagTest(condition);
      r.when(branch(test, konst(0)), () => r.binary(operation, a, value, d));
    },
    (r) => {
      const bits = r.and(a, konst(1 << random.below(32)));
      if (random.chance(1, 2)) r.jumpIf(branch(bits, konst(0)), r.next + 4);
      else r.when(branch(bits, konst(0)), () => r.mov(d, konst(random.bits())));
    },
    (r) => {
      const address = r.add(r.and(a, konst(0xff)), konst(DATA));
      const into = r.load(random.pick([Op.Load8U, Op.Load32]), address, konst(random.below(8)));
      r.mov(d, into);
    },
    (r) => r.store(random.pick([Op.Store8, Op.Store32]), r.and(a, konst(0xfc)), konst(DATA), b),
    (r) => r.mov(d, konst(random.pick(edgeValues))),
    (r) => r.mov(random.pick([FLAG_C, FLAG_N]), konst(random.below(2))),
  ];
  return random.pick(rows);
}

function machine(rows: readonly Row[], values: readonly number[]) {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x1000, kind: 'rom', executable: true },
    { name: 'data', start: DATA, size: 0x108, kind: 'ram', executable: false },
  ]);
  memory.write(CODE, new Uint8Array(Uint32Array.from({ length: 80 }, (_, i) => i).buffer));
  const cpu = createCpu(scriptArchitecture(rows), memory, { engine: 'interpreter', compile: 'always' });
  values.forEach((value, slot) => {
    cpu.set(slot, value);
  });
  cpu.pc = CODE;
  const state = () => ({
    pc: cpu.pc,
    instructions: cpu.instructions,
    slots: cpu.architecture.slots.map((_, slot) => cpu.get(slot)),
  });
  return { cpu, state };
}

describe('the interpreter gives the same state', () => {
  test('in blocks and one instruction at a time', () => {
    for (let seed = 1; seed <= 600; seed++) {
      const random = new Random(seed);
      // One row is used by one instruction only, and lifted anew in the same way each time.
      const seeds = Array.from({ length: 30 + random.below(30) }, () => random.bits());
      const rows = seeds.map(
        (rowSeed): Row =>
          (builder) =>
            usualRow(new Random(rowSeed))(builder),
      );
      const values = Array.from({ length: 6 }, () => random.pick(edgeValues));
      const [run, stepped] = [machine(rows, values), machine(rows, values)];
      const stop = run.cpu.run({ fuel: 200 });
      let expected = stepped.cpu.step();
      while (expected === undefined) expected = stepped.cpu.step();
      expect({ seed, stop, ...run.state() }).toEqual({ seed, stop: expected, ...stepped.state() });
    }
  });

  test('for every flag condition behind a comparison, and both ways of the branch', () => {
    for (let condition = FlagCondition.Eq; condition <= FlagCondition.Le; condition++) {
      for (const a of edgeValues) {
        for (const b of edgeValues) {
          const rows: Row[] = [
            (r) => r.flags(Op.FlagsSub, R(0), R(1)),
            (r) => r.jumpIf(ne(r.flagTest(condition), konst(0)), CODE + 16),
            (r) => r.mov(2, konst(1)),
            (r) => r.raise(0),
          ];
          const { cpu } = machine(rows, [a, b]);
          cpu.run();
          const stepped = machine(rows, [a, b]);
          for (let i = 0; i < 4; i++) stepped.cpu.step();
          expect([condition, a, b, cpu.get(2), cpu.pc]).toEqual([condition, a, b, stepped.cpu.get(2), stepped.cpu.pc]);
        }
      }
    }
  });
});
