import { memorySource } from '@loadstone/fd-sources';
import type { Board } from 'loadstone';
import { type BlobRun, runBlobFrom } from 'loadstone/esp32';

/** One blob and what its task did under qemu-xtensa. */
export interface BlobCase {
  readonly file: string;
  readonly size: number;
  readonly entry: number;
  readonly input: string;
  readonly output: string;
  readonly outAddr: number;
}

const PROTOTYPE = 'void task(uintptr_t base, const char *input, uintptr_t *outAddr, char *output)';
/** The tasks write short strings; the oracle's buffer was larger. */
const OUTPUT_SIZE = 256;

/** Runs a blob through the runner, with the arguments of the oracle. */
export function runCase({ input }: BlobCase, bytes: Uint8Array, board: Board): BlobRun {
  return runBlobFrom(memorySource(bytes), {
    board,
    prototype: PROTOTYPE,
    generation: 'head',
    outputSize: OUTPUT_SIZE,
    input,
  });
}

/** What a run did otherwise than the oracle. */
export function differencesOf(testCase: BlobCase, run: BlobRun): string[] {
  const { size, entry, output, outAddr } = testCase;
  const expected = { size, entry, status: 'returned', output, outAddr };
  const actual: Record<keyof typeof expected, unknown> = {
    size: run.blob?.size,
    entry: run.blob?.entryOffset,
    status: run.status,
    output: run.output,
    outAddr: run.outAddr,
  };
  return Object.entries(expected)
    .filter(([key, want]) => actual[key as keyof typeof expected] !== want)
    .map(([key, want]) => {
      const have = JSON.stringify(actual[key as keyof typeof expected]);
      return `${key}: expected ${JSON.stringify(want)}, got ${have}${run.fault ? ` (${run.fault.message})` : ''}`;
    });
}
