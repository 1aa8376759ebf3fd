import type { Architecture, DecodeMode, FloatUnit, Helper, WindowUnit } from '../architecture.js';
import type { BlockBuilder } from '../builder.js';

/** Writes the micro-ops of one instruction. */
export type Row = (builder: BlockBuilder) => void;

/** Slots of the script architecture. */
export const R = (n: number): number => n;
export const SP = 13;
export const LR = 14;
export const FLAG_N = 16;
export const FLAG_Z = 17;
export const FLAG_C = 18;
export const FLAG_V = 19;
/** Slot that `mode` reads. */
export const MODE = 20;

const SLOTS = [...Array.from({ length: 16 }, (_, i) => `r${i}`), 'n', 'z', 'c', 'v', 'mode'];

export interface ScriptOptions {
  readonly helpers?: readonly Helper[];
  readonly float?: FloatUnit;
  readonly windows?: WindowUnit;
  /** Mode behind row number `row`; default: unchanged. */
  readonly nextMode?: (row: number, mode: DecodeMode) => DecodeMode;
}

/**
 * An architecture for tests: every instruction is a little-endian 32-bit number, the index of the row that lifts it. A number
 * without a row raises exception 0, "undefined".
 */
export function scriptArchitecture(rows: readonly Row[], options: ScriptOptions = {}): Architecture {
  return {
    name: 'script',
    slots: SLOTS,
    flags: { n: FLAG_N, z: FLAG_Z, c: FLAG_C, v: FLAG_V },
    stackPointer: SP,
    linkRegister: LR,
    helpers: options.helpers ?? [],
    ...(options.float && { float: options.float }),
    ...(options.windows && { windows: options.windows }),
    exceptions: ['undefined', 'custom'],
    minLength: 4,
    maxLength: 4,
    reset: (state) => state.fill(0),
    mode: (state) => state[MODE],
    modeSlots: [MODE],
    lift(builder, address, code, mode) {
      if (code.length < 4) return -1;
      const number = code[0] | (code[1] << 8) | (code[2] << 16) | (code[3] << 24);
      builder.begin(address, 4);
      if (rows[number] === undefined) builder.raise(0);
      else rows[number](builder);
      return options.nextMode?.(number, mode) ?? mode;
    },
    disassemble: (address, code) => ({ address, length: 4, mnemonic: 'row', operands: `${code[0]}` }),
  };
}
