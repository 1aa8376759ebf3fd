export { UnicornError, type UnicornErrorCode } from './error.js';
export type { HookCallback, UnicornEngine, UnicornModule } from './unicorn-api.js';
export { createUnicornCpu } from './unicorn-cpu.js';
