import {
  type Board,
  type CallResult,
  type CallStatus,
  type FaultReport,
  type FunctionType,
  HeapCaps,
  type Limits,
  MALLOC_CAP_DEFAULT,
} from '@loadstone/emulator-host';
import { type ByteSource, memorySource } from '@loadstone/fd-sources';
import {
  GP_IOT_CALL,
  GP_IOT_INPUT,
  type GpIotFailure,
  type GpIotGeneration,
  GpIotRunner,
  type LoadedBlob,
} from '@loadstone/module-loader';
import { TaskRunner } from '@loadstone/task-runner';
import { createBoard } from '../boards.js';
import { LoadstoneError } from '../error.js';
import { openLocation } from '../image.js';
import { DEFAULT_PROTOTYPE, type TaskParameter, taskSignature } from './signature.js';

export interface RunBlobOptions {
  /** Default: an `esp32` of its own. */
  readonly board?: Board;
  /** Which runner sketch; default: `first` for (input, output), else `head`. */
  readonly generation?: GpIotGeneration;
  /** Where the metadata lies; default `end`. */
  readonly metadata?: 'start' | 'end';
  /** C prototype of the task function; default `void (const char *input, char *output)`. */
  readonly prototype?: string;
  /** Default `ESP32`. */
  readonly input?: string;
  /** Bytes of the output buffer, zeroed; default 100 for `first`, 17 for `head`. */
  readonly outputSize?: number;
  readonly limits?: Limits;
  /** Receives the serial output as it is printed, line ends included. */
  readonly onText?: (text: string) => void;
}

/** How running a blob ended. */
export interface BlobRun {
  /** `load-error`: the runner gave up before the call, see `failure`. Otherwise how the call ended. */
  readonly status: CallStatus | 'load-error';
  /** Why the runner gave up; it has printed its line. */
  readonly failure?: GpIotFailure;
  /** Which runner sketch this was. */
  readonly generation: GpIotGeneration;
  /** Where it looked for the metadata. */
  readonly metadata: 'start' | 'end';
  /** The serial output, line by line without line ends. */
  readonly log: readonly string[];
  /** The serial output as it was, with the sketch's mix of CR LF and LF. */
  readonly serial: string;
  /** The output buffer's text up to NUL. */
  readonly output: string;
  /** The whole output buffer. */
  readonly outputBytes: Uint8Array;
  /** What the function stored through `outAddr`, when its form has one. */
  readonly outAddr?: number;
  readonly blob?: LoadedBlob;
  readonly instructions: number;
  readonly seconds: number;
  readonly engine: Board['cpu']['engine'];
  /** Why the blob's code was not compiled; absent when it was. */
  readonly engineReason?: string;
  readonly fault?: FaultReport;
}

/**
 * Runs a flat blob as the ESP32 runner sketch does: checks the free heap, copies it word by word into executable memory, and
 * calls its task function, in the `first` generation as a task with 8192 bytes of stack.
 *
 * @param what a location (`task.bin`, `spiffs.img:/task.bin`; a URL in a browser), or the bytes
 * @throws LoadstoneError, SourceError, SpiffsError or FatError when the blob cannot be read; LoadstoneError BAD_OPTION;
 *   LoaderDefect where the sketch would read metadata it cannot
 */
export async function runBlob(what: string | ByteSource | Uint8Array, options: RunBlobOptions = {}): Promise<BlobRun> {
  if (typeof what !== 'string') return runBlobFrom(what instanceof Uint8Array ? memorySource(what) : what, options);
  const { source } = await openLocation(what);
  return runBlobFrom(source, options);
}

