/** Where a progress bar is drawn. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far a piece of work is. */
export interface Progress {
  /** Tells of bytes more that are done. */
  readonly advance: (bytes: number) => void;
  /** Takes the bar away. */
  readonly finish: () => void;
}

/** Milliseconds before a bar appears, and between two drawings of it. */
const DELAY = 1000;
const INTERVAL = 100;
const WIDTH = 30;

/**
 * A progress bar on standard error, drawn only on a terminal and only when the work takes more than a second.
 * @param total bytes to be done in all
 */
export function startProgress(
  title: string,
  total: number,
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const start = now();
  let done = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    advance: (bytes) => {
      done += bytes;
      const time = now();
      if (stream.isTTY !== true || time - start < DELAY || time - drawn < INTERVAL) return;
      drawn = time;
      const part = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(part * WIDTH);
      const bar = '#'.repeat(full) + '.'.repeat(WIDTH - full);
      stream.write(`\r${title} [${bar}] ${String(Math.floor(part * 100)).padStart(3)} %`);
    },
    finish: () => {
      if (drawn > Number.NEGATIVE_INFINITY) stream.write('\r\x1b[K');
    },
  };
}
