/** The ESP32 runner sketch of GP-IOT: a flat blob from SPIFFS into executable memory, called as a task. */
export type { GpIotFailure, GpIotGeneration, LoadedBlob } from '@loadstone/module-loader';
export { type BlobRun, type RunBlobOptions, runBlob, runBlobFrom } from './esp32/run-blob.js';
export { type TaskParameter, type TaskSignature, taskSignature } from './esp32/signature.js';
