import { readFileSync } from 'node:fs';

/** A TypeScript block of a Markdown file. */
export interface Snippet {
  /** File and line, e.g. `README.md:14`. */
  readonly place: string;
  readonly code: string;
  /** What the block says it prints: the comments behind its statements, in order. */
  readonly expected: readonly string[];
}

/** The TypeScript blocks of a Markdown file, in order; a block in a list is indented. */
export function snippetsOf(file: URL, name: string): Snippet[] {
  const snippets: Snippet[] = [];
  let code: string[] | undefined;
  let line = 0;
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (code === undefined) {
      if (text.trim() === '```ts') {
        code = [];
        line = index + 2;
      }
    } else if (text.trim() === '```') {
      snippets.push({ place: `${name}:${line}`, code: code.join('\n'), expected: printed(code) });
      code = undefined;
    } else code.push(text);
  }
  return snippets;
}

/**
 * The comments behind statements. Comments below one, in the same column, are the next lines of its output; any other
 * comment on a line of its own is no output.
 */
function printed(code: readonly string[]): string[] {
  const lines: string[] = [];
  let column = -1;
  for (const text of code) {
    const behind = /^(\s*\S.*; )\/\/ (.+)$/.exec(text);
    const below = /^(\s+)\/\/ (.+)$/.exec(text);
    const comment = behind ?? (below?.[1].length === column ? below : null);
    column = comment ? comment[1].length : -1;
    if (comment) lines.push(comment[2]);
  }
  return lines;
}
