import type { Command } from 'commander';
import type { Image } from 'loadstone';
import { colours, columns, type Terminal, toJson } from '../../output.js';
import { counted } from './counted.js';
import { openImageAt } from './open-image.js';
import { addSpiffsOptions, type SpiffsOptions } from './spiffs-options.js';

interface ListOptions extends SpiffsOptions {
  readonly json?: boolean;
}

/** `loadstone image ls`: what is on an image. */
export function listCommand(image: Command, terminal: Terminal): void {
  const command = image
    .command('ls')
    .description('list the files of an image')
    .argument('<image>', 'image file, or DUMP@OFFSET');
  addSpiffsOptions(command, 'recognised')
    .option('--json', 'print JSON')
    .action(async (location: string, options: ListOptions) => {
      const opened = await openImageAt(location, options);
      try {
        const { kind, geometry, label } = opened;
        const entries = opened.entries();
        if (options.json) {
          terminal.out(
            `${toJson({ kind, ...(label === '' ? {} : { label }), geometry, space: opened.space(), entries })}\n`,
          );
        } else {
          terminal.out(describe(opened, terminal));
        }
      } finally {
        opened.close();
      }
    });
}

function describe(image: Image, terminal: Terminal): string {
  const { bold, dim } = colours(terminal);
  const { total, used } = image.space();
  const entries = image.entries();
  const files = entries.filter(({ type }) => type === 'file').length;
  const label = image.label === '' ? '' : ` "${image.label}"`;
  const rows = entries.map(({ path, size, type, modified }) => [
    type === 'file' ? String(size).padStart(10) : '         -',
    ...(image.kind === 'spiffs' ? [] : [modified?.replace('T', ' ') ?? '']),
    type === 'file' ? path : `${path}/`,
  ]);
  return `${bold(`${image.kind.toUpperCase()}${label}`)} ${dim(`${counted(files, 'file')}, ${used} of ${total} bytes used`)}\n${columns(rows)}`;
}
