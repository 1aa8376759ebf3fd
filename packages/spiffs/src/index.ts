export { buildImage, type ImageFile, type ImageOptions } from './build-image.js';
export { ARDUINO_ESP8266_CONFIG, ESP_IDF_CONFIG, MKSPIFFS_GENERIC_CONFIG, type SpiffsConfig } from './config.js';
export { type DetectedSpiffs, detectSpiffs } from './detect.js';
export { SPIFFS_ERRNO, SpiffsError, type SpiffsErrorCode, type SpiffsErrorData } from './error.js';
export { OpenFlags, Seek } from './flags.js';
export { Geometry } from './geometry.js';
export { type CheckResult, type DirectoryEntry, type QuickCheckResult, Spiffs, type SpiffsOptions } from './spiffs.js';
export type { CheckReport } from './store.js';
export type { VolumeStats } from './volume.js';
