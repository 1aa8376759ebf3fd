/**
 * What a build of SPIFFS fixes at compile time and a mount must know, because the format has no superblock. The names are
 * those of the C library's configuration (spiffs_config.h).
 */
export interface SpiffsConfig {
  /** Bytes of a page, 64 and up; a block is at least 8 pages. */
  readonly pageSize: number;
  /** Bytes of a block, the unit of erasing; a whole number of the device's erase blocks. */
  readonly blockSize: number;
  /** Bytes kept for a name, its closing zero included. */
  readonly objNameLen: number;
  /** Bytes of metadata kept with each file. */
  readonly metaLen: number;
  /** Each block carries a magic number, so that a mount can tell a SPIFFS from something else. */
  readonly useMagic: boolean;
  /** The magic depends on the number of blocks. */
  readonly useMagicLength: boolean;
  /** Index tables start at a multiple of `pageIxBytes`. */
  readonly alignedIndexTables: boolean;
  /** Fields are big-endian (images made with spiffsgen.py --big-endian). */
  readonly bigEndian: boolean;
  /** Width of an object id: 1, 2 or 4 bytes. */
  readonly objIdBytes: 1 | 2 | 4;
  /** Width of a span index: 1, 2 or 4 bytes. */
  readonly spanIxBytes: 1 | 2 | 4;
  /** Width of a page index: 1, 2 or 4 bytes. */
  readonly pageIxBytes: 1 | 2 | 4;
}

/** ESP-IDF's and Arduino-ESP32's defaults (components/spiffs/Kconfig, spiffs_config.h). */
export const ESP_IDF_CONFIG: SpiffsConfig = {
  pageSize: 256,
  blockSize: 4096,
  objNameLen: 32,
  metaLen: 4,
  useMagic: true,
  useMagicLength: true,
  alignedIndexTables: false,
  bigEndian: false,
  objIdBytes: 2,
  spanIxBytes: 2,
  pageIxBytes: 2,
};

/** What the generic build of mkspiffs uses (mkspiffs include/spiffs_config.h); page and block size come from its command line. */
export const MKSPIFFS_GENERIC_CONFIG: SpiffsConfig = { ...ESP_IDF_CONFIG, metaLen: 0 };

/** Arduino-ESP8266's layout. */
export const ARDUINO_ESP8266_CONFIG: SpiffsConfig = {
  ...ESP_IDF_CONFIG,
  blockSize: 8192,
  metaLen: 0,
  useMagicLength: false,
  alignedIndexTables: true,
};
