import { expect, test } from 'vitest';
import { createAddressSpace } from './address-space.js';
import { type CpuOptions, createCpu } from './core-cpu.js';
import { float32Add, float32Div, float32Mul, float32MulAdd, float32Sqrt, float32Sub, Rounding } from './float32.js';
import type { StopReason } from './stop.js';
import { Random } from './testing/random.js';
import {
  CODE,
  DATA,
  DATA_SIZE,
  JUMPS,
  randomFloat,
  randomHelpers,
  randomProgram,
  TABLE,
} from './testing/random-program.js';
import { FLAG_V, type Row, scriptArchitecture } from './testing/script-architecture.js';

/** Seconds to go on for, and programs to run in any case; set FUZZ_SECONDS for a long search. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 4);
const FEWEST = 10;
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);

const float = randomFloat({
  add: (a, b) => float32Add(a, b, Rounding.NearestEven),
  sub: (a, b) => float32Sub(a, b, Rounding.NearestEven),
  mul: (a, b) => float32Mul(a, b, Rounding.NearestEven),
  div: (a, b) => float32Div(a, b, Rounding.NearestEven),
  sqrt: (a) => float32Sqrt(a, Rounding.NearestEven),
  mulAdd: (a, b, c) => float32MulAdd(a, b, c, Rounding.NearestEven),
});

function machine(rows: readonly Row[], words: readonly number[], options: CpuOptions, seed: number) {
  const random = new Random(seed);
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: words.length * 4, kind: 'ram', executable: true },
    { name: 'data', start: DATA, size: DATA_SIZE, kind: 'ram', executable: seed % 3 === 0 },
    { name: 'table', start: TABLE, size: 0x100, kind: 'rom', executable: false },
  ]);
  memory.write(CODE, new Uint8Array(Uint32Array.from(words).buffer));
  for (let i = 0; i < DATA_SIZE; i += 4) memory.write(DATA + i, new Uint8Array(Uint32Array.of(random.bits()).buffer));
  for (let i = 0; i < 0x100; i += 4) memory.write(TABLE + i, new Uint8Array(Uint32Array.of(random.bits()).buffer));
  memory.write(
    TABLE + JUMPS,
    Uint8Array.from({ length: 0x80 }, () => 2 * random.below(words.length)),
  );
  const architecture = scriptArchitecture(rows, { helpers: randomHelpers, float });
  const cpu = createCpu(architecture, memory, options);
  for (let slot = 0; slot < 13; slot++) cpu.set(slot, random.chance(1, 2) ? random.below(0x400) : random.bits());
  cpu.set(14, CODE);
  cpu.pc = CODE;
  return { cpu, memory, slots: architecture.slots.length };
}

function snapshot({ cpu, memory, slots }: ReturnType<typeof machine>, words: number) {
  const data = new Uint8Array(DATA_SIZE);
  const code = new Uint8Array(words * 4);
  memory.read(DATA, data);
  memory.read(CODE, code);
  let hash = 0;
  for (const bytes of [data, code]) for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return {
    pc: cpu.pc,
    instructions: cpu.instructions,
    hash,
    // V is bit 31 of its slot; the others say nothing.
    state: Array.from({ length: slots }, (_, slot) => (slot === FLAG_V ? cpu.get(slot) >>> 31 : cpu.get(slot))),
  };
}

/** Runs one random program on both engines and compares them at every stop. */
function compare(seed: number): void {
  const random = new Random(seed);
  const { rows, words } = randomProgram(random, 8 + random.below(60));
  const reference = machine(rows, words, { engine: 'interpreter' }, seed);
  const compiled = machine(rows, words, { engine: 'wasm', compile: 'always' }, seed);
  if (random.chance(1, 4)) {
    const address = DATA + random.below(DATA_SIZE);
    const access = random.chance(1, 2) ? 'write' : 'both';
    const length = 1 + random.below(8);
    for (const { cpu } of [reference, compiled]) cpu.addWatchpoint(address, length, access);
  }
  for (let total = 0; total < 4000; ) {
    const fuel = random.chance(1, 4) ? random.below(70) : random.below(1500);
    total += fuel + 1;
    const expected = reference.cpu.run({ fuel });
    const actual = compiled.cpu.run({ fuel });
    expect({ seed, total, stop: actual, ...snapshot(compiled, words.length) }).toEqual({
      seed,
      total,
      stop: expected,
      ...snapshot(reference, words.length),
    });
    if (expected.kind === 'fuel') continue;
    // Goes on elsewhere: behind the instruction that stopped, or at the start.
    const next = random.chance(1, 2) ? CODE : CODE + 4 * random.below(words.length);
    reference.cpu.pc = next;
    compiled.cpu.pc = next;
  }
}

/** Runs one random program at once and instruction by instruction. */
function compareSteps(seed: number): void {
  const random = new Random(seed);
  const { rows, words } = randomProgram(random, 8 + random.below(60));
  const stepped = machine(rows, words, { engine: 'interpreter', compile: 'always' }, seed);
  const run = machine(rows, words, { engine: 'interpreter', compile: 'always' }, seed);
  const fuel = 64 + random.below(1000);
  const actual = run.cpu.run({ fuel });
  let expected: StopReason | undefined;
  for (let i = 0; i < fuel && expected === undefined; i++) expected = stepped.cpu.step();
  expected ??= { kind: 'fuel', pc: stepped.cpu.pc };
  expect({ seed, stop: actual, ...snapshot(run, words.length) }).toEqual({
    seed,
    stop: expected,
    ...snapshot(stepped, words.length),
  });
}

test('blocks and single steps agree about random programs', () => {
  for (let seed = firstSeed; seed < firstSeed + 150; seed++) compareSteps(seed);
});

test('compiled code and interpreter agree at every stop of random programs', { timeout: (seconds + 60) * 1000 }, () => {
  const end = Date.now() + seconds * 1000;
  let seed = firstSeed;
  do {
    compare(seed++);
  } while (Date.now() < end || seed - firstSeed < FEWEST);
});
