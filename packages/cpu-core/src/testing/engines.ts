import type { CpuOptions } from '../core-cpu.js';

/** The engines every test of meaning runs on. Without `always` the interpreter is the one in JavaScript: tests are short. */
export const engines = [
  { engine: 'interpreter', compile: 'hot' },
  { engine: 'interpreter', compile: 'always' },
  { engine: 'wasm', compile: 'always' },
] as const satisfies readonly CpuOptions[];
