import {
  type Board,
  type CallOptions,
  type CallResult,
  type FaultReport,
  GuestFault,
  type GuestThread,
  type Limits,
  type ThreadState,
} from '@loadstone/emulator-host';
import { TaskError } from './error.js';

/** Bytes at the end of a stack that must keep the fill (configCHECK_FOR_STACK_OVERFLOW 2, esp-idf FreeRTOSConfig.h). */
const CANARY = 16;

/** Byte that FreeRTOS fills a new stack with (tskSTACK_FILL_BYTE). */
export const STACK_FILL = 0xa5;

export type TaskState = 'ready' | 'running' | 'stopped' | 'deleted' | 'faulted';

/** A firmware task's body: it runs on the task's stack as far as it calls the guest. */
export type HostTaskBody = (task: Task) => unknown;

export interface TaskResult {
  /**
   * `deleted`: the task deleted itself (or its host body returned). `fault`: see `fault`; a task function that returns is one
   * too. Others: a limit or stop; the task can go on with `run`.
   */
  readonly status: 'deleted' | Exclude<CallResult['status'], 'returned' | 'exited'>;
  readonly fault?: FaultReport;
  /** Guest instructions since the task began. */
  readonly instructions: number;
  /** Smallest number of stack bytes that stayed unused. */
  readonly stackHighWaterMark: number;
}

/** All of a task that changes. */
export interface SavedTask {
  readonly state: TaskState;
  readonly overflowed: boolean;
  readonly instructions: number;
  /** The result of the call that a limit stopped; only this process can resume it. */
  readonly stopped: CallResult | undefined;
  readonly thread: ThreadState;
}

/** One task: a stack from the board's heap, registers of its own, and what to run. */
export class Task {
  readonly name: string;
  readonly priority: number;
  /** Guest address of the control block: the handle `xTaskCreate` gives out. */
  readonly handle: number;
  readonly thread: GuestThread;
  state: TaskState = 'ready';
  /** The task wrote over the end of its stack: what lies below it, heap words included, is damaged. */
  overflowed = false;
  readonly #board: Board;
  /** Guest address of the task function, or its body on the host's side. */
  readonly code: number | HostTaskBody;
  readonly parameter: number;
  #stopped: CallResult | undefined;
  #instructions = 0;

  constructor(
    board: Board,
    options: {
      readonly name: string;
      readonly priority: number;
      readonly handle: number;
      readonly thread: GuestThread;
      readonly code: number | HostTaskBody;
      readonly parameter: number;
    },
  ) {
    this.#board = board;
    this.name = options.name;
    this.priority = options.priority;
    this.handle = options.handle;
    this.thread = options.thread;
    this.code = options.code;
    this.parameter = options.parameter;
  }

  /** Smallest number of stack bytes that stayed unused so far (uxTaskGetStackHighWaterMark, in bytes). */
  get stackHighWaterMark(): number {
    const { start, size } = this.thread.stack;
    const bytes = new Uint8Array(size);
    this.#board.read(start, bytes);
    const used = bytes.findIndex((byte) => byte !== STACK_FILL);
    return used < 0 ? size : used;
  }

  /** Calls a guest function on this task's stack; for host bodies. */
  call(
    target: number | string,
    prototype: string,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): CallResult {
    const result = this.#board.callOn(this.thread, target, prototype, args, options);
    this.#instructions += result.instructions;
    return result;
  }

  /** What `restore` needs to bring the task back to where it is now. */
  save(): SavedTask {
    return {
      state: this.state,
      overflowed: this.overflowed,
      instructions: this.#instructions,
      stopped: this.#stopped,
      thread: this.#board.threadState(this.thread),
    };
  }

  /** Puts the task back into an earlier state; guest memory is restored elsewhere. */
  restore(saved: SavedTask): void {
    this.state = saved.state;
    this.overflowed = saved.overflowed;
    this.#instructions = saved.instructions;
    this.#stopped = saved.stopped;
    this.#board.restoreThread(this.thread, saved.thread);
  }

  /** Runs the task until it ends, faults or meets a limit. @throws TaskError STATE when it has ended */
  run(limits: Limits = {}): TaskResult {
    if (this.state !== 'ready' && this.state !== 'stopped') {
      throw new TaskError('STATE', `task ${this.name} is ${this.state}`, { task: this.name, state: this.state });
    }
    const resume = this.#stopped?.resume;
    this.state = 'running';
    if (typeof this.code === 'function') {
      return this.#runHostBody(this.code);
    }
    const result = resume
      ? resume(limits)
      : this.#board.callOn(this.thread, this.code, 'void (void *)', [this.parameter], limits);
    this.#instructions = result.instructions;
    return this.#outcome(result);
  }

  #runHostBody(body: HostTaskBody): TaskResult {
    try {
      body(this);
    } catch (error) {
      this.state = 'faulted';
      if (error instanceof GuestFault) return this.#end({ status: 'fault', fault: error.report });
      throw error;
    }
    return this.#end({ status: 'deleted' });
  }

  #outcome(result: CallResult): TaskResult {
    const overflow = this.#overflow(result);
    if (overflow) return this.#end({ status: 'fault', fault: overflow });
    switch (result.status) {
      case 'exited':
        return this.#end({ status: 'deleted' });
      case 'returned': {
        const message = `FreeRTOS Task "${this.name}" should not return, Aborting now!`;
        return this.#end({
          status: 'fault',
          fault: { kind: 'task-returned', message, pc: this.#board.cpu.pc, registers: {} },
        });
      }
      case 'fault':
        return this.#end(result.fault ? { status: 'fault', fault: result.fault } : { status: 'fault' });
      default:
        this.#stopped = result;
        this.state = 'stopped';
        return this.#result(result.fault ? { status: result.status, fault: result.fault } : { status: result.status });
    }
  }

  /** FreeRTOS's own message when the task has written over the end of its stack. */
  #overflow(result: CallResult): FaultReport | undefined {
    if (result.fault?.kind === 'stack-overflow' || this.stackHighWaterMark >= CANARY) return undefined;
    const message = `***ERROR*** A stack overflow in task ${this.name} has been detected.`;
    return { pc: this.#board.cpu.pc, registers: {}, ...result.fault, kind: 'stack-overflow', message };
  }

  #end(outcome: Pick<TaskResult, 'status' | 'fault'>): TaskResult {
    this.overflowed = outcome.fault?.kind === 'stack-overflow';
    this.state = outcome.status === 'fault' ? 'faulted' : 'deleted';
    this.#stopped = undefined;
    return this.#result(outcome);
  }

  #result(outcome: Pick<TaskResult, 'status' | 'fault'>): TaskResult {
    return { ...outcome, instructions: this.#instructions, stackHighWaterMark: this.stackHighWaterMark };
  }
}
