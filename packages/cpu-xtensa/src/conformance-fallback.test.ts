import { createCpu } from '@loadstone/cpu-core';
import { cpuConformance } from '@loadstone/cpu-core/conformance';
import { describe, expect, test, vi } from 'vitest';
import { xtensaKit } from './testing/conformance-kit.js';
import { xtensa } from './xtensa.js';

// A host that forbids compilation, as a content security policy without 'wasm-unsafe-eval' does.
vi.hoisted(() => {
  const { Memory, CompileError } = WebAssembly;
  class Module {
    constructor() {
      throw new CompileError('refused');
    }
  }
  Object.defineProperty(globalThis, 'WebAssembly', { value: { Memory, Module } });
});

describe('the interpreter in JavaScript', () => {
  test.each(
    cpuConformance(xtensaKit, (memory) => {
      const cpu = createCpu(xtensa, memory);
      expect(cpu.engineReason).toBe('WebAssembly cannot be compiled: refused');
      return cpu;
    }),
  )('$name', ({ run }) => run());
});
