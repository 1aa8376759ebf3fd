import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Image, openImage } from 'loadstone';
import { type Terminal, toJson } from '../../output.js';
import { UsageError } from '../../usage-error.js';
import { changeImage } from './change-image.js';
import { counted } from './counted.js';
import { HostFileError } from './host-file-error.js';
import { readHostTree } from './host-tree.js';
import { warnOfAssumptions } from './open-image.js';
import { checkChangeable } from './replace-file.js';
import { addSpiffsOptions, type SpiffsOptions, spiffsSettings } from './spiffs-options.js';

interface AddOptions extends SpiffsOptions {
  readonly to: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** A file or an empty folder and its path on the image. */
interface Addition {
  /** Ends in `/` for a folder. */
  readonly path: string;
  readonly file: string;
  readonly size: number;
}

/** `loadstone image add`: files onto an image. */
export function addCommand(image: Command, terminal: Terminal): void {
  const command = image
    .command('add')
    .description('put files, and folders with all that is in them, onto an image')
    .argument('<image>', 'image file')
    .argument('<file...>', 'files and folders')
    .option('--to <path>', 'path on the image: of the one file, or of the directory when it ends in / or is one', '/');
  addSpiffsOptions(command, 'recognised')
    .option('--force', 'replace files that are on the image')
    .option('--json', 'print JSON')
    .action(async (path: string, files: readonly string[], options: AddOptions) => {
      checkChangeable(path);
      const before = await openImage(path, { spiffs: spiffsSettings(options) });
      let additions: Addition[];
      let replaced: string[];
      try {
        warnOfAssumptions(before, terminal);
        additions = collect(files, options.to, before);
        replaced = additions.map((addition) => addition.path).filter((target) => before.hasFile(target));
        if (replaced.length > 0 && !options.force) {
          throw new UsageError(`${path} has a file ${replaced[0]}; --force replaces it`);
        }
      } finally {
        before.close();
      }
      const bytes = additions.reduce((sum, { size }) => sum + size, 0);
      await changeImage(path, options, bytes, (opened, onBytes) => {
        for (const { path: target, file, size } of additions) {
          if (target.endsWith('/')) opened.makeDirectory(target);
          else opened.writeFile(target, new Uint8Array(readFileSync(file)));
          onBytes(size);
        }
      });
      const added = additions.filter((addition) => !addition.path.endsWith('/'));
      if (options.json) {
        const listed = added.map((addition) => ({ path: addition.path, size: addition.size }));
        terminal.out(`${toJson({ image: path, kind: before.kind, added: listed, replaced })}\n`);
      } else {
        terminal.out(`${path}: ${counted(added.length, 'file')} added, ${replaced.length} of them replaced\n`);
      }
    });
}

function collect(files: readonly string[], to: string, image: Image): Addition[] {
  const names = to.split('/').filter((name) => name !== '');
  if (!to.startsWith('/') || names.includes('.') || names.includes('..')) {
    throw new UsageError(`--to ${to}: not an absolute path without . and ..`);
  }
  const directory = names.map((name) => `/${name}`).join('');
  const isDirectory = files.length > 1 || to.endsWith('/') || image.hasDirectory(directory);
  const additions = files.flatMap((file): Addition[] => {
    const status = statSync(file);
    const name = basename(resolve(file));
    if (status.isFile()) return [{ path: isDirectory ? `${directory}/${name}` : directory, file, size: status.size }];
    if (!status.isDirectory()) throw new HostFileError('WRONG_KIND', file, 'neither a file nor a folder');
    const top = isDirectory ? `${directory}/${name}` : directory;
    const below = readHostTree(file).map((entry) => ({ ...entry, path: `${top}/${entry.path}` }));
    return below.length > 0 ? below : [{ path: `${top}/`, file, size: 0 }];
  });
  const seen = new Set<string>();
  for (const { path } of additions) {
    // FAT finds names without regard to case.
    const key = image.kind === 'spiffs' ? path : path.toLowerCase();
    if (seen.has(key)) throw new UsageError(`two of the files would become ${path}`);
    seen.add(key);
  }
  return additions;
}
