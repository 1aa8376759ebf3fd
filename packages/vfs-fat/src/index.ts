export { isFatImage, readVolumeParameters, type VolumeParameters } from './fat/boot-sector.js';
export { FatDirectory } from './fat/directory.js';
export { decodeDateTime, type FatDateTime, type FatEntry } from './fat/entry.js';
export { FatError, type FatErrorCode, type FatErrorData } from './fat/error.js';
export { createFatFs, FatFs, type FatFsOptions } from './fat/fatfs.js';
export { FatFile } from './fat/file.js';
export { ATTRIBUTE, FA, FRESULT, type Fresult } from './fat/fresult.js';
export { type FatSpace, FatVolume, type MountOptions } from './fat/volume.js';
