import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { adaptLocation } from 'loadstone';
import { type Terminal, toJson } from '../output.js';
import { UsageError } from '../usage-error.js';
import { chosen } from '../values.js';

interface AdaptCommandOptions {
  readonly output: string;
  readonly profile: string;
  readonly rename: Readonly<Record<string, string>>;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** One `--rename old=new` more. */
function renamed(text: string, all: Readonly<Record<string, string>>): Record<string, string> {
  const [from, to, ...rest] = text.split('=');
  if (!from || !to || rest.length > 0) throw new UsageError(`--rename ${text}: not of the form old=new`);
  return { ...all, [from]: to };
}

/** `loadstone adapt`: an object the board's loader takes. */
export function adaptCommand(program: Command, terminal: Terminal): void {
  program
    .command('adapt')
    .description("rewrite an object so that the board's loader takes it")
    .argument('<object>', 'PATH, IMAGE:/path/inside or FLASH@OFFSET')
    .requiredOption('-o, --output <file>', 'file to write')
    .option('--profile <name>', 'loader: tencentos-object', 'tencentos-object')
    .option('--rename <old=new>', 'another name for a symbol (repeatable)', renamed, {})
    .option('--force', 'overwrite the output file')
    .option('--json', 'print JSON')
    .action(async (location: string, options: AdaptCommandOptions) => {
      chosen(options.profile, '--profile', ['tencentos-object'] as const);
      if (existsSync(options.output) && !options.force) {
        throw new UsageError(`${options.output} exists; --force overwrites it`);
      }
      const changes: string[] = [];
      const bytes = await adaptLocation(location, {
        rename: options.rename,
        report: (line) => {
          changes.push(line);
        },
      });
      const temporary = `${options.output}.${process.pid}.tmp`;
      try {
        writeFileSync(temporary, bytes);
        renameSync(temporary, options.output);
      } finally {
        rmSync(temporary, { force: true });
      }
      if (options.json) terminal.out(`${toJson({ output: options.output, size: bytes.length, changes })}\n`);
      else terminal.out(`${changes.map((line) => `  ${line}\n`).join('')}${options.output}: ${bytes.length} bytes\n`);
    });
}
