export { enterExceptionHandler, faultCause } from './exceptions.js';
export { setInterruptLine, takeInterrupt } from './interrupts.js';
export * as slots from './slots.js';
export { VECBASE_RESET, xtensa } from './xtensa.js';
