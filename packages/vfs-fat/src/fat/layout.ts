import { sizeof_DIR, sizeof_FATFS, sizeof_FIL, sizeof_FILINFO } from 'js-fatfs';
import { FatError } from './error.js';
import { FRESULT } from './fresult.js';

/**
 * Where the fields we read lie inside FatFs' own structures, for the one build of js-fatfs 0.2.1: FatFs R0.15,
 * FF_USE_LFN with UTF-8 names, sector buffers of 4096 bytes, no exFAT, no locks, no current directory (ff.h).
 */
export const SIZE = { FATFS: sizeof_FATFS, FIL: sizeof_FIL, DIR: sizeof_DIR, FILINFO: sizeof_FILINFO } as const;

/** `FATFS`: the sector in the window, and the window itself. */
export const FATFS_FIELD = { winsect: 52, win: 56 } as const;

/** `FIL`: first cluster, state bits, and the sector and heap address of the file's directory entry. */
export const FIL_FIELD = { startCluster: 8, flag: 16, dirSect: 32, dirPtr: 36 } as const;

/** `DIR`: first cluster of the directory (0 for the root of FAT12/16). */
export const DIR_FIELD = { startCluster: 8 } as const;

/** @throws FatError INVALID_OBJECT when js-fatfs was built with other structures than the ones described here */
export function checkLayout(): void {
  if (sizeof_FATFS !== 4152 || sizeof_FIL !== 4136 || sizeof_DIR !== 48 || sizeof_FILINFO !== 812) {
    throw new FatError(
      'INVALID_OBJECT',
      FRESULT.FR_INVALID_OBJECT,
      'js-fatfs is not the build whose structures are known',
    );
  }
}
