/** Imports the snippets `0.ts`, `1.ts` … of the working folder and prints what each printed, as JSON. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';

/** What a snippet did. */
export interface SnippetRun {
  readonly lines: readonly string[];
  /** What it threw. */
  readonly error?: string;
}

const write = console.log;
const runs: SnippetRun[] = [];
for (let index = 0; index < Number(process.argv[2]); index += 1) {
  let text = '';
  console.log = (...values: unknown[]) => {
    text += `${formatWithOptions({ colors: false }, ...values)}\n`;
  };
  let failure: { error?: string } = {};
  try {
    await import(pathToFileURL(join(process.cwd(), `${index}.ts`)).href);
  } catch (error) {
    failure = { error: String(error) };
  }
  // A comment cannot show spaces at a line's end.
  const lines = text.split('\n').map((line) => line.trimEnd());
  runs.push({ lines: lines.filter((line) => line !== ''), ...failure });
}
write(JSON.stringify(runs));
