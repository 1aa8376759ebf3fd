import { type AddressSpace, createAddressSpace, createCpu } from '@loadstone/cpu-core';
import { describe, expect, it, vi } from 'vitest';
import { beginWindowedCall } from './calls.js';
import { EXCSAVE1, VECBASE } from './slots.js';
import { assemble } from './testing/assemble.js';
import { HOST, visibleState } from './testing/machine.js';
import { windows } from './windows.js';
import { xtensa } from './xtensa.js';

/* Spills and reloads in compiled code: they do what the unit's own do, and leave to it whatever is not the common case. */

const CODE = 0x4008_0000;
const STACK = 0x3f40_0000;
const STACK_SIZE = 0x4000;
const VECTORS = 0x4009_0400;
const NO_VECTORS = 0x5000_0000;
/** How deep the probe runs, counted from the innermost call. */
const TURN = 20;

interface Setup {
  /** Runs on the way up from the call with argument `TURN`; may use a5 to a7. */
  readonly probe?: string;
  /** In EXCSAVE1, for the probe. */
  readonly word?: number;
  readonly code?: number;
  readonly vecbase?: number;
  readonly depth?: number;
  readonly increment?: 4 | 8 | 12;
  readonly prepare?: (memory: AddressSpace) => void;
}

/** Goes down `depth` calls and up again, and adds the arguments. */
function program(probe: string, increment: number): string {
  const sum = increment === 4 ? 'mov.n a2, a6\n add.n a2, a2, a3' : `add.n a2, a${increment + 2}, a3`;
  return `
    sum:
      entry a1, 48
      mov.n a3, a2
      beqz a2, up
      addi a${increment + 2}, a2, -1
      call${increment} sum
      ${sum}
    up:
      movi a4, ${TURN}
      bne a3, a4, end
      ${probe}
    end:
      retw
  `;
}

function run(engine: 'interpreter' | 'wasm', setup: Setup) {
  const { probe = '', word = 0, code = CODE, vecbase = NO_VECTORS, depth = 40, increment = 8, prepare } = setup;
  const memory = createAddressSpace([
    { name: 'code', start: code, size: 0x1000, kind: 'ram', executable: true },
    { name: 'vectors', start: VECTORS, size: 0x400, kind: 'ram', executable: true },
    { name: 'stack', start: STACK, size: STACK_SIZE, kind: 'ram', executable: true, alignedOnly: true },
    { name: 'host', start: HOST, size: 0x10, kind: 'trap', executable: true },
  ]);
  const cpu = createCpu(xtensa, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine });
  memory.write(code, assemble(code, program(probe, increment)).bytes);
  prepare?.(memory);
  cpu.set(VECBASE, vecbase);
  cpu.set(EXCSAVE1, word);
  const asked = [vi.spyOn(windows, 'spill'), vi.spyOn(windows, 'reload')];
  const stops = [];
  const asks: number[] = [];
  for (let time = 0; time < 2; time++) {
    for (const spy of asked) spy.mockClear();
    beginWindowedCall(cpu, { entry: code, returnTo: HOST, stackTop: STACK + STACK_SIZE, args: [depth] });
    const stop = cpu.run({ fuel: 10_000 });
    const stack = new Uint8Array(STACK_SIZE);
    memory.read(STACK, stack);
    stops.push({
      stop,
      instructions: cpu.instructions,
      state: visibleState(cpu),
      stack: Buffer.from(stack).toString('hex'),
    });
    asks.push(asked.reduce((sum, { mock }) => sum + mock.calls.length, 0));
  }
  vi.restoreAllMocks();
  return { stops, asks };
}

/** What both engines do, time by time, and how often compiled code asked the unit. */
function runAlike(setup: Setup): { readonly stop: string; readonly pc: number; readonly asks: number }[] {
  const { stops, asks } = run('wasm', setup);
  expect(stops).toEqual(run('interpreter', setup).stops);
  return stops.map(({ stop }, time) => ({ stop: stop.kind, pc: 'pc' in stop ? stop.pc : 0, asks: asks[time] }));
}

describe('window spills in compiled code', () => {
  // A visible window has four quads, so that 12, 6 or 4 more frames fit in; the host's frame is one.
  it.each([4, 8, 12] as const)('are as those of the unit, for frames of call%i', (increment) => {
    const [first] = runAlike({ increment });
    expect(first).toMatchObject({ stop: 'trap', pc: HOST });
    // Whenever compiled code is entered, the first overflow or underflow asks the unit.
    expect(first.asks).toBeGreaterThan(0);
    expect(first.asks).toBeLessThan(5);
  });

  it('leave a stack that ends to the unit', () => {
    expect(runAlike({ depth: 500 })[0].stop).toBe('memory-fault');
  });

  it('leave a stack pointer that is not aligned to the unit', () => {
    expect(runAlike({ increment: 4, probe: 'addi a1, a1, 2' })[0].stop).toBe('memory-fault');
  });

  it('leave a save area that goes beyond the memory to the unit', () => {
    // Where RETW finds the stack pointer of its caller's caller; 32 bytes below it lie registers 4 to 7.
    const point = 'rsr a6, excsave1\n s32i a6, a1, 36';
    expect(runAlike({ word: STACK + STACK_SIZE + 24, probe: point })[0].stop).toBe('memory-fault');
  });

  it.each([VECTORS, VECTORS + 0x3f0])(
    'leave all to the unit while the guest could write a handler (VECBASE %i)',
    (vecbase) => {
      const [{ stop, asks }] = runAlike({ vecbase });
      expect(stop).toBe('trap');
      expect(asks).toBeGreaterThan(60);
    },
  );

  it('see a handler that the guest writes', () => {
    const install = 'rsr a5, vecbase\n movi a6, 119\n s32i a6, a5, 192';
    expect(runAlike({ vecbase: VECTORS, probe: install })[0].pc & ~15).toBe(VECTORS + 0xc0);
  });

  it.each(['wsr', 'xsr'])('see that the guest sets VECBASE to where handlers are, by %s', (set) => {
    const turn = `rsr a5, excsave1\n ${set} a5, vecbase`;
    const prepare = (memory: AddressSpace) => void memory.store(VECTORS + 0xc0, 4, 0x77);
    expect(runAlike({ word: VECTORS, probe: turn, prepare })[0].pc & ~15).toBe(VECTORS + 0xc0);
  });

  it('see code that they overwrite', () => {
    // A function of one RET.N, below the stack at the probe, is written and called; the frames of the next time lie over it.
    const call = `
      mov.n a7, a0
      addi a5, a1, -128
      rsr a6, excsave1
      beqz a6, written
      s32i a6, a5, 0
      movi a6, 0
      wsr a6, excsave1
    written:
      callx0 a5
      mov.n a0, a7
    `;
    const [written, overwritten] = runAlike({ word: 0xf00d, probe: call });
    expect(written.stop).toBe('trap');
    expect(overwritten.stop).not.toBe('trap');
  });

  it('return to the address that compiled code leaves with', () => {
    // a0 gets the link of call8 from 0xffffffff.
    const link = 'rsr a0, excsave1';
    expect(runAlike({ code: 0xc008_0000, word: 0xbfff_ffff | 0, probe: link })[0].pc).toBe(0xffff_ffff);
  });
});
