import type { DecodeMode } from '../architecture.js';
import { BoundedMap } from './bounded-map.js';

/**
 * Heat at which a place is compiled: one look at the interpreter adds SAMPLE_HEAT, one change from compiled code to the interpreter
 * adds 1.
 */
const HOT = 20;
const SAMPLE_HEAT = 10;

/** Exits at one place before its function is compiled anew with what was learnt since, and how often that is done. */
const RECOMPILE_EXITS = 24;
const MOST_RECOMPILES = 4;

/** Most places of which something is remembered. A place that was forgotten begins cold, or is tried again. */
const MOST_PLACES = 8192;

/** Decides what is compiled, and what is compiled anew. */
export class Heat {
  private readonly heat = new BoundedMap<number, number>(MOST_PLACES);
  private readonly refused = new BoundedMap<number, true>(MOST_PLACES);
  private readonly exits = new BoundedMap<number, number>(MOST_PLACES);
  private readonly left = new BoundedMap<number, true>(MOST_PLACES);
  private readonly recompiles = new BoundedMap<number, number>(MOST_PLACES);

  /**
   * @param isCompiled whether there is compiled code at a place
   * @param compile makes it; whether that was possible
   */
  constructor(
    private readonly isCompiled: (pc: number, mode: DecodeMode) => boolean,
    private readonly compile: (pc: number, mode: DecodeMode) => boolean,
  ) {}

  /** The interpreter was seen at `pc`. */
  sampled(pc: number, mode: DecodeMode): void {
    this.warm(pc, mode, SAMPLE_HEAT);
  }

  /** Compiled code went on at `pc` in the interpreter. */
  landed(pc: number, mode: DecodeMode): void {
    this.warm(pc, mode, 1);
  }

  /** Compiles what starts at `pc` if that was not tried yet. */
  compileOnce(pc: number, mode: DecodeMode): void {
    if (this.refused.get(pc) || this.isCompiled(pc, mode)) return;
    if (!this.compile(pc, mode)) this.refused.set(pc, true);
  }

  /** Compiled code was left at `pc` for something it did not expect. Whether that was so often enough to compile it anew. */
  exited(pc: number): boolean {
    const count = (this.exits.get(pc) ?? 0) + 1;
    if (count < RECOMPILE_EXITS) {
      this.exits.set(pc, count);
      return false;
    }
    this.exits.delete(pc);
    this.left.set(pc, true);
    return true;
  }

  /** Whether compiled code was left at `pc` so often that it was worth compiling anew. */
  wasLeft(pc: number): boolean {
    return this.left.get(pc) === true;
  }

  /** Whether the module whose first function is at `pc` may be compiled once more. */
  mayRecompile(pc: number): boolean {
    const times = (this.recompiles.get(pc) ?? 0) + 1;
    if (times > MOST_RECOMPILES) return false;
    this.recompiles.set(pc, times);
    return true;
  }

  /** Code changed: what could not be compiled may be now. */
  clear(): void {
    this.refused.clear();
    this.heat.clear();
  }

  private warm(pc: number, mode: DecodeMode, by: number): void {
    if (this.refused.get(pc)) return;
    const heat = (this.heat.get(pc) ?? 0) + by;
    if (heat < HOT || this.isCompiled(pc, mode)) {
      this.heat.set(pc, Math.min(heat, HOT));
      return;
    }
    this.heat.delete(pc);
    this.compileOnce(pc, mode);
  }
}
