import { SpiffsError } from './error.js';
import type { Volume } from './volume.js';

/**
 * Checks the magics, finds the erase counter and counts the pages (spiffs_obj_lu_scan). One block with a wrong magic is
 * taken for an erase that was cut short and is erased anew; a block that was being erased held nothing any more.
 * @throws SpiffsError NOT_A_FS when two or more magics are wrong
 */
export function scanBlocks(volume: Volume): void {
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
  if (unerased >= 0) volume.renewBlock(unerased);
  volume.countPages();
}
