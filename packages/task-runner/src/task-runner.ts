import { type Board, type HostFunction, host, type KeptState, type Limits, ThreadExit } from '@loadstone/emulator-host';
import { TaskError } from './error.js';
import { type HostTaskBody, STACK_FILL, Task, type TaskResult } from './task.js';
import { type PlainTask, readTasks, saveTasks, type TaskEntry } from './task-states.js';

/** FreeRTOS results (projdefs.h). */
export const pdPASS = 1;
export const errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY = -1;

export interface TaskRunnerOptions {
  /** Number of priorities; a higher one is lowered to the highest. Default 25 (ESP-IDF). */
  readonly priorities?: number;
  /** Characters of a task's name, the NUL included. Default 16 (ESP-IDF). */
  readonly nameLength?: number;
  /** Bytes of a control block, taken from the heap behind the stack. Default 352. */
  readonly controlBlockSize?: number;
  /**
   * Bytes at each stack's end that no write may touch: the guest stops at the write itself; accesses around them are slower.
   * Default 0: an overflow is found when the task ends or stops, as FreeRTOS finds it at a switch.
   */
  readonly stackGuard?: number;
  /** Ticks a second. Default 1000 (Arduino). */
  readonly tickRate?: number;
}

export interface TaskDefinition {
  /** Address of `void code(void *parameter)` as a C pointer, or a firmware task written in TypeScript. */
  readonly code: number | HostTaskBody;
  readonly name: string;
  /** Stack depth in bytes (ESP-IDF's unit; plain FreeRTOS counts words). */
  readonly stackDepth: number;
  readonly parameter?: number;
  readonly priority?: number;
}

/**
 * Tasks on one board, one at a time: each runs until it deletes itself, faults or meets a limit; then the next ready one of the
 * highest priority runs. There is no preemption: `vTaskDelay` only moves the clock. Snapshots of the board hold the tasks, suspended ones with
 * their registers; a board has one task runner.
 */
export class TaskRunner {
  readonly board: Board;
  readonly #options: Required<TaskRunnerOptions>;
  readonly #tasks: TaskEntry[] = [];
  #ticks = 0;

  constructor(board: Board, options: TaskRunnerOptions = {}) {
    this.board = board;
    this.#options = {
      priorities: 25,
      nameLength: 16,
      controlBlockSize: 352,
      stackGuard: 0,
      tickRate: 1000,
      ...options,
    };
    board.keep({
      name: 'tasks',
      save: () => saveTasks(this.#tasks, this.#ticks),
      restore: (state) => this.#restore(state),
    });
  }

  /** Tasks that have not ended, in the order they were created. */
  get tasks(): readonly Task[] {
    return this.#tasks.map(({ task }) => task);
  }

  /** Ticks since the start: what tasks have delayed. */
  get ticks(): number {
    return this.#ticks;
  }

  /**
   * xTaskCreate: takes stack and control block from the heap.
   * @returns the task, or undefined when the heap refuses (errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY)
   * @throws TaskError ARGUMENT for a stack smaller than 256 bytes or a negative priority
   */
  create(definition: TaskDefinition): Task | undefined {
    const { code, name, stackDepth, parameter = 0, priority = 1 } = definition;
    const { priorities, nameLength, controlBlockSize } = this.#options;
    if (!Number.isInteger(stackDepth) || stackDepth < 256) {
      throw new TaskError('ARGUMENT', `a stack of ${stackDepth} bytes is too small`, { stackDepth });
    }
    if (!Number.isInteger(priority) || priority < 0)
      throw new TaskError('ARGUMENT', `priority ${priority}`, { priority });
    const stack = this.board.allocate({ size: stackDepth, align: 16, purpose: 'data' });
    if (stack === undefined) return undefined;
    const handle = this.board.allocate({ size: controlBlockSize, align: 16, purpose: 'data' });
    if (handle === undefined) {
      this.board.free(stack);
      return undefined;
    }
    const shortName = name.slice(0, nameLength - 1);
    this.board.memory.fill(handle, controlBlockSize, 0);
    this.board.memory.fill(stack, stackDepth, STACK_FILL);
    const stackSize = stackDepth - (stackDepth % 16);
    const lowered = Math.min(priority, priorities - 1);
    return this.#add({ name: shortName, priority: lowered, handle, stack, stackSize, code, parameter });
  }

  /** A task over memory that is already its own. */
  #add(plain: Omit<PlainTask, 'code'> & { readonly code: number | HostTaskBody }): Task {
    const { name, priority, handle, stack, stackSize, code, parameter } = plain;
    const options = { guard: this.#options.stackGuard, fill: STACK_FILL };
    const thread = this.board.createThread(`task ${name}`, { start: stack, size: stackSize }, options);
    const task = new Task(this.board, { name, priority, handle, thread, code, parameter });
    this.#tasks.push({ task, stack });
    return task;
  }

