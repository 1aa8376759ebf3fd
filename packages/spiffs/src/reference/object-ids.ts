import { SpiffsError } from '../error.js';
import { DELET, FINAL, INDEX } from '../fields.js';
import type { Nucleus } from './nucleus.js';

/**
 * Finds an id for a new object (spiffs_obj_lu_find_free_obj_id): the lowest free one when a page of bits can hold the range of
 * ids, otherwise the first of the first group without objects, or the lowest free one of the group with the fewest.
 * @throws SpiffsError FULL
 */
export function findFreeObjectId(nucleus: Nucleus): number {
  const { geometry, buffers, work } = nucleus;
  const { pageSize } = geometry;
  const start = { block: 0, entry: 0 };
  let least = 1;
  let most = Math.floor((geometry.blocks * geometry.entriesPerBlock) / 2) + 1;
  if (most >= geometry.ixFlag) most = geometry.ixFlag - 1;
  let groupSize = 0;
  for (;;) {
    if (most - least <= pageSize * 8) {
      work.fill(0);
      nucleus.visit(start, {}, (id) => {
        if (nucleus.isUsed(id)) {
          const bit = nucleus.withoutIndexMark(id) - least;
          if (bit >= 0 && bit >> 3 < pageSize) work[bit >> 3] |= 1 << (bit & 7);
        }
        return 'continue';
      });
      for (let bit = 0; bit < pageSize * 8; bit++) {
        if ((work[bit >> 3] & (1 << (bit & 7))) === 0) return least + bit;
      }
      throw new SpiffsError('FULL', 'no object id is free');
    }
    if (groupSize !== 0) {
      let fewest = 0;
      for (let group = 1; group < pageSize && work[fewest] !== 0; group++) {
        if (work[group] < work[fewest]) fewest = group;
      }
      if (work[fewest] === groupSize) throw new SpiffsError('FULL', 'no group of object ids has a free one');
      if (work[fewest] === 0) return least + fewest * groupSize;
      least += fewest * groupSize;
      most = least + groupSize;
      if (most - least <= pageSize * 8) continue;
    }
    groupSize = Math.floor((most - least) / pageSize);
    work.fill(0);
    nucleus.visit(start, {}, (id, block, entry) => {
      if (!nucleus.isUsed(id) || !nucleus.isIndexId(id)) return 'continue';
      const header = nucleus.readHeader(geometry.entryPage(block, entry));
      if (header.span !== 0 || (header.flags & (INDEX | FINAL | DELET)) !== DELET) return 'continue';
      const objectId = nucleus.withoutIndexMark(id);
      // The last group may lie past `work`, in `lookupWork`, as it does in the C library.
      if (objectId >= least && objectId <= most) buffers[Math.floor((objectId - least) / groupSize)]++;
      return 'continue';
    });
  }
}
