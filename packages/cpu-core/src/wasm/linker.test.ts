import { describe, expect, it } from 'vitest';
import { scriptArchitecture } from '../testing/script-architecture.js';
import { FunctionBody, ModuleBuilder, W } from './encoder.js';
import { EXIT, stateLayout } from './layout.js';
import { Linker } from './linker.js';

const layout = stateLayout(16);

function newLinker(memory = new WebAssembly.Memory({ initial: 1 })): Linker {
  return new Linker(scriptArchitecture([]), memory, layout);
}

describe('Linker', () => {
  it('calls what is linked, and returns EXIT where nothing is', () => {
    const linker = newLinker();
    const other = newLinker();
    const slot = linker.acquire(0x100, 0);
    expect(linker.call(50, slot)).toEqual([EXIT, 50]);
    linker.link(slot, sevenFunction());
    expect(linker.call(50, slot)).toEqual([7, 47]);
    linker.unlink(slot);
    expect(linker.call(50, slot)).toEqual([EXIT, 50]);
    expect(other.call(50, other.acquire(0x100, 0))).toEqual([EXIT, 50]);
  });

  it('runs a function for the host, and puts the fuel that is left into memory', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const linker = newLinker(memory);
    const slot = linker.acquire(0x100, 0);
    linker.link(slot, sevenFunction());
    expect(linker.run(1000, 0, slot)).toBe(7);
    expect(new DataView(memory.buffer).getInt32(layout.fuel, true)).toBe(997);
  });

  it('gives one slot to one place until all have released it', () => {
    const linker = newLinker();
    const slot = linker.acquire(0x100, 0);
    expect(linker.acquire(0x100, 0)).toBe(slot);
    const inOtherMode = linker.acquire(0x100, 1);
    expect(inOtherMode).not.toBe(slot);
    linker.link(slot, sevenFunction());
    linker.release(0x100, 0);
    expect(linker.run(10, 0, slot)).toBe(7);
    linker.release(0x100, 0);
    expect(linker.run(10, 0, slot)).toBe(EXIT);
    expect(linker.acquire(0x200, 0)).toBe(slot);
  });

  it('grows with the places that are held, not with those that ever were', () => {
    const linker = newLinker();
    for (let pc = 0; pc < 10_000; pc++) {
      linker.acquire(pc, 0);
      if (pc >= 10) linker.release(pc - 10, 0);
    }
    expect(linker.size).toBe(64);
    const slots = new Set(Array.from({ length: 200 }, (_, i) => linker.acquire(20_000 + i, 0)));
    expect(slots.size).toBe(200);
    expect(linker.size).toBe(256);
  });
});

/** A guest function of three instructions that returns to 7. */
function sevenFunction(): CallableFunction {
  const body = new FunctionBody(1);
  body.i32(7);
  body.get(0);
  body.i32(3);
  body.op(W.I32Sub);
  const i32 = W.TypeI32 as const;
  const builder = new ModuleBuilder();
  builder.add('f', { parameters: [i32], results: [i32, i32] }, body);
  const module = new WebAssembly.Module(builder.finish());
  const { exports } = new WebAssembly.Instance(module, { e: { m: new WebAssembly.Memory({ initial: 1 }) } });
  return exports['f'] as CallableFunction;
}
