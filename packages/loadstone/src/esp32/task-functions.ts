import { type Board, GuestFault, HostError, type Limits, ThreadExit } from '@loadstone/emulator-host';
import {
  errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY,
  pdPASS,
  type Task,
  type TaskResult,
  TaskRunner,
} from '@loadstone/task-runner';
import { LoadstoneError } from '../error.js';
import { configTICK_RATE_HZ } from './constants.js';

/** `TaskHandle_t`: guest address of the control block; 0 is NULL. */
export type TaskHandle = number;

/** `TaskFunction_t`: a guest function's address, or a task of the sketch. It must end with `vTaskDelete(NULL)`. */
export type TaskFunction<Parameter> = number | ((parameter: Parameter) => void);

/** How the latest task ended. */
export interface FinishedTask extends TaskResult {
  readonly name: string;
  readonly handle: TaskHandle;
}

/** The sketch's tasks and clock. */
export class SketchTasks {
  /** Runs tasks, one at a time. */
  readonly runner: TaskRunner;
  /** How the latest task ended. */
  finished: FinishedTask | undefined;
  readonly #board: Board;
  readonly #limits: Limits;
  #current: Task | undefined;

  constructor(board: Board, limits: Limits) {
    this.#board = board;
    this.#limits = limits;
    this.runner = new TaskRunner(board, { tickRate: configTICK_RATE_HZ });
  }

  /** The task of the sketch that is running. */
  get current(): Task | undefined {
    return this.#current;
  }

  /** A guest function as a JavaScript function, on the stack of the task that calls it. */
  functionPointer(address: number, type: string): (...args: unknown[]) => unknown {
    return (...args) => {
      const task = this.#current;
      const result = task
        ? task.call(address, type, args, this.#limits)
        : this.#board.call(address, type, args, this.#limits);
      if (result.status === 'returned') return result.returnValue;
      if (result.exit) throw result.exit;
      if (result.fault) throw new GuestFault(result.fault, result.status);
      throw new HostError('STATE', `a call ended as ${result.status} without a report`);
    };
  }

  /**
   * `xTaskCreate`: the task runs at once, as on the ESP32's other core, and to its end.
   * @param stackDepth bytes
   * @param handle receives the task's handle
   * @returns pdPASS, or -1 when the heap refuses the stack
   * @throws GuestFault when the task fails, where the device restarts; TaskError ARGUMENT
   */
  create<Parameter>(
    code: TaskFunction<Parameter>,
    name: string,
    stackDepth: number,
    parameter: Parameter,
    priority: number,
    handle: { value: TaskHandle } | null,
  ): number {
    const body = typeof code === 'number' ? code : (task: Task) => this.#run(task, () => code(parameter));
    const task = this.runner.create({
      code: body,
      name,
      stackDepth,
      priority,
      parameter: typeof code === 'number' ? addressOf(parameter) : 0,
    });
    if (!task) return errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
    if (handle) handle.value = task.handle;
    const result = this.runner.run(task, this.#limits);
    this.finished = { ...result, name: task.name, handle: task.handle };
    if (result.status === 'deleted') return pdPASS;
    if (result.fault) throw new GuestFault(result.fault, result.status);
    throw new HostError('STATE', `task ${task.name} ended as ${result.status} without a report`);
  }

  /**
   * `vTaskDelete`: NULL ends the task that calls it.
   * @throws LoadstoneError BAD_OPTION for NULL outside of a task
   */
  delete(handle: TaskHandle | null): void {
    const task = this.#byHandle(handle);
    if (!task) throw new LoadstoneError('BAD_OPTION', 'vTaskDelete outside of a task, or of none', { handle });
    if (task === this.#current) throw new ThreadExit();
    this.runner.delete(task);
  }

  /** `uxTaskGetStackHighWaterMark`: least bytes of stack that stayed unused; NULL is the running task. */
  stackHighWaterMark(handle: TaskHandle | null): number {
    return this.#byHandle(handle)?.stackHighWaterMark ?? 0;
  }

  /** `pcTaskGetName`; Arduino's own task is `loopTask`. */
  nameOf(handle: TaskHandle | null): string {
    return this.#byHandle(handle)?.name ?? 'loopTask';
  }

  #byHandle(handle: TaskHandle | null): Task | undefined {
    if (handle === null || handle === 0) return this.#current;
    return this.runner.tasks.find((task) => task.handle === handle);
  }

  #run(task: Task, body: () => void): void {
    const outer = this.#current;
    this.#current = task;
    try {
      body();
    } catch (error) {
      if (error instanceof ThreadExit) return;
      throw error;
    } finally {
      this.#current = outer;
    }
    const message = `FreeRTOS Task "${task.name}" should not return, Aborting now!`;
    throw new GuestFault({ kind: 'task-returned', message, pc: this.#board.cpu.pc, registers: {} });
  }
}

/** The task parameter of a guest function: an address, or something that has one. */
function addressOf(parameter: unknown): number {
  if (parameter === null || parameter === undefined) return 0;
  if (typeof parameter === 'number') return parameter >>> 0;
  if (typeof parameter === 'object' && 'address' in parameter && typeof parameter.address === 'number') {
    return parameter.address >>> 0;
  }
  throw new LoadstoneError('BAD_OPTION', 'the parameter of a guest task is an address', { parameter });
}
