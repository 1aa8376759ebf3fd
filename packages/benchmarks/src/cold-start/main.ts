import { now } from '../cpu/engine.js';
import { callBench, loadBoard } from '../cpu/engines/loadstone.js';
import { loadProgram } from '../cpu/workload.js';
import type { ColdStart } from './cold-start.js';

/** One cold start: `main.ts WORKLOAD ROUNDS SECONDS`, for `cold-start.ts`. Prints a {@link ColdStart} as JSON. */
const [workload = '', rounds = '', seconds = ''] = process.argv.slice(2);
const program = loadProgram(workload, 'thumb-soft');
if (program === undefined) throw new Error(`${workload} is not built for thumb-soft`);

const start = now();
const board = loadBoard(program, 'thumb-soft');
const made = now();
callBench(board, program, 1);
const first = now();
const { compileMilliseconds } = board.stats();

const ends: number[] = [];
const times: number[] = [];
for (let elapsed = 0; elapsed < Number(seconds); ) {
  const before = now();
  callBench(board, program, Number(rounds));
  const after = now();
  times.push(after - before);
  elapsed = after - start;
  ends.push(elapsed);
}
// The peak is what a quarter of the later rounds reach. Single rounds can be twice as fast as most on a machine that is shared.
const later = times.slice(times.length >> 1).sort((a, b) => a - b);
const peak = later[later.length >> 2] as number;
// From there on, most rounds stay within twice the peak's time.
const warm = times.findIndex((time, i) => time <= 2 * peak && median(times.slice(i, i + 20)) <= 2 * peak);

const result: ColdStart = {
  boardMade: (made - start) * 1000,
  firstResult: (first - start) * 1000,
  compiling: compileMilliseconds,
  halfOfPeak: (ends[warm] ?? Number.NaN) * 1000,
};
process.stdout.write(JSON.stringify(result));

function median(values: readonly number[]): number {
  const sortedValues = [...values].sort((a, b) => a - b);
  return sortedValues[sortedValues.length >> 1] as number;
}
