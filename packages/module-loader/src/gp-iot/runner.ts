import { type ByteSource, SourceError } from '@loadstone/fd-sources';
import { LoaderDefect } from '../errors.js';
import type { TargetMemory } from '../target-memory.js';

/** Bytes of `TaskMetadata`: little-endian uint32 entry offset, then 16 bytes of text. */
export const GP_IOT_METADATA_SIZE = 20;

/** Bytes read at a time. */
const CHUNK_SIZE = 128;

/**
 * Which history of the runner sketch. `first` (May 2024): metadata at the start of the blob, the function runs as a FreeRTOS
 * task. `head` (from June 2024): metadata at the end, the function is called in `setup`.
 */
export type GpIotGeneration = 'first' | 'head';

/** The string every generation passes as input. */
export const GP_IOT_INPUT = 'ESP32';

/** How each generation calls the function of a blob. */
export const GP_IOT_CALL = {
  first: {
    prototype: 'void (const char *input, char *output)',
    outputSize: 100,
    task: { name: 'TaskRunner', stackSize: 8192, priority: 1 },
  },
  head: {
    prototype: 'void (uintptr_t base, const char *input, uintptr_t *outAddr, char *output)',
    outputSize: 17,
    task: undefined,
  },
} as const;

export interface GpIotRunnerOptions {
  readonly generation: GpIotGeneration;
  /** Where the metadata lies in the blob; default `start` for `first` and `end` for `head`, as those sketches read it. */
  readonly metadata?: 'start' | 'end';
  readonly memory: TargetMemory;
  /** `esp_get_free_heap_size()`: bytes free in all heaps. */
  freeHeap(): number;
  /** Receives the serial output, line ends included: CR LF from println, LF from printf. */
  log(text: string): void;
  /** Whether `new uint8_t[128]` succeeds; default true. */
  readonly temporaryBuffer?: () => boolean;
}

/** A blob in executable memory, ready to be called. */
export interface LoadedBlob {
  /** Address of the first byte. */
  readonly base: number;
  /** Bytes of the file. */
  readonly size: number;
  readonly metadataAddress: number;
  /** The first metadata word: offset of the function from `base`. Never checked against the size. */
  readonly entryOffset: number;
  /** `base + entryOffset`, 32 bits. */
  readonly entry: number;
}

/** Why the sketch gave up; each prints its line first. */
export type GpIotFailure =
  | 'OPEN_FAILED'
  | 'INSUFFICIENT_HEAP'
  | 'ALLOCATION_FAILED'
  | 'TEMPORARY_BUFFER_FAILED'
  | 'READ_FAILED';

export type GpIotLoadResult =
  | { readonly status: 'loaded'; readonly blob: LoadedBlob }
  | { readonly status: 'failed'; readonly reason: GpIotFailure };

const FAILURE_LINES: Readonly<Record<GpIotFailure, string>> = {
  OPEN_FAILED: 'Failed to open task file',
  INSUFFICIENT_HEAP: 'Insufficient free heap memory',
  ALLOCATION_FAILED: 'Failed to allocate memory',
  TEMPORARY_BUFFER_FAILED: 'Failed to allocate temporary buffer',
  READ_FAILED: 'Failed to read chunk from task file',
};

