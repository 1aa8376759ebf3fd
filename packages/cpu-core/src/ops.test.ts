import { describe, expect, test } from 'vitest';
import { createAddressSpace } from './address-space.js';
import { createCpu } from './core-cpu.js';
import { Cc, DETAIL_SHIFT, type FlagCondition, konst, Op, type Operand } from './ir.js';
import { engines } from './testing/engines.js';
import { addWithCarry, conditions, edgeValues, flagsHold, meanings, operandCount } from './testing/op-semantics.js';
import { FLAG_C, FLAG_N, FLAG_V, FLAG_Z, R, type Row, scriptArchitecture } from './testing/script-architecture.js';

const RESULTS = 0x100_0000;
const CODE = 0x1000;

/** Runs one row per case, each of which leaves its result in r0, and compares the results. */
function check(engine: (typeof engines)[number], cases: readonly { row: Row; expected: number; what: string }[]): void {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: (cases.length + 1) * 4, kind: 'ram', executable: true },
    { name: 'results', start: RESULTS, size: cases.length * 4, kind: 'ram', executable: false },
  ]);
  const rows = cases.map(
    ({ row }, i): Row =>
      (b) => {
        row(b);
        b.store(Op.Store32, konst(RESULTS + 4 * i), konst(0), R(0));
      },
  );
  memory.write(CODE, new Uint8Array(Uint32Array.from(cases, (_, i) => i).buffer));
  memory.write(CODE + cases.length * 4, Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  const cpu = createCpu(scriptArchitecture(rows), memory, engine);
  cpu.pc = CODE;
  expect(cpu.run()).toMatchObject({ kind: 'exception', pc: CODE + cases.length * 4 });
  const results = new Uint8Array(cases.length * 4);
  memory.read(RESULTS, results);
  const words = new Uint32Array(results.buffer);
  const wrong = cases.flatMap((c, i) => (words[i] === c.expected ? [] : [`${c.what}: ${words[i]}, not ${c.expected}`]));
  expect(wrong.slice(0, 10)).toEqual([]);
}

/** Operand as a constant, or as a slot that the row fills first. */
function operands(form: number, values: readonly number[]): { setup: Row; operands: Operand[] } {
  const list = values.map((value, i) => ((form >> i) & 1 ? konst(value) : R(4 + i)));
  return {
    operands: list,
    setup: (b) => {
      values.forEach((value, i) => {
        if (((form >> i) & 1) === 0) b.mov(R(4 + i), konst(value));
      });
    },
  };
}

const thirds = [0, 1, 31, 32, 0x8000_0000];

