/** Numbers of the helpers, in the order of `createHelpers`. */
export const enum HelperNumber {
  /** (cause, argument): takes a general exception; the address to go on at. */
  Exception = 0,
  /** (DEBUGCAUSE bit, argument, next address): takes a debug exception; the address to go on at. */
  Break,
  /** (level): WAITI. */
  WaitForInterrupt,
  Simcall,
  /** (loop end, loop begin): makes decoding look for this loop end. */
  LoopEnd,
  /** (quads): makes room for so many quads above the first; 0 or the address to go on at. */
  MakeRoom,
  /** (stack pointer, register): ENTRY with another register than a1, or in a window that is not free; the address to go on at. */
  Enter,
  /** RETW in a window that is not free; the address to go on at. */
  Leave,
  /** Brings slot MODE up to date. */
  RefreshMode,
  /** MOVSP's preparation; 0 or the address to go on at. */
  PrepareStackMove,
  /** (base): moves the register window. */
  SetWindowBase,
  WindowBase,
  WindowStart,
  SetWindowStart,
  /** RFWO, RFWU (1 for underflow); the address to go on at. */
  ReturnFromWindowException,
  /** CCOUNT. */
  CycleCount,
  /** (fs, ft, predicate): bit 0 the result, bit 11 FSR.V. */
  FloatCompare,
  /** (fs, kind and scale): the integer; its FSR flags. */
  FloatToInteger,
  FloatToIntegerFlags,
  /** (as, FCSR, kind and scale): the float; its FSR flags. */
  IntegerToFloat,
  IntegerToFloatFlags,
  /** The estimate and step instructions of division and square root. */
  Divide0,
  SquareRoot0,
  Reciprocal0,
  ReciprocalSquareRoot0,
  NegatedExponent01,
  AddExponent,
  AddExponentMantissa,
  MakeDivideAdjust,
  MakeDivideAdjustFlags,
  MakeSquareRootAdjust,
  MakeSquareRootAdjustFlags,
  MulAddNearest,
  DivideNearest,
  DivideNearestFlags,
  /** (address, attribute, first slot) and (address, first slot): region attributes. */
  WriteRegion,
  ReadRegion,
}
