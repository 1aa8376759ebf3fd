import type { Command } from 'commander';
import type { SpiffsSettings } from 'loadstone';
import { UsageError } from '../../usage-error.js';
import { parseCount } from '../../values.js';

/** What a SPIFFS image does not say about itself, as options. */
export interface SpiffsOptions {
  readonly page?: string;
  readonly block?: string;
  readonly nameLength?: string;
  readonly metaLength?: string;
  /** True unless `--no-magic` was given. */
  readonly magic: boolean;
  readonly magicLength: boolean;
  readonly alignedTables?: boolean;
  readonly bigEndian?: boolean;
}

/** Adds the options of a SPIFFS' geometry; `fallback` says what holds without them. */
export function addSpiffsOptions(command: Command, fallback: 'default' | 'recognised'): Command {
  const without = (value: string) => (fallback === 'default' ? `default ${value}` : 'recognised unless given');
  return command
    .option('--page <bytes>', `SPIFFS: page size (${without('256')})`)
    .option('--block <bytes>', `SPIFFS: block size (${without('4096')})`)
    .option('--name-length <bytes>', `SPIFFS: bytes kept for a name (${without('32')})`)
    .option('--meta-length <bytes>', `SPIFFS: bytes of metadata of a file (${without('4')})`)
    .option('--no-magic', 'SPIFFS: without magic numbers')
    .option('--no-magic-length', 'SPIFFS: magic numbers without the length')
    .option('--aligned-tables', 'SPIFFS: index tables at even addresses')
    .option('--big-endian', 'SPIFFS: fields big-endian');
}

/** Largest SPIFFS block. */
const LARGEST_BLOCK = 0x100_0000;

/**
 * The settings that were given.
 * @throws UsageError for a value out of range
 */
export function spiffsSettings(options: SpiffsOptions): SpiffsSettings {
  const { page, block, nameLength, metaLength, magic, magicLength, alignedTables, bigEndian } = options;
  return {
    ...(page === undefined ? {} : { pageSize: parseSize(page, '--page', 64, 65536) }),
    ...(block === undefined ? {} : { blockSize: parseSize(block, '--block', 512, LARGEST_BLOCK) }),
    ...(nameLength === undefined ? {} : { objNameLen: parseCount(nameLength, '--name-length', 2, 65536) }),
    ...(metaLength === undefined ? {} : { metaLen: parseCount(metaLength, '--meta-length', 0, 65536) }),
    ...(magic ? {} : { useMagic: false, useMagicLength: false }),
    ...(magicLength ? {} : { useMagicLength: false }),
    ...(alignedTables === true ? { alignedIndexTables: true } : {}),
    ...(bigEndian === true ? { bigEndian: true } : {}),
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/**
 * Reads a size in bytes: decimal or 0x hexadecimal, decimal also with K, M or G (times 1024).
 * @throws UsageError when it is no size or lies outside `min` to `max`
 */
export function parseSize(text: string, what: string, min: number, max: number): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ''];
  if (match === null || unit === undefined) return parseCount(text, what, min, max);
  const size = Number(match[1]) * unit;
  if (!Number.isSafeInteger(size) || size < min || size > max) {
    throw new UsageError(`${what}: ${text} is not ${min} to ${max}`);
  }
  return size;
}
