import { afterEach, describe, expect, test, vi } from 'vitest';
import { createAddressSpace } from './address-space.js';
import { ne } from './builder.js';
import { type CpuOptions, createCpu } from './core-cpu.js';
import { konst, Op } from './ir.js';
import { R, type Row, scriptArchitecture } from './testing/script-architecture.js';

/** r0 += memory[r1]; again until r0 is 1000; then an undefined instruction. */
const ROWS: Row[] = [
  (b) => {
    b.add(R(0), b.load(Op.Load32, R(1), konst(0)), R(0));
  },
  (b) => b.jumpIf(ne(R(0), konst(1000)), 0x1000),
];

function machine(options: CpuOptions) {
  const memory = createAddressSpace([
    { name: 'code', start: 0x1000, size: 0x1000, kind: 'rom', executable: true },
    { name: 'data', start: 0x8000, size: 0x100, kind: 'ram', executable: false },
    {
      name: 'device',
      start: 0x9000,
      size: 4,
      kind: 'mmio',
      executable: false,
      device: { read: () => 1, write: () => {} },
    },
  ]);
  memory.write(0x1000, new Uint8Array(Uint32Array.of(0, 1, 99).buffer));
  memory.store(0x8000, 4, 1);
  const cpu = createCpu(scriptArchitecture(ROWS), memory, options);
  cpu.pc = 0x1000;
  cpu.set(1, 0x8000);
  return cpu;
}

describe('stats', () => {
  test('of the interpreter: its blocks only', () => {
    const cpu = machine({ engine: 'interpreter' });
    expect(cpu.stats().blocks).toBe(0);
    cpu.run();
    const { blocks, functions, modules, bytes, compileMilliseconds } = cpu.stats();
    expect({ blocks, functions, modules, bytes, compileMilliseconds }).toEqual({
      blocks: 1,
      functions: 0,
      modules: 0,
      bytes: 0,
      compileMilliseconds: 0,
    });
  });

  test('of compiled code: functions, bytes, and exits by reason', () => {
    const cpu = machine({ engine: 'wasm', compile: 'always' });
    cpu.run();
    const before = cpu.stats();
    expect(before.functions).toBeGreaterThan(0);
    expect(before.modules).toBeGreaterThan(0);
    expect(before.bytes).toBeGreaterThan(100);
    expect(before.compiledInstructions).toBeGreaterThanOrEqual(2);
    expect(before.compileMilliseconds).toBeGreaterThan(0);
    cpu.pc = 0x1000;
    cpu.set(0, 0);
    cpu.set(1, 0x9000);
    cpu.run();
    expect(cpu.stats().exits.memory).toBeGreaterThan(before.exits.memory);
  });
});

describe('why code is not compiled', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test('it was asked for, or it is compiled', () => {
    expect(machine({ engine: 'interpreter' }).engineReason).toBe('the interpreter was asked for');
    expect(machine({}).engineReason).toBeUndefined();
  });

  test('the host forbids it', async () => {
    const { CompileError } = WebAssembly;
    vi.stubGlobal('WebAssembly', {
      Memory: WebAssembly.Memory,
      Module: class {
        constructor() {
          throw new CompileError('refused by the content security policy');
        }
      },
    });
    vi.resetModules();
    const core = await import('./index.js');
    const memory = core.createAddressSpace([
      { name: 'code', start: 0x1000, size: 0x1000, kind: 'ram', executable: true },
    ]);
    memory.write(0x1000, new Uint8Array(Uint32Array.of(0, 99).buffer));
    const rows: Row[] = [
      (b) => {
        b.mov(R(3), konst(7));
      },
    ];
    const cpu = core.createCpu(scriptArchitecture(rows), memory);
    expect(cpu.engine).toBe('interpreter');
    expect(cpu.engineReason).toBe('WebAssembly cannot be compiled: refused by the content security policy');
    cpu.pc = 0x1000;
    expect(cpu.run().kind).toBe('exception');
    expect(cpu.get(3)).toBe(7);
    const second = core.createAddressSpace([]);
    expect(() => core.createCpu(scriptArchitecture([]), second, { engine: 'wasm' })).toThrow(/content security policy/);
  });
});
