import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { buildImage, type ImageInput, type ImageKind, type ImageRecipe } from 'loadstone';
import { type Terminal, toJson } from '../../output.js';
import { UsageError } from '../../usage-error.js';
import { chosen, parseCount } from '../../values.js';
import { counted } from './counted.js';
import { readHostTree } from './host-tree.js';
import { startProgress } from './progress.js';
import { refuseOverwriting, replaceFile, writeNewFile } from './replace-file.js';
import { addSpiffsOptions, parseSize, type SpiffsOptions, spiffsSettings } from './spiffs-options.js';

interface CreateOptions extends SpiffsOptions {
  readonly type: string;
  readonly from: string;
  readonly size?: string;
  readonly style?: string;
  readonly label?: string;
  readonly sectorSize?: string;
  readonly clusterSize?: string;
  readonly partition?: boolean;
  readonly fats?: string;
  readonly rootEntries?: string;
  readonly serial?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const KINDS: readonly ImageKind[] = ['spiffs', 'fat12', 'fat16', 'fat32'];
const LARGEST_IMAGE = 0x8000_0000;

/** `loadstone image create`: an image from a folder. */
export function createCommand(image: Command, terminal: Terminal): void {
  const command = image
    .command('create')
    .description('make an image from the files of a folder; the same files give the same bytes')
    .argument('<out>', 'image file to write')
    .requiredOption('--type <kind>', KINDS.join(', '))
    .requiredOption('--from <folder>', 'folder whose files go on the image')
    .option('--size <bytes>', 'size, also 0x…, …K, …M, …G (default 0x160000, FAT12 1440K, FAT16 16M, FAT32 64M)');
  addSpiffsOptions(command, 'default')
    .option('--style <tool>', 'SPIFFS: laid out as by spiffsgen or mkspiffs (default spiffsgen)')
    .option('--label <text>', 'FAT: volume label, up to 11 upper-case characters')
    .option('--sector-size <bytes>', 'FAT: 512, 1024, 2048 or 4096 (default 512)')
    .option('--cluster-size <bytes>', 'FAT: a power of two (default: the smallest that gives the type)')
    .option('--partition', 'FAT: with a partition table, as most SD cards have')
    .option('--fats <count>', 'FAT: copies of the allocation table, 1 or 2 (default 2)')
    .option('--root-entries <count>', 'FAT12, FAT16: entries of the root directory (default 512)')
    .option('--serial <number>', 'FAT: serial number of the volume (default 0)')
    .option('--force', 'overwrite the image file')
    .option('--json', 'print JSON')
    .action(async (out: string, options: CreateOptions) => {
      const recipe = recipeOf(options);
      if (/\.gz$/i.test(out)) throw new UsageError(`${out}: images are written unpacked; leave .gz away`);
      refuseOverwriting(out, options.force);
      const entries = readEntries(options.from);
      const bytes = await build(entries, recipe, terminal);
      const progress = startProgress(`writing ${out}`, bytes.length);
      const source = {
        size: bytes.length,
        read: (offset: number, into: Uint8Array) => {
          const part = bytes.subarray(offset, offset + into.length);
          into.set(part);
          return part.length;
        },
      };
      try {
        await replaceFile(out, (temporary) => writeNewFile(temporary, source, progress.advance));
      } finally {
        progress.finish();
      }
      const files = entries.filter(({ path }) => !path.endsWith('/'));
      if (options.json) {
        const listed = files.map(({ path, content }) => ({ path: `/${path}`, size: content.length }));
        terminal.out(`${toJson({ output: out, kind: recipe.kind, size: bytes.length, files: listed })}\n`);
      } else {
        terminal.out(`${out}: ${recipe.kind.toUpperCase()}, ${bytes.length} bytes, ${counted(files.length, 'file')}\n`);
      }
    });
}

/** What to build. @throws UsageError for a value that is none, and for an option that the type does not have */
function recipeOf(options: CreateOptions): ImageRecipe {
  const kind = chosen(options.type, '--type', KINDS);
  const size = options.size === undefined ? {} : { size: parseSize(options.size, '--size', 1, LARGEST_IMAGE) };
  const spiffs = spiffsSettings(options);
  const fat = fatSettings(options);
  if (kind !== 'spiffs') {
    if (Object.keys(spiffs).length > 0 || options.style !== undefined) {
      throw new UsageError(`an option of SPIFFS was given for --type ${kind}`);
    }
    return { kind, ...size, ...fat };
  }
  if (Object.keys(fat).length > 0) throw new UsageError('an option of FAT was given for --type spiffs');
  const style =
    options.style === undefined ? {} : { style: chosen(options.style, '--style', ['spiffsgen', 'mkspiffs'] as const) };
  return { kind, ...size, spiffs, ...style };
}

function fatSettings(options: CreateOptions) {
  const { label, sectorSize, clusterSize, partition, fats, rootEntries, serial } = options;
  if (label !== undefined && (!/^[A-Z0-9 !#$%&'()@^_`{}~-]{1,11}$/.test(label) || label.startsWith(' '))) {
    throw new UsageError(`--label ${label}: not 1 to 11 upper-case characters that FAT allows`);
  }
  return {
    ...(label === undefined ? {} : { label }),
    ...(sectorSize === undefined ? {} : { sectorSize: parseSize(sectorSize, '--sector-size', 512, 4096) }),
    ...(clusterSize === undefined ? {} : { clusterSize: parseSize(clusterSize, '--cluster-size', 512, 0x8_0000) }),
    ...(partition === true ? { partition } : {}),
    ...(fats === undefined ? {} : { fats: parseCount(fats, '--fats', 1, 2) === 1 ? (1 as const) : (2 as const) }),
    ...(rootEntries === undefined ? {} : { rootEntries: parseCount(rootEntries, '--root-entries', 1, 32768) }),
    ...(serial === undefined ? {} : { serial: parseCount(serial, '--serial', 0, 0xffff_ffff) }),
  };
}

function readEntries(folder: string): ImageInput[] {
  const tree = readHostTree(folder);
  const progress = startProgress(
    `reading ${folder}`,
    tree.reduce((sum, { size }) => sum + size, 0),
  );
  try {
    return tree.map(({ path, file, size }) => {
      const content = path.endsWith('/') ? new Uint8Array(0) : new Uint8Array(readFileSync(file));
      progress.advance(size);
      return { path, content };
    });
  } finally {
    progress.finish();
  }
}

/** Codes that speak of the geometry asked for, not of the files. */
const GEOMETRY: readonly string[] = ['NOT_CONFIGURED', 'MAGIC_NOT_POSSIBLE', 'FORMAT_ABORTED', 'INVALID_PARAMETER'];
const NO_ROOM: readonly string[] = ['FULL', 'DISK_FULL'];

async function build(entries: readonly ImageInput[], recipe: ImageRecipe, terminal: Terminal): Promise<Uint8Array> {
  try {
    return await buildImage(entries, recipe);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (GEOMETRY.includes(code)) throw new UsageError((error as Error).message);
    if (NO_ROOM.includes(code)) terminal.err('The files do not fit: --size makes a larger image.\n');
    throw error;
  }
}
