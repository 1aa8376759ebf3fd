import { type AddressSpace, type Cpu, createAddressSpace, createCpu, type StopReason } from '@loadstone/cpu-core';
import { instructionRows, patternOf, slots, xtensa } from '@loadstone/cpu-xtensa';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/* Random programs: the compiled code must do exactly what the interpreter does, up to the pc and registers of a fault. */

const CODE = 0x1_0000;
const DATA = 0x2_0000;
const SIZE = 0x1000;
const INSTRUCTIONS = 60;

/** Rows that stop a run or move the register window at random would end most programs at once. */
const RARE =
  /^(ill|ill\.n|syscall|simcall|entry|movsp|s32[ce].*|l32[er]|[ls]sxp?|break|break\.n|waiti|rf\w*|rotw|wsr|xsr|jx|callx\d+|ret|ret\.n|retw|retw\.n|lddr32\.p|sddr32\.p)$/;
const rows = instructionRows.map(patternOf);
const common = rows.filter(({ row }) => !RARE.test(row.name));

/** A generator of 32-bit numbers (xorshift). */
function generator(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Registers that hold data addresses; only instructions that access memory, and a rare other one, name them. */
const POINTERS = [1, 12, 13];
const ACCESS = /^([ls](8|16|32)|[ls]s[ix]|.*ld(inc|dec)$)/;

/** Instructions at random; branch and call offsets are kept within the program. */
function program(random: () => number): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < INSTRUCTIONS; i++) {
    const wild = random() % 40 === 0;
    const choice = wild ? rows : common;
    const row = choice[random() % choice.length];
    let word = (random() & ~row.mask) | row.value;
    const name = row.row.name;
    for (const { operand, pieces } of wild ? [] : row.operands) {
      if (!operand.address) continue;
      const isBase = operand.key === 's' && ACCESS.test(name);
      const register = isBase ? POINTERS[random() % POINTERS.length] : 2 + (random() % 10);
      for (const { shift, mask } of pieces) word = (word & ~(mask << shift)) | ((register & mask) << shift);
    }
    if (/^(j|call\d+)$/.test(name)) word = (word & 0x3f) | ((random() % 12) << (name === 'j' ? 8 : 6));
    else if (/^b.*z$/.test(name) && row.length === 3) word = (word & 0xfff) | ((random() % 60) << 12);
    else if (/^(b|loop)/.test(name) && row.length === 3) word = (word & 0xffff) | ((random() % 40) << 16);
    for (let byte = 0; byte < row.length; byte++) bytes.push((word >>> (8 * byte)) & 0xff);
  }
  return Uint8Array.from([...bytes, 0, 0x40, 0]);
}

interface Outcome {
  readonly stop: StopReason;
  readonly instructions: number;
  readonly state: readonly number[];
  readonly data: Uint8Array;
}

function machine(engine: 'interpreter' | 'wasm'): { cpu: Cpu; memory: AddressSpace } {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: SIZE, kind: 'ram', executable: true },
    { name: 'data', start: DATA, size: SIZE, kind: 'ram', executable: false },
  ]);
  return { cpu: createCpu(xtensa, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine }), memory };
}

function run(engine: 'interpreter' | 'wasm', code: Uint8Array, seed: number, fuel: number): Outcome {
  const { cpu, memory } = machine(engine);
  const random = generator(seed);
  memory.write(CODE, code);
  memory.write(
    DATA,
    Uint8Array.from({ length: SIZE }, () => random()),
  );
  for (let i = 0; i < 16; i++) cpu.set(i, random() % 3 === 0 ? random() : random() % 64);
  for (const register of POINTERS) cpu.set(register, DATA + 0x800 + (random() % 0x80));
  for (let i = 0; i < 16; i++)
    cpu.set(slots.F0 + i, random() % 4 === 0 ? random() : 0x3f80_0000 ^ (random() & 0x80ff_ffff));
  cpu.set(slots.SAR, random() % 33);
  cpu.set(slots.BR, random() & 0xffff);
  cpu.set(slots.CALLINC, random() & 3);
  cpu.pc = CODE;
  // Twice, so that a run also begins in the middle.
  const half = Math.floor(fuel / 2);
  let stop = cpu.run({ fuel: half });
  if (stop.kind === 'fuel') stop = cpu.run({ fuel: fuel - half });
  const data = new Uint8Array(SIZE);
  memory.read(DATA, data);
  const state = xtensa.slots.map((_, slot) => cpu.get(slot));
  // Physical words that are visible are stale: slots 0 to 15 hold the registers.
  for (let i = 0; i < 16; i++) state[slots.PHYSICAL + ((4 * state[slots.WINDOWBASE] + i) & 63)] = 0;
  return { stop, instructions: cpu.instructions, state, data };
}

describe('random Xtensa programs', () => {
  it('run alike on the interpreter and compiled', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 3000 }), (seed, fuel) => {
        const code = program(generator(seed));
        const wanted = run('interpreter', code, seed, fuel);
        const got = run('wasm', code, seed, fuel);
        expect(got.stop).toEqual(wanted.stop);
        expect(got.instructions).toBe(wanted.instructions);
        expect(got.state).toEqual(wanted.state);
        expect(got.data).toEqual(wanted.data);
      }),
      { numRuns: Number(process.env.RUNS ?? 40) },
    );
  });

  it('calls a null pointer to a fault at address 0', () => {
    const { cpu, memory } = machine('wasm');
    // callx12 a7
    memory.write(CODE, Uint8Array.of(0xf0, 0x07, 0x00));
    cpu.pc = CODE;
    expect(cpu.run({ fuel: 100 })).toMatchObject({
      kind: 'memory-fault',
      pc: 0,
      fault: { access: 'fetch', address: 0 },
    });
    expect(cpu.instructions).toBe(1);
  });
});
