// Values of ESP-IDF's, FreeRTOS' and Arduino-ESP32's headers, under their C names.

export {
  MALLOC_CAP_8BIT,
  MALLOC_CAP_32BIT,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
  MALLOC_CAP_INVALID,
  MALLOC_CAP_IRAM_8BIT,
  MALLOC_CAP_RETENTION,
  MALLOC_CAP_RTCRAM,
  MALLOC_CAP_SPIRAM,
} from '@loadstone/emulator-host';
export { errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY, pdPASS } from '@loadstone/task-runner';

// components/heap/include/esp_heap_caps.h; no memory of the classic ESP32 offers these.
export const MALLOC_CAP_PID2 = 1 << 4;
export const MALLOC_CAP_PID3 = 1 << 5;
export const MALLOC_CAP_PID4 = 1 << 6;
export const MALLOC_CAP_PID5 = 1 << 7;
export const MALLOC_CAP_PID6 = 1 << 8;
export const MALLOC_CAP_PID7 = 1 << 9;
export const MALLOC_CAP_SPM = 1 << 16;
export const MALLOC_CAP_DMA_DESC_AHB = 1 << 17;
export const MALLOC_CAP_DMA_DESC_AXI = 1 << 18;
export const MALLOC_CAP_CACHE_ALIGNED = 1 << 19;
export const MALLOC_CAP_SIMD = 1 << 20;
export const MALLOC_CAP_SPIRAM_NO_ENC = 1 << 21;

/** The null pointer of guest memory. */
export const NULL = 0;

// FreeRTOS (projdefs.h, portmacro.h, FreeRTOSConfig.h of ESP-IDF); Arduino's tick is 1000 Hz.
export const pdFALSE = 0;
export const pdTRUE = 1;
export const pdFAIL = 0;
export const configTICK_RATE_HZ = 1000;
export const configMAX_PRIORITIES = 25;
export const configMAX_TASK_NAME_LEN = 16;
export const portTICK_PERIOD_MS = 1;
export const tskNO_AFFINITY = 0x7fff_ffff;

/** `pdMS_TO_TICKS` at Arduino's tick rate. */
export function pdMS_TO_TICKS(milliseconds: number): number {
  return Math.floor((milliseconds * configTICK_RATE_HZ) / 1000);
}

// Arduino: Print.h and FS.h.
export const DEC = 10;
export const HEX = 16;
export const OCT = 8;
export const BIN = 2;
export const FILE_READ = 'r';
export const FILE_WRITE = 'w';
export const FILE_APPEND = 'a';
export const SeekSet = 0;
export const SeekCur = 1;
export const SeekEnd = 2;
