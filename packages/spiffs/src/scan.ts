import { SpiffsError } from './error.js';
import type { Volume } from './volume.js';

/**
 * Checks the magics, finds the erase counter and counts the pages (spiffs_obj_lu_scan).
 * @returns the one block with a wrong magic, which is what an erase that was cut short leaves, or -1
 * @throws SpiffsError NOT_A_FS when two or more magics are wrong
 */
export function scanBlocks(volume: Volume): number {
  const { geometry } = volume;
  let unerased = -1;
  let [least, most] = [geometry.freeId, 0];
  for (let block = 0; block < geometry.blocks; block++) {
    if (geometry.config.useMagic && volume.readId(geometry.magicAddress(block)) !== geometry.magic(block)) {
      if (unerased >= 0) {
        throw new SpiffsError('NOT_A_FS', `blocks ${unerased} and ${block} have no SPIFFS magic for this geometry`, {
          block,
        });
      }
      unerased = block;
    }
    const count = volume.readId(geometry.eraseCountAddress(block));
    if (count !== geometry.freeId) {
      least = Math.min(least, count);
      most = Math.max(most, count);
    }
  }
  if (least === 0 && most === geometry.freeId) volume.maxEraseCount = 0;
  else if (most - least > Math.floor(geometry.freeId / 2)) volume.maxEraseCount = least + 1;
  else volume.maxEraseCount = most + 1;
  volume.countPages();
  return unerased;
}

/** Scans, and erases a block with a wrong magic at once, whatever it holds, as the C library does. */
export function scanAndRenew(volume: Volume): void {
  const unerased = scanBlocks(volume);
  if (unerased < 0) return;
  volume.renewBlock(unerased);
  volume.countPages();
}
