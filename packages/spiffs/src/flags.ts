/** Flags of `open` (spiffs.h, SPIFFS_O_*). */
export const OpenFlags = {
  /** Every write goes to the end. */
  APPEND: 1,
  /** Cut an existing file to nothing. */
  TRUNC: 2,
  /** Make the file when there is none. */
  CREAT: 4,
  RDONLY: 8,
  WRONLY: 16,
  RDWR: 24,
  /** No write cache: each write reaches the flash before it returns. */
  DIRECT: 32,
  /** With CREAT: fail when there is such a file. */
  EXCL: 64,
} as const;

/** Where a seek counts from (spiffs.h, SPIFFS_SEEK_*). */
export const Seek = { SET: 0, CUR: 1, END: 2 } as const;
