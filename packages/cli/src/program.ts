import { Command, CommanderError } from 'commander';
import { adaptCommand } from './commands/adapt.js';
import { callCommand } from './commands/call.js';
import { checkCommand } from './commands/check.js';
import { demoCommand } from './commands/demo.js';
import { imageCommand } from './commands/image.js';
import { inspectCommand } from './commands/inspect.js';
import { runCommand } from './commands/run.js';
import { type ImportPackage, installedPackage } from './engine.js';
import { Failure } from './failure.js';
import { colours, type Terminal, toJson } from './output.js';
import { UsageError } from './usage-error.js';

/** Exit codes: all went well; the guest or the load failed; the command was called wrongly. */
export const EXIT = { SUCCESS: 0, FAILED: 1, USAGE: 2 } as const;

/**
 * Runs the command.
 * @param args the words behind `loadstone`
 * @param importPackage finds the optional packages; tests give their own
 * @returns the exit code
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  importPackage: ImportPackage = installedPackage,
): Promise<number> {
  const program = new Command('loadstone')
    .description('Load and run TencentOS tiny and ESP32 modules as the device would')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError()
    .enablePositionalOptions();
  callCommand(program, terminal, importPackage);
  runCommand(program, terminal, importPackage);
  inspectCommand(program, terminal);
  imageCommand(program, terminal);
  checkCommand(program, terminal);
  adaptCommand(program, terminal);
  demoCommand(program, terminal);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.SUCCESS;
  } catch (error) {
    return report(error, terminal, args.includes('--json'));
  }
}

/** Prints what went wrong, as text or as JSON, and gives the exit code. */
function report(error: unknown, terminal: Terminal, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.SUCCESS : EXIT.USAGE;
  // The command has printed its result, which tells of the failure.
  if (error instanceof Failure) return EXIT.FAILED;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
  if (error instanceof UsageError) {
    terminal.err(`${colours(terminal).red('error:')} ${message}\n`);
    return EXIT.USAGE;
  }
  if (json) terminal.out(`${toJson({ status: 'load-error', error: { code, message } })}\n`);
  else terminal.err(`${colours(terminal).red('error:')} ${message} (${code})\n`);
  return EXIT.FAILED;
}
