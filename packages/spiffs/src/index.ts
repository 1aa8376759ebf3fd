export { ARDUINO_ESP8266_CONFIG, ESP_IDF_CONFIG, MKSPIFFS_GENERIC_CONFIG, type SpiffsConfig } from './config.js';
export { type DetectedSpiffs, detectSpiffs } from './detect.js';
export { SPIFFS_ERRNO, SpiffsError, type SpiffsErrorCode, type SpiffsErrorData } from './error.js';
export { Geometry } from './geometry.js';
export { type DirectoryEntry, Spiffs } from './spiffs.js';
export type { VolumeStats } from './volume.js';
