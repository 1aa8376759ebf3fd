import { type EditableImage, editImage } from 'loadstone';
import { startProgress } from './progress.js';
import { checkChangeable, copyImage, replaceFile } from './replace-file.js';
import { type SpiffsOptions, spiffsSettings } from './spiffs-options.js';

/**
 * Changes an image: a copy of it in the same folder is changed and then takes its place, so that a failure leaves it as it was.
 * @param bytes how many bytes `change` is going to tell `onBytes` of
 */
export async function changeImage(
  path: string,
  options: SpiffsOptions,
  bytes: number,
  change: (image: EditableImage, onBytes: (count: number) => void) => void,
): Promise<void> {
  const progress = startProgress(`changing ${path}`, checkChangeable(path) + bytes);
  try {
    await replaceFile(path, async (temporary) => {
      copyImage(path, temporary, progress.advance);
      const image = await editImage(temporary, { spiffs: spiffsSettings(options) });
      try {
        change(image, progress.advance);
      } finally {
        image.close();
      }
    });
  } finally {
    progress.finish();
  }
}
