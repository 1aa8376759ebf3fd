import type { FatFs } from 'js-fatfs';
import { ATTRIBUTE } from './fresult.js';

/** One directory entry. */
export interface FatEntry {
  /** The long name, or the short one when there is no long one. */
  readonly name: string;
  /** The 8.3 name. */
  readonly shortName: string;
  readonly type: 'file' | 'directory';
  /** Bytes, as the entry states them; directories normally state 0. */
  readonly size: number;
  /** Attribute bits, see `ATTRIBUTE`. */
  readonly attributes: number;
  /** Last change as stored: bits 15..9 years since 1980, 8..5 month, 4..0 day; 0 when never set. */
  readonly date: number;
  /** Last change as stored: bits 15..11 hour, 10..5 minute, 4..0 seconds / 2. */
  readonly time: number;
}

/** A moment as FAT stores it: local time, no zone, even seconds. */
export interface FatDateTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Unpacks the date and time words of a directory entry (Microsoft FAT specification 1.03, section 6). */
export function decodeDateTime(date: number, time: number): FatDateTime {
  return {
    year: 1980 + (date >>> 9),
    month: (date >>> 5) & 15,
    day: date & 31,
    hour: time >>> 11,
    minute: (time >>> 5) & 63,
    second: (time & 31) * 2,
  };
}

/** Reads a `FILINFO`; undefined when its name is empty, FatFs' mark for the end of a directory. */
export function readFileInfo(fatfs: FatFs, pointer: number): FatEntry | undefined {
  const name = fatfs.FILINFO_fname(pointer);
  if (name === '') return undefined;
  const attributes = fatfs.FILINFO_fattrib(pointer);
  return {
    name,
    shortName: fatfs.FILINFO_altname(pointer) || name,
    type: attributes & ATTRIBUTE.DIRECTORY ? 'directory' : 'file',
    size: fatfs.FILINFO_fsize(pointer),
    attributes,
    date: fatfs.FILINFO_fdate(pointer),
    time: fatfs.FILINFO_ftime(pointer),
  };
}
