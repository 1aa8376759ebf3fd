export { TaskError, type TaskErrorCode } from './error.js';
export { type HostTaskBody, Task, type TaskResult, type TaskState } from './task.js';
export {
  errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY,
  pdPASS,
  type TaskDefinition,
  TaskRunner,
  type TaskRunnerOptions,
} from './task-runner.js';
