import { ElfError, ElfFile, EM, ET } from '@loadstone/elf-reader';
import type { ByteSource } from '@loadstone/fd-sources';
import {
  type AdaptOptions,
  adaptObject,
  type CheckOptions,
  type CheckReport,
  checkModule,
  LOADER_PROFILES,
  type LoaderProfile,
} from '@loadstone/module-loader';
import { LoadstoneError } from './error.js';
import { openLocation } from './image.js';

/** Names of the loaders a module can be checked against. */
export const profileNames: readonly LoaderProfile[] = LOADER_PROFILES;

export interface CheckLocationOptions extends CheckOptions {
  /** Which loader; default by the file: objects, shared objects, and blobs for what is no ELF file. */
  readonly profile?: LoaderProfile;
}

/** The loader a file is meant for. */
export function profileFor(source: ByteSource): LoaderProfile {
  const ident = new Uint8Array(4);
  const got = source.read(0, ident);
  if (got < 4 || ident[0] !== 0x7f || ident[1] !== 0x45 || ident[2] !== 0x4c || ident[3] !== 0x46) return 'gp-iot';
  try {
    return ElfFile.open(source).header.type === ET.DYN ? 'tencentos-shared' : 'tencentos-object';
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    return 'tencentos-object';
  }
}

/**
 * Loads a module as a board's loader does and as the ELF documents ask, and says what is different and why.
 * @throws LoadstoneError, SourceError, SpiffsError or FatError when it cannot be read; a bad module is a result
 */
export async function checkLocation(location: string, options: CheckLocationOptions = {}): Promise<CheckReport> {
  const { source } = await openLocation(location);
  return checkModule(source, options.profile ?? profileFor(source), options);
}

/** Largest object that is rewritten: 64 MiB. */
const ADAPT_LIMIT = 0x400_0000;

/**
 * Rewrites an object so that TencentOS tiny's elfLoader takes it.
 * @throws LoaderError CANNOT_ADAPT with the reason; LoadstoneError BAD_OPTION for what is no ARM object
 */
export async function adaptLocation(location: string, options: AdaptOptions = {}): Promise<Uint8Array> {
  const { source, name } = await openLocation(location);
  if (source.size > ADAPT_LIMIT) {
    throw new LoadstoneError('BAD_OPTION', `${name} has ${source.size} bytes; up to ${ADAPT_LIMIT} can be adapted`, {
      size: source.size,
    });
  }
  const { header } = ElfFile.open(source);
  if (header.type !== ET.REL || header.machine !== EM.ARM) {
    throw new LoadstoneError('BAD_OPTION', `${name} is no relocatable ARM object`, {
      type: header.type,
      machine: header.machine,
    });
  }
  const bytes = new Uint8Array(source.size);
  source.read(0, bytes);
  return adaptObject(bytes, 'tencentos-object', options);
}
