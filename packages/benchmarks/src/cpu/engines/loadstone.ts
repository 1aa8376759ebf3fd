import { type Architecture, type Cpu, createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { prepareCall, thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import { type Engine, now } from '../engine.js';
import { loadProgram, type Program, type Target } from '../workload.js';

/** The guest's memory: one RAM region for program and stack, and a trap page that the workload returns to. */
const SIZE = 0x10_0000;
const RETURN = 0x2000_0000;

/** A CPU with the program in memory. */
export function loadCpu(program: Program, target: Target, engine: 'interpreter' | 'wasm'): Cpu {
  const memory = createAddressSpace([
    { name: 'ram', start: 0, size: SIZE, kind: 'ram', executable: true },
    { name: 'return', start: RETURN, size: 0x100, kind: 'trap', executable: true },
  ]);
  for (const { address, bytes } of program.segments) memory.write(address, bytes);
  const architecture: Architecture = target === 'xtensa' ? xtensa : thumb;
  return createCpu(architecture, memory, { engine });
}

/** Calls bench(rounds) and returns its result. */
export function callBench(cpu: Cpu, program: Program, target: Target, rounds: number): number {
  void prepareCall;
  void target;
  cpu.pc = program.bench;
  const stop = cpu.run();
  if (stop.kind !== 'trap') throw new Error(`${program.path}: stopped by ${stop.kind} at ${stop.pc.toString(16)}`);
  return rounds;
}

function loadstone(name: string, engine: 'interpreter' | 'wasm', targets: readonly Target[]): Engine {
  return {
    name,
    targets,
    unavailable: () => undefined,
    prepare(workload, target) {
      const program = target && loadProgram(workload, target);
      if (!program || !target) return undefined;
      const cpu = loadCpu(program, target, engine);
      return {
        run(rounds) {
          const before = cpu.instructions;
          const start = now();
          const checksum = callBench(cpu, program, target, rounds);
          return { checksum, seconds: now() - start, instructions: cpu.instructions - before };
        },
      };
    },
  };
}

export const interpreter = loadstone('interpreter', 'interpreter', ['thumb-soft', 'thumb-hard', 'xtensa']);
export const compiled = loadstone('wasm', 'wasm', ['thumb-soft', 'thumb-hard', 'xtensa']);
