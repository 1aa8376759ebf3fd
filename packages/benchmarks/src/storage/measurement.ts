/** One measured operation. */
export interface Measurement {
  readonly name: string;
  /** Bytes one run moves. */
  readonly bytes: number;
  /** Seconds of one run: the median. */
  readonly seconds: number;
  readonly mbPerSecond: number;
  /** How many times as long as a plain copy of the same number of bytes, measured right before. */
  readonly memcpyRatio: number;
}

/** Shortest total time of the timed runs, in seconds, and their least number. */
const TOTAL_SECONDS = 0.3;
const LEAST_RUNS = 5;

/**
 * Measures an operation beside a plain copy of as many bytes.
 * @param bytes bytes one run moves
 * @param run the operation
 * @param prepare undoes what a run did; not timed
 */
export function measure(name: string, bytes: number, run: () => void, prepare?: () => void): Measurement {
  const copySeconds = median(() => copy(bytes));
  const seconds = median(run, prepare);
  return { name, bytes, seconds, mbPerSecond: bytes / seconds / 1e6, memcpyRatio: seconds / copySeconds };
}

/** Like `measure`, for operations that are asynchronous at their beginning, as mounting is. */
export async function measureAsync(name: string, bytes: number, run: () => Promise<void>): Promise<Measurement> {
  const copySeconds = median(() => copy(bytes));
  const times: number[] = [];
  await run();
  for (let total = 0; total < TOTAL_SECONDS || times.length < LEAST_RUNS; total += times[times.length - 1]) {
    const start = performance.now();
    await run();
    times.push((performance.now() - start) / 1000);
  }
  const seconds = middle(times);
  return { name, bytes, seconds, mbPerSecond: bytes / seconds / 1e6, memcpyRatio: seconds / copySeconds };
}

let source = new Uint8Array(0);
let target = new Uint8Array(0);

function copy(bytes: number): void {
  if (source.length < bytes) {
    source = new Uint8Array(bytes).fill(1);
    target = new Uint8Array(bytes);
  }
  target.set(source.subarray(0, bytes));
}

/** Median seconds of one run. Runs too short for the clock are timed in batches, when nothing has to be prepared. */
function median(run: () => void, prepare?: () => void): number {
  prepare?.();
  run();
  const batch = prepare === undefined ? batchSize(run) : 1;
  const times: number[] = [];
  for (let total = 0; total < TOTAL_SECONDS || times.length < LEAST_RUNS; total += times[times.length - 1] * batch) {
    prepare?.();
    const start = performance.now();
    for (let index = 0; index < batch; index++) run();
    times.push((performance.now() - start) / 1000 / batch);
  }
  return middle(times);
}

/** Runs that together take at least a millisecond. */
function batchSize(run: () => void): number {
  for (let batch = 1; ; batch *= 2) {
    const start = performance.now();
    for (let index = 0; index < batch; index++) run();
    if (performance.now() - start >= 1) return batch;
  }
}

function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1];
}
