/** Error numbers of the C library, by its names without `SPIFFS_ERR_` (spiffs.h). */
export const SPIFFS_ERRNO = {
  NOT_MOUNTED: -10000,
  FULL: -10001,
  NOT_FOUND: -10002,
  END_OF_OBJECT: -10003,
  DELETED: -10004,
  NOT_FINALIZED: -10005,
  NOT_INDEX: -10006,
  OUT_OF_FILE_DESCS: -10007,
  FILE_CLOSED: -10008,
  FILE_DELETED: -10009,
  BAD_DESCRIPTOR: -10010,
  IS_INDEX: -10011,
  IS_FREE: -10012,
  INDEX_SPAN_MISMATCH: -10013,
  DATA_SPAN_MISMATCH: -10014,
  INDEX_REF_FREE: -10015,
  INDEX_REF_LU: -10016,
  INDEX_REF_INVALID: -10017,
  INDEX_FREE: -10018,
  INDEX_LU: -10019,
  INDEX_INVALID: -10020,
  NOT_WRITABLE: -10021,
  NOT_READABLE: -10022,
  CONFLICTING_NAME: -10023,
  NOT_CONFIGURED: -10024,
  NOT_A_FS: -10025,
  MOUNTED: -10026,
  ERASE_FAIL: -10027,
  MAGIC_NOT_POSSIBLE: -10028,
  NO_DELETED_BLOCKS: -10029,
  FILE_EXISTS: -10030,
  NOT_A_FILE: -10031,
  RO_NOT_IMPL: -10032,
  RO_ABORTED_OPERATION: -10033,
  PROBE_TOO_FEW_BLOCKS: -10034,
  PROBE_NOT_A_FS: -10035,
  NAME_TOO_LONG: -10036,
  IX_MAP_UNMAPPED: -10037,
  IX_MAP_MAPPED: -10038,
  IX_MAP_BAD_RANGE: -10039,
  SEEK_BOUNDS: -10040,
  INTERNAL: -10050,
  TEST: -10100,
} as const;

/** Why an operation failed, in the C library's names. */
export type SpiffsErrorCode = keyof typeof SPIFFS_ERRNO;

/** Where it failed, as far as known. */
export interface SpiffsErrorData {
  readonly name?: string;
  readonly fd?: number;
  /** Page index (of the whole area). */
  readonly page?: number;
  readonly block?: number;
  readonly objectId?: number;
  readonly span?: number;
  /** Byte offset in the file. */
  readonly offset?: number;
}

/** The one error class of this package. */
export class SpiffsError extends Error {
  override readonly name = 'SpiffsError';
  readonly code: SpiffsErrorCode;
  /** The C library's number for `code`, -10000 to -10100. */
  readonly errno: number;
  readonly data: SpiffsErrorData;

  constructor(code: SpiffsErrorCode, message: string, data: SpiffsErrorData = {}) {
    super(message);
    this.code = code;
    this.errno = SPIFFS_ERRNO[code];
    this.data = data;
  }
}
