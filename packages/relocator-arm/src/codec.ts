/** What a branch goes to. `THUMB` is the T of the formulas: a symbol of type STT_FUNC that addresses a Thumb instruction. */
export const TARGET = {
  /** Data, or a label without type: the branch keeps its instruction set. */
  PLAIN: 0,
  /** A Thumb function: T is 1. */
  THUMB: 1,
  /** An A32 function. Cortex-M cannot execute it. */
  ARM: 2,
} as const;

export type Target = 0 | 1 | 2;

/** What writing a field came to. */
export const WRITTEN = 0;
export const OUT_OF_RANGE = 1;
export const MISALIGNED = 2;
export const INTERWORKING = 3;
export const BAD_INSTRUCTION = 4;

/** How a place keeps a value. Instructions are read and written as the CPU fetches them: little-endian (half)words. */
export interface FieldCodec {
  /** Bytes of the place. */
  readonly size: 0 | 1 | 2 | 4;
  /** The REL addend, signed. */
  readAddend(view: DataView, offset: number): number;
  /**
   * Writes X, which lies in the row's range.
   * @param checked whether a group that does not take all bits is an error
   * @returns WRITTEN, or why nothing was written
   */
  write(view: DataView, offset: number, x: number, place: number, target: number, checked: boolean): number;
}
