import { buildImage as buildSpiffsImage, ESP_IDF_CONFIG } from '@loadstone/spiffs';
import { buildFatImage, type FatImageOptions } from '@loadstone/vfs-fat';
import { LoadstoneError } from './error.js';
import type { SpiffsSettings } from './image-format.js';

/** A file or an empty directory of an image to be built. */
export interface ImageInput {
  /** Path from the root, with or without a leading slash; a directory's ends in `/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** A SPIFFS to be built. */
export interface SpiffsRecipe {
  readonly kind: 'spiffs';
  /** Bytes, a whole number of blocks; 0x160000 unless given, the partition of Arduino-ESP32's default table. */
  readonly size?: number;
  /** Settings other than ESP-IDF's defaults: page 256, block 4096, name length 32, metadata length 4, magic with length. */
  readonly spiffs?: SpiffsSettings;
  /** The tool whose layout the image has; `spiffsgen` (ESP-IDF's) unless given. */
  readonly style?: 'spiffsgen' | 'mkspiffs';
}

/** A FAT volume to be built. */
export interface FatRecipe extends Omit<FatImageOptions, 'type'> {
  readonly kind: 'fat12' | 'fat16' | 'fat32';
}

export type ImageRecipe = SpiffsRecipe | FatRecipe;

/** Largest image that is built in memory: 2 GiB. */
export const LARGEST_IMAGE = 0x8000_0000;

/**
 * Builds an image. The same entries and recipe give the same bytes.
 * @param entries for SPIFFS in the order they are written, directories left out
 * @throws LoadstoneError BAD_OPTION for a size above 2 GiB; SpiffsError FULL, NAME_TOO_LONG, CONFLICTING_NAME, NOT_CONFIGURED,
 *   MAGIC_NOT_POSSIBLE; FatError DISK_FULL, DENIED, EXISTS, INVALID_NAME, FORMAT_ABORTED, INVALID_PARAMETER
 */
export async function buildImage(entries: readonly ImageInput[], recipe: ImageRecipe): Promise<Uint8Array> {
  if (recipe.size !== undefined && recipe.size > LARGEST_IMAGE) {
    throw new LoadstoneError('BAD_OPTION', `an image of ${recipe.size} bytes is larger than ${LARGEST_IMAGE} bytes`, {
      size: recipe.size,
    });
  }
  if (recipe.kind === 'spiffs') {
    const files = entries
      .filter(({ path }) => !path.endsWith('/'))
      .map(({ path, content }) => ({ name: rooted(path), content }));
    return buildSpiffsImage(
      files,
      { ...ESP_IDF_CONFIG, ...recipe.spiffs },
      {
        ...(recipe.size === undefined ? {} : { totalSize: recipe.size }),
        ...(recipe.style === undefined ? {} : { style: recipe.style }),
      },
    );
  }
  const { kind, ...options } = recipe;
  const tree = Object.fromEntries(entries.map(({ path, content }): [string, Uint8Array] => [rooted(path), content]));
  return buildFatImage(tree, { ...options, type: kind });
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
