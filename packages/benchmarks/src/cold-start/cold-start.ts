import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Milliseconds of one cold start: from nothing in a fresh process, whose modules are loaded, to ... */
export interface ColdStart {
  /** ... a board with the program. */
  readonly boardMade: number;
  /** ... the result of `bench(1)`. */
  readonly firstResult: number;
  /** The part of that which the compiler takes. */
  readonly compiling: number;
  /** ... the end of the first round at half of the peak speed, after which most rounds are as fast. */
  readonly halfOfPeak: number;
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/**
 * Starts `workload` on Thumb in `processes` processes, one after the other; the median of each figure.
 * @param rounds what `bench` gets after the first result, so that one call takes about a millisecond at peak speed
 * @param seconds that each process runs
 */
export function coldStart(workload: string, rounds: number, seconds: number, processes: number): ColdStart {
  const starts = Array.from({ length: processes }, () => {
    // The arguments of this process are the loader that runs TypeScript.
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...process.execArgv, main, workload, String(rounds), String(seconds)],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`cold start of ${workload}: ${stderr}`);
    return JSON.parse(stdout) as ColdStart;
  });
  const middle = (figure: keyof ColdStart): number =>
    starts.map((start) => start[figure]).sort((a, b) => a - b)[starts.length >> 1] as number;
  return {
    boardMade: middle('boardMade'),
    firstResult: middle('firstResult'),
    compiling: middle('compiling'),
    halfOfPeak: middle('halfOfPeak'),
  };
}
