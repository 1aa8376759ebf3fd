import { readFileSync } from 'node:fs';

/** A TypeScript block of a Markdown file. */
export interface Snippet {
  /** File and line, e.g. `README.md:14`. */
  readonly place: string;
  readonly code: string;
  /** What the block says it prints: the comments behind its statements, in order. */
  readonly expected: readonly string[];
}

/** The TypeScript blocks of a Markdown file, in order. */
export function snippetsOf(file: URL, name: string): Snippet[] {
  const snippets: Snippet[] = [];
  let code: string[] | undefined;
  let line = 0;
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (code === undefined) {
      if (text === '```ts') {
        code = [];
        line = index + 2;
      }
    } else if (text === '```') {
      snippets.push({ place: `${name}:${line}`, code: code.join('\n'), expected: printed(code) });
      code = undefined;
    } else code.push(text);
  }
  return snippets;
}

/** The comments behind statements; a comment on a line of its own is no output. */
function printed(code: readonly string[]): string[] {
  return code.flatMap((text) => /\S.*; \/\/ (.+)$/.exec(text)?.[1] ?? []);
}
