import { BoundedMap } from '../wasm/bounded-map.js';
import type { InterpreterShape } from './generated/shape.js';
import { generateInterpreter, type WasmInterpreter } from './wasm-interpreter.js';

/** When the generated interpreter runs the program: never, in place of the one in JavaScript once that pays, or from the start. */
export type Generation = 'never' | 'when-it-pays' | 'at-once';

/**
 * Instructions that all CPUs of one shape run in JavaScript before the generated interpreter is made. Measured in a cold process: making it
 * takes 17 ms, in which the one in JavaScript runs about as many.
 */
const PAYS_BEHIND = 32_000;

/** What CPUs of one shape share. */
interface Shared {
  module: WebAssembly.Module | undefined;
  /** Instructions that ran in JavaScript. */
  interpreted: number;
}

/** Most shapes that are remembered: kinds of CPU with different memories. */
const MOST_SHAPES = 64;

const shapes = new BoundedMap<string, Shared>(MOST_SHAPES);

/** Decides which of the two interpreters runs the program of one CPU. */
export class InterpreterTier {
  /** The generated one, when it is to run. */
  generated: WasmInterpreter | undefined;

  private readonly shared: Shared;

  /** @throws what WebAssembly compilation throws where it is forbidden, unless `generation` is `never` */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly shape: InterpreterShape,
    private readonly generation: Generation,
  ) {
    const key = JSON.stringify(shape);
    let shared = shapes.get(key);
    if (shared === undefined) shapes.set(key, (shared = { module: undefined, interpreted: 0 }));
    this.shared = shared;
    if (generation === 'at-once' || this.isDue) this.generate();
  }

  /** Instructions were run in JavaScript. */
  ran(instructions: number): void {
    this.shared.interpreted += instructions;
  }

  /** Whether it is time for `generate`. */
  get isDue(): boolean {
    if (this.generated !== undefined || this.generation === 'never') return false;
    return this.shared.module !== undefined || this.shared.interpreted >= PAYS_BEHIND;
  }

  generate(): void {
    const { shared } = this;
    shared.module ??= new WebAssembly.Module(generateInterpreter(this.shape));
    const { exports } = new WebAssembly.Instance(shared.module, { e: { m: this.memory } });
    this.generated = exports['run'] as WasmInterpreter;
  }
}
