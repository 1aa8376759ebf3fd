import { type Cpu, createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { readApsr, SLOT, thumb, writeApsr } from '@loadstone/cpu-thumb';
import type { Engine } from './engine.js';

/** One case of an ARM vector file. */
export interface ArmCase {
  readonly t: string;
  readonly a: string;
  /** Code bytes; with `cl` only the first cl are the instruction, the rest data behind it. */
  readonly c: string;
  readonly cl?: number;
  /** More than one instruction. */
  readonly n?: number;
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

const CODE = { start: 0x0040_0000, size: 0x0100_0000 };
const DATA = { start: 0x2000_0000, size: 0x8000 };
/** BKPT #0: ends a case. */
const BREAKPOINT = Uint8Array.of(0x00, 0xbe);
const FUEL = 1000;

/** Data memory before every case. */
const pattern = Uint8Array.from({ length: DATA.size }, (_, i) => {
  const address = DATA.start + i;
  return ((Math.imul(address, 0x9e37_79b1) >>> 24) ^ (address >>> 3)) & 0xff;
});

interface Bench {
  readonly cpu: Cpu;
  readonly actual: Uint8Array;
  readonly expected: Uint8Array;
}

const benches = new Map<Engine, Bench>();

function benchOf(engine: Engine): Bench {
  let bench = benches.get(engine);
  if (!bench) {
    const memory = createAddressSpace([
      { name: 'code', ...CODE, kind: 'ram', executable: true },
      { name: 'data', ...DATA, kind: 'ram', executable: false },
    ]);
    bench = {
      cpu: createCpu(thumb, memory, { engine, compile: 'always' }),
      actual: new Uint8Array(DATA.size),
      expected: new Uint8Array(DATA.size),
    };
    benches.set(engine, bench);
  }
  return bench;
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

const word = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

function inCode(address: number): boolean {
  return address >= CODE.start && address + 2 <= CODE.start + CODE.size;
}

/** Runs a case on an engine. Returns the differences, one a line; none when it passes. */
export function runArmCase(test: ArmCase, engine: Engine): string[] {
  const { cpu, actual, expected } = benchOf(engine);
  const code = bytes(test.c);
  const end = test.pc + (test.cl ?? code.length);
  const target = test.o.pc ?? end;
  const state = new Int32Array(thumb.slots.length);
  for (let i = 0; i < 15; i++) state[i] = test.r[i];
  writeApsr(state, test.p, true, true);
  if (test.s) for (let i = 0; i < 32; i++) state[SLOT.S0 + i] = test.s[i];
  if (test.f !== undefined) state[SLOT.FPSCR] = test.f;
  for (let i = 0; i < state.length; i++) cpu.set(i, state[i]);

  expected.set(pattern);
  for (const [address, hex] of test.m ?? []) expected.set(bytes(hex), address - DATA.start);
  cpu.memory.write(DATA.start, expected);
  for (const [address, hex] of test.w ?? []) expected.set(bytes(hex), address - DATA.start);

  cpu.memory.write(test.pc, code);
  cpu.pc = test.pc;
  const differences: string[] = [];
  const targetIsInside = target >= test.pc && target < test.pc + code.length;
  if (test.cl !== undefined || targetIsInside) {
    // No room for a breakpoint: one step.
    const stop = cpu.step();
    if (stop) differences.push(`stopped: ${JSON.stringify(stop)}`);
  } else {
    if (inCode(end)) cpu.memory.write(end, BREAKPOINT);
    if (inCode(target)) cpu.memory.write(target, BREAKPOINT);
    const stop = cpu.run({ fuel: FUEL });
    const atBreakpoint = stop.kind === 'exception' && stop.name === 'breakpoint';
    const left = stop.kind === 'memory-fault' && stop.fault.access === 'fetch' && !inCode(target);
    if (!atBreakpoint && !left) differences.push(`stopped: ${JSON.stringify(stop)}`);
  }

  const check = (name: string, got: number, want: number): void => {
    if (got >>> 0 !== want >>> 0) differences.push(`${name}: ${word(got)}, expected ${word(want)}`);
  };
  check('pc', cpu.pc, target);
  for (let i = 0; i < 15; i++) check(thumb.slots[i], cpu.get(i), test.o[i] ?? test.r[i]);
  for (let i = 0; i < state.length; i++) state[i] = cpu.get(i);
  check('apsr', readApsr(state), test.o.p ?? test.p);
  check('itstate', state[SLOT.ITSTATE], 0);
  if (test.s) for (let i = 0; i < 32; i++) check(`s${i}`, state[SLOT.S0 + i], test.os?.[i] ?? test.s[i]);
  if (test.f !== undefined) check('fpscr', state[SLOT.FPSCR], test.of ?? test.f);
  cpu.memory.read(DATA.start, actual);
  for (let i = 0; i < DATA.size && differences.length < 40; i++) {
    if (actual[i] !== expected[i]) differences.push(`[${word(DATA.start + i)}]: ${actual[i]}, expected ${expected[i]}`);
  }
  return differences;
}

/** The case's instructions, disassembled. */
export function disassembleArmCase(test: ArmCase): string[] {
  const code = bytes(test.c).subarray(0, test.cl);
  const lines: string[] = [];
  let itstate = 0;
  for (let at = 0; at < code.length; ) {
    const { length, mnemonic, operands } = thumb.disassemble(test.pc + at, code.subarray(at, at + 4), itstate);
    lines.push(`${word(test.pc + at)}  ${mnemonic} ${operands}`);
    const isIt = length === 2 && code[at + 1] === 0xbf && (code[at] & 0xf) !== 0;
    if (isIt) itstate = code[at];
    else itstate = (itstate & 7) === 0 ? 0 : (itstate & 0xe0) | ((itstate << 1) & 0x1f);
    at += length;
  }
  return lines;
}
