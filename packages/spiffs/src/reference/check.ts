import { SpiffsError } from '../error.js';
import { scanAndRenew } from '../scan.js';
import type { CheckReport } from '../store.js';
import { checkObjectIndices } from './check-index.js';
import { checkLookup } from './check-lookup.js';
import { checkPages } from './check-pages.js';
import type { Nucleus } from './nucleus.js';

/** Reports of one stage, in the order found. */
export type Report = (report: CheckReport['report'], arg1: number, arg2: number) => void;

/**
 * Checks and repairs in the C library's way (SPIFFS_check): lookup, object indices, pages, then a new count. Files the C
 * library loses are lost.
 */
export function checkConsistency(nucleus: Nucleus): CheckReport[] {
  const reports: CheckReport[] = [];
  for (const [stage, run] of [
    ['lookup', checkLookup],
    ['index', checkObjectIndices],
    ['page', checkPages],
  ] as const) {
    const report: Report = (kind, arg1, arg2) => reports.push({ stage, report: kind, arg1, arg2 });
    try {
      run(nucleus, report);
    } catch (error) {
      if (!(error instanceof SpiffsError)) throw error;
      report('error', error.errno >>> 0, 0);
    }
  }
  scanAndRenew(nucleus.volume);
  return reports;
}
