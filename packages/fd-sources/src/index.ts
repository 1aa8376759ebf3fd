export type { BlockDevice } from './block-device.js';
export type { ByteSource, WritableByteSource } from './byte-source.js';
export { SourceError, type SourceErrorCode, type SourceErrorData } from './error.js';
