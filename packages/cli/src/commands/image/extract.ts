import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type ExtractedPath, extractionPaths } from 'loadstone';
import { type Terminal, toJson } from '../../output.js';
import { UsageError } from '../../usage-error.js';
import { counted } from './counted.js';
import { HostFileError } from './host-file-error.js';
import { openImageAt } from './open-image.js';
import { startProgress } from './progress.js';
import { replaceFile, writeNewFile } from './replace-file.js';
import { addSpiffsOptions, type SpiffsOptions } from './spiffs-options.js';

interface ExtractOptions extends SpiffsOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `loadstone image extract`: the files of an image into a folder. */
export function extractCommand(image: Command, terminal: Terminal): void {
  const command = image
    .command('extract')
    .description('write the files of an image into a folder')
    .argument('<image>', 'image file, or DUMP@OFFSET')
    .argument('<folder>', 'made when it does not exist; nothing is written outside of it');
  addSpiffsOptions(command, 'recognised')
    .option('--force', 'overwrite files')
    .option('--json', 'print JSON')
    .action(async (location: string, folder: string, options: ExtractOptions) => {
      const opened = await openImageAt(location, options);
      try {
        const places = extractionPaths(opened.entries());
        const files = places.filter(({ entry }) => entry.type === 'file');
        mkdirSync(folder, { recursive: true });
        const root = realpathSync(folder);
        for (const place of places) checkWay(root, place, options.force === true);
        for (const { entry, names } of places) makeFolders(root, entry.type === 'file' ? names.slice(0, -1) : names);
        const progress = startProgress(
          `extracting ${location}`,
          files.reduce((sum, { entry }) => sum + entry.size, 0),
        );
        try {
          for (const { entry, names } of files) {
            const source = opened.fileSource(entry.path);
            try {
              await replaceFile(join(root, ...names), (temporary) => writeNewFile(temporary, source, progress.advance));
            } finally {
              source.close?.();
            }
          }
        } finally {
          progress.finish();
        }
        const listed = files.map(({ entry: { path, size }, names }) => ({ path, size, file: join(folder, ...names) }));
        if (options.json) terminal.out(`${toJson({ kind: opened.kind, folder, files: listed })}\n`);
        else terminal.out(`${folder}: ${counted(files.length, 'file')}\n`);
      } finally {
        opened.close();
      }
    });
}

/**
 * Looks at what is already there on the way to an entry's place, before anything is written.
 * @throws HostFileError SYMBOLIC_LINK for a link anywhere on it, which could lead out of the folder; WRONG_KIND for a file where
 *   a folder is needed or the other way round; UsageError for a file that would be overwritten
 */
function checkWay(root: string, { entry, names }: ExtractedPath, force: boolean): void {
  let path = root;
  for (const [index, name] of names.entries()) {
    path = join(path, name);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined) return;
    if (status.isSymbolicLink()) {
      throw new HostFileError('SYMBOLIC_LINK', path, `a symbolic link in the way of the entry ${entry.path}`);
    }
    const isFile = index === names.length - 1 && entry.type === 'file';
    if (isFile ? !status.isFile() : !status.isDirectory()) {
      throw new HostFileError('WRONG_KIND', path, `in the way of the entry ${entry.path}`);
    }
    if (isFile && !force) throw new UsageError(`${path} exists; --force overwrites it`);
  }
}

function makeFolders(root: string, names: readonly string[]): void {
  if (names.length > 0) mkdirSync(join(root, ...names), { recursive: true });
}
