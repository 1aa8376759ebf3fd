import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAddressSpace } from '../address-space.js';
import { ne } from '../builder.js';
import { type CpuOptions, createCpu } from '../core-cpu.js';
import { ExitKind, konst, Op } from '../ir.js';
import { LR, R, type Row, scriptArchitecture } from '../testing/script-architecture.js';

const CODE = 0x1_0000;
const DATA = 0x2_0000;
const OTHER = 0x3_0000;

/** Sums r2 words from r1 on in r0; a function at CODE + 0x100 adds r4. */
const rows: Row[] = [
  (b) => b.add(R(0), b.load(Op.Load32, R(1), konst(0)), R(0)),
  (b) => {
    b.add(R(1), konst(4), R(1));
    b.sub(R(2), konst(1), R(2));
  },
  (b) => b.jumpIf(ne(R(2), konst(0)), CODE),
  (b) => {
    b.mov(LR, konst(CODE + 0x10));
    b.jump(CODE + 0x100, ExitKind.Call, CODE + 0x10);
  },
  (b) => b.add(R(0), R(4), R(0)),
  (b) => b.jumpTo(R(LR), ExitKind.Return),
  (b) => b.xor(R(0), R(4), R(0)),
  (b) => {
    b.mov(LR, konst(CODE + 0x14));
    b.jump(CODE + 0x100, ExitKind.Call, CODE + 0x14);
  },
];
const PROGRAM = [0, 1, 2, 3, 99];

function machine(data = DATA, program: readonly number[] = PROGRAM, leaf = 4, compile: CpuOptions['compile'] = 'hot') {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x1000, kind: 'ram', executable: true },
    { name: 'data', start: data, size: 0x1000, kind: 'ram', executable: false },
  ]);
  memory.write(CODE, new Uint8Array(Uint32Array.from(program).buffer));
  memory.write(CODE + 0x100, new Uint8Array(Uint32Array.of(leaf, 5).buffer));
  for (let i = 0; i < 0x400; i++) memory.store(data + 4 * i, 4, i);
  const cpu = createCpu(scriptArchitecture(rows), memory, { engine: 'wasm', compile });
  return { cpu, memory, data };
}

/** Runs until all is compiled; returns the result of the last run. */
function run({ cpu, data }: ReturnType<typeof machine>): number {
  for (let i = 0; i < 60; i++) {
    cpu.pc = CODE;
    cpu.set(0, 0);
    cpu.set(1, data);
    cpu.set(2, 1000);
    cpu.set(4, 0x1_0000);
    expect(cpu.run({ fuel: 10_000 }).kind).toBe('exception');
  }
  return cpu.get(0);
}

const SUM = (999 * 1000) / 2;

describe('code shared by CPUs', () => {
  /** Modules that were compiled. */
  let compiled = 0;

  beforeEach(() => {
    // The interpreter has a module as well: it is there from now on.
    machine(DATA, PROGRAM, 4, 'always');
    compiled = 0;
    const { Module } = WebAssembly;
    vi.spyOn(WebAssembly, 'Module').mockImplementation(
      class extends Module {
        constructor(bytes: BufferSource) {
          super(bytes);
          compiled++;
        }
      },
    );
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is compiled once for the same program', () => {
    const first = machine();
    expect(run(first)).toBe(SUM + 0x1_0000);
    const modules = first.cpu.stats().modules;
    expect(modules).toBeGreaterThan(0);
    compiled = 0;
    for (let i = 0; i < 20; i++) {
      const next = machine();
      expect(run(next)).toBe(SUM + 0x1_0000);
      const { modules: same, functions, bytes, compiledInstructions } = next.cpu.stats();
      expect({ same, functions, bytes, compiledInstructions }).toEqual({
        same: modules,
        functions: first.cpu.stats().functions,
        bytes: first.cpu.stats().bytes,
        compiledInstructions: first.cpu.stats().compiledInstructions,
      });
    }
    expect(compiled).toBe(0);
  });

  it('is not shared where the code differs', () => {
    run(machine());
    compiled = 0;
    // A called function of another kind, and the same loop with another end.
    expect(run(machine(DATA, PROGRAM, 6))).toBe((SUM ^ 0x1_0000) >>> 0);
    const afterLeaf = compiled;
    expect(afterLeaf).toBeGreaterThan(0);
    expect(run(machine(DATA, [0, 1, 2, 4, 7, 99], 6))).toBe(((SUM + 0x1_0000) ^ 0x1_0000) >>> 0);
    expect(compiled).toBeGreaterThan(afterLeaf);
  });

  it('is not shared where the memory it touches lies elsewhere', () => {
    run(machine());
    const { cpu, memory, data } = machine(OTHER);
    memory.store(OTHER, 4, 5000);
    expect(run({ cpu, memory, data })).toBe(SUM + 0x1_0000 + 5000);
    expect(cpu.stats().exits.memory).toBe(0);
  });

  it('runs on each CPU with its own registers and memory', () => {
    const cpus = Array.from({ length: 5 }, (_, i) => {
      const one = machine();
      one.memory.store(DATA, 4, i * 10);
      return one;
    });
    expect(cpus.map(run)).toEqual(cpus.map((_, i) => SUM + 0x1_0000 + i * 10));
    // Code that one of them overwrites is still the others'.
    cpus[2].memory.write(CODE + 0x100, new Uint8Array(Uint32Array.of(6).buffer));
    expect(cpus.map(run)).toEqual(
      cpus.map((_, i) => (i === 2 ? ((SUM + 20) ^ 0x1_0000) >>> 0 : SUM + 0x1_0000 + i * 10)),
    );
  });
});
