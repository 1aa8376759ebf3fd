export { type AddressSpace, type AddressSpaceOptions, createAddressSpace } from './address-space.js';
export type {
  Architecture,
  DecodeMode,
  Disassembly,
  FloatUnit,
  Helper,
  HelperContext,
  WindowLayout,
  WindowUnit,
} from './architecture.js';
export { BlockBuilder, type Condition, eq, geS, geU, ltS, ltU, MAX_TEMPORARIES, ne } from './builder.js';
export { type CpuOptions, createCpu } from './core-cpu.js';
export type { Cpu, CpuExits, CpuStats, RunOptions, TrapResult } from './cpu.js';
export { CpuError, type CpuErrorCode } from './cpu-error.js';
export {
  DEFAULT_NAN,
  decodeFloat32,
  FloatFlag,
  float32Add,
  float32Compare,
  float32Div,
  float32Mul,
  float32MulAdd,
  float32Sqrt,
  float32Sub,
  floatFlags,
  isNaN32,
  isSignallingNaN32,
  Rounding,
  roundToFloat32,
  roundToIntegral,
  UNDERFLOW_AS_DELIVERED,
} from './float32.js';
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
export { DeviceFault, MemoryError, type MemoryErrorCode } from './memory-error.js';
export type { Device, Region, Widths } from './region.js';
export type { MemoryFault, StopReason } from './stop.js';
