import type { Target } from './workload.js';

/** Result of one timed run. */
export interface Run {
  /** What `bench` returned, unsigned. */
  readonly checksum: number;
  /** Seconds inside the engine, without starting it. */
  readonly seconds: number;
  /** Guest instructions, where the engine counts them. */
  readonly instructions?: number;
}

/** Something that runs one workload for a number of rounds. */
export interface Prepared {
  run(rounds: number): Run;
  close?(): void;
}

/** A way to run workloads. */
export interface Engine {
  readonly name: string;
  /** The guest targets it runs; the host builds (native, WebAssembly) have none of their own. */
  readonly targets: readonly Target[] | 'host';
  /** Why it cannot run here; undefined when it can. */
  unavailable(): string | undefined;
  /** Sets a workload up; undefined where it is not built for this engine. */
  prepare(workload: string, target: Target | undefined): Prepared | undefined;
}

/** Seconds since some moment. */
export function now(): number {
  return performance.now() / 1000;
}
