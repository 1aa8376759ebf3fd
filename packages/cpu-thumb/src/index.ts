export { thumb } from './architecture.js';
export { exceptions, type ThumbException } from './exceptions.js';
export { readApsr, writeApsr } from './helpers/special-registers.js';
export type { Row } from './row.js';
export { rows } from './rows/index.js';
export { skipInstruction } from './skip-instruction.js';
export { SLOT } from './slots.js';
export { ExceptionModel, type ExceptionModelOptions } from './system/exception-model.js';
export { EXCEPTION } from './system/exception-numbers.js';
