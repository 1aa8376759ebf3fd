import type { Row } from '../row.js';
import { bitField } from './bit-field.js';
import { branch } from './branch.js';
import { coprocessor } from './coprocessor.js';
import { dataProcessing } from './data-processing.js';
import { exclusive } from './exclusive.js';
import { floatArithmetic } from './float-arithmetic.js';
import { floatConvert } from './float-convert.js';
import { floatMove } from './float-move.js';
import { loadStore } from './load-store.js';
import { loadStoreMultiple } from './load-store-multiple.js';
import { multiply } from './multiply.js';
import { parallel } from './parallel.js';
import { saturate } from './saturate.js';
import { shifts } from './shifts.js';
import { system } from './system.js';

/** The instruction set: no two rows match one word. */
export const rows: readonly Row[] = [
  ...dataProcessing,
  ...shifts,
  ...bitField,
  ...saturate,
  ...parallel,
  ...multiply,
  ...loadStore,
  ...loadStoreMultiple,
  ...exclusive,
  ...branch,
  ...system,
  ...floatArithmetic,
  ...floatConvert,
  ...floatMove,
  ...coprocessor,
];
