/**
 * - UNKNOWN_TYPE: no relocation of AAELF32 has that number
 * - UNSUPPORTED: a known type that a loader of modules cannot apply (thread-local storage, COPY, obsolete and private codes)
 * - OUT_OF_RANGE: the value does not fit the field
 * - MISALIGNED: the field cannot hold the value's low bits
 * - INTERWORKING: a branch would have to change the instruction set and cannot; it needs a veneer
 * - BAD_INSTRUCTION: the place does not hold the instruction this type changes
 * - MISSING_ORIGIN: the formula needs B(S), GOT_ORG, GOT(S) or PLT(S), and it was not given
 * - OUT_OF_BOUNDS: the place passes the end of the bytes
 */
export type RelocationErrorCode =
  | 'UNKNOWN_TYPE'
  | 'UNSUPPORTED'
  | 'OUT_OF_RANGE'
  | 'MISALIGNED'
  | 'INTERWORKING'
  | 'BAD_INSTRUCTION'
  | 'MISSING_ORIGIN'
  | 'OUT_OF_BOUNDS';

export interface RelocationErrorData {
  readonly type: number;
  /** `R_ARM_THM_CALL`; `R_ARM_<number>` for an unknown type. */
  readonly name: string;
  /** P, the address of the place. */
  readonly place?: number;
  /** Offset of the place in the bytes that were given. */
  readonly offset?: number;
  /** S, the address of the symbol. */
  readonly symbol?: number;
  /** A, the addend. */
  readonly addend?: number;
  /** X, the result of the formula, signed. */
  readonly value?: number;
  /** Least and greatest X the field takes. */
  readonly min?: number;
  readonly max?: number;
  /** The instruction found in the place. */
  readonly instruction?: number;
}

/** Everything this package throws. */
export class RelocationError extends Error {
  override readonly name = 'RelocationError';
  readonly code: RelocationErrorCode;
  readonly data: RelocationErrorData;

  constructor(code: RelocationErrorCode, message: string, data: RelocationErrorData) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
