import { DELET, FINAL, INDEX, IXDELE } from '../fields.js';
import type { Report } from './check.js';
import type { Nucleus } from './nucleus.js';

/**
 * Deletes headers of objects being removed, and index pages without a header (spiffs_check.c, object index consistency).
 * `work` remembers which object ids were found reachable or not, the oldest forgotten first.
 */
export function checkObjectIndices(nucleus: Nucleus, report: Report): void {
  const { geometry, work } = nucleus;
  const width = geometry.config.objIdBytes;
  const slots = Math.floor(geometry.pageSize / width);
  work.fill(0);
  let next = 0;
  const slotOf = (objectId: number): number => {
    for (let slot = 0; slot < slots; slot++) {
      if (nucleus.withoutIndexMark(nucleus.field(work, slot * width, width)) === objectId) return slot;
    }
    return -1;
  };
  const remember = (id: number): void => {
    nucleus.setField(work, next * width, width, id);
    next = (next + 1) % slots;
  };
  nucleus.visit({ block: 0, entry: 0 }, {}, (id, block, entry) => {
    if (!nucleus.isUsed(id) || !nucleus.isIndexId(id)) return 'continue';
    const objectId = nucleus.withoutIndexMark(id);
    const page = geometry.entryPage(block, entry);
    const header = nucleus.readHeader(page);
    const state = header.flags & (INDEX | FINAL | DELET | IXDELE);
    if (header.span === 0 && state === DELET) {
      report('delete-page', page, id);
      nucleus.deletePage(page);
      return 'continue';
    }
    if (state === (DELET | IXDELE)) return 'continue';
    const slot = slotOf(objectId);
    if (header.span === 0) {
      if (slot < 0) remember(objectId);
      return 'continue';
    }
    let orphan = false;
    let searched = false;
    if (slot < 0) {
      searched = true;
      orphan = nucleus.findPage(id, 0) < 0;
      remember(orphan ? id : objectId);
    } else {
      orphan = nucleus.isIndexId(nucleus.field(work, slot * width, width));
    }
    if (orphan) {
      report('delete-orphaned-index', page, id);
      nucleus.deletePage(page);
    }
    return searched ? 'reload' : 'continue';
  });
}
