import { FRESULT, type Fresult } from './fresult.js';

/** Why a FAT operation failed. The first group has one FatFs result each, the second is found before FatFs is asked. */
export type FatErrorCode =
  | 'DISK_ERROR'
  | 'CORRUPT'
  | 'NOT_READY'
  | 'NO_FILE'
  | 'NO_PATH'
  | 'INVALID_NAME'
  | 'DENIED'
  | 'EXISTS'
  | 'INVALID_OBJECT'
  | 'WRITE_PROTECTED'
  | 'INVALID_DRIVE'
  | 'NOT_ENABLED'
  | 'NO_FILESYSTEM'
  | 'FORMAT_ABORTED'
  | 'TIMEOUT'
  | 'LOCKED'
  | 'OUT_OF_MEMORY'
  | 'TOO_MANY_OPEN'
  | 'INVALID_PARAMETER'
  | 'DISK_FULL'
  | 'CLOSED'
  | 'FATFS_TRAPPED';

/** What a person needs to find the failed operation; sizes are bytes. */
export interface FatErrorData {
  readonly operation?: string;
  readonly path?: string;
  /** Bytes transferred before the failure. */
  readonly transferred?: number;
  readonly sector?: number;
  readonly sectorCount?: number;
  readonly size?: number;
  /** What the device threw, when the device was the reason. */
  readonly cause?: unknown;
}

/** By FatFs result number: our code and what it means. */
const MEANING: readonly (readonly [FatErrorCode, string])[] = [
  ['INVALID_PARAMETER', 'no error'],
  ['DISK_ERROR', 'the device failed'],
  ['CORRUPT', 'the volume is damaged (FAT chain or directory)'],
  ['NOT_READY', 'the device is not ready'],
  ['NO_FILE', 'no such file'],
  ['NO_PATH', 'no such directory'],
  ['INVALID_NAME', 'not a valid path'],
  ['DENIED', 'refused: wrong access mode, read-only entry, directory not empty, or root directory full'],
  ['EXISTS', 'the name exists already'],
  ['INVALID_OBJECT', 'the file or volume object is not valid'],
  ['WRITE_PROTECTED', 'the device is write protected'],
  ['INVALID_DRIVE', 'no such drive'],
  ['NOT_ENABLED', 'the volume is not mounted'],
  ['NO_FILESYSTEM', 'no FAT volume on the device'],
  ['FORMAT_ABORTED', 'these parameters give no valid FAT volume on this device'],
  ['TIMEOUT', 'timeout'],
  ['LOCKED', 'the file is open elsewhere'],
  ['OUT_OF_MEMORY', 'not enough memory'],
  ['TOO_MANY_OPEN', 'too many open files'],
  ['INVALID_PARAMETER', 'invalid parameter'],
];

/** The one error class for FAT volumes. `fresult` is the number FatFs gives (or would give) for the same failure. */
export class FatError extends Error {
  override readonly name = 'FatError';
  readonly code: FatErrorCode;
  readonly fresult: Fresult;
  readonly data: FatErrorData;

  constructor(code: FatErrorCode, fresult: Fresult, message: string, data: FatErrorData = {}) {
    super(message, data.cause === undefined ? undefined : { cause: data.cause });
    this.code = code;
    this.fresult = fresult;
    this.data = data;
  }

  /** The error for a FatFs result number other than FR_OK. */
  static fromResult(result: number, data: FatErrorData): FatError {
    const known = result > 0 && result < MEANING.length ? result : FRESULT.FR_INT_ERR;
    const [code, meaning] = MEANING[known];
    const subject = data.path === undefined ? '' : ` ${JSON.stringify(data.path)}`;
    const reason = data.cause instanceof Error ? `: ${data.cause.message}` : '';
    return new FatError(code, known as Fresult, `${data.operation ?? 'FAT'}${subject}: ${meaning}${reason}`, data);
  }
}
