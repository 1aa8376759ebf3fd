export { apply, applyXtensa, type XtensaApplication } from './apply.js';
export { RelocationError, type RelocationErrorCode, type RelocationErrorData } from './error.js';
export { LONG_CALL_SIZE, type LongCall, longCall, relaxLongCall } from './long-call.js';
export { type PcOperand, pcMnemonic, pcOperand } from './operand.js';
export {
  type Action,
  type XtensaRelocation,
  xtensaRelocation,
  xtensaRelocationName,
  xtensaRelocations,
} from './table.js';
