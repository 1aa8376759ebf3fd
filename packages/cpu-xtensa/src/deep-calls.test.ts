import { type Cpu, createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { describe, expect, it } from 'vitest';
import { beginWindowedCall, windowedResult } from './calls.js';
import { VECBASE } from './slots.js';
import { assemble } from './testing/assemble.js';
import { CODE, HOST } from './testing/machine.js';
import { xtensa } from './xtensa.js';

/* Recursion deeper than the host's stack, on which compiled code calls itself, with host functions at every depth. */

const DEPTH = 12_000;
const STACK_TOP = 0x3f40_0000;
/** Calls inside of a host function: some 40 KB of stack. */
const HOST_FRAMES = 400;
const HOST_FUNCTION = HOST + 0x10;

const program = (move: string): string => `
sum:
  entry a1, 32
  beqz a2, done
  ${move}
  l32i a4, a3, 0
  mov.n a11, a3
  addi a10, a2, -1
  call8 sum
  add a2, a2, a10
  callx8 a4
done:
  retw
  .align 4
`;

function run(engine: 'interpreter' | 'wasm', source: string): { sum: number; calls: number } {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x2000, kind: 'ram', executable: true },
    { name: 'stack', start: STACK_TOP - 0x20_0000, size: 0x20_0000, kind: 'ram', executable: false },
    { name: 'host', start: HOST, size: 0x20, kind: 'trap', executable: true },
  ]);
  const cpu: Cpu = createCpu(xtensa, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine });
  memory.write(CODE, assemble(CODE, source).bytes);
  memory.store(CODE + 0x1000, 4, HOST_FUNCTION);
  cpu.set(VECBASE, 0x5000_0000);
  let calls = 0;
  const nest = (frames: number): number => (frames === 0 ? 0 : nest(frames - 1) + 1);
  cpu.onTrap = (address) => {
    if (address !== HOST_FUNCTION) return 'stop';
    calls += nest(HOST_FRAMES) === HOST_FRAMES ? 1 : 0;
    // The function was not entered: its return address is in the caller's a8.
    cpu.pc = (CODE & 0xc000_0000) | (cpu.get(8) & 0x3fff_ffff);
    return 'continue';
  };
  beginWindowedCall(cpu, { entry: CODE, returnTo: HOST, stackTop: STACK_TOP, args: [DEPTH, CODE + 0x1000] });
  expect(cpu.run()).toMatchObject({ kind: 'trap', pc: HOST });
  return { sum: windowedResult(cpu)[0], calls };
}

describe('recursion deeper than the host stack', () => {
  it.each([
    ['nothing else', 'mov.n a5, a5'],
    ['a helper that acts', 'movsp a5, a1'],
    ['a register that a helper reads', 'rsr a5, windowstart'],
    ['a host function on the way down', 'l32i a6, a3, 0\n  callx8 a6'],
  ] as const)('goes on with %s at every depth', (_, move) => {
    const source = program(move);
    expect(run('wasm', source)).toEqual(run('interpreter', source));
  });
});