/** `runBlob` for a source that is already open; undefined stands for a file that is not there. */
export function runBlobFrom(source: ByteSource | undefined, options: RunBlobOptions = {}): BlobRun {
  const board = options.board ?? createBoard('esp32');
  const signature = taskSignature(options.prototype ?? DEFAULT_PROTOTYPE);
  const generation = options.generation ?? (signature.parameters.length === 2 ? 'first' : 'head');
  const outputSize = options.outputSize ?? GP_IOT_CALL[generation].outputSize;
  if (!Number.isInteger(outputSize) || outputSize < 1 || outputSize > 0x10_0000) {
    throw new LoadstoneError('BAD_OPTION', `an output buffer of ${outputSize} bytes; 1 to 1048576 are possible`, {
      outputSize,
    });
  }
  const metadata = options.metadata ?? 'end';
  board.firmware = `GP-IOT runner, generation ${generation}, metadata at the ${metadata}`;
  let serial = '';
  const runner = new GpIotRunner({
    generation,
    metadata,
    memory: board,
    freeHeap: () => freeHeapSize(board),
    log: (text) => {
      serial += text;
      board.print(text);
      options.onText?.(text);
    },
  });
  const ending = (run: Partial<BlobRun> & Pick<BlobRun, 'status'>): BlobRun => ({
    generation,
    metadata,
    output: '',
    outputBytes: new Uint8Array(0),
    instructions: 0,
    seconds: 0,
    engine: board.engine,
    ...(board.engineReason === undefined ? {} : { engineReason: board.engineReason }),
    ...run,
    serial,
    log: serial.split(/\r?\n/).slice(0, -1),
  });

  const loaded = runner.load(source);
  if (loaded.status === 'failed') return ending({ status: 'load-error', failure: loaded.reason });
  const { blob } = loaded;
  const buffers = allocateBuffers(board, outputSize, options.input ?? GP_IOT_INPUT);
  const values: Readonly<Record<TaskParameter, number>> = {
    base: blob.base,
    input: buffers.input,
    outAddr: buffers.outAddr,
    output: buffers.output,
  };
  const task = GP_IOT_CALL[generation].task;
  if (generation === 'first') runner.reportTaskStart(blob);
  const args = signature.parameters.map((parameter) => values[parameter]);
  const result = callTask(board, blob, signature.type, args, task, options.limits);
  const outputBytes = new Uint8Array(outputSize);
  board.read(buffers.output, outputBytes);
  const word = new Uint8Array(4);
  board.read(buffers.outAddr, word);
  const outAddr = new DataView(word.buffer).getUint32(0, true);
  const nul = outputBytes.indexOf(0);
  const output = new TextDecoder('latin1').decode(nul < 0 ? outputBytes : outputBytes.subarray(0, nul));
  if (result.status === 'returned') runner.reportReturn(blob, output, outAddr);
  buffers.free();
  return ending({
    status: result.status,
    output,
    outputBytes,
    blob,
    instructions: result.instructions,
    seconds: result.seconds,
    engine: result.engine,
    ...(signature.parameters.includes('outAddr') ? { outAddr } : {}),
    ...(result.fault === undefined ? {} : { fault: result.fault }),
  });
}

/** `esp_get_free_heap_size()`: byte-addressable memory only (ESP-IDF components/esp_system, heap_caps with MALLOC_CAP_DEFAULT). */
export function freeHeapSize(board: Board): number {
  const { heap } = board;
  return heap instanceof HeapCaps ? heap.freeSize(MALLOC_CAP_DEFAULT) : heap.stats().free;
}

/** Calls the task function: in `setup` on the main stack, or as the FreeRTOS task that the first runner creates. */
function callTask(
  board: Board,
  blob: LoadedBlob,
  type: FunctionType,
  args: readonly number[],
  task: (typeof GP_IOT_CALL)['first']['task'] | undefined,
  limits: Limits = {},
): CallResult {
  if (task === undefined) return board.call(blob.entry, type, args, limits);
  const runner = new TaskRunner(board);
  const thread = runner.create({
    name: task.name,
    stackDepth: task.stackSize,
    priority: task.priority,
    code: () => undefined,
  });
  if (!thread) {
    throw new LoadstoneError('OUT_OF_MEMORY', `no room for a task with a stack of ${task.stackSize} bytes`, {
      size: task.stackSize,
    });
  }
  const result = board.callOn(thread.thread, blob.entry, type, args, limits);
  runner.run(thread);
  runner.delete(thread);
  return result;
}

/** The runner's own variables: the input constant, the output buffer and the word behind `outAddr`. */
function allocateBuffers(board: Board, outputSize: number, input: string) {
  const output = board.allocate({ size: outputSize, purpose: 'data' });
  const outAddr = board.allocate({ size: 4, purpose: 'data' });
  if (output === undefined || outAddr === undefined) {
    throw new LoadstoneError('OUT_OF_MEMORY', `no room for an output buffer of ${outputSize} bytes`, {
      size: outputSize,
    });
  }
  board.write(output, new Uint8Array(outputSize));
  board.write(outAddr, new Uint8Array(4));
  return {
    output,
    outAddr,
    input: board.constantString(input),
    free() {
      board.free(output);
      board.free(outAddr);
    },
  };
}
