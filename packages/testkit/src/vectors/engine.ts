import { CpuError, createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { thumb } from '@loadstone/cpu-thumb';

/** Engines that vectors run on. */
export type Engine = 'interpreter' | 'wasm';

/** The engines that exist here. */
export function availableEngines(): Engine[] {
  return (['interpreter', 'wasm'] as const).filter((engine) => {
    try {
      createCpu(thumb, createAddressSpace([]), { engine });
      return true;
    } catch (error) {
      if (error instanceof CpuError && error.code === 'ENGINE_UNAVAILABLE') return false;
      throw error;
    }
  });
}
