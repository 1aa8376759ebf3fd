import { type Image, openImage, openLocation, parseLocation } from 'loadstone';
import type { Terminal } from '../../output.js';
import { type SpiffsOptions, spiffsSettings } from './spiffs-options.js';

/** Opens an image for reading: a file, or an offset of a flash dump (`DUMP@OFFSET`). */
export async function openImageAt(location: string, options: SpiffsOptions): Promise<Image> {
  const settings = { spiffs: spiffsSettings(options) };
  if (parseLocation(location).kind !== 'flash') return openImage(location, settings);
  return openImage((await openLocation(location)).source, settings);
}

/** Says on standard error when a SPIFFS' name and metadata lengths are taken on trust. */
export function warnOfAssumptions(image: Image, terminal: Terminal): void {
  const { confidence, objNameLen, metaLen } = image.geometry;
  if (image.kind !== 'spiffs' || confidence !== 'likely') return;
  terminal.err(
    `No file shows the name and metadata lengths of this SPIFFS; taking ${objNameLen} and ${metaLen} (--name-length, --meta-length).\n`,
  );
}
