import { now } from './engine.js';
import { callBench, loadBoard } from './engines/loadstone.js';
import { loadProgram, type Program } from './workload.js';

/** One latency or memory figure. */
export interface LatencyRow {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'bytes' | '1/s';
}

const MIB = 0x10_0000;

/** Bytes of guest RAM of the measuring board, taken off what a board costs. */
const GUEST_RAM = MIB;

function required(): Program {
  const program = loadProgram('sha256', 'thumb-soft');
  if (!program) throw new Error('sha256 is not built for thumb-soft');
  return program;
}

/**
 * Cold start, warm-up and cost of boards, on sha256: milliseconds from nothing to the first result; until rounds run at
 * half of the peak speed; bytes of a second idle board besides its RAM; boards made per second.
 */
export function measureLatency(): { readonly rows: readonly LatencyRow[]; readonly text: string } {
  const program = required();
  const start = now();
  const board = loadBoard(program, 'thumb-soft');
  callBench(board, program, 1);
  const firstResult = (now() - start) * 1000;

  // Rounds one by one, each with its own end time; peak speed is the fastest hundredth.
  const ends: number[] = [];
  const times: number[] = [];
  for (let elapsed = 0; elapsed < 3; ) {
    const before = now();
    callBench(board, program, 1);
    const after = now();
    times.push(after - before);
    elapsed = after - start;
    ends.push(elapsed);
  }
  const sorted = [...times].sort((a, b) => a - b);
  const peak = sorted[Math.floor(sorted.length / 100)] as number;
  // From there on, most rounds stay within twice the peak's time.
  const warm = times.findIndex((time, i) => time <= 2 * peak && median(times.slice(i, i + 20)) <= 2 * peak);
  const halfPeak = (ends[warm] ?? Number.NaN) * 1000;

  const count = 50;
  global.gc?.();
  const before = process.memoryUsage();
  const making = now();
  const boards = Array.from({ length: count }, () => loadBoard(program, 'thumb-soft'));
  const made = now() - making;
  global.gc?.();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.external - (before.heapUsed + before.external);
  const perBoard = Math.max(0, grown / boards.length - GUEST_RAM);

  const rows: LatencyRow[] = [
    { name: 'cold start to first result', value: firstResult, unit: 'ms' },
    { name: 'half of peak speed after', value: halfPeak, unit: 'ms' },
    { name: 'idle second board, without its RAM', value: perBoard, unit: 'bytes' },
    { name: 'boards made', value: count / made, unit: '1/s' },
  ];
  const lines = rows.map(
    ({ name, value, unit }) => `  ${name.padEnd(36)} ${value.toFixed(unit === 'ms' ? 1 : 0)} ${unit}`,
  );
  return { rows, text: `latency (sha256, Thumb)\n${lines.join('\n')}\n` };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