  /** The tasks of a snapshot of the board; none when it was taken before there was a runner. */
  #restore(state: KeptState | undefined): void {
    const { ticks, plain, live } = state ? readTasks(state) : { ticks: 0, plain: [], live: undefined };
    const kept = new Set(live?.tasks.map(({ entry }) => entry.task));
    for (const { task } of this.#tasks.splice(0)) {
      task.thread.frames.length = 0;
      this.board.releaseThread(task.thread);
      if (!kept.has(task)) task.state = 'deleted';
    }
    this.#ticks = ticks;
    if (!live) {
      for (const task of plain) this.#add(task);
      return;
    }
    for (const { entry, saved } of live.tasks) {
      this.board.watchThread(entry.task.thread);
      entry.task.restore(saved);
      this.#tasks.push(entry);
    }
  }

  /**
   * Runs one task; when it has ended its memory goes back to the heap, as the idle task would do. After a stack overflow it does not:
   * the heap may be damaged.
   */
  run(task: Task, limits: Limits = {}): TaskResult {
    try {
      return task.run(limits);
    } finally {
      if (task.state === 'deleted' || task.state === 'faulted') this.#reap(task);
    }
  }

  /** Runs ready tasks, highest priority first, until none is left or one faults or meets a limit. */
  runAll(limits: Limits = {}): { readonly task: Task; readonly result: TaskResult }[] {
    const results: { task: Task; result: TaskResult }[] = [];
    for (;;) {
      const task = this.#next();
      if (!task) return results;
      const result = this.run(task, limits);
      results.push({ task, result });
      if (result.status !== 'deleted') return results;
    }
  }

  /** vTaskDelete of a task that is not running. */
  delete(task: Task): void {
    if (task.state === 'running') throw new TaskError('STATE', `task ${task.name} is running`, { task: task.name });
    task.state = 'deleted';
    this.#reap(task);
  }

  /**
   * The FreeRTOS functions a module may import: xTaskCreate, xTaskCreatePinnedToCore, vTaskDelete, vTaskDelay,
   * xTaskGetTickCount, uxTaskGetStackHighWaterMark, pcTaskGetName. Tasks a guest creates wait for `runAll`.
   */
  imports(): HostFunction[] {
    const create = (
      code: number,
      name: string | null,
      depth: number,
      parameter: number,
      priority: number,
      out: number,
    ): number => {
      const task =
        depth < 256 ? undefined : this.create({ code, name: name ?? '', stackDepth: depth, parameter, priority });
      if (!task) return errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
      if (out !== 0) this.board.memory.write32(out, task.handle);
      return pdPASS;
    };
    const parameters =
      'void *code, const char *name, uint32_t depth, void *parameter, unsigned priority, void **handle';
    return [
      host(`int xTaskCreate(${parameters})`, create),
      host(`int xTaskCreatePinnedToCore(${parameters}, int core)`, create),
      host('void vTaskDelete(void *handle)', (handle: number) => {
        const task = this.#byHandle(handle);
        if (!task || task.state === 'running') throw new ThreadExit();
        this.delete(task);
      }),
      host('void vTaskDelay(uint32_t ticks)', (ticks: number) => this.delay(ticks)),
      host('uint32_t xTaskGetTickCount(void)', () => this.#ticks >>> 0),
      host(
        'unsigned uxTaskGetStackHighWaterMark(void *handle)',
        (handle: number) => this.#byHandle(handle)?.stackHighWaterMark ?? 0,
      ),
      host('const char *pcTaskGetName(void *handle)', (handle: number) => this.#byHandle(handle)?.name ?? ''),
    ];
  }

  /** vTaskDelay: moves the clock. @param ticks 0 and up */
  delay(ticks: number): void {
    this.#ticks += ticks;
  }

  /** Milliseconds since the start, as tasks' delays have it. */
  get milliseconds(): number {
    return (this.#ticks * 1000) / this.#options.tickRate;
  }

  /** A task by its handle; 0 is the running one. */
  #byHandle(handle: number): Task | undefined {
    return this.tasks.find((task) => (handle === 0 ? task.state === 'running' : task.handle === handle));
  }

  #next(): Task | undefined {
    let best: Task | undefined;
    for (const { task } of this.#tasks) {
      if ((task.state === 'ready' || task.state === 'stopped') && task.priority > (best?.priority ?? -1)) best = task;
    }
    return best;
  }

  #reap(task: Task): void {
    const index = this.#tasks.findIndex((entry) => entry.task === task);
    if (index < 0) return;
    const [{ stack }] = this.#tasks.splice(index, 1);
    this.board.releaseThread(task.thread);
    if (task.overflowed) return;
    this.board.free(stack);
    this.board.free(task.handle);
  }
}
