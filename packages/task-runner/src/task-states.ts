import type { KeptState } from '@loadstone/emulator-host';
import { TaskError } from './error.js';
import type { SavedTask, Task } from './task.js';

/** A task of the runner with its place in guest memory. */
export interface TaskEntry {
  readonly task: Task;
  /** Its heap block. */
  readonly stack: number;
}

/** A task that has not begun, as plain data. */
export interface PlainTask {
  readonly name: string;
  readonly priority: number;
  readonly handle: number;
  readonly stack: number;
  /** Bytes of stack that the task has: a multiple of 16. */
  readonly stackSize: number;
  /** Guest address of its function. */
  readonly code: number;
  readonly parameter: number;
}

/** Tasks and clock as a snapshot of the board holds them. */
interface PlainState {
  readonly ticks: number;
  readonly tasks: readonly PlainTask[];
}

/** The same with the objects of this process. */
export interface LiveState {
  readonly tasks: readonly { readonly entry: TaskEntry; readonly saved: SavedTask }[];
}

/** What a snapshot keeps of the tasks. */
export function saveTasks(entries: readonly TaskEntry[], ticks: number): KeptState {
  const live: LiveState = { tasks: entries.map((entry) => ({ entry, saved: entry.task.save() })) };
  const data: PlainState = { ticks, tasks: entries.map(plainTask) };
  const bound = entries.find(({ task }) => task.state !== 'ready' || typeof task.code === 'function');
  if (!bound) return { data, live };
  const why = bound.task.state === 'ready' ? 'is written in TypeScript' : 'is suspended in a call';
  return { data, live, local: `task ${bound.task.name} ${why}` };
}

/** The tasks and clock in a snapshot. @throws TaskError SNAPSHOT for data that `saveTasks` did not make */
export function readTasks(state: KeptState): {
  ticks: number;
  plain: readonly PlainTask[];
  live: LiveState | undefined;
} {
  const { data, live } = state;
  if (!isPlainState(data)) throw new TaskError('SNAPSHOT', 'the snapshot holds no tasks of a task runner');
  return { ticks: data.ticks, plain: data.tasks, live: isLiveState(live) ? live : undefined };
}

function plainTask({ task, stack }: TaskEntry): PlainTask {
  const { name, priority, handle, parameter, thread, code } = task;
  return {
    name,
    priority,
    handle,
    stack,
    stackSize: thread.stack.size,
    code: typeof code === 'number' ? code : 0,
    parameter,
  };
}

function isPlainState(data: unknown): data is PlainState {
  if (typeof data !== 'object' || data === null || !('ticks' in data) || !('tasks' in data)) return false;
  return typeof data.ticks === 'number' && Array.isArray(data.tasks) && data.tasks.every(isPlainTask);
}

function isPlainTask(task: unknown): task is PlainTask {
  if (typeof task !== 'object' || task === null || !('name' in task) || typeof task.name !== 'string') return false;
  const numbers = ['priority', 'handle', 'stack', 'stackSize', 'code', 'parameter'];
  return numbers.every((key) => Number.isInteger(Object.getOwnPropertyDescriptor(task, key)?.value));
}

function isLiveState(live: unknown): live is LiveState {
  return typeof live === 'object' && live !== null && 'tasks' in live;
}
