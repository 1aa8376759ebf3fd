export type { AddressSpace } from './address-space.js';
export type {
  Architecture,
  DecodeMode,
  Disassembly,
  FloatUnit,
  Helper,
  HelperContext,
  WindowUnit,
} from './architecture.js';
export { BlockBuilder, type Condition, eq, geS, geU, ltS, ltU, MAX_TEMPORARIES, ne } from './builder.js';
export type { Cpu, RunOptions, TrapResult } from './cpu.js';
export {
  type Block,
  Cc,
  CONST_A,
  CONST_B,
  CONST_BASE,
  CONST_C,
  DETAIL_SHIFT,
  ExitKind,
  FlagCondition,
  isConst,
  konst,
  OP_STRIDE,
  OPCODE_MASK,
  Op,
  type Operand,
  STRICT_ALIGNMENT,
} from './ir.js';
export type { Device, Region, Widths } from './region.js';
export type { MemoryFault, StopReason } from './stop.js';
