import { cpuConformance } from '@loadstone/cpu-core/conformance';
import { thumb } from '@loadstone/cpu-thumb';
import { describe, test } from 'vitest';
import { thumbKit } from '../../cpu-thumb/src/testing/conformance-kit.js';
import { nativeUnicorn } from './testing/native-unicorn.js';
import { createUnicornCpu } from './unicorn-cpu.js';

describe('the shared suite', () => {
  test.each(cpuConformance(thumbKit, (memory) => createUnicornCpu(nativeUnicorn, thumb, memory)))('$name', ({ run }) =>
    run(),
  );
});
