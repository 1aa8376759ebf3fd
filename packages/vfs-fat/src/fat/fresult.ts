/** The result codes of ChaN FatFs R0.15 (ff.h, `FRESULT`), in their C order. */
export const FRESULT = {
  FR_OK: 0,
  FR_DISK_ERR: 1,
  FR_INT_ERR: 2,
  FR_NOT_READY: 3,
  FR_NO_FILE: 4,
  FR_NO_PATH: 5,
  FR_INVALID_NAME: 6,
  FR_DENIED: 7,
  FR_EXIST: 8,
  FR_INVALID_OBJECT: 9,
  FR_WRITE_PROTECTED: 10,
  FR_INVALID_DRIVE: 11,
  FR_NOT_ENABLED: 12,
  FR_NO_FILESYSTEM: 13,
  FR_MKFS_ABORTED: 14,
  FR_TIMEOUT: 15,
  FR_LOCKED: 16,
  FR_NOT_ENOUGH_CORE: 17,
  FR_TOO_MANY_OPEN_FILES: 18,
  FR_INVALID_PARAMETER: 19,
} as const;

/** One of the FatFs result codes, 0 to 19. */
export type Fresult = (typeof FRESULT)[keyof typeof FRESULT];

/** `f_open` mode bits (ff.h, `FA_*`); the VFS of TencentOS tiny uses the same numbers. */
export const FA = {
  READ: 0x01,
  WRITE: 0x02,
  OPEN_EXISTING: 0x00,
  CREATE_NEW: 0x04,
  CREATE_ALWAYS: 0x08,
  OPEN_ALWAYS: 0x10,
  OPEN_APPEND: 0x30,
} as const;

/** FAT directory entry attribute bits (Microsoft FAT specification 1.03, section 6). */
export const ATTRIBUTE = {
  READ_ONLY: 0x01,
  HIDDEN: 0x02,
  SYSTEM: 0x04,
  VOLUME_ID: 0x08,
  DIRECTORY: 0x10,
  ARCHIVE: 0x20,
  LONG_NAME: 0x0f,
} as const;
