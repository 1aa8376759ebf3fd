import { describe, expect, it } from 'vitest';
import { createAddressSpace } from '../address-space.js';
import { ne } from '../builder.js';
import { type CpuOptions, createCpu } from '../core-cpu.js';
import { ExitKind, konst } from '../ir.js';
import { LR, R, type Row, scriptArchitecture } from '../testing/script-architecture.js';

const CODE = 0x1_0000;
const HOST = 0xf000_0000;

/** Rows for functions that add their own number to r0 and return, and for a caller of all of them. */
const FUNCTIONS = 60;
const SPACING = 0x40;
const place = (f: number): number => CODE + SPACING * f;
const CALLER_PC = place(FUNCTIONS);
const rows: Row[] = [
  ...Array.from(
    { length: FUNCTIONS },
    (_, f): Row =>
      (b) =>
        b.add(R(0), konst(f + 1), R(0)),
  ),
  (b) => b.jumpTo(R(LR), ExitKind.Return),
  // The caller: function 0, then the one at r2, until r3 is 0.
  (b) => {
    b.mov(LR, konst(CALLER_PC + 4));
    b.jump(place(0), ExitKind.Call, CALLER_PC + 4);
  },
  (b) => {
    b.mov(LR, konst(CALLER_PC + 8));
    b.jumpTo(R(2), ExitKind.Call, CALLER_PC + 8);
  },
  (b) => {
    b.sub(R(3), konst(1), R(3));
  },
  (b) => b.jumpIf(ne(R(3), konst(0)), CALLER_PC),
  // Calls the host, which goes on behind it.
  (b) => b.jump(HOST, ExitKind.Call, CALLER_PC + 0x14),
];
const RETURN = FUNCTIONS;
const CALLER = FUNCTIONS + 1;
const UNDEFINED = 0xffff;

function machine(options: CpuOptions) {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x4000, kind: 'ram', executable: true },
    { name: 'host', start: HOST, size: 0x10, kind: 'trap', executable: false },
  ]);
  const write = (address: number, ...words: number[]) =>
    memory.write(address, new Uint8Array(Uint32Array.from(words).buffer));
  for (let f = 0; f < FUNCTIONS; f++) write(place(f), f, RETURN);
  write(CALLER_PC, CALLER, CALLER + 1, CALLER + 2, CALLER + 3, CALLER + 4, 6, UNDEFINED);
  const cpu = createCpu(scriptArchitecture(rows), memory, { engine: 'wasm', compile: 'always', ...options });
  cpu.onTrap = () => 'stop';
  return { cpu, memory, write };
}

type Cpu = ReturnType<typeof machine>['cpu'];

/** Calls function 0 and function `f` in turn; returns what they and the end added to r0. */
function call(cpu: Cpu, f: number, times = 1): number {
  cpu.pc = CALLER_PC;
  cpu.set(0, 0);
  cpu.set(2, place(f));
  cpu.set(3, times);
  expect(cpu.run().kind).toMatch(/^(trap|exception)$/);
  return cpu.get(0);
}

describe('the store of compiled code', () => {
  it('holds no more than maxCodeBytes, and what was dropped runs again', () => {
    const { cpu } = machine({ maxCodeBytes: 6000 });
    const { cpu: free } = machine({});
    let most = 0;
    for (let round = 0; round < 3; round++) {
      for (let f = 0; f < FUNCTIONS; f++) {
        expect(call(cpu, f)).toBe(f + 2);
        expect(call(free, f)).toBe(f + 2);
        most = Math.max(most, cpu.stats().bytes);
      }
    }
    expect(most).toBeLessThanOrEqual(6000);
    expect(free.stats().bytes).toBeGreaterThan(12_000);
    expect(cpu.stats().modules).toBeLessThan(free.stats().modules);
    expect(cpu.stats().compiledInstructions).toBeGreaterThan(free.stats().compiledInstructions);
  });

  it('keeps what is called all the time, though the run loop does not enter it', () => {
    const { cpu } = machine({ maxCodeBytes: 8000 });
    const { cpu: free } = machine({});
    for (let f = 1; f < FUNCTIONS; f++) {
      expect(call(cpu, f, 40)).toBe(40 * (f + 2));
      call(free, f, 40);
    }
    expect(cpu.stats().modules).toBeLessThan(free.stats().modules);
    // Nothing was compiled twice: what went was never called again.
    expect(cpu.stats().compiledInstructions).toBe(free.stats().compiledInstructions);
  });

  it('holds a single module that is larger than the bound', () => {
    const { cpu } = machine({ maxCodeBytes: 1 });
    expect(call(cpu, 2, 10)).toBe(40);
    expect(cpu.stats().modules).toBe(1);
  });

  it('does not go on in code that was dropped while it waited for the host', () => {
    const { cpu, write } = machine({ maxCodeBytes: 3000 });
    const sums: number[] = [];
    let calls = 0;
    cpu.onTrap = () => {
      if (++calls > 1) return 'stop';
      const saved = [0, 2, 3, LR].map((slot) => [slot, cpu.get(slot)] as const);
      for (let f = 0; f < FUNCTIONS; f++) sums.push(call(cpu, f));
      for (const [slot, value] of saved) cpu.set(slot, value);
      // Not function 6's row behind the call any more, but function 19's.
      write(CALLER_PC + 0x14, 19);
      cpu.pc = CALLER_PC + 0x14;
      return 'continue';
    };
    expect(call(cpu, 3, 2)).toBe(2 * 5 + 20);
    expect(sums).toEqual(Array.from({ length: FUNCTIONS }, (_, f) => f + 2));
  });

  it('drops code that is overwritten, and gives its table slots to new code', () => {
    const { cpu, write } = machine({});
    for (let round = 0; round < 300; round++) {
      const f = 1 + (round % 5);
      expect(call(cpu, f)).toBe((round < 5 ? f + 1 : 30 + f) + 1);
      if (round % 5 === 4) for (let g = 1; g <= 5; g++) write(place(g), 29 + g, RETURN);
    }
    expect(cpu.stats().modules).toBeLessThan(20);
  });

  it('refuses a bound that is not above 0', () => {
    expect(() => machine({ maxCodeBytes: 0 })).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    expect(() => machine({ maxCodeBytes: Number.NaN })).toThrow(/maxCodeBytes/);
  });
});
