export type CpuErrorCode =
  /** The memory was not made by `createAddressSpace`, or has too few state words, or another CPU uses it. */
  | 'BAD_MEMORY'
  /** The architecture describes something the core cannot do (too many slots, a helper that does not exist). */
  | 'BAD_ARCHITECTURE'
  /** `run` or `step` was called by a device or a helper, in the middle of an instruction. */
  | 'BUSY'
  /** The engine asked for cannot run here. */
  | 'ENGINE_UNAVAILABLE'
  /** An argument is out of range. */
  | 'BAD_ARGUMENT';

/** A wrong use of a CPU. What the guest does wrong is a `StopReason`, never an error. */
export class CpuError extends Error {
  override readonly name = 'CpuError';

  constructor(
    readonly code: CpuErrorCode,
    message: string,
  ) {
    super(message);
  }
}
