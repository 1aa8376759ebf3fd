import type { Board, GuestValue, Limits } from '@loadstone/emulator-host';
import {
  type BlockDevice,
  type ByteSource,
  flashDevice,
  isWritable,
  memorySource,
  overlaySource,
} from '@loadstone/fd-sources';
import { ESP_IDF_CONFIG, type SpiffsConfig } from '@loadstone/spiffs';
import { createBoard } from '../boards.js';
import { formatOnHost } from '../c-printf.js';
import { heapFunctions } from './heap-functions.js';
import type { Formatter } from './print.js';
import { HardwareSerial } from './serial.js';
import { type SpiffsBehaviour, SpiffsFs } from './spiffs-fs.js';
import { SketchTasks, type TaskFunction, type TaskHandle } from './task-functions.js';

export interface Esp32Options {
  /** Default: an `esp32` of its own. */
  readonly board?: Board;
  /**
   * The SPIFFS partition: a flash, or its bytes, which are changed in place (those of a source that cannot be written stay as
   * they are). Default: an erased one of Arduino's default table, 0x160000 bytes.
   */
  readonly spiffs?: BlockDevice | ByteSource | Uint8Array;
  /** Default `correct`; `parity` programs, checks and loses as ESP-IDF's library does. */
  readonly spiffsBehaviour?: SpiffsBehaviour;
  /** Default: ESP-IDF's. */
  readonly spiffsConfig?: SpiffsConfig;
  /** Limits of each call of a guest function. */
  readonly limits?: Limits;
  /** Receives what the sketch prints. Default: kept in `board.console`. */
  readonly print?: (text: string) => void;
}

/** Bytes of the SPIFFS partition in Arduino-ESP32's default table (tools/partitions/default.csv). */
const DEFAULT_PARTITION = 0x16_0000;

/**
 * An ESP32 with Arduino's and ESP-IDF's functions under their own names, so that a sketch can be written down line by line.
 * @throws LoadstoneError BAD_OPTION for a board without heap_caps; SourceError BAD_ARGUMENT for a partition without whole blocks
 */
export function createEsp32(options: Esp32Options = {}) {
  const board = options.board ?? createBoard('esp32');
  if (options.print) board.console.onText = options.print;
  const behaviour: SpiffsBehaviour = options.spiffsBehaviour ?? 'correct';
  board.firmware = `Arduino-ESP32 sketch, SPIFFS ${behaviour}`;
  const config = options.spiffsConfig ?? ESP_IDF_CONFIG;
  const format: Formatter = (text, args) => formatOnHost(board, text, args);
  const tasks = new SketchTasks(board, options.limits ?? {});
  const { runner } = tasks;

  return {
    board,
    /** How true to the device, as chosen; fault reports say so. */
    behaviour: { spiffs: behaviour } as const,
    Serial: new HardwareSerial(format, (text) => board.print(text)),
    SPIFFS: new SpiffsFs({
      partition: partition(options.spiffs, config.blockSize),
      config,
      behaviour,
      format,
      clock: () => Math.floor(runner.milliseconds / 1000),
    }),
    ...heapFunctions(board),

    /** See `SketchTasks.create`: the task runs at once and to its end. */
    xTaskCreate: <Parameter>(
      code: TaskFunction<Parameter>,
      name: string,
      stackDepth: number,
      parameter: Parameter,
      priority: number,
      handle: { value: TaskHandle } | null = null,
    ): number => tasks.create(code, name, stackDepth, parameter, priority, handle),
    /** `xTaskCreate`; the board has one core. */
    xTaskCreatePinnedToCore: <Parameter>(
      code: TaskFunction<Parameter>,
      name: string,
      stackDepth: number,
      parameter: Parameter,
      priority: number,
      handle: { value: TaskHandle } | null = null,
      _core = 1,
    ): number => tasks.create(code, name, stackDepth, parameter, priority, handle),
    vTaskDelete: (handle: TaskHandle | null): void => tasks.delete(handle),
    /** Moves the clock; nothing else runs meanwhile. */
    vTaskDelay: (ticks: number): void => runner.delay(ticks),
    xTaskGetTickCount: (): number => runner.ticks,
    uxTaskGetStackHighWaterMark: (handle: TaskHandle | null): number => tasks.stackHighWaterMark(handle),
    pcTaskGetName: (handle: TaskHandle | null): string => tasks.nameOf(handle),
    /** How the latest task ended: instructions, stack use. */
    get finished_task() {
      return tasks.finished;
    },

    delay: (milliseconds: number): void => runner.delay(milliseconds),
    millis: (): number => runner.milliseconds >>> 0,
    micros: (): number => (runner.milliseconds * 1000) % 2 ** 32,

    /**
     * A C function pointer as a function: it runs on the stack of the task that calls it.
     * @param address the pointer
     * @param type its function type, e.g. `void (const char *input, char *output)`; a Uint8Array serves as `char *`
     */
    function_pointer: (address: number, type: string) =>
      tasks.functionPointer(address, type) as (...args: unknown[]) => GuestValue | undefined,
  };
}

/** What `createEsp32` gives. */
export type Esp32 = ReturnType<typeof createEsp32>;

/** The flash behind a partition. */
function partition(given: Esp32Options['spiffs'], blockSize: number): BlockDevice {
  if (given === undefined) return flashDevice(DEFAULT_PARTITION, { blockSize });
  if (given instanceof Uint8Array) return flashDevice(memorySource(given), { blockSize });
  if ('blockSize' in given) return given;
  return flashDevice(isWritable(given) ? given : overlaySource(given), { blockSize });
}
