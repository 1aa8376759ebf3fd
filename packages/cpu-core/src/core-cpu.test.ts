import { beforeEach, describe, expect, test } from 'vitest';
import { createAddressSpace } from './address-space.js';
import { eq, ne } from './builder.js';
import { type CpuOptions, createCpu } from './core-cpu.js';
import { ExitKind, konst, Op } from './ir.js';
import type { Region } from './region.js';
import { engines } from './testing/engines.js';
import { R, type Row, scriptArchitecture } from './testing/script-architecture.js';

const CODE: Region = { name: 'code', start: 0x1000, size: 0x1000, kind: 'ram', executable: true };
const DATA: Region = { name: 'data', start: 0x8000, size: 0x100, kind: 'ram', executable: false };

let options: CpuOptions = {};

function machine(rows: Row[], program: number[], regions: Region[] = [CODE, DATA]) {
  const memory = createAddressSpace(regions);
  memory.write(0x1000, new Uint8Array(Uint32Array.from(program).buffer));
  const cpu = createCpu(scriptArchitecture(rows), memory, options);
  cpu.pc = 0x1000;
  return { cpu, memory };
}

const increment: Row = (b) => {
  b.add(R(0), konst(1), R(0));
};

describe.each(engines)('run, $engine $compile', (engine) => {
  beforeEach(() => {
    options = engine;
  });

  test('stops exactly at the fuel', () => {
    const loop: Row = (b) => b.jump(0x1000);
    for (let fuel = 0; fuel < 300; fuel++) {
      const { cpu } = machine([increment, loop], [0, 0, 0, 1]);
      expect(cpu.run({ fuel })).toEqual({ kind: 'fuel', pc: 0x1000 + (fuel % 4) * 4 });
      expect(cpu.instructions).toBe(fuel);
      expect(cpu.get(0)).toBe(fuel - Math.floor(fuel / 4));
    }
  });

  test('conditional loop ends in an undefined instruction', () => {
    const { cpu } = machine([increment, (b) => b.jumpIf(ne(R(0), konst(1000)), 0x1000)], [0, 1, 99]);
    expect(cpu.run()).toEqual({ kind: 'exception', pc: 0x1008, name: 'undefined', argument: 0 });
    expect(cpu.instructions).toBe(2000);
  });

  test.each([
    { step: 4, name: 'in turn' },
    { step: 0, name: 'at a constant address' },
  ])('an access behind aligned ones faults where the region wants alignment, $name', ({ step }) => {
    const words: Region = { ...DATA, widths: 6, alignedOnly: true };
    const load: Row = (b) => {
      const address = step === 0 ? konst(0x8002) : R(1);
      b.load(Op.Load32, address, konst(0), R(0));
      b.add(R(1), konst(step), R(1));
    };
    const loop: Row = (b) => b.jumpIf(ne(R(1), konst(0x80a0)), 0x1000);
    const shift: Row = (b) => b.sub(R(1), konst(0x9e), R(1));
    const { cpu } = machine([load, loop, shift, (b) => b.jump(0x1000)], [0, 1, 2, 3], [CODE, words]);
    cpu.set(1, 0x8000);
    const stop = cpu.run();
    const fault = { kind: 'unaligned', access: 'read', address: 0x8002, width: 4, region: 'data' };
    expect(stop).toEqual({ kind: 'memory-fault', pc: 0x1000, fault });
    expect(cpu.instructions).toBe(step === 0 ? 0 : 82);
  });

  test('a host function is not called when the fuel ends with the call', () => {
    const host: Region = { name: 'host', start: 0x9000, size: 0x10, kind: 'trap', executable: true };
    const call: Row = (b) => b.jump(0x9000, ExitKind.Call, 0x1008);
    for (let fuel = 0; fuel < 6; fuel++) {
      const { cpu } = machine([increment, call], [0, 1, 0, 1], [CODE, host]);
      let calls = 0;
      cpu.onTrap = () => {
        calls++;
        cpu.pc = 0x1008;
        return 'continue';
      };
      expect(cpu.run({ fuel })).toEqual({ kind: 'fuel', pc: [0x1000, 0x1004, 0x9000, 0x100c, 0x9000, 0x100c][fuel] });
      expect([cpu.instructions, calls]).toEqual([fuel, [0, 0, 0, 1, 1, 2][fuel]]);
    }
  });

  test('a fault leaves the registers as before the instruction', () => {
    const store: Row = (b) => {
      b.store(Op.Store32, R(1), konst(0), R(0));
      b.add(R(1), konst(4), R(1));
    };
    const { cpu } = machine([store, increment], [0, 0, 1, 0, 0]);
    cpu.set(1, 0x80f4);
    expect(cpu.run()).toEqual({
      kind: 'memory-fault',
      pc: 0x1010,
      fault: { kind: 'unmapped', access: 'write', address: 0x8100, width: 4 },
    });
    expect(cpu.get(1)).toBe(0x8100);
    expect(cpu.instructions).toBe(4);
  });

  test('traps call the handler', () => {
    const trap: Region = { name: 'trap', start: 0xf000, size: 0x100, kind: 'trap', executable: true };
    const call: Row = (b) => {
      b.mov(R(14), konst(b.next));
      b.jump(0xf004, ExitKind.Call, b.next);
    };
    const { cpu } = machine([increment, call], [0, 1, 0, 9], [CODE, DATA, trap]);
    const seen: number[] = [];
    cpu.onTrap = (address) => {
      seen.push(address, cpu.instructions);
      cpu.pc = cpu.get(14);
      return 'continue';
    };
    expect(cpu.run().kind).toBe('exception');
    expect(seen).toEqual([0xf004, 2]);
    expect(cpu.get(0)).toBe(2);
  });

  test('a store into the running block shows at the next instruction', () => {
    const patch: Row = (b) => b.store(Op.Store32, konst(0x1008), konst(0), konst(2));
    const other: Row = (b) => {
      b.mov(R(5), konst(77));
    };
    const { cpu } = machine([increment, patch, other], [0, 1, 0, 9]);
    expect(cpu.run()).toMatchObject({ kind: 'exception', pc: 0x100c });
    expect(cpu.get(0)).toBe(1);
    expect(cpu.get(5)).toBe(77);
    expect(cpu.instructions).toBe(3);
  });

  test('breakpoints stop before the instruction and are passed by the next run', () => {
    const { cpu } = machine([increment, (b) => b.jump(0x1000)], [0, 0, 1]);
    cpu.addBreakpoint(0x1004);
    expect(cpu.run()).toEqual({ kind: 'breakpoint', pc: 0x1004 });
    expect(cpu.get(0)).toBe(1);
    expect(cpu.run()).toEqual({ kind: 'breakpoint', pc: 0x1004 });
    expect(cpu.get(0)).toBe(3);
    cpu.removeBreakpoint(0x1004);
    expect(cpu.run({ fuel: 3 })).toEqual({ kind: 'fuel', pc: 0x1004 });
  });

  test('watchpoints stop behind the access', () => {
    const load: Row = (b) => {
      b.load(Op.Load8U, R(1), konst(0), R(2));
      b.add(R(1), konst(1), R(1));
    };
    const { cpu } = machine([load, (b) => b.jump(0x1000)], [0, 1]);
    cpu.set(1, 0x8000);
    cpu.addWatchpoint(0x8010, 1, 'read');
    expect(cpu.run()).toEqual({ kind: 'watchpoint', pc: 0x1000, address: 0x8010, access: 'read', width: 1 });
    expect(cpu.get(1)).toBe(0x8011);
    expect(cpu.pc).toBe(0x1004);
    expect(cpu.instructions).toBe(33);
  });

  test('when skips', () => {
    const row: Row = (b) => {
      b.when(eq(R(0), konst(1)), () => b.mov(R(1), konst(5)));
      b.mov(R(2), konst(6));
    };
    const { cpu } = machine([row, increment], [0, 9]);
    cpu.run();
    expect([cpu.get(1), cpu.get(2)]).toEqual([0, 6]);
    cpu.set(0, 1);
    cpu.pc = 0x1000;
    cpu.run();
    expect([cpu.get(1), cpu.get(2)]).toEqual([5, 6]);
  });
});
