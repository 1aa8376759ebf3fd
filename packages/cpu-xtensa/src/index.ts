export { beginCall0, beginWindowedCall, call0Result, type HostCall, windowedResult } from './calls.js';
export { enterExceptionHandler, faultCause } from './exceptions.js';
export { INSTRUCTION_ROWS as instructionRows } from './instruction-table.js';
export { setInterruptLine, takeInterrupt } from './interrupts.js';
export { type CompiledRow, compileRow as patternOf, type Operand, type Row } from './row.js';
export * as slots from './slots.js';
export { VECBASE_RESET, xtensa } from './xtensa.js';
