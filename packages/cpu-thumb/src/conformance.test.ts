import { createCpu } from '@loadstone/cpu-core';
import { cpuConformance } from '@loadstone/cpu-core/conformance';
import { describe, test } from 'vitest';
import { thumb } from './architecture.js';
import { thumbKit } from './testing/conformance-kit.js';

describe.each([
  { engine: 'interpreter', compile: 'hot' },
  { engine: 'interpreter', compile: 'always' },
  { engine: 'wasm', compile: 'always' },
  { engine: 'wasm', compile: 'hot' },
] as const)('$engine $compile', (options) => {
  test.each(cpuConformance(thumbKit, (memory) => createCpu(thumb, memory, options)))('$name', ({ run }) => run());
});
