import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createAddressSpace } from '../address-space.js';
import { ne } from '../builder.js';
import { createCpu } from '../core-cpu.js';
import { konst, Op } from '../ir.js';
import { R, type Row, scriptArchitecture } from '../testing/script-architecture.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const CODE = 0x1_0000;

/**
 * A loop that counts r0 up to 1000; each of 30 CPUs in a row has other code. It asks for each kind of memory: at a constant address, at one that
 * was seen, and where code may appear.
 */
function count(step: number) {
  const rows: Row[] = [
    (b) => b.add(R(0), konst(1), R(0)),
    (b) => b.load(Op.Load32, konst(CODE + 0x100 + 4 * (step % 30)), konst(0), R(1)),
    (b) => b.load(Op.Load32, R(2), konst(0), R(1)),
    (b) => b.store(Op.Store32, R(2), konst(0x1000), R(1)),
    (b) => b.jumpIf(ne(R(0), konst(1000)), CODE),
  ];
  const memory = createAddressSpace([{ name: 'code', start: CODE, size: 0x4_0000, kind: 'ram', executable: true }]);
  memory.write(CODE, new Uint8Array(Uint32Array.of(0, 1, 2, 3, 4, 99).buffer));
  const cpu = createCpu(scriptArchitecture(rows), memory, { engine: 'wasm', compile: 'always' });
  cpu.set(2, CODE + 0x200);
  cpu.pc = CODE;
  cpu.onTrap = () => (cpu.get(0) === 0 ? 'stop' : 'continue');
  cpu.run({ fuel: 10_000 });
  expect(cpu.get(0)).toBe(1000);
  expect(cpu.stats().modules).toBeGreaterThan(0);
  return cpu;
}

it('a CPU that is dropped goes with its memory and compiled code', async () => {
  const cpus = 240;
  const alive = new Set<number>();
  const registry = new FinalizationRegistry((number: number) => alive.delete(number));
  const make = (number: number): void => {
    const cpu = count(number);
    alive.add(number);
    registry.register(cpu.memory, number);
  };
  let most = 0;
  for (let i = 0; i < cpus; i++) {
    make(i);
    if (i % 20 !== 19) continue;
    collect();
    // Finalizers run between turns of the event loop.
    await setTimeout(0);
    most = Math.max(most, alive.size);
  }
  for (let tries = 0; tries < 20 && alive.size > 0; tries++) {
    collect();
    await setTimeout(5);
  }
  // The last one may be on the stack still.
  expect(alive.size).toBeLessThanOrEqual(1);
  expect(most).toBeLessThan(cpus / 2);
});
