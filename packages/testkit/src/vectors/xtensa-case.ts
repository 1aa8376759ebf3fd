import { type AddressSpace, type Cpu, createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { slots, xtensa } from '@loadstone/cpu-xtensa';

/** A case of the vector files `xtensa/*.jsonl.gz` and `xtensa-fpsteps/*.jsonl.gz`. */
export interface XtensaCase {
  /** Template name, assembler text. */
  readonly t: string;
  readonly a: string;
  /** Code bytes, hexadecimal. */
  readonly c: string;
  readonly pc: number;
  /** a0 to a15 before. */
  readonly r: readonly number[];
  /** SAR, BR, ACCLO, ACCHI, m0 to m3 before. */
  readonly sp: readonly number[];
  /** FCR, FSR, SCOMPARE1 before. */
  readonly u: readonly number[];
  /** f0 to f15 before. */
  readonly f?: readonly number[];
  /** Address and 64 bytes of data memory before; the bytes after when they change. */
  readonly m?: readonly [number, string];
  readonly M?: string;
  /** Address and value of an L32R literal. */
  readonly lit?: readonly [number, number];
  readonly to?: number;
  /** What changed. */
  readonly o: Readonly<Record<string, number>>;
}

export type XtensaEngine = 'interpreter' | 'wasm';

/** How results are compared. */
export interface XtensaComparison {
  /**
   * The case's oracle has another float unit than the ESP32 (`xtensa/fp.jsonl.gz`): any NaN equals any NaN, FSR is not compared.
   */
  readonly advisoryFloat?: boolean;
}

/** Code, literals and data of all cases lie in the first 16 MiB. */
const MEMORY_BYTES = 0x100_0000;
/** Instructions that no case needs. */
const FUEL = 20_000;
const FSR = 0xf80;

interface Bench {
  readonly memory: AddressSpace;
  readonly cpu: Cpu;
  cases: number;
}

/**
 * Cases before a CPU is replaced. Each case is one more compiled module, and V8 frees modules only with the function table they
 * share: 0.1 MB each.
 */
const CASES_PER_CPU = 500;

const benches = new Map<XtensaEngine, Bench>();

function benchOf(engine: XtensaEngine): Bench {
  let bench = benches.get(engine);
  if (bench === undefined || bench.cases === CASES_PER_CPU) {
    const memory = createAddressSpace([{ name: 'ram', start: 0, size: MEMORY_BYTES, kind: 'ram', executable: true }]);
    bench = {
      cases: 0,
      memory,
      cpu: createCpu(xtensa, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine }),
    };
    benches.set(engine, bench);
  }
  bench.cases++;
  return bench;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Named values a case can name in `o`, and how to read them. */
function readState(cpu: Cpu): Record<string, number> {
  const state: Record<string, number> = { pc: cpu.pc };
  for (let i = 0; i < 16; i++) state[`a${i}`] = cpu.get(slots.A0 + i);
  for (let i = 0; i < 16; i++) state[`f${i}`] = cpu.get(slots.F0 + i);
  for (let i = 0; i < 4; i++) state[`m${i}`] = cpu.get(slots.M0 + i);
  state.sar = cpu.get(slots.SAR);
  state.br = cpu.get(slots.BR);
  state.acclo = cpu.get(slots.ACCLO);
  state.acchi = cpu.get(slots.ACCHI);
  state.scompare1 = cpu.get(slots.SCOMPARE1);
  state.lcount = cpu.get(slots.LCOUNT);
  state.fcr = (cpu.get(slots.FCSR) & ~FSR) >>> 0;
  state.fsr = cpu.get(slots.FCSR) & FSR;
  return state;
}

function setSlots(cpu: Cpu, first: number, values: readonly number[]): void {
  for (const [i, value] of values.entries()) cpu.set(first + i, value);
}

/** Writes the state and memory before a case. */
function prepare({ cpu, memory }: Bench, test: XtensaCase): void {
  cpu.reset();
  memory.write(test.pc, bytesOf(test.c));
  if (test.m !== undefined) memory.write(test.m[0], bytesOf(test.m[1]));
  if (test.lit !== undefined) {
    const [address, value] = test.lit;
    memory.write(address, Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24));
  }
  setSlots(cpu, slots.A0, test.r);
  setSlots(cpu, slots.F0, test.f ?? []);
  const [sar, br, acclo, acchi, ...m] = test.sp;
  cpu.set(slots.SAR, sar);
  cpu.set(slots.BR, br);
  cpu.set(slots.ACCLO, acclo);
  cpu.set(slots.ACCHI, acchi);
  setSlots(cpu, slots.M0, m);
  const [fcr, fsr, scompare1] = test.u;
  cpu.set(slots.FCSR, fcr | fsr);
  cpu.set(slots.SCOMPARE1, scompare1);
  cpu.set(slots.CALLINC, (test.pc >>> 2) & 3);
  cpu.pc = test.pc;
}

