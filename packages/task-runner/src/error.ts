export type TaskErrorCode =
  /** A task's name, stack depth or priority is out of range. */
  | 'ARGUMENT'
  /** The task is in a state that does not allow this. */
  | 'STATE'
  /** A snapshot's tasks are damaged. */
  | 'SNAPSHOT';

/** Wrong use of tasks. What FreeRTOS itself answers with a number stays a number. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly code: TaskErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: TaskErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
