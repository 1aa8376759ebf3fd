import type { Engine, Prepared } from './engine.js';
import { wasmEngine } from './engines/host.js';
import type { Target } from './workload.js';

/** One engine's figure for one workload on one target. */
export interface Row {
  readonly workload: string;
  /** Guest target; host builds are measured beside every target. */
  readonly target: Target;
  readonly engine: string;
  /** Median seconds of one round. */
  readonly seconds: number;
  /** Guest instructions of one round on this target. */
  readonly instructions: number;
  /** Guest instructions per microsecond; for host builds, as if they had run the guest's instructions. */
  readonly mips: number;
}

export interface MeasureOptions {
  /** Timed runs per engine; the median counts. */
  readonly runs: number;
  /** Seconds a timed run should take at least. */
  readonly runSeconds: number;
}

interface Contender {
  readonly engine: Engine;
  readonly prepared: Prepared;
  rounds: number;
  readonly perRound: number[];
}

/** Rounds with which a run takes about the asked time; also warms the engine up. */
function calibrate(prepared: Prepared, seconds: number): number {
  let rounds = 1;
  for (;;) {
    const { seconds: taken } = prepared.run(rounds);
    // A process's time is the difference of two noisy ones: below 100 ms it says nothing.
    if (taken >= Math.max(seconds / 4, 0.1)) return Math.max(1, Math.round((rounds * seconds) / taken));
    rounds = Math.max(rounds * 2, Math.round((rounds * seconds) / 4 / Math.max(taken, seconds / 64)));
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

/**
 * Measures one workload on one target with every engine, interleaved: run 1 of each, then run 2 of each, and so on, so that
 * a slow moment of the machine hits all of them. Every checksum is compared with that of the C compiled to WebAssembly.
 * @throws Error when an engine computes something else
 */
export function measure(
  workload: string,
  target: Target,
  engines: readonly Engine[],
  counter: Engine,
  options: MeasureOptions,
): Row[] {
  const reference = wasmEngine.prepare(workload, undefined) as Prepared;
  const counting = counter.prepare(workload, target);
  if (!counting) return [];
  const instructions = (counting.run(2).instructions ?? 0) - (counting.run(1).instructions ?? 0);
  const contenders: Contender[] = [];
  for (const engine of engines) {
    if (engine.targets !== 'host' && !engine.targets.includes(target)) continue;
    const prepared = engine.prepare(workload, target);
    if (!prepared) continue;
    const check = (rounds: number) => {
      const { checksum } = prepared.run(rounds);
      const expected = reference.run(rounds).checksum;
      if (checksum !== expected) {
        throw new Error(
          `${engine.name} ${workload} ${target}: ${checksum} after ${rounds} rounds, expected ${expected}`,
        );
      }
    };
    check(1);
    check(3);
    contenders.push({ engine, prepared, rounds: calibrate(prepared, options.runSeconds), perRound: [] });
  }
  for (let run = 0; run < options.runs; run++) {
    for (const contender of contenders) {
      const { seconds, checksum } = contender.prepared.run(contender.rounds);
      contender.perRound.push(seconds / contender.rounds);
      if (run === 0 && checksum !== reference.run(contender.rounds).checksum) {
        throw new Error(
          `${contender.engine.name} ${workload} ${target}: wrong result after ${contender.rounds} rounds`,
        );
      }
    }
  }
  return contenders.map(({ engine, prepared, perRound }) => {
    prepared.close?.();
    const seconds = median(perRound);
    return { workload, target, engine: engine.name, seconds, instructions, mips: instructions / seconds / 1e6 };
  });
}
