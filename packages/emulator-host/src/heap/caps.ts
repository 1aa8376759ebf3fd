/** Capability bits of ESP-IDF's heap (components/heap/include/esp_heap_caps.h). */
export const MALLOC_CAP_EXEC = 1 << 0;
export const MALLOC_CAP_32BIT = 1 << 1;
export const MALLOC_CAP_8BIT = 1 << 2;
export const MALLOC_CAP_DMA = 1 << 3;
export const MALLOC_CAP_SPIRAM = 1 << 10;
export const MALLOC_CAP_INTERNAL = 1 << 11;
export const MALLOC_CAP_DEFAULT = 1 << 12;
export const MALLOC_CAP_IRAM_8BIT = 1 << 13;
export const MALLOC_CAP_RETENTION = 1 << 14;
export const MALLOC_CAP_RTCRAM = 1 << 15;
export const MALLOC_CAP_INVALID = 0x8000_0000;