/** BREAK 0, 0: ends a case that runs compiled. */
const BREAK = Uint8Array.of(0x00, 0x40, 0x00);

/** Runs the case to its end: one instruction, or to the address behind its code. Returns why it stopped too early. */
function run({ cpu, memory }: Bench, test: XtensaCase, engine: XtensaEngine): string | undefined {
  const end = test.pc + test.c.length / 2;
  const target = test.o.pc ?? end;
  const ends = [end, target, test.to ?? end];
  const overlaps = ends.some((address) => address + BREAK.length > test.pc && address < end);
  if (engine === 'wasm' && !overlaps) {
    for (const address of ends) memory.write(address, BREAK);
    const stop = cpu.run({ fuel: FUEL });
    return stop.kind === 'exception' && stop.name === 'break' ? undefined : `stopped: ${JSON.stringify(stop)}`;
  }
  const isSingle = test.to !== undefined;
  for (let i = 0; i < FUEL; i++) {
    const stop = cpu.step();
    if (stop !== undefined) return `stopped: ${JSON.stringify(stop)}`;
    if (isSingle || cpu.pc === end) return undefined;
  }
  return 'did not reach its end';
}

/**
 * Fills the physical registers beyond a15 with other values. A case does not say what they hold, so a result that changes with them
 * is not compared: the oracle found there what earlier cases of its process had left.
 */
function hide(cpu: Cpu, seed: number): void {
  for (let i = 16; i < 64; i++) cpu.set(slots.PHYSICAL + i, Math.imul(seed, i));
}

function isNaNBits(bits: number): boolean {
  return (bits & 0x7fff_ffff) > 0x7f80_0000;
}

/** Runs one case on one engine; returns a line for each difference, none when it passes. */
export function runXtensaCase(test: XtensaCase, engine: XtensaEngine, comparison: XtensaComparison = {}): string[] {
  const bench = benchOf(engine);
  const turnsWindow = test.t.includes('entry');
  const unspecified = new Set<string>();
  let other: Record<string, number> | undefined;
  if (turnsWindow) {
    prepare(bench, test);
    hide(bench.cpu, 0x9e37_79b9);
    run(bench, test, engine);
    other = readState(bench.cpu);
  }
  prepare(bench, test);
  const expected: Record<string, number> = { ...readState(bench.cpu), pc: test.pc + test.c.length / 2, ...test.o };
  // A loop leaves its count as an output; elsewhere LCOUNT is not among a case's registers.
  if (test.o.lcount === undefined) unspecified.add('lcount');
  const failure = run(bench, test, engine);
  if (failure !== undefined) return [failure];
  const lines: string[] = [];
  const actual = readState(bench.cpu);
  if (other !== undefined) for (const name in other) if (other[name] !== actual[name]) unspecified.add(name);
  for (const [name, want] of Object.entries(expected)) {
    const got = actual[name];
    if (got === want || unspecified.has(name)) continue;
    if (comparison.advisoryFloat === true) {
      if (name === 'fsr') continue;
      if (name.startsWith('f') && isNaNBits(got) && isNaNBits(want)) continue;
    }
    lines.push(`${name}: 0x${got.toString(16)}, expected 0x${want.toString(16)}`);
  }
  if (test.m !== undefined) {
    const [address, before] = test.m;
    const bytes = new Uint8Array(before.length / 2);
    bench.memory.read(address, bytes);
    const got = hexOf(bytes);
    const want = test.M ?? before;
    if (got !== want) lines.push(`memory 0x${address.toString(16)}: ${got}, expected ${want}`);
  }
  return lines;
}
