import type { CheckReport } from './store.js';

/** How a mounted file system behaves. */
export interface SpiffsOptions {
  /**
   * Program the flash in the C library's order, and check and repair as it does, with what it loses. Without it the order
   * survives a power cut at any point, and a repair keeps one whole version of each file.
   */
  readonly parity?: boolean;
  /** Files that can be open at once; default 16. */
  readonly maxOpenFiles?: number;
  /** Blocks a collection empties at most before it gives up (SPIFFS_GC_MAX_RUNS); default 10. */
  readonly gcMaxRuns?: number;
  /** Change nothing on the device: what the mount has to put right is put right in memory. */
  readonly readOnly?: boolean;
  /** With parity: pages of the read cache, which also bounds the number of write caches; default 5. */
  readonly cachePages?: number;
}

/** Outcome of a check. */
export interface CheckResult {
  /** What was wrong, and repaired, in the order found; empty for a clean file system. */
  readonly reports: readonly CheckReport[];
}

/** Outcome of a quick check. */
export interface QuickCheckResult {
  readonly isClean: boolean;
  /** Names of files with damage. */
  readonly damaged: readonly string[];
  /** Pages and updates that an interrupted operation left behind. */
  readonly leftovers: number;
}
