import { describe, expect, it } from 'vitest';
import { EXIT } from './layout.js';
import { Linker } from './linker.js';

describe('Linker', () => {
  it('calls what is linked, and returns EXIT where nothing is', () => {
    const linker = new Linker();
    const other = new Linker();
    const slot = linker.acquire(0x100, 0);
    expect(linker.call(slot)).toBe(EXIT);
    // A WebAssembly function of type () -> i32 that is not the stub: the stub of another table would do as well.
    const seven = sevenFunction();
    linker.link(slot, seven);
    expect(linker.call(slot)).toBe(7);
    linker.unlink(slot);
    expect(linker.call(slot)).toBe(EXIT);
    expect(other.call(other.acquire(0x100, 0))).toBe(EXIT);
  });

  it('gives one slot to one place until all have released it', () => {
    const linker = new Linker();
    const slot = linker.acquire(0x100, 0);
    expect(linker.acquire(0x100, 0)).toBe(slot);
    const inOtherMode = linker.acquire(0x100, 1);
    expect(inOtherMode).not.toBe(slot);
    linker.link(slot, sevenFunction());
    linker.release(0x100, 0);
    expect(linker.call(slot)).toBe(7);
    linker.release(0x100, 0);
    expect(linker.call(slot)).toBe(EXIT);
    expect(linker.acquire(0x200, 0)).toBe(slot);
  });

  it('grows with the places that are held, not with those that ever were', () => {
    const linker = new Linker();
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

function sevenFunction(): () => number {
  // (module (func (export "f") (result i32) (i32.const 7)))
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0, 0x0a, 6, 1, 4, 0, 0x41, 7, 0x0b],
  );
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports['f'] as () => number;
}
