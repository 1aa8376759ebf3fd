import { describe, expect, it } from 'vitest';
import { createAddressSpace } from '../address-space.js';
import { eq, ne } from '../builder.js';
import { type CpuOptions, createCpu } from '../core-cpu.js';
import { ExitKind, konst, Op } from '../ir.js';
import { engines } from '../testing/engines.js';
import { LR, R, type Row, SP, scriptArchitecture } from '../testing/script-architecture.js';

const CODE = 0x1_0000;
const DATA = 0x2_0000;
const SIZE = 0x1000;

function machine(rows: readonly Row[], options: CpuOptions, executable = false) {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x1000, kind: 'rom', executable: true },
    { name: 'data', start: DATA, size: SIZE, kind: 'ram', executable },
  ]);
  memory.write(CODE, new Uint8Array(Uint32Array.from(rows, (_, i) => i).buffer));
  for (let i = 0; i < SIZE; i += 4) memory.store(DATA + i, 4, i);
  const cpu = createCpu(scriptArchitecture(rows), memory, options);
  // Where accesses are expected that were never seen.
  cpu.set(SP, DATA + SIZE / 2);
  return { cpu, memory };
}

/** Sums the words from r1 to r2 in r0; leaves where it ends by an undefined instruction. */
const SUM: Row[] = [
  (b) => b.add(R(0), b.load(Op.Load32, R(1), konst(0)), R(0)),
  (b) => b.add(R(1), konst(4), R(1)),
  (b) => b.jumpIf(ne(R(1), R(2)), CODE),
  (b) => b.raise(0),
];

describe('checks that look ahead', () => {
  it('are taken back where they lead out of the memory again and again', () => {
    const { cpu } = machine(SUM, { engine: 'wasm' });
    const run = (): number => {
      cpu.pc = CODE;
      cpu.set(0, 0);
      // The last five words: not a multiple of the four that one check looks at.
      cpu.set(1, DATA + SIZE - 20);
      cpu.set(2, DATA + SIZE);
      expect(cpu.run({ fuel: 1000 }).kind).toBe('exception');
      return cpu.get(0);
    };
    const expected = [20, 16, 12, 8, 4].reduce((sum, back) => sum + SIZE - back, 0);
    for (let i = 0; i < 3000; i++) expect(run()).toBe(expected);
    const before = cpu.stats().exits.memory;
    expect(before).toBeGreaterThan(0);
    for (let i = 0; i < 3000; i++) run();
    expect(cpu.stats().exits.memory).toBe(before);
  });

  it('fault at the access, with the state there, and not before', () => {
    for (const options of engines) {
      const { cpu } = machine(SUM, options);
      for (let i = 0; i < 100; i++) {
        cpu.pc = CODE;
        cpu.set(0, 0);
        cpu.set(1, DATA + SIZE - 24);
        cpu.set(2, DATA + SIZE + 4);
        const before = cpu.instructions;
        const stop = cpu.run({ fuel: 1000 });
        expect(stop).toMatchObject({ kind: 'memory-fault', pc: CODE });
        expect(cpu.get(1)).toBe(DATA + SIZE);
        expect(cpu.instructions - before).toBe(18);
      }
    }
  });

  it('see what another way stores', () => {
    // r1 is loaded from in any case, and stored to when r3 is 0: the store lies where only loads may go.
    const rows: Row[] = [
      (b) => b.load(Op.Load32, R(1), konst(0), R(0)),
      (b) => b.jumpIf(eq(R(3), konst(0)), CODE + 12),
      (b) => b.jumpTo(R(LR), ExitKind.Return),
      (b) => b.store(Op.Store32, R(1), konst(0), R(4)),
      (b) => b.jumpTo(R(LR), ExitKind.Return),
      (b) => b.raise(0),
    ];
    for (const options of engines) {
      const { cpu } = machine(rows, options);
      const run = (address: number, stores: boolean) => {
        cpu.pc = CODE;
        cpu.set(LR, CODE + 20);
        cpu.set(1, address);
        cpu.set(3, stores ? 0 : 1);
        cpu.set(4, 7);
        return cpu.run({ fuel: 100 });
      };
      for (let i = 0; i < 100; i++) {
        expect(run(DATA, true)).toMatchObject({ pc: CODE + 20 });
        expect(run(CODE, false)).toMatchObject({ pc: CODE + 20 });
      }
      expect(run(CODE, true)).toMatchObject({ kind: 'memory-fault', pc: CODE + 12 });
    }
  });

  it('of a store and a load behind it keep the store away from code', () => {
    const rows: Row[] = [
      (b) => b.store(Op.Store32, R(1), konst(0), R(2)),
      (b) => b.load(Op.Load32, R(1), konst(0), R(3)),
      (b) => b.jumpTo(R(LR), ExitKind.Return),
      (b) => b.raise(0),
      (b) => b.mov(R(0), konst(4)),
      (b) => b.mov(R(0), konst(5)),
    ];
    for (const options of engines) {
      const { cpu, memory } = machine(rows, options, true);
      const store = (address: number, word: number): void => {
        cpu.pc = CODE;
        cpu.set(LR, CODE + 12);
        cpu.set(1, address);
        cpu.set(2, word);
        expect(cpu.run({ fuel: 100 })).toMatchObject({ kind: 'exception', pc: CODE + 12 });
        expect(cpu.get(3)).toBe(word);
      };
      // No code is in the data yet when this is compiled.
      for (let i = 0; i < 10; i++) store(DATA + 0x800, i);
      memory.store(DATA + 4, 4, 3);
      for (const word of [4, 5, 4]) {
        store(DATA, word);
        cpu.pc = DATA;
        expect(cpu.run({ fuel: 100 })).toMatchObject({ kind: 'exception', pc: DATA + 4 });
        expect(cpu.get(0)).toBe(word);
      }
    }
  });
});
