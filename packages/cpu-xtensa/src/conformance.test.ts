import { createCpu } from '@loadstone/cpu-core';
import { cpuConformance } from '@loadstone/cpu-core/conformance';
import { describe, test } from 'vitest';
import { xtensaKit } from './testing/conformance-kit.js';
import { xtensa } from './xtensa.js';

describe.each([
  { engine: 'interpreter', compile: 'hot' },
  { engine: 'interpreter', compile: 'always' },
  { engine: 'wasm', compile: 'always' },
  { engine: 'wasm', compile: 'hot' },
] as const)('$engine $compile', (options) => {
  test.each(cpuConformance(xtensaKit, (memory) => createCpu(xtensa, memory, options)))('$name', ({ run }) => run());
});
