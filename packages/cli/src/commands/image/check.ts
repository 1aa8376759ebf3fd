import type { Command } from 'commander';
import { checkImage, type ImageCheck, openLocation, parseLocation, repairImage } from 'loadstone';
import { Failure } from '../../failure.js';
import { colours, type Terminal, toJson } from '../../output.js';
import { counted } from './counted.js';
import { startProgress } from './progress.js';
import { checkChangeable, copyImage, replaceFile } from './replace-file.js';
import { addSpiffsOptions, type SpiffsOptions, spiffsSettings } from './spiffs-options.js';

interface CheckOptions extends SpiffsOptions {
  readonly repair?: boolean;
  readonly json?: boolean;
}

/** `loadstone image check`: is the file system sound? */
export function checkImageCommand(image: Command, terminal: Terminal): void {
  const command = image
    .command('check')
    .description('look for damage, and repair it when asked')
    .argument('<image>', 'image file; without --repair also DUMP@OFFSET');
  addSpiffsOptions(command, 'recognised')
    .option('--repair', 'repair what is wrong')
    .option('--json', 'print JSON')
    .action(async (location: string, options: CheckOptions) => {
      const result = options.repair ? await repair(location, options) : await check(location, options);
      terminal.out(options.json ? `${toJson(result)}\n` : describe(result, terminal));
      if (result.verdict === 'damaged') throw new Failure();
    });
}

async function check(location: string, options: SpiffsOptions): Promise<ImageCheck> {
  const settings = { spiffs: spiffsSettings(options) };
  if (parseLocation(location).kind !== 'flash') return checkImage(location, settings);
  return checkImage((await openLocation(location)).source, settings);
}

/** Repairs a copy, which takes the image's place when anything became better. */
async function repair(path: string, options: SpiffsOptions): Promise<ImageCheck> {
  const size = checkChangeable(path);
  const found = await check(path, options);
  if (found.verdict === 'clean') return found;
  const progress = startProgress(`copying ${path}`, size);
  try {
    return await replaceFile(
      path,
      (temporary) => {
        copyImage(path, temporary, progress.advance);
        progress.finish();
        return repairImage(temporary, { spiffs: spiffsSettings(options) });
      },
      ({ verdict, problems, remaining }) => verdict === 'repaired' || remaining.length < problems.length,
    );
  } finally {
    progress.finish();
  }
}

function describe(result: ImageCheck, terminal: Terminal): string {
  const { bold, green, red, yellow } = colours(terminal);
  const { kind, verdict, problems, remaining, lost, files } = result;
  const colour = verdict === 'damaged' ? red : green;
  let text = `${kind.toUpperCase()}, ${counted(files, 'file')}: ${colour(bold(verdict))}\n`;
  for (const { severity, message, code } of problems) {
    text += `  ${severity === 'error' ? red('error') : yellow('warning')} ${message} (${code})\n`;
  }
  if (verdict !== 'clean' && remaining.length > 0) {
    text += `${bold('Left after the repair')}\n`;
    for (const { message, code } of remaining) text += `  ${message} (${code})\n`;
  }
  if (lost.length > 0) text += `${bold('Lost')}\n${lost.map((path) => `  ${path}\n`).join('')}`;
  return text;
}
