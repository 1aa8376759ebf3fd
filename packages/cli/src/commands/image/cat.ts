import type { Command } from 'commander';
import { openImage, parseLocation } from 'loadstone';
import { type Terminal, toJson } from '../../output.js';
import { UsageError } from '../../usage-error.js';
import { addSpiffsOptions, type SpiffsOptions, spiffsSettings } from './spiffs-options.js';

interface CatOptions extends SpiffsOptions {
  readonly json?: boolean;
}

/** Bytes written at once. */
const CHUNK = 0x1_0000;

/** `loadstone image cat`: the bytes of one file. */
export function catCommand(image: Command, terminal: Terminal): void {
  const command = image
    .command('cat')
    .description('print the bytes of a file of an image')
    .argument('<location>', 'IMAGE:/path/inside');
  addSpiffsOptions(command, 'recognised')
    .option('--json', 'print JSON: path, size, and the bytes as base64')
    .action(async (location: string, options: CatOptions) => {
      const place = parseLocation(location);
      if (place.kind !== 'image') throw new UsageError(`${location}: not of the form IMAGE:/path/inside`);
      const opened = await openImage(place.path, { spiffs: spiffsSettings(options) });
      try {
        const source = opened.fileSource(place.inside);
        if (options.json) {
          const bytes = new Uint8Array(source.size);
          source.read(0, bytes);
          terminal.out(`${toJson({ path: place.inside, size: source.size, base64: base64(bytes) })}\n`);
          return;
        }
        for (let offset = 0; offset < source.size; offset += CHUNK) {
          const chunk = new Uint8Array(Math.min(CHUNK, source.size - offset));
          source.read(offset, chunk);
          terminal.out(chunk);
        }
      } finally {
        opened.close();
      }
    });
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
