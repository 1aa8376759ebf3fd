import type { CpuOptions } from '../core-cpu.js';

/** The engines every test of meaning runs on. */
export const engines = [
  { engine: 'interpreter' },
  { engine: 'wasm', compile: 'always' },
] as const satisfies readonly CpuOptions[];
