import { readFileSync } from 'node:fs';
import { createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { describe, expect, it } from 'vitest';
import { thumb } from '../architecture.js';
import { skipInstruction } from '../skip-instruction.js';
import { SLOT } from '../slots.js';
import { type Engine, engines } from '../testing/bench.js';
import { ExceptionModel } from './exception-model.js';

const folder = new URL('../../../testkit/fixtures/programs/arm-exceptions/', import.meta.url);
const SEMIHOSTING = 0xab;
const SYS_WRITE0 = 4;

function firmware(engine: Engine): ExceptionModel {
  const memory = createAddressSpace([
    { name: 'flash', start: 0, size: 0x1_0000, kind: 'rom', executable: true },
    { name: 'ram', start: 0x2000_0000, size: 0x8000, kind: 'ram', executable: false },
  ]);
  memory.write(0, readFileSync(new URL('exceptions.bin', folder)));
  return new ExceptionModel(createCpu(thumb, memory, { engine, compile: 'always' }), { vectorTable: 0 });
}

function textAt(model: ExceptionModel, address: number): string {
  const bytes = new Uint8Array(0x2000_8000 - address);
  model.cpu.memory.read(address, bytes);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

describe.each(engines)('exceptions of a Cortex-M4F on %s', (engine) => {
  it('are taken as QEMU takes them', () => {
    const model = firmware(engine);
    model.reset();
    let output = '';
    for (;;) {
      const stop = model.run({ fuel: 1_000_000 });
      if (stop.kind !== 'exception' || stop.name !== 'breakpoint' || stop.argument !== SEMIHOSTING) {
        throw new Error(`${JSON.stringify(stop)} after ${output}`);
      }
      if (model.cpu.get(SLOT.R0) !== SYS_WRITE0) break;
      output += textAt(model, model.cpu.get(SLOT.R1));
      skipInstruction(model.cpu);
    }
    expect(output.split('\n')).toEqual(readFileSync(new URL('exceptions.txt', folder), 'utf8').split('\n'));
  });
});
