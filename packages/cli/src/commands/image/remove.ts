import type { Command } from 'commander';
import { type Terminal, toJson } from '../../output.js';
import { changeImage } from './change-image.js';
import { addSpiffsOptions, type SpiffsOptions } from './spiffs-options.js';

interface RemoveOptions extends SpiffsOptions {
  readonly recursive?: boolean;
  readonly json?: boolean;
}

/** `loadstone image rm`: files off an image. */
export function removeCommand(image: Command, terminal: Terminal): void {
  const command = image
    .command('rm')
    .description('remove files from an image')
    .argument('<image>', 'image file')
    .argument('<path...>', 'files on the image')
    .option('-r, --recursive', 'directories with all that is in them, too');
  addSpiffsOptions(command, 'recognised')
    .option('--json', 'print JSON')
    .action(async (path: string, paths: readonly string[], options: RemoveOptions) => {
      const removed: string[] = [];
      await changeImage(path, options, 0, (opened) => {
        for (const each of paths) removed.push(...opened.remove(each, { recursive: options.recursive === true }));
      });
      if (options.json) terminal.out(`${toJson({ image: path, removed })}\n`);
      else terminal.out(`${path}: ${removed.length} removed\n`);
    });
}
