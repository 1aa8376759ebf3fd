import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { coldStart } from '../cold-start/cold-start.js';
import { now } from './engine.js';
import { callBench, loadBoard } from './engines/loadstone.js';
import { loadProgram, type Program } from './workload.js';

/** One latency or memory figure. */
export interface LatencyRow {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'bytes' | '1/s';
}

const WORKLOAD = 'sha256';
const MIB = 0x10_0000;

/** Bytes of guest RAM of the measuring board, taken off what a board costs. */
const GUEST_RAM = MIB;

/** Cold starts, each in a process of its own, and seconds each of them runs. */
const PROCESSES = 11;
const SECONDS = 1;

/** Length of a round at peak speed: one that is much shorter measures the host's code around the call. */
const ROUND_SECONDS = 0.001;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function required(): Program {
  const program = loadProgram(WORKLOAD, 'thumb-soft');
  if (!program) throw new Error(`${WORKLOAD} is not built for thumb-soft`);
  return program;
}

/**
 * Cold start, warm-up and cost of boards, on sha256. In processes of their own (medians): milliseconds from nothing to the first
 * result, `bench(1)`, and from nothing until rounds of about a millisecond, `bench(N)`, run at half of the peak speed. In this
 * process: bytes of a second idle board besides its RAM; boards made per second.
 */
export function measureLatency(): { readonly rows: readonly LatencyRow[]; readonly text: string } {
  const program = required();
  const { boardMade, firstResult, compiling, halfOfPeak } = coldStart(
    WORKLOAD,
    roundsAtPeak(program),
    SECONDS,
    PROCESSES,
  );

  const count = 50;
  collect();
  const before = process.memoryUsage();
  const making = now();
  const boards = Array.from({ length: count }, () => loadBoard(program, 'thumb-soft'));
  const made = now() - making;
  collect();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.external - (before.heapUsed + before.external);
  const perBoard = Math.max(0, grown / boards.length - GUEST_RAM);

  const rows: LatencyRow[] = [
    { name: 'cold start to first result', value: firstResult, unit: 'ms' },
    { name: 'of that, making the board', value: boardMade, unit: 'ms' },
    { name: 'of that, compiling', value: compiling, unit: 'ms' },
    { name: 'half of peak speed after', value: halfOfPeak, unit: 'ms' },
    { name: 'idle second board, without its RAM', value: perBoard, unit: 'bytes' },
    { name: 'boards made', value: count / made, unit: '1/s' },
  ];
  const lines = rows.map(
    ({ name, value, unit }) => `  ${name.padEnd(36)} ${value.toFixed(unit === 'ms' ? 1 : 0)} ${unit}`,
  );
  return { rows, text: `latency (${WORKLOAD}, Thumb)\n${lines.join('\n')}\n` };
}

/** What `bench` gets for a call of ROUND_SECONDS, once everything is compiled. */
function roundsAtPeak(program: Program): number {
  const board = loadBoard(program, 'thumb-soft');
  let rounds = 1;
  let fastest = Number.POSITIVE_INFINITY;
  const start = now();
  while (now() - start < 1) {
    const before = now();
    callBench(board, program, rounds);
    const seconds = now() - before;
    fastest = Math.min(fastest, seconds / rounds);
    if (seconds < ROUND_SECONDS) rounds *= 2;
  }
  return Math.max(1, Math.round(ROUND_SECONDS / fastest));
}
