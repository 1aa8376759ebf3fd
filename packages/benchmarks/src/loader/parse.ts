import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ElfFile } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import { open as elfinfo } from 'elfinfo';

/** One reader on one file: from its bytes to every section, symbol and relocation. */
export interface ParseMeasurement {
  readonly object: string;
  readonly tool: string;
  /** Bytes of the file. */
  readonly bytes: number;
  readonly sections: number;
  readonly symbols: number;
  readonly relocations: number;
  /** Best of the runs. */
  readonly milliseconds: number;
  /** Time of elfinfo on the same file in the same run, divided by this one's. */
  readonly timesElfinfo: number;
}

interface Counts {
  sections: number;
  symbols: number;
  relocations: number;
  /** Something of everything that was read, so that nothing can be left out. */
  sum: number;
}

/** Names and values of all symbols, and the columns of all relocations. */
function columns(bytes: Uint8Array): Counts {
  const file = ElfFile.open(memorySource(bytes));
  const counts = { sections: 0, symbols: 0, relocations: 0, sum: 0 };
  for (const section of file.sections) {
    counts.sections++;
    counts.sum += section.name.length + section.size;
  }
  const symbols = file.symbols();
  if (symbols !== undefined) {
    counts.symbols = symbols.count;
    for (let i = 0; i < symbols.count; i++) {
      counts.sum +=
        symbols.name(i).length + symbols.value(i) + symbols.size(i) + symbols.type(i) + symbols.sectionOf(i);
    }
  }
  for (const { offsets, types, symbols: indexes, addends } of file.relocationTables()) {
    counts.relocations += offsets.length;
    for (let i = 0; i < offsets.length; i++) counts.sum += offsets[i] + types[i] + indexes[i] + addends[i];
  }
  return counts;
}

/** The same, with one object per symbol and relocation, as elfinfo gives them. */
function objects(bytes: Uint8Array): Counts {
  const file = ElfFile.open(memorySource(bytes));
  const symbols = [...(file.symbols() ?? [])];
  const relocations = file.relocationTables().map((table) => [...table]);
  const sections = file.sections.map((section) => section.name);
  return {
    sections: sections.length,
    symbols: symbols.length,
    relocations: relocations.reduce((total, list) => total + list.length, 0),
    sum: 0,
  };
}

async function withElfinfo(bytes: Uint8Array): Promise<void> {
  const { success, errors } = await elfinfo(bytes);
  if (!success) throw new Error(`elfinfo: ${errors.join('; ')}`);
}

/** `readelf -srS` as a process; undefined where it is not installed. */
function readelf(path: string): (() => void) | undefined {
  for (const command of ['arm-none-eabi-readelf', 'readelf']) {
    const run = () => spawnSync(command, ['-srSW', path], { stdio: ['ignore', 'ignore', 'pipe'] });
    if (run().error === undefined) return () => void run();
  }
  return undefined;
}

const ROUNDS = 15;
/** A tool that has taken this long on one file is not run again, milliseconds. */
const PATIENCE = 3000;

/** Every reader on every file; the readers take turns, so that a busy machine slows all of them. */
export async function measureParse(files: readonly { name: string; bytes: Uint8Array }[]): Promise<ParseMeasurement[]> {
  const rows: ParseMeasurement[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'bench-parse-'));
  try {
    for (const { name, bytes } of files) {
      const path = join(folder, 'object.o');
      writeFileSync(path, bytes);
      const process = readelf(path);
      const { sections, symbols, relocations } = columns(bytes);
      const tools: [tool: string, run: () => unknown][] = [
        ['loadstone', () => columns(bytes)],
        ['loadstone, as objects', () => objects(bytes)],
        ['elfinfo', () => withElfinfo(bytes)],
        ...(process === undefined ? [] : [['readelf -srS (process)', process] as [string, () => unknown]]),
      ];
      const best = tools.map(() => Number.POSITIVE_INFINITY);
      const spent = tools.map(() => 0);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, [, run]] of tools.entries()) {
          if (spent[i] > PATIENCE) continue;
          const before = performance.now();
          await run();
          const time = performance.now() - before;
          best[i] = Math.min(best[i], time);
          spent[i] += time;
        }
      }
      tools.forEach(([tool], i) => {
        rows.push({
          object: name,
          tool,
          bytes: bytes.length,
          sections,
          symbols,
          relocations,
          milliseconds: best[i],
          timesElfinfo: best[2] / best[i],
        });
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return rows;
}
