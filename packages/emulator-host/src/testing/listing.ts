import { readFileSync } from 'node:fs';

/** One instruction as objdump and addr2line see it. */
interface ListedInstruction {
  /** `function+0x12`. */
  readonly place: string;
  /** `crash.c:19`, or `?` without line information. */
  readonly line: string;
  readonly text: string;
}

/** A toolchain's listing of an image: fixtures/crash/*.lst, written by listing.mjs. */
export class Listing {
  readonly #rows = new Map<number, ListedInstruction>();

  constructor(name: string) {
    const text = readFileSync(new URL(`../../fixtures/crash/${name}.lst`, import.meta.url), 'utf8');
    for (const row of text.trim().split('\n')) {
      const [address, place, line, instruction] = row.split('\t');
      this.#rows.set(Number.parseInt(address, 16), { place, line, text: instruction });
    }
  }

  /** What a report's text says of code and the listing does not: one line for each disagreement. */
  disagreements(report: string): string[] {
    return report.split('\n').flatMap((line) => [...this.#code(line), ...this.#places(line)]);
  }

  /** A line of the section Code: the instruction at its address. */
  #code(line: string): string[] {
    const match = /^ {2}[ >] ([\da-f]{8}) {2}(.*)$/.exec(line);
    const row = match && this.#rows.get(Number.parseInt(match[1], 16));
    // Padding between functions: objdump takes it for instructions.
    if (!match || match[2].startsWith('.byte ')) return [];
    if (row && normal(row.text) === normal(match[2])) return [];
    return [`${line.trim()}: ${row ? row.text : 'no instruction begins there'}`];
  }

  /** Every `0x3000001e ... crash.o: back+0x18 at crash.c:30`: symbol and line of the address. */
  #places(line: string): string[] {
    const problems: string[] = [];
    for (const [, address, place, , source] of line.matchAll(
      /(0x[\da-f]{8})\W+crash\.o: ([\w+]+)( at (crash\.c:\d+))?/g,
    )) {
      const row = this.#rows.get(Number(address));
      const said = `${address} ${place} ${source ?? '?'}`;
      if (row?.place !== place || row.line !== (source ?? '?')) problems.push(`${said}: ${row?.place} ${row?.line}`);
    }
    return problems;
  }
}

/** An instruction's text without the differences in spelling between disassemblers. */
function normal(text: string): string {
  return text
    .replace(/^(\w+)\.[nw]\b/, '$1')
    .replace(/^(\.word) 0x/, '$1 ')
    .replace(/\b[\da-f]{8}\b/g, '0x$&')
    .replace(/0x[\da-f]+/g, (digits) => String(Number(digits)))
    .replaceAll('#', '')
    .replace(', 0]', ']');
}
