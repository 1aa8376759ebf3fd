/**
 * The ESP32: GP-IOT's runner for flat blobs (`runBlob`), and Arduino's and ESP-IDF's functions under their own names
 * (`createEsp32`) to write a sketch down line by line.
 */
export { type FaultReport, faultText, GuestFault, host, SharedVariable, variable } from '@loadstone/emulator-host';
export type { GpIotFailure, GpIotGeneration, LoadedBlob } from '@loadstone/module-loader';
export { TaskError } from '@loadstone/task-runner';
export {
  BIN,
  configMAX_PRIORITIES,
  configMAX_TASK_NAME_LEN,
  configTICK_RATE_HZ,
  DEC,
  errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY,
  FILE_APPEND,
  FILE_READ,
  FILE_WRITE,
  HEX,
  MALLOC_CAP_8BIT,
  MALLOC_CAP_32BIT,
  MALLOC_CAP_CACHE_ALIGNED,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_DMA_DESC_AHB,
  MALLOC_CAP_DMA_DESC_AXI,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
  MALLOC_CAP_INVALID,
  MALLOC_CAP_IRAM_8BIT,
  MALLOC_CAP_PID2,
  MALLOC_CAP_PID3,
  MALLOC_CAP_PID4,
  MALLOC_CAP_PID5,
  MALLOC_CAP_PID6,
  MALLOC_CAP_PID7,
  MALLOC_CAP_RETENTION,
  MALLOC_CAP_RTCRAM,
  MALLOC_CAP_SIMD,
  MALLOC_CAP_SPIRAM,
  MALLOC_CAP_SPIRAM_NO_ENC,
  MALLOC_CAP_SPM,
  NULL,
  OCT,
  pdFAIL,
  pdFALSE,
  pdMS_TO_TICKS,
  pdPASS,
  pdTRUE,
  portTICK_PERIOD_MS,
  SeekCur,
  SeekEnd,
  SeekSet,
  tskNO_AFFINITY,
} from './esp32/constants.js';
export { File } from './esp32/file.js';
export { type MultiHeapInfo, MultiHeapInfo as multi_heap_info_t } from './esp32/heap-functions.js';
export { Print } from './esp32/print.js';
export { type BlobRun, type RunBlobOptions, runBlob, runBlobFrom } from './esp32/run-blob.js';
export { HardwareSerial } from './esp32/serial.js';
export { type TaskParameter, type TaskSignature, taskSignature } from './esp32/signature.js';
export { createEsp32, type Esp32, type Esp32Options } from './esp32/sketch.js';
export { type SpiffsBehaviour, SpiffsFs } from './esp32/spiffs-fs.js';
export type { FinishedTask, TaskFunction, TaskHandle, TaskHandle as TaskHandle_t } from './esp32/task-functions.js';