describe.each(engines)('$engine $compile', (engine) => {
  describe.each(Object.keys(meanings).map((op) => Number(op) as Op))('value op %i', (op) => {
    const count = operandCount[op] ?? 2;
    test.each(Array.from({ length: 1 << count }, (_, form) => form))('operand form %i', (form) => {
      const seconds = count > 1 ? edgeValues : [0];
      const cs = count > 2 ? (op === Op.Funnel ? [0, 1, 5, 31, 32] : thirds) : [0];
      const cases = edgeValues.flatMap((a) =>
        seconds.flatMap((b) =>
          cs.map((c) => {
            const {
              setup,
              operands: [x, y = 0, z = 0],
            } = operands(form, [a, b, c].slice(0, count));
            const row: Row = (builder) => {
              setup(builder);
              if (op === Op.Funnel) builder.funnel(x, y, z, R(0));
              else if (op === Op.Select) builder.select(z, x, y, R(0));
              else builder.binary(op, x, y, R(0));
            };
            return { row, expected: meanings[op](a, b, c), what: `op ${op} of ${a}, ${b}, ${c}` };
          }),
        ),
      );
      check(engine, cases);
    });
  });

  describe.each(Object.keys(conditions).map((cc) => Number(cc) as Cc))('condition %i', (cc) => {
    const pairs = edgeValues.flatMap((a) => edgeValues.map((b) => [a, b] as const));
    test.each([0, 1, 2, 3])('set, operand form %i', (form) => {
      check(
        engine,
        pairs.map(([a, b]) => {
          const {
            setup,
            operands: [x, y],
          } = operands(form, [a, b]);
          const row: Row = (builder) => {
            setup(builder);
            builder.set({ cc, a: x, b: y }, R(0));
          };
          return { row, expected: conditions[cc](a, b) ? 1 : 0, what: `${a} cc ${cc} ${b}` };
        }),
      );
    });
    test.each([0, 1, 2, 3])('when, operand form %i', (form) => {
      check(
        engine,
        pairs.map(([a, b]) => {
          const {
            setup,
            operands: [x, y],
          } = operands(form, [a, b]);
          const row: Row = (builder) => {
            setup(builder);
            builder.mov(R(0), konst(7));
            builder.when({ cc, a: x, b: y }, () => builder.mov(R(0), konst(9)));
          };
          return { row, expected: conditions[cc](a, b) ? 9 : 7, what: `${a} cc ${cc} ${b}` };
        }),
      );
    });
    test.each([0, 1, 2, 3])('jumpIf, operand form %i', (form) => {
      check(
        engine,
        pairs.map(([a, b]) => {
          const {
            setup,
            operands: [x, y],
          } = operands(form, [a, b]);
          const row: Row = (builder) => {
            setup(builder);
            builder.mov(R(0), konst(9));
            builder.jumpIf({ cc, a: x, b: y }, builder.next);
            builder.mov(R(0), konst(7));
          };
          // The jump leaves before the store of the result: memory keeps 0.
          return { row, expected: conditions[cc](a, b) ? 0 : 7, what: `${a} cc ${cc} ${b}` };
        }),
      );
    });
  });

  const flagOps = [
    [Op.FlagsAdd, (a: number, b: number) => addWithCarry(a, b, 0)],
    [Op.FlagsAdc, (a: number, b: number, c: number) => addWithCarry(a, b, c)],
    [Op.FlagsSub, (a: number, b: number) => addWithCarry(a, 0xffff_ffff - b, 1)],
    [Op.FlagsSbc, (a: number, b: number, c: number) => addWithCarry(a, 0xffff_ffff - b, c)],
  ] as const;
  describe.each(flagOps)('flags op %i', (op, meaning) => {
    test.each([0, 1, 2, 3])('operand form %i', (form) => {
      const cases = edgeValues.flatMap((a) =>
        edgeValues.flatMap((b) =>
          [0, 1].map((carry) => {
            const {
              setup,
              operands: [x, y],
            } = operands(form, [a, b]);
            const row: Row = (builder) => {
              setup(builder);
              builder.mov(FLAG_C, konst(carry));
              builder.flags(op, x, y);
              packFlags(builder);
            };
            return { row, expected: meaning(a, b, carry), what: `flags of ${a}, ${b}, ${carry}` };
          }),
        ),
      );
      check(engine, cases);
    });
    test.each(Array.from({ length: 14 }, (_, condition) => condition as FlagCondition))(
      'test %i behind it',
      (condition) => {
        const cases = edgeValues.flatMap((a) =>
          edgeValues.flatMap((b) =>
            [0, 1, 2, 3].map((form) => {
              const {
                setup,
                operands: [x, y],
              } = operands(form, [a, b]);
              const row: Row = (builder) => {
                setup(builder);
                builder.mov(FLAG_C, konst(1));
                builder.flags(op, x, y);
                builder.flagTest(condition, R(0));
              };
              const expected = flagsHold(condition, meaning(a, b, 1)) ? 1 : 0;
              return { row, expected, what: `test ${condition} of ${a}, ${b}` };
            }),
          ),
        );
        check(engine, cases);
      },
    );
  });

  test('FlagsNz leaves C and V', () => {
    const cases = edgeValues.flatMap((a) =>
      [0, 1, 2, 3].flatMap((cv) =>
        [0, 1].map((form) => {
          const {
            setup,
            operands: [x],
          } = operands(form, [a]);
          const row: Row = (builder) => {
            setup(builder);
            builder.mov(FLAG_C, konst(cv >> 1));
            builder.mov(FLAG_V, konst(cv & 1 ? 0xffff_ffff : 0));
            builder.flags(Op.FlagsNz, x);
            packFlags(builder);
          };
          return { row, expected: (addWithCarry(a, 0, 0) & 12) | cv, what: `flags of ${a}` };
        }),
      ),
    );
    check(engine, cases);
  });

  test.each(Array.from({ length: 14 }, (_, condition) => condition as FlagCondition))('flag test %i', (condition) => {
    const cases = Array.from({ length: 16 }, (_, nzcv) => {
      const row: Row = (b) => {
        b.mov(FLAG_N, konst(nzcv & 8 ? 0x8000_0000 : 0x7fff_ffff));
        b.mov(FLAG_Z, konst(nzcv & 4 ? 0 : 0x100));
        b.mov(FLAG_C, konst((nzcv >> 1) & 1));
        b.mov(FLAG_V, konst(nzcv & 1 ? 0x8000_0000 : 0x7fff_ffff));
        b.flagTest(condition, R(0));
      };
      return { row, expected: flagsHold(condition, nzcv) ? 1 : 0, what: `condition ${condition} of NZCV ${nzcv}` };
    });
    check(engine, cases);
  });
});

/** r0 = NZCV as four bits. */
const packFlags: Row = (b) => {
  const n = b.shl(b.shr(FLAG_N, konst(31)), konst(3));
  const z = b.shl(b.set({ cc: Cc.Eq, a: FLAG_Z, b: konst(0) }), konst(2));
  const nz = b.or(n, z);
  const c = b.shl(FLAG_C, konst(1));
  b.or(b.or(nz, c), b.shr(FLAG_V, konst(31)), R(0));
};

test('every value op has a meaning here', () => {
  for (let op = Op.Mov; op <= Op.Select; op++) {
    if (op !== Op.Set) expect(meanings[op], `op ${op}`).toBeTypeOf('function');
  }
  expect(DETAIL_SHIFT).toBe(16);
});
