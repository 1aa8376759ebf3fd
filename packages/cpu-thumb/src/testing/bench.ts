import { type Cpu, CpuError, createAddressSpace, createCpu, type StopReason } from '@loadstone/cpu-core';
import { thumb } from '../architecture.js';

/** Memory of the tests: code can be written, rom cannot, data cannot be executed. */
export const CODE = 0x1000;
export const ROM = 0x8000;
export const DATA = 0x2000_0000;
export const DATA_END = DATA + 0x1000;

export type Engine = 'interpreter' | 'wasm';

function create(engine: Engine): Cpu {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x1000, kind: 'ram', executable: true },
    { name: 'rom', start: ROM, size: 0x1000, kind: 'rom', executable: true },
    { name: 'data', start: DATA, size: DATA_END - DATA, kind: 'ram', executable: false },
  ]);
  return createCpu(thumb, memory, { engine, compile: 'always' });
}

/** The engines that exist here. */
export const engines: readonly Engine[] = (['interpreter', 'wasm'] as const).filter((engine) => {
  try {
    create(engine);
    return true;
  } catch (error) {
    if (error instanceof CpuError && error.code === 'ENGINE_UNAVAILABLE') return false;
    throw error;
  }
});

/** A CPU with half-words of code at `CODE`, about to run them; sp at the end of the data. */
export function bench(engine: Engine, code: readonly number[], registers: Readonly<Record<string, number>> = {}): Cpu {
  const cpu = create(engine);
  place(cpu, CODE, code);
  cpu.set(thumb.stackPointer, DATA_END);
  setRegisters(cpu, registers);
  cpu.pc = CODE;
  return cpu;
}

/** Writes half-words. */
export function place(cpu: Cpu, address: number, code: readonly number[]): void {
  cpu.memory.write(address, Uint8Array.from(code.flatMap((half) => [half, half >>> 8])));
}

export function setRegisters(cpu: Cpu, registers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(registers)) cpu.set(thumb.slots.indexOf(name), value);
}

/** All named slots. */
export function snapshot(cpu: Cpu): Record<string, number> {
  return Object.fromEntries(thumb.slots.map((name, slot) => [name, cpu.get(slot)]));
}

/** Runs; the state must be as before it, the pc at CODE + `offset` with `ran` instructions done. */
export function stopAt(cpu: Cpu, offset: number): StopReason {
  const stop = cpu.run({ fuel: 1000 });
  if (stop.pc !== CODE + offset || cpu.pc !== stop.pc) {
    throw new Error(`stopped at ${cpu.pc.toString(16)}: ${JSON.stringify(stop)}`);
  }
  return stop;
}
