import { expect, test } from 'vitest';
import { createAddressSpace } from '../address-space.js';
import { createCpu } from '../core-cpu.js';
import { DEFAULT_STATE_WORDS, GuestMemory } from '../guest-memory.js';
import { konst } from '../ir.js';
import { R, scriptArchitecture } from '../testing/script-architecture.js';
import { Program } from './program.js';

test('a program grows to 16 MiB at ascending places, and begins anew where it began', () => {
  const memory = new GuestMemory([], DEFAULT_STATE_WORDS);
  const program = new Program(memory);
  const places = [program.end];
  const ends: number[] = [];
  do {
    while (program.hasRoom()) program.push(places.length);
    ends.push(program.end);
    const grew = program.grow();
    if (!grew) break;
    places.push(program.end);
  } while (places.length < 100);
  const bytes = ends.map((end, i) => end - places[i]);
  const sum = bytes.reduce((a, b) => a + b, 0);
  expect(sum).toBeLessThanOrEqual(16 << 20);
  // Of each piece at most the room for one operation is left.
  expect(sum).toBeGreaterThan((16 << 20) - places.length * 4096);
  for (let i = 1; i < places.length; i++) expect(places[i]).toBeGreaterThanOrEqual(ends[i - 1]);
  places.forEach((place, i) => {
    expect(memory.i32[place >> 2]).toBe(i + 1);
  });
  program.clear();
  expect(program.end).toBe(places[0]);
  expect(program.grow()).toBe(true);
  expect(program.end).toBe(places[1]);
});

test('blocks stay translated while the program grows', () => {
  const code = 0x1_0000;
  const memory = createAddressSpace([{ name: 'code', start: code, size: 0x1_0000, kind: 'ram', executable: true }]);
  const words = new Uint32Array(0x4000).fill(0);
  words[0x3fff] = 1;
  memory.write(code, new Uint8Array(words.buffer));
  const cpu = createCpu(scriptArchitecture([(b) => b.add(R(0), konst(1), R(0)), (b) => b.jump(code)]), memory, {
    engine: 'interpreter',
    compile: 'always',
  });
  cpu.pc = code;
  cpu.run({ fuel: 0x4000 });
  expect([cpu.pc, cpu.get(0)]).toEqual([code, 0x3fff]);
  const { blocks } = cpu.stats();
  expect(blocks).toBeGreaterThanOrEqual(0x4000 / 64);
  cpu.run({ fuel: 0x4000 });
  expect([cpu.pc, cpu.get(0), cpu.stats().blocks]).toEqual([code, 2 * 0x3fff, blocks]);
});
