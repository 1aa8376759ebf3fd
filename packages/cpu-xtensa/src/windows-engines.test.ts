import { createAddressSpace, createCpu, type StopReason } from '@loadstone/cpu-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginWindowedCall } from './calls.js';
import { VECBASE } from './slots.js';
import { assemble } from './testing/assemble.js';
import { CODE, HOST, STACK_TOP, visibleState } from './testing/machine.js';
import { xtensa } from './xtensa.js';

/* Random call trees through windows of all sizes: the compiled code must do what the interpreter does, stop by stop. */

const FUNCTIONS = 6;
const STACK = 0x8000;

/** A function: works on registers of its own, calls others while its depth (a2) lasts, returns. */
function functionSource(index: number, random: () => number): string {
  const lines = ['.align 4', `f${index}:`, 'entry a1, 112', 's32i a3, a1, 0', `beqz a2, end${index}`];
  const calls = 1 + (random() % 3);
  for (let call = 0; call < calls; call++) {
    const size = 1 + (random() % 3);
    const first = size * 4;
    const own = (n: number): string => `a${3 + (n % (first - 3))}`;
    for (let i = 0; i < 3; i++) lines.push(`add ${own(random())}, ${own(random())}, a2`);
    if (random() % 4 === 0) lines.push(`rsr ${own(random())}, ${random() % 2 ? 'windowstart' : 'windowbase'}`);
    // Only this frame stays live: its RETW reads what the caller's save area happens to hold.
    if (random() % 40 === 0) {
      lines.push('rsr a3, windowbase', 'ssl a3', 'movi a3, 1', 'sll a3, a3', 'wsr a3, windowstart', 'rsync');
    }
    lines.push(`addi a${first + 2}, a2, ${-1 - (random() % 3)}`, `bltz a${first + 2}, end${index}`);
    lines.push(`xor a${first + 3}, ${own(random())}, a2`);
    lines.push(`call${first} f${random() % FUNCTIONS}`);
    lines.push(`add ${own(random())}, a${first + 2}, ${own(random())}`, `xor a3, a3, a${first + 2}`);
  }
  return [...lines, `end${index}:`, 'l32i a4, a1, 0', 'add a2, a3, a4', random() % 2 ? 'retw' : 'retw.n'].join('\n');
}

function generator(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

interface Outcome {
  readonly stop: StopReason;
  readonly instructions: number;
  readonly state: readonly number[];
  readonly stack: Uint8Array;
}

/** Runs the program in pieces of `fuel` instructions. */
function outcomes(engine: 'interpreter' | 'wasm', code: Uint8Array, depth: number, fuel: readonly number[]): Outcome[] {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x2000, kind: 'ram', executable: true },
    { name: 'stack', start: STACK_TOP - STACK, size: STACK, kind: 'ram', executable: false },
    { name: 'host', start: HOST, size: 0x10, kind: 'trap', executable: true },
  ]);
  const cpu = createCpu(xtensa, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine });
  memory.write(CODE, code);
  cpu.set(VECBASE, 0x5000_0000);
  beginWindowedCall(cpu, { entry: CODE, returnTo: HOST, stackTop: STACK_TOP, args: [depth, 77] });
  return fuel.map((piece) => {
    const stop = cpu.run({ fuel: piece });
    const stack = new Uint8Array(STACK);
    memory.read(STACK_TOP - STACK, stack);
    return { stop, instructions: cpu.instructions, state: visibleState(cpu), stack };
  });
}

describe('call trees', () => {
  it('run alike on the interpreter and compiled', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 3 }),
        (seed, depth, fuel) => {
          const random = generator(seed);
          const source = Array.from({ length: FUNCTIONS }, (_, i) => functionSource(i, random)).join('\n');
          const { bytes } = assemble(CODE, source);
          expect(outcomes('wasm', bytes, depth, fuel)).toEqual(outcomes('interpreter', bytes, depth, fuel));
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 15) },
    );
  });
});
