import { readFileSync } from 'node:fs';
import { createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { describe, expect, it } from 'vitest';
import { thumb } from '../architecture.js';
import { skipInstruction } from '../skip-instruction.js';
import { SLOT } from '../slots.js';
import { bench, CODE, DATA, type Engine, engines, place } from '../testing/bench.js';
import { ExceptionModel } from './exception-model.js';

const folder = new URL('../../../testkit/fixtures/programs/arm-exceptions/', import.meta.url);
const SEMIHOSTING = 0xab;
const SYS_WRITE0 = 4;
const SYST_CSR = 0xe000_e010;
const SYST_RVR = 0xe000_e014;

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

  /** A vector table at CODE with one handler, 64 bytes behind it; the program 128 bytes behind it. */
  function board(
    vectors: Readonly<Record<number, number>>,
    code: readonly number[],
    handler: readonly number[],
  ): ExceptionModel {
    const cpu = bench(engine, []);
    const table = Array.from({ length: 16 }, (_, n) => vectors[n] ?? 0);
    cpu.memory.write(CODE, new Uint8Array(Uint32Array.from(table).buffer));
    place(cpu, HANDLER, handler);
    place(cpu, PROGRAM, code);
    const model = new ExceptionModel(cpu, { vectorTable: CODE });
    cpu.pc = PROGRAM;
    return model;
  }
  const HANDLER = CODE + 0x40;
  const PROGRAM = CODE + 0x80;
  const BKPT = 0xbe00;
  const BX_LR = 0x4770;

  it('interrupt after exactly as many instructions as SysTick counts', () => {
    // Handler: bkpt. Program: adds r0, #1; b .-2
    const model = board({ 15: HANDLER | 1 }, [0x3001, 0xe7fd], [BKPT, BX_LR]);
    const { cpu } = model;
    cpu.memory.store(SYST_RVR, 4, 99);
    cpu.memory.store(SYST_CSR, 4, 3);
    expect(model.run()).toMatchObject({ kind: 'exception', name: 'breakpoint', pc: HANDLER });
    expect([cpu.instructions, cpu.get(SLOT.R0), cpu.get(SLOT.IPSR)]).toEqual([100, 50, 15]);
    skipInstruction(cpu);
    expect(model.run({ fuel: 11 })).toEqual({ kind: 'fuel', pc: PROGRAM });
    expect([cpu.instructions, cpu.get(SLOT.R0), cpu.get(SLOT.IPSR)]).toEqual([111, 55, 0]);
  });

  it('stop the run when the vector table has no handler, with the state as before', () => {
    const model = board({}, [0xdf05], []);
    const sp = model.cpu.get(SLOT.SP);
    expect(model.run()).toEqual({ kind: 'exception', pc: PROGRAM, name: 'supervisor-call', argument: 5 });
    expect([model.cpu.get(SLOT.SP), model.cpu.get(SLOT.IPSR)]).toEqual([sp, 0]);
  });

  it('stop the run at a fault inside HardFault, and when the stack cannot take the frame', () => {
    const lockup = board({ 3: HANDLER | 1 }, [0xde00], [0xde01]);
    expect(lockup.run()).toMatchObject({ kind: 'exception', name: 'undefined-instruction', pc: HANDLER });
    const overflow = board({ 11: HANDLER | 1 }, [0xdf05], [BX_LR]);
    overflow.cpu.set(SLOT.SP, DATA + 8);
    expect(overflow.run()).toMatchObject({ kind: 'memory-fault', pc: PROGRAM, fault: { access: 'write' } });
  });
});
