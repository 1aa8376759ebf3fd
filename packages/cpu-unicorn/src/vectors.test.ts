import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createAddressSpace } from '@loadstone/cpu-core';
import { readApsr, SLOT, thumb, writeApsr } from '@loadstone/cpu-thumb';
import { describe, expect, it } from 'vitest';
import { nativeUnicorn } from './testing/native-unicorn.js';
import { createUnicornCpu } from './unicorn-cpu.js';

/** Fields of a vector: see the CPU corpus's README in testkit. */
interface Vector {
  readonly a: string;
  readonly c: string;
  readonly cl?: number;
  readonly pc: number;
  readonly r: readonly number[];
  readonly p: number;
  readonly s?: readonly number[];
  readonly f?: number;
  readonly m?: readonly (readonly [number, string])[];
  readonly o: Readonly<Record<string, number>>;
  readonly os?: Readonly<Record<string, number>>;
  readonly of?: number;
  readonly w?: readonly (readonly [number, string])[];
}

const folder = new URL('../../testkit/fixtures/cpu/armv7em/', import.meta.url);
const CODE = { start: 0x0040_0000, size: 0x0100_0000 };
const DATA = { start: 0x2000_0000, size: 0x8000 };
const BREAKPOINT = Uint8Array.of(0x00, 0xbe);

const memory = createAddressSpace([
  { name: 'code', ...CODE, kind: 'ram', executable: true },
  { name: 'data', ...DATA, kind: 'ram', executable: false },
]);
const cpu = createUnicornCpu(nativeUnicorn, thumb, memory);
const pattern = Uint8Array.from({ length: DATA.size }, (_, index) => {
  const address = DATA.start + index;
  return ((Math.imul(address, 0x9e37_79b1) >>> 24) ^ (address >>> 3)) & 0xff;
});

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const inCode = (address: number): boolean => address >= CODE.start && address + 2 <= CODE.start + CODE.size;

function differences(test: Vector): string[] {
  const code = bytes(test.c);
  const end = test.pc + (test.cl ?? code.length);
  const target = test.o['pc'] ?? end;
  const state = new Int32Array(thumb.slots.length);
  thumb.reset(state);
  test.r.forEach((value, index) => {
    state[index] = value;
  });
  writeApsr(state, test.p, true, true);
  test.s?.forEach((value, index) => {
    state[SLOT.S0 + index] = value;
  });
  if (test.f !== undefined) state[SLOT.FPSCR] = test.f;
  state.forEach((value, slot) => {
    cpu.set(slot, value);
  });
  const expected = pattern.slice();
  for (const [address, hex] of test.m ?? []) expected.set(bytes(hex), address - DATA.start);
  memory.write(DATA.start, expected);
  for (const [address, hex] of test.w ?? []) expected.set(bytes(hex), address - DATA.start);
  memory.write(test.pc, code);
  cpu.pc = test.pc;
  const found: string[] = [];
  const before = cpu.instructions;
  if (test.cl !== undefined || (target >= test.pc && target < test.pc + code.length)) {
    const stop = cpu.step();
    if (stop) found.push(JSON.stringify(stop));
    if (cpu.instructions !== before + 1) found.push(`${cpu.instructions - before} instructions`);
  } else {
    if (inCode(end)) memory.write(end, BREAKPOINT);
    if (inCode(target)) memory.write(target, BREAKPOINT);
    const stop = cpu.run({ fuel: 1000 });
    const left = stop.kind === 'memory-fault' && stop.fault.access === 'fetch' && !inCode(target);
    if (!left && !(stop.kind === 'exception' && stop.name === 'breakpoint')) found.push(JSON.stringify(stop));
  }
  const check = (name: string, got: number, want: number): void => {
    if (got >>> 0 !== want >>> 0) found.push(`${name}: ${(got >>> 0).toString(16)}, not ${(want >>> 0).toString(16)}`);
  };
  check('pc', cpu.pc, target);
  for (let slot = 0; slot < 15; slot += 1) check(thumb.slots[slot], cpu.get(slot), test.o[slot] ?? test.r[slot]);
  for (let slot = 0; slot < state.length; slot += 1) state[slot] = cpu.get(slot);
  check('apsr', readApsr(state), test.o['p'] ?? test.p);
  check('itstate', state[SLOT.ITSTATE], 0);
  test.s?.forEach((value, index) => {
    check(`s${index}`, state[SLOT.S0 + index], test.os?.[index] ?? value);
  });
  if (test.f !== undefined) check('fpscr', state[SLOT.FPSCR], test.of ?? test.f);
  const actual = new Uint8Array(DATA.size);
  memory.read(DATA.start, actual);
  const wrong = actual.findIndex((byte, index) => byte !== expected[index]);
  if (wrong >= 0) found.push(`memory at ${(DATA.start + wrong).toString(16)}`);
  return found;
}

describe('Thumb vectors on Unicorn', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz')))('%s', (name) => {
    const lines = gunzipSync(readFileSync(new URL(name, folder)))
      .toString()
      .trim()
      .split('\n');
    const failed: string[] = [];
    for (const line of lines) {
      const test: Vector = JSON.parse(line);
      const found = differences(test);
      if (found.length > 0) failed.push(`${test.a}: ${found.join('; ')}`);
    }
    expect(failed).toEqual([]);
  });
});
