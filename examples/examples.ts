import type { Board, CreateBoardOptions } from 'loadstone';
import { main as esp32Blob } from './esp32-blob/main.js';
import { main as esp32Sketch } from './esp32-sketch/main.js';
import { main as object } from './tencentos-object/main.js';
import { main as rawFlash } from './tencentos-raw-flash/main.js';
import { main as sharedObject } from './tencentos-shared-object/main.js';

/** One example: what it runs and the image it runs from. */
export interface Example {
  readonly name: string;
  readonly image: 'sd.img.gz' | 'flash.bin' | 'spiffs.img.gz';
  readonly main: (print: (text: string) => void, image: Uint8Array, options?: CreateBoardOptions) => Promise<Board>;
}

/** Every example, one folder each. */
export const examples: readonly Example[] = [
  { name: 'tencentos-object', image: 'sd.img.gz', main: object },
  { name: 'tencentos-shared-object', image: 'sd.img.gz', main: sharedObject },
  { name: 'tencentos-raw-flash', image: 'flash.bin', main: rawFlash },
  { name: 'esp32-blob', image: 'spiffs.img.gz', main: esp32Blob },
  { name: 'esp32-sketch', image: 'spiffs.img.gz', main: esp32Sketch },
];
