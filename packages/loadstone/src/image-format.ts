import { type ByteSource, memorySource } from '@loadstone/fd-sources';
import { detectSpiffs, ESP_IDF_CONFIG, type SpiffsConfig } from '@loadstone/spiffs';
import { isFatImage } from '@loadstone/vfs-fat';
import { gunzip } from '#platform';
import { LoadstoneError } from './error.js';

/** The file systems an image can hold. */
export type ImageKind = 'spiffs' | 'fat12' | 'fat16' | 'fat32';

/**
 * What is known of a SPIFFS beyond its bytes, which hold no superblock: each setting given here is used instead of the one
 * recognised. Lengths in bytes.
 */
export type SpiffsSettings = Partial<SpiffsConfig>;

/** A SPIFFS recognised in an image. */
export interface SpiffsFormat {
  readonly fileSystem: 'spiffs';
  readonly config: SpiffsConfig;
  /** Bytes of the file system; more than the image has when that was cut short. */
  readonly totalSize: number;
  /** `likely` when name and metadata length are assumed: there is no file whose index table would show them. */
  readonly confidence: 'certain' | 'likely' | 'given';
}

/** What an image holds. */
export type ImageFormat = SpiffsFormat | { readonly fileSystem: 'fat' };

/** Largest image a gzip file may unpack to: 1 GiB. */
const UNPACKED_LIMIT = 0x4000_0000;

/** Whether a source begins like a gzip file (RFC 1952, section 2.3.1: magic and the one method defined). */
export function isGzip(source: ByteSource): boolean {
  const magic = new Uint8Array(3);
  return source.read(0, magic) === 3 && magic[0] === 0x1f && magic[1] === 0x8b && magic[2] === 8;
}

/**
 * The unpacked bytes of a gzip file, any other source as it is.
 * @throws LoadstoneError UNKNOWN_FORMAT when the gzip data is damaged or unpacks to more than 1 GiB
 */
export async function unpacked(source: ByteSource, name: string): Promise<ByteSource> {
  if (!isGzip(source)) return source;
  const packed = new Uint8Array(source.size);
  source.read(0, packed);
  source.close?.();
  try {
    return memorySource(await gunzip(packed, UNPACKED_LIMIT));
  } catch (cause) {
    throw new LoadstoneError('UNKNOWN_FORMAT', `${name}: damaged gzip data: ${(cause as Error).message}`, {
      path: name,
    });
  }
}

/**
 * Recognises FAT and SPIFFS by content.
 * @param settings of a SPIFFS; with any given, what is not recognised is taken for a SPIFFS of ESP-IDF's other defaults
 * @throws LoadstoneError UNKNOWN_FORMAT
 */
export function recogniseImage(source: ByteSource, name: string, settings: SpiffsSettings = {}): ImageFormat {
  if (isFatImage(source)) return { fileSystem: 'fat' };
  const detected = detectSpiffs(source);
  const isGiven = Object.keys(settings).length > 0;
  if (detected !== undefined && !isGiven) return { fileSystem: 'spiffs', ...detected };
  if (detected === undefined && !isGiven) {
    throw new LoadstoneError('UNKNOWN_FORMAT', `${name} holds neither a FAT volume nor a SPIFFS file system`, {
      location: name,
      size: source.size,
    });
  }
  const config = { ...(detected?.config ?? ESP_IDF_CONFIG), ...settings };
  const isSameSize = detected !== undefined && config.blockSize === detected.config.blockSize;
  const totalSize = isSameSize ? detected.totalSize : Math.floor(source.size / config.blockSize) * config.blockSize;
  return { fileSystem: 'spiffs', config, totalSize, confidence: 'given' };
}
