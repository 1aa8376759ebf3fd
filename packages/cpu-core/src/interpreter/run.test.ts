import { expect, test } from 'vitest';
import { float32Add, float32Div, float32Mul, float32MulAdd, float32Sqrt, float32Sub, Rounding } from '../float32.js';
import { DEFAULT_STATE_WORDS, GuestMemory } from '../guest-memory.js';
import { Random } from '../testing/random.js';
import { CODE, DATA, DATA_SIZE, randomFloat, randomHelpers, randomProgram, TABLE } from '../testing/random-program.js';
import { type Row, scriptArchitecture } from '../testing/script-architecture.js';
import type { Generation } from './interpreter-tier.js';
import { Machine } from './machine.js';
import { Exit } from './operations.js';

const float = randomFloat({
  add: (a, b) => float32Add(a, b, Rounding.NearestEven),
  sub: (a, b) => float32Sub(a, b, Rounding.NearestEven),
  mul: (a, b) => float32Mul(a, b, Rounding.NearestEven),
  div: (a, b) => float32Div(a, b, Rounding.NearestEven),
  sqrt: (a) => float32Sqrt(a, Rounding.NearestEven),
  mulAdd: (a, b, c) => float32MulAdd(a, b, c, Rounding.NearestEven),
});

function machine(rows: readonly Row[], words: readonly number[], generation: Generation, seed: number): Machine {
  const random = new Random(seed);
  const memory = new GuestMemory(
    [
      { name: 'code', start: CODE, size: words.length * 4, kind: 'ram', executable: true },
      { name: 'data', start: DATA, size: DATA_SIZE, kind: 'ram', executable: false },
      { name: 'table', start: TABLE, size: 0x100, kind: 'rom', executable: false },
    ],
    DEFAULT_STATE_WORDS,
  );
  memory.write(CODE, new Uint8Array(Uint32Array.from(words).buffer));
  for (let i = 0; i < DATA_SIZE; i += 4) memory.store(DATA + i, 4, random.bits());
  const result = new Machine(scriptArchitecture(rows, { helpers: randomHelpers, float }), memory, generation);
  for (let slot = 0; slot < 13; slot++) result.state[slot] = random.chance(1, 2) ? random.below(0x400) : random.bits();
  result.state[14] = CODE;
  return result;
}

/** Everything a run may change. */
function snapshot({ architecture, exception, exit, fault, memory, state }: Machine) {
  const data = new Uint8Array(DATA_SIZE);
  memory.read(DATA, data);
  return {
    exit,
    fault,
    exception,
    state: [...state.subarray(0, architecture.slots.length)],
    hash: data.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 0),
  };
}

test('the interpreter in JavaScript and the generated one agree about random programs', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const { rows, words } = randomProgram(random, 8 + random.below(60));
    const script = machine(rows, words, 'never', seed);
    const generated = machine(rows, words, 'at-once', seed);
    let pc = CODE;
    for (let round = 0; round < 6; round++) {
      const fuel = 64 + random.below(900);
      script.run(pc, fuel);
      generated.run(pc, fuel);
      const at = { seed, round, pc: script.currentPc(), completed: script.completed() };
      expect({
        seed,
        round,
        pc: generated.currentPc(),
        completed: generated.completed(),
        ...snapshot(generated),
      }).toEqual({ ...at, ...snapshot(script) });
      pc = script.exit === Exit.Boundary ? at.pc : CODE + 4 * random.below(words.length);
    }
  }
});
