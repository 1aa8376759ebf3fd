import type { CreateBoardOptions } from 'loadstone';
import type { Example } from './examples.js';

/** What an example did: the same on every engine and in every browser, but for the engine itself. */
export interface Outcome {
  readonly name: string;
  readonly output: string;
  /** Guest instructions. */
  readonly instructions: number;
  /** Hash of the board's memory afterwards. */
  readonly memory: number;
  readonly engine: string;
  /** Why the guest's code was not compiled. */
  readonly engineReason?: string | undefined;
  /** Code and message of what the example threw. */
  readonly error?: string;
}

/** Runs an example on an engine; undefined: the best that works. */
export async function outcomeOf(
  example: Example,
  image: Uint8Array,
  engine?: CreateBoardOptions['engine'],
): Promise<Outcome> {
  let output = '';
  const print = (text: string): void => {
    output += text;
  };
  try {
    const board = await example.main(print, image, engine === undefined ? {} : { engine });
    const { engineReason } = board;
    return {
      name: example.name,
      output,
      instructions: board.cpu.instructions,
      memory: board.memoryHash(),
      engine: board.engine,
      engineReason,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { name: example.name, output, instructions: 0, memory: 0, engine: '', error: `${code}: ${message}` };
  }
}

/** An outcome without what may differ between engines. */
export function comparable({ name, output, instructions, memory, error }: Outcome) {
  return { name, output, instructions, memory, error };
}
