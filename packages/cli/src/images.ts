import { fileURLToPath } from 'node:url';

/** Path of an image that comes with the command: the built file and this source both lie one folder below `images`. */
export function imagePath(name: 'sd.img.gz' | 'spiffs.img.gz' | 'flash.bin'): string {
  return fileURLToPath(new URL(`../images/${name}`, import.meta.url));
}
