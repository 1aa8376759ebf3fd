import { DescriptorTable } from '../descriptors.js';
import type { CheckReport } from '../store.js';
import type { Volume } from '../volume.js';
import { Catalogue } from './catalogue.js';
import { type Examination, examine } from './examination.js';
import { ObjectWriter } from './object-writer.js';
import type { PagePool } from './page-pool.js';

/** Rounds of examining and repairing; each kind of repair needs one, and a later one may show what an earlier hid. */
const MOST_ROUNDS = 8;

/**
 * Puts right what operations cut by a power loss left behind: an update that had taken effect is completed, one that had not is
 * undone. Files that are damaged in another way are left as they are. Cutting the power here again does no harm.
 * @returns what is on the flash then
 */
export function recover(volume: Volume, pool: PagePool, reports: CheckReport[]): Examination {
  let found = examine(volume);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (!repairOnce(volume, pool, found, reports)) break;
    found = examine(volume);
  }
  return found;
}

function repairOnce(volume: Volume, pool: PagePool, found: Examination, reports: CheckReport[]): boolean {
  const { ixFlag } = volume.geometry;
  if (found.rollForwards.length > 0) {
    for (const { objectId, newHeader, newIndexPages } of found.rollForwards) {
      for (const page of newIndexPages) {
        const span = volume.headerSpan(page);
        for (const other of [...volume.indexPagesOf(objectId)]) {
          if (other !== page && volume.headerSpan(other) === span && !newIndexPages.includes(other))
            pool.deletePage(other);
        }
        pool.finalize(page);
      }
      pool.finalize(newHeader);
      reports.push({ stage: 'index', report: 'fix-index', arg1: objectId + ixFlag, arg2: 0 });
    }
    return true;
  }
  for (const { page, id } of found.lostLookups) {
    volume.programLookup(page, id);
    volume.countPages();
    pool.recount(volume.geometry.blockOf(page));
    reports.push({ stage: 'lookup', report: 'fix-lookup', arg1: id, arg2: volume.headerSpan(page) });
  }
  const repairs = found.indexRepairs.filter(({ revive }) => revive.length + 1 <= pool.freeOutside(-1));
  if (repairs.length > 0) {
    const catalogue = new Catalogue(volume, found);
    const writer = new ObjectWriter(volume, pool, catalogue, new DescriptorTable(0), () => undefined);
    for (const repair of repairs) {
      if (repair.revive.length + 1 > pool.freeOutside(-1)) break;
      writer.repairIndex(repair);
      reports.push({ stage: 'page', report: 'fix-index', arg1: repair.object.id + ixFlag, arg2: repair.indexSpan });
    }
    return true;
  }
  for (const block of found.halfErased) {
    pool.renewBlock(block);
    reports.push({ stage: 'lookup', report: 'delete-page', arg1: volume.geometry.entryPage(block, 0), arg2: 0 });
  }
  for (const page of found.dead) {
    reports.push({ stage: 'lookup', report: 'delete-page', arg1: page, arg2: 0 });
    pool.deletePage(page);
  }
  return found.lostLookups.length + found.halfErased.length > 0;
}
