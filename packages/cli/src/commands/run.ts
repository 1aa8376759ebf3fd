import type { Command } from 'commander';
import { type BlobRun, boardNames, createBoard, faultText, type RunBlobOptions, runBlob } from 'loadstone';
import { engineOptions, type ImportPackage } from '../engine.js';
import { Failure } from '../failure.js';
import { faultJson } from '../fault-json.js';
import { colours, type Terminal, toJson, withoutEmpty } from '../output.js';
import { boardName, chosen, engineName, parseCount } from '../values.js';

interface RunOptions {
  readonly input?: string;
  readonly outputSize?: string;
  readonly prototype?: string;
  readonly generation?: string;
  readonly metadata?: string;
  readonly board?: string;
  readonly engine?: string;
  readonly fuel?: string;
  readonly json?: boolean;
}

/** `loadstone run`: a flat blob through the ESP32 runner. */
export function runCommand(program: Command, terminal: Terminal, importPackage: ImportPackage): void {
  program
    .command('run')
    .description('run a flat ESP32 blob as the GP-IOT runner does')
    .argument('<blob>', 'PATH, IMAGE:/path/inside or FLASH@OFFSET')
    .option('--input <text>', 'text handed to the task (default: ESP32)')
    .option('--output-size <bytes>', 'size of the output buffer (default: 100 for a task, 17 in setup)')
    .option('--prototype <c>', "C prototype of the task (default: 'void (const char *input, char *output)')")
    .option('--generation <name>', 'first (as a task) or head (in setup); default by the prototype')
    .option('--metadata <place>', 'start or end of the blob (default: end)')
    .option('--board <name>', `one of ${boardNames.join(', ')} (default: esp32)`)
    .option('--engine <name>', 'interpreter, wasm or unicorn (default: the best that works here)')
    .option('--fuel <instructions>', 'stop after that many guest instructions')
    .option('--json', 'print JSON')
    .action(async (location: string, options: RunOptions) => {
      const run = await runBlob(location, await runOptions(options, terminal, importPackage));
      if (options.json) terminal.out(`${toJson(runJson(run))}\n`);
      else terminal.out(summary(run, terminal));
      if (run.status !== 'returned') throw new Failure();
    });
}

async function runOptions(
  options: RunOptions,
  terminal: Terminal,
  importPackage: ImportPackage,
): Promise<RunBlobOptions> {
  const board = boardName(options.board ?? 'esp32');
  const engine = await engineOptions(engineName(options.engine), board, importPackage);
  const { input, prototype, outputSize, generation, metadata, fuel } = options;
  return {
    board: createBoard(board, engine),
    ...(input === undefined ? {} : { input }),
    ...(prototype === undefined ? {} : { prototype }),
    ...(outputSize === undefined ? {} : { outputSize: parseCount(outputSize, '--output-size', 1, 0x10_0000) }),
    ...(generation === undefined ? {} : { generation: chosen(generation, '--generation', ['first', 'head'] as const) }),
    ...(metadata === undefined ? {} : { metadata: chosen(metadata, '--metadata', ['start', 'end'] as const) }),
    ...(fuel === undefined ? {} : { limits: { fuel: parseCount(fuel, '--fuel', 0, Number.MAX_SAFE_INTEGER) } }),
    ...(options.json ? {} : { onText: (text: string) => terminal.out(text.replaceAll('\r\n', '\n')) }),
  };
}

function runJson(run: BlobRun): Record<string, unknown> {
  return withoutEmpty({
    status: run.status,
    generation: run.generation,
    metadata: run.metadata,
    output: run.output,
    outputHex: Array.from(run.outputBytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    outAddr: run.outAddr,
    log: run.log,
    instructions: run.instructions,
    seconds: run.seconds,
    engine: run.engine,
    engineReason: run.engineReason,
    base: run.blob?.base,
    entry: run.blob?.entry,
    error: run.failure === undefined ? undefined : { code: run.failure, message: run.log.at(-1) ?? run.failure },
    fault: faultJson(run.fault),
  });
}

function summary(run: BlobRun, terminal: Terminal): string {
  const { dim, red } = colours(terminal);
  if (run.status === 'load-error') return `${red('not loaded:')} ${run.failure}\n`;
  if (run.fault) return `${red('fault:')} ${faultText(run.fault)}`;
  if (run.status !== 'returned') return `${red('stopped:')} ${run.status} after ${run.instructions} instructions\n`;
  return dim(`${run.instructions} instructions, ${run.engine}\n`);
}