/** `%X` of a 32-bit value with the `0x` the sketch puts before it. */
function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).toUpperCase()}`;
}

/**
 * The ESP32 runner sketch of GP-IOT: copies a flat Xtensa blob into executable memory, with the checks, the order and the
 * serial lines of the original. Calling the blob is the board's business; the lines around the call come from here.
 */
export class GpIotRunner {
  readonly generation: GpIotGeneration;
  private readonly options: GpIotRunnerOptions;
  private readonly metadataAt: 'start' | 'end';

  constructor(options: GpIotRunnerOptions) {
    this.generation = options.generation;
    this.options = options;
    this.metadataAt = options.metadata ?? (options.generation === 'first' ? 'start' : 'end');
  }

  /** The line of `setup` when SPIFFS does not mount. */
  reportMountFailure(): void {
    this.println('SPIFFS Mount Failed');
  }

  /** What `loop` prints each second. */
  reportLoop(): void {
    this.println(this.generation === 'first' ? '.' : `Free heap size: ${this.options.freeHeap()}`);
  }

  /**
   * `loadAndExecuteTask` up to the call.
   * @param file the blob; undefined when there is no such file
   * @throws LoaderDefect UNALIGNED_METADATA when the metadata word is not 4-byte aligned in instruction RAM,
   *   METADATA_BEFORE_BUFFER when the blob is smaller than its metadata, FAULT when the block is not memory
   */
  load(file: ByteSource | undefined): GpIotLoadResult {
    this.println('Loading from SPIFFS');
    if (file === undefined) return this.fail('OPEN_FAILED');
    const { memory } = this.options;
    const size = file.size;
    this.println(`BIN SIZE: ${size}`);
    const freeHeap = this.options.freeHeap();
    this.println(`Free heap size: ${freeHeap}`);
    if (freeHeap < size) return this.fail('INSUFFICIENT_HEAP');
    const base = size === 0 ? undefined : memory.allocate({ size, align: 4, purpose: 'text' });
    if (base === undefined || base === 0) return this.fail('ALLOCATION_FAILED');
    this.println('MALLOC OK');
    if (this.options.temporaryBuffer?.() === false) {
      memory.free(base);
      return this.fail('TEMPORARY_BUFFER_FAILED');
    }
    if (!this.copy(file, base)) {
      memory.free(base);
      return this.fail('READ_FAILED');
    }
    if (this.generation === 'first') this.println('SUBMITTING TASK');
    const blob = this.locate(base, size);
    if (this.generation === 'head') this.reportHead(blob);
    return { status: 'loaded', blob };
  }

  /** The lines `taskRunner` of the first generation prints before it calls the function. */
  reportTaskStart(blob: LoadedBlob): void {
    this.printf(`Task Function Address           : ${hex(blob.entryOffset)}`);
    this.printf(`Program buffer address          : ${hex(blob.base)}`);
    this.printf(`Calculated Task Function Address: ${hex(blob.entry)}`);
  }

  /**
   * What is printed after the function returned; the HEAD sketch then frees the blob, the first one never does.
   * @param output the output buffer up to its NUL
   * @param outAddress the word the function stored through `outAddr` (`head` only)
   */
  reportReturn(blob: LoadedBlob, output: string, outAddress = 0): void {
    this.printf(`Return value from task: ${output}`);
    if (this.generation === 'first') return;
    this.printf(`Offset of hex in taskFunction: ${hex(outAddress)}`);
    this.printf(`Absolute Address of hex: ${hex(blob.base + outAddress)}`);
    this.options.memory.free(blob.base);
  }

  private reportHead(blob: LoadedBlob): void {
    this.printf(`File Size: ${blob.size | 0}`);
    this.printf(`Size of TaskMetadata: ${GP_IOT_METADATA_SIZE}`);
    this.printf(`Program buffer address: ${hex(blob.base)}`);
    this.printf(`Metadata address: ${hex(blob.metadataAddress)}`);
    this.printf(`Task Function Address in Metadata: ${hex(blob.entryOffset)}`);
    this.printf(`Calculated Task Function Address: ${hex(blob.entry)}`);
  }

  /**
   * Word by word through one 128-byte buffer. A last word of 1 to 3 file bytes is completed with what the buffer holds: the
   * chunk before, or zeros here where the device has uninitialised heap.
   */
  private copy(file: ByteSource, base: number): boolean {
    const buffer = new Uint8Array(CHUNK_SIZE);
    for (let done = 0; done < file.size; done += CHUNK_SIZE) {
      const wanted = Math.min(CHUNK_SIZE, file.size - done);
      if (readOrNothing(file, done, buffer.subarray(0, wanted)) !== wanted) return false;
      try {
        this.options.memory.write(base + done, buffer.subarray(0, (wanted + 3) & ~3));
      } catch (cause) {
        throw new LoaderDefect('FAULT', `the block at 0x${base.toString(16)} is not memory`, {
          address: base + done,
          cause,
        });
      }
    }
    return true;
  }

  private locate(base: number, size: number): LoadedBlob {
    const metadataOffset = this.metadataAt === 'start' ? 0 : size - GP_IOT_METADATA_SIZE;
    if (metadataOffset < 0) {
      throw new LoaderDefect(
        'METADATA_BEFORE_BUFFER',
        `a blob of ${size} bytes has no room for ${GP_IOT_METADATA_SIZE} bytes of metadata`,
        {
          address: base + metadataOffset,
          size,
        },
      );
    }
    const metadataAddress = (base + metadataOffset) >>> 0;
    if ((metadataAddress & 3) !== 0) {
      throw new LoaderDefect(
        'UNALIGNED_METADATA',
        `the metadata word at 0x${metadataAddress.toString(16)} is read from instruction RAM, which takes aligned words only`,
        { address: metadataAddress, size },
      );
    }
    const word = new Uint8Array(4);
    this.options.memory.read(metadataAddress, word);
    const entryOffset = new DataView(word.buffer).getUint32(0, true);
    return { base, size, metadataAddress, entryOffset, entry: (base + entryOffset) >>> 0 };
  }

  private fail(reason: GpIotFailure): GpIotLoadResult {
    this.println(FAILURE_LINES[reason]);
    return { status: 'failed', reason };
  }

  private println(line: string): void {
    this.options.log(`${line}\r\n`);
  }

  private printf(line: string): void {
    this.options.log(`${line}\n`);
  }
}

/** A failing read is a short one to the sketch; bytes that a remote source must fetch first are not a failure. */
function readOrNothing(file: ByteSource, offset: number, into: Uint8Array): number {
  try {
    return file.read(offset, into);
  } catch (error) {
    if (error instanceof SourceError && error.code !== 'NOT_CACHED') return 0;
    throw error;
  }
}
