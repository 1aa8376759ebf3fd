/**
 * The micro-op IR: one guest instruction becomes a few micro-ops over 32-bit slots. Two back ends run it, the interpreter
 * and the WebAssembly compiler; both must give the same state at every stop.
 *
 * A slot is one 32-bit word of guest state (a register, a flag, a float register's bits) or a temporary. Slots 0 to
 * `slots.length - 1` are named by the architecture, temporaries follow. A temporary lives inside one instruction.
 *
 * Precision: a micro-op that can stop (a memory access, a trap, a helper that may stop) comes before the first write of its
 * instruction to a named slot, so that a stop leaves the registers as they were before the instruction.
 */

/** Micro-op numbers. `d` is the slot written; `a`, `b`, `c` are operands (a slot or a constant). All arithmetic is modulo 2^32. */
export enum Op {
  /** d = a */
  Mov = 0,
  Add,
  Sub,
  And,
  Or,
  Xor,
  /** d = a & ~b */
  AndNot,
  /** Shifts by b modulo 32. */
  Shl,
  Shr,
  Sar,
  Ror,
  /** Shifts by b & 0xff; 32 and more shift everything out (Sar: the sign fills). */
  ShlWide,
  ShrWide,
  SarWide,
  /** d = low word of (a:b as a 64-bit value, a high) >> (c & 0x3f), c 0 to 32 */
  Funnel,
  Mul,
  /** High word of the signed, unsigned 64-bit product. */
  MulHighS,
  MulHighU,
  /** Quotient toward zero; x / 0 = 0; INT_MIN / -1 = INT_MIN. A CPU that traps tests the divisor first. */
  DivS,
  DivU,
  /** Remainder with the dividend's sign; x % 0 = x; INT_MIN % -1 = 0. */
  RemS,
  RemU,
  MinS,
  MaxS,
  MinU,
  MaxU,
  /** Leading zero bits of a, 32 for 0. */
  Clz,
  /** Bits of a in reverse order. */
  ReverseBits,
  /** Bytes of a in reverse order; of each half-word. */
  ReverseBytes,
  ReverseBytes16,
  SignExtend8,
  SignExtend16,
  ZeroExtend8,
  ZeroExtend16,
  /** d = (a CC b) ? 1 : 0; the condition is in the op word. */
  Set,
  /** d = c != 0 ? a : b */
  Select,

  /** d = memory[a + b]; little-endian. Bit `STRICT_ALIGNMENT` of the op word: an unaligned address faults. */
  Load8U,
  Load8S,
  Load16U,
  Load16S,
  Load32,
  /** memory[a + b] = c */
  Store8,
  Store16,
  Store32,
  /**
   * Words at consecutive addresses from a on, to or from the slots of list number b (`Block.lists`), all or nothing for
   * loads: no slot changes when any word faults. Always STRICT_ALIGNMENT.
   */
  LoadMany,
  StoreMany,

  /** NZCV of a + b, a + b + C, a - b, a - b - !C; N and Z of a. */
  FlagsAdd,
  FlagsAdc,
  FlagsSub,
  FlagsSbc,
  FlagsNz,
  /** d = 1 when flag condition (op word, `FlagCondition`) holds, else 0. */
  FlagTest,

  /** Single-precision arithmetic by the architecture's `FloatUnit` rules (rounding, NaN choice, sticky flags). */
  FloatAdd,
  FloatSub,
  FloatMul,
  FloatDiv,
  FloatSqrt,
  /** d = c + a * b, c - a * b with one rounding. */
  FloatMulAdd,
  FloatMulSub,

  /** d = helper number `Block` op word (`helperOf`) of (a, b, c). */
  Helper,

  /**
   * Starts a part that runs only when a CC b; ends at the matching End. May not nest, and End comes before the instruction's
   * end. Exits may stand inside.
   */
  When,
  End,

  /** Leaves the block for constant address a. Kind in the op word (`ExitKind`); b is the return address of a call. */
  Jump,
  /** Leaves the block for constant address c when a CC b, else goes on. Always an ExitKind.Jump. */
  JumpIf,
  /** Leaves the block for the address in a; kind as Jump. Bit 0 is already cleared or has its meaning checked. */
  JumpTo,
  /** Stops with exception number a (the architecture's own), argument b. The pc stays at this instruction. */
  Raise,
  /** Register windows: enters a frame (`WindowUnit.enter`): a = the new frame's stack pointer value. */
  WindowEnter,
  /** Leaves a frame (`WindowUnit.leave`) and the block for the caller. */
  WindowLeave,
  Count,
}

/** Conditions of Set, When and JumpIf: a CC b. */
export enum Cc {
  Eq = 0,
  Ne,
  LtS,
  GeS,
  LtU,
  GeU,
  LeS,
  GtS,
  LeU,
  GtU,
}

/** Conditions over the NZCV slots, in the order of the ARM condition field (ARM ARM A7.3). */
export enum FlagCondition {
  Eq = 0,
  Ne,
  Cs,
  Cc,
  Mi,
  Pl,
  Vs,
  Vc,
  Hi,
  Ls,
  Ge,
  Lt,
  Gt,
  Le,
}

/** Why a block is left; the compiler follows Jump and Call, and predicts Return. */
export enum ExitKind {
  Jump = 0,
  Call,
  Return,
}

/** Int32 words per micro-op: op word, d, a, b, c. */
export const OP_STRIDE = 5;

/** Fields of the op word: opcode, which operands are constants, and one detail (Cc, FlagCondition, ExitKind or helper). */
export const OPCODE_MASK = 0xff;
export const CONST_A = 0x100;
export const CONST_B = 0x200;
export const CONST_C = 0x400;
export const STRICT_ALIGNMENT = 0x800;
export const DETAIL_SHIFT = 16;

/**
 * An operand while building: a slot number, or a constant made by {@link konst}. Constants lie above every slot, so that both
 * fit one number.
 */
export type Operand = number;

/** Constants are stored as 2^32 + value. */
export const CONST_BASE = 0x1_0000_0000;

/** A constant operand of the low 32 bits of `value`. */
export function konst(value: number): Operand {
  return CONST_BASE + (value >>> 0);
}

/** Whether `operand` is a constant. */
export function isConst(operand: Operand): boolean {
  return operand >= CONST_BASE;
}

/**
 * Straight-line guest code with guarded exits, lifted. It ends with an exit, or falls through to `end`.
 */
export interface Block {
  /** Address of the first instruction. */
  readonly pc: number;
  /** Address behind the last instruction, where execution goes on unless an exit is taken. */
  readonly end: number;
  /** Micro-ops, OP_STRIDE words each. */
  readonly ops: Int32Array;
  /** Address of each instruction, in order. */
  readonly instructions: Uint32Array;
  /** Index of the first micro-op of each instruction; one more entry at the end holds the number of micro-ops. */
  readonly starts: Uint32Array;
  /** Slot lists of LoadMany and StoreMany. */
  readonly lists: readonly (readonly number[])[];
  /** Temporaries used: slots from `slots.length` to `slots.length + temporaries - 1`. */
  readonly temporaries: number;
}
