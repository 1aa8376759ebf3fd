/**
 * - UNKNOWN_TYPE: no Xtensa relocation has that number
 * - UNSUPPORTED: a known type that cannot be applied to ESP32 code (FLIX slots, thread-local storage, obsolete codes)
 * - OUT_OF_RANGE: the target is too far for the instruction
 * - MISALIGNED: a literal or call target is no multiple of 4
 * - CALL_SEGMENT: a windowed call crosses a 1 GB boundary; RETW would return to the wrong address
 * - BAD_INSTRUCTION: the place holds no instruction with a pc-relative operand, or no expanded call
 * - OUT_OF_BOUNDS: the place passes the end of the bytes
 */
export type RelocationErrorCode =
  | 'UNKNOWN_TYPE'
  | 'UNSUPPORTED'
  | 'OUT_OF_RANGE'
  | 'MISALIGNED'
  | 'CALL_SEGMENT'
  | 'BAD_INSTRUCTION'
  | 'OUT_OF_BOUNDS';

export interface RelocationErrorData {
  readonly type: number;
  /** `R_XTENSA_SLOT0_OP`; `R_XTENSA_<number>` for an unknown type. */
  readonly name: string;
  /** P, the address of the place. */
  readonly place?: number;
  /** Offset of the place in the bytes that were given. */
  readonly offset?: number;
  /** S, the address of the symbol. */
  readonly symbol?: number;
  /** A, the addend. */
  readonly addend?: number;
  /** The operand's value: target minus what the instruction counts from, signed. */
  readonly value?: number;
  /** Least and greatest value the operand takes, bytes. */
  readonly min?: number;
  readonly max?: number;
  /** Mnemonic of the instruction in the place. */
  readonly mnemonic?: string;
  /** The instruction in the place, two or three bytes. */
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
