/**
 * Operations of the pre-decoded program. Each has four half-words: the opcode, D, A and B, which are byte offsets of slots (slot
 * number times 4) unless said otherwise; further words follow. SS: both operands are slots; SK: the second is the constant in the next
 * word. `count` is the number of instructions of the block that are complete when the exit is taken, times 4; `ip` a byte position
 * in the program.
 */
export const enum I {
  /** Leaves in the middle of a block (written over an instruction that must not run now). */
  Leave = 0,
  /** pc mode position: finds the block for pc and writes its ip at `position`. */
  Link,
  /** In place of the block at a pc, which is the second word: the pc is in a trap region, */
  Trap,
  /** has a breakpoint, */
  Break,
  /** cannot be fetched from, */
  NoFetch,
  /** has compiled code. */
  Gate,

  MovS,
  MovK,
  AddSS,
  AddSK,
  SubSS,
  /** d = k - b */
  SubKS,
  AndSS,
  AndSK,
  OrSS,
  OrSK,
  XorSS,
  XorSK,
  AndNotSS,
  ShlSS,
  ShlSK,
  ShrSS,
  ShrSK,
  SarSS,
  SarSK,
  RorSS,
  RorSK,
  ShlWide,
  ShrWide,
  SarWide,
  /** The next word is the byte offset of the amount. */
  Funnel,
  MulSS,
  MulHighS,
  MulHighU,
  DivS,
  DivU,
  RemS,
  RemU,
  MinS,
  MaxS,
  MinU,
  MaxU,
  Clz,
  ReverseBits,
  ReverseBytes,
  ReverseBytes16,
  SignExtend8,
  SignExtend16,
  ZeroExtend8,
  ZeroExtend16,
  SetEqSS,
  SetNeSS,
  SetLtSSS,
  SetGeSSS,
  SetLtUSS,
  SetGeUSS,
  SetEqSK,
  SetNeSK,
  SetLtSSK,
  SetGeSSK,
  SetLtUSK,
  SetGeUSK,
  /** The next word is the byte offset of the condition. */
  Select,

  /** offset low limit delta: memory[a + offset]; B is 1 when it must be aligned */
  Load8U,
  Load8S,
  Load16U,
  Load16S,
  Load32,
  /** strict low limit delta: memory[a + b] */
  Load8UIndexed,
  Load8SIndexed,
  Load16UIndexed,
  Load16SIndexed,
  Load32Indexed,
  /** index: the word at byte offset `index` of the linear memory */
  Load32At,
  /** As the loads; D is the slot of the value. */
  Store8,
  Store16,
  Store32,
  Store8Indexed,
  Store16Indexed,
  Store32Indexed,
  /** low limit delta slot1 ... slotn; D is n, A the address */
  LoadMany,
  StoreMany,

  FlagsAddSS,
  FlagsAddSK,
  FlagsAdcSS,
  FlagsSubSS,
  FlagsSubSK,
  FlagsSbcSS,
  FlagsNz,
  FlagTestEq,
  FlagTestNe,
  FlagTestCs,
  FlagTestCc,
  FlagTestMi,
  FlagTestPl,
  FlagTestVs,
  FlagTestVc,
  FlagTestHi,
  FlagTestLs,
  FlagTestGe,
  FlagTestLt,
  FlagTestGt,
  FlagTestLe,

  FloatAdd,
  FloatSub,
  FloatMul,
  FloatDiv,
  FloatSqrt,
  /** The next word is the byte offset of the addend. */
  FloatMulAdd,
  FloatMulSub,
  /** helper c */
  Helper,
  /** As Helper, for one that is pure. */
  PureHelper,

  /** [k] ip: goes on at ip unless a CC b */
  WhenEqSS,
  WhenNeSS,
  WhenLtSSS,
  WhenGeSSS,
  WhenLtUSS,
  WhenGeUSS,
  WhenEqSK,
  WhenNeSK,
  WhenLtSSK,
  WhenGeSSK,
  WhenLtUSK,
  WhenGeUSK,

  /** ip; D is the count */
  Jump,
  /** [k] ip; D is the count */
  JumpEqSS,
  JumpNeSS,
  JumpLtSSS,
  JumpGeSSS,
  JumpLtUSS,
  JumpGeUSS,
  JumpEqSK,
  JumpNeSK,
  JumpLtSSK,
  JumpGeSSK,
  JumpLtUSK,
  JumpGeUSK,
  /** D is the count */
  JumpTo,
  /** pc: as JumpTo; the compiler wants to know the targets of the instruction at pc */
  JumpToNoted,
  /** pc: as JumpTo for a constant pc whose mode is not known; D is the count */
  Redecode,
  /** exception; B is the argument */
  Raise,
  /** pc: goes on behind the operation when the window unit says pc; D is the count */
  WindowEnter,
  /** D is the count */
  WindowLeave,
  Count,
}

/** Bytes of an entry of the cache of computed jumps: pc, ip, and what the mode slots held. */
export const JUMP_CACHE_STRIDE = 32;
export const JUMP_CACHE_MASK = 0x7f;

/** Why `execute` returned. */
export const enum Exit {
  None = 0,
  /** The fuel of this slice is used up, or somebody asked to leave; at the start of a block. */
  Boundary,
  /** In the middle of a block, before the instruction at `ip`. */
  Middle,
  Trap,
  Break,
  /** `machine.fault` */
  Fault,
  /** The fetch of the first instruction: `machine.fault` */
  Fetch,
  /** Compiled code goes on here. */
  Gate,
  /** `machine.exception`, `machine.argument` */
  Exception,
  /** The operation at `ip` is one that `Machine.slow` does. */
  Slow,
}
