import { createCpu } from '@loadstone/cpu-core';
import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import { Board } from '../../board/board.js';
import type { CallResult } from '../../call/result.js';
import { faultText } from '../../fault/text.js';
import { host } from '../../host/symbol.js';
import { commonImports } from '../../imports/common.js';
import type { Snapshot } from '../../snapshot/snapshot.js';
import { CODE, DATA, DEVICE, fillData, fuzzBoard, wildArgument } from './layout.js';
import { Random } from './random.js';
import { thumbProgram } from './thumb-program.js';
import { XTENSA_ENTRY, xtensaProgram } from './xtensa-program.js';

export type FuzzKind = 'thumb' | 'xtensa-windowed' | 'xtensa-call0';
export const fuzzKinds: readonly FuzzKind[] = ['thumb', 'xtensa-windowed', 'xtensa-call0'];

/** Ways to run the guest: they must not differ in anything but speed. */
const ENGINES = {
  interpreter: { engine: 'interpreter' },
  compiled: { engine: 'wasm', compile: 'always' },
  tiered: { engine: 'wasm', compile: 'hot' },
} as const;
type EngineName = keyof typeof ENGINES;

/** Every status a call may end with; anything else, an exception included, is a hole. */
const STATUSES: ReadonlySet<string> = new Set(['returned', 'exited', 'fault', 'fuel', 'console', 'heap', 'stack']);

/** A board to run random programs on. */
class FuzzMachine {
  readonly board: Board;
  readonly functions: readonly number[];
  readonly #clean: Snapshot;
  readonly #entry: number;
  /** What the device has seen. */
  #device = 0;

  constructor(kind: FuzzKind, engine: EngineName, heapChecks: boolean) {
    const arm = kind === 'thumb';
    const architecture = arm ? thumb : xtensa;
    this.#entry = arm ? CODE | 1 : XTENSA_ENTRY;
    this.board = new Board(fuzzBoard(kind === 'thumb' ? 'aapcs-vfp' : kind), {
      architecture,
      cpu: (_architecture, memory) => createCpu(architecture, memory, ENGINES[engine]),
      heapChecks,
      limits: { consoleBytes: 100_000, heapBytes: 8000 },
      regions: [
        {
          name: 'device',
          start: DEVICE,
          size: 0x100,
          kind: 'mmio',
          executable: false,
          device: { read: (offset, width) => this.#read(offset, width), write: (...access) => this.#write(...access) },
        },
      ],
    });
    const { board } = this;
    board.keep({
      name: 'device',
      save: () => ({ data: this.#device }),
      restore: (state) => {
        this.#device = Number(state?.data);
      },
    });
    board.define(
      ...commonImports(board),
      ...commonImports(board, 'arduino'),
      host('int visit(int value, int (*back)(int))', (value: number, back: ((n: number) => number) | null) =>
        back ? back(value - 1) : 0,
      ),
      host('int fail(int n)', (n: number) => {
        if (n % 2 === 0) throw new RangeError(`fail ${n}`);
        return n;
      }),
      host('int later(int n)', (n: number) => Promise.resolve(n)),
    );
    this.functions = [...board.symbols].flatMap(([name, address]) =>
      board.definition(name)?.kind === 'function' ? [address] : [],
    );
    this.#clean = board.snapshot();
  }

  #read(offset: number, width: number): number {
    if (offset === 0xe0) throw new Error('the device gave up');
    this.#device = (Math.imul(this.#device, 31) + offset + width) | 0;
    return this.#device;
  }

  #write(offset: number, width: number, value: number): void {
    this.#device = (Math.imul(this.#device, 33) + Math.imul(offset + width, 7) + value) | 0;
  }

  /** Runs a program from the clean state; a state for every stop. */
  run(seed: number, code: Uint8Array): string[] {
    const random = new Random(seed ^ 0x5a5a);
    const { board } = this;
    board.restore(this.#clean);
    board.write(DATA, fillData(random));
    board.write(CODE, code);
    const args = Array.from({ length: 4 }, () => wildArgument(random));
    const steps = (): number => 1 + random.below(random.once(3) ? 3000 : 200);
    let result = board.call(this.#entry, 'int f(unsigned, unsigned, unsigned, unsigned)', args, { fuel: steps() });
    const states = [this.#state(result)];
    while (result.resume && states.length < 6) {
      result = result.resume({ fuel: steps() });
      states.push(this.#state(result));
    }
    return states;
  }

  #state({ status, returnValue, instructions, fault }: CallResult): string {
    if (!STATUSES.has(status)) throw new Error(`status ${status}`);
    const { board } = this;
    const { flags } = board.cpu.architecture;
    // V is bit 31 of its slot; the others say nothing.
    const slots = board.cpu.architecture.slots.map((_, slot) =>
      slot === flags?.v ? board.cpu.get(slot) >>> 31 : board.cpu.get(slot),
    );
    const { windows } = board.cpu.architecture;
    // The words of the physical file that are visible are stale: the visible registers are current.
    if (windows) {
      const { physical, base, physicalCount } = windows.layout;
      for (let i = 0; i < 16; i += 1) slots[physical + ((4 * slots[base] + i) % physicalCount)] = 0;
    }
    return [
      `${status} ${returnValue} after ${instructions}`,
      fault ? faultText(fault) : '',
      `memory ${board.memoryHash()} device ${this.#device} heap ${board.guestHeap.bytes}`,
      `console ${JSON.stringify(board.console.text.slice(-2000))} ${board.console.bytes}`,
      `slots ${slots.join(' ')}`,
    ].join('\n');
  }
}

/** The same board on all engines. */
export class FuzzPair {
  readonly kind: FuzzKind;
  readonly #machines: readonly (readonly [EngineName, FuzzMachine])[];

  constructor(kind: FuzzKind, heapChecks = false) {
    this.kind = kind;
    const names = Object.keys(ENGINES) as EngineName[];
    this.#machines = names.map((name) => [name, new FuzzMachine(kind, name, heapChecks)]);
  }

  program(seed: number): Uint8Array {
    const random = new Random(seed);
    const { functions } = this.#machines[0][1];
    return this.kind === 'thumb'
      ? thumbProgram(random, functions)
      : xtensaProgram(random, functions, this.kind === 'xtensa-windowed');
  }

  /**
   * Runs the program of a seed on every engine.
   * @returns how its first call ended
   * @throws Error when an engine differs from the interpreter, or something else than a typed stop happens
   */
  run(seed: number, code = this.program(seed)): string {
    let wanted: string[] = [];
    for (const [name, machine] of this.#machines) {
      let states: string[];
      try {
        states = machine.run(seed, code);
      } catch (error) {
        throw new Error(`${this.kind}, seed ${seed}, ${name}: ${error}`, { cause: error });
      }
      if (name === 'interpreter') wanted = states;
      else if (states.join() !== wanted.join())
        throw new Error(`${this.kind}, seed ${seed}: ${difference(name, states, wanted)}`);
    }
    return wanted[0].split(' ')[0];
  }

  /** WebAssembly modules the boards hold. */
  get modules(): number {
    return this.#machines.reduce((sum, [, { board }]) => sum + board.stats().modules, 0);
  }
}

/** The first stop that differs, on both. */
function difference(name: string, states: readonly string[], wanted: readonly string[]): string {
  const stop = wanted.findIndex((state, index) => state !== states[index]);
  return `stop ${stop} differs\n${name}: ${states[stop]}\n\ninterpreter: ${wanted[stop]}`;
}
