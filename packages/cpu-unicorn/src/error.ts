export type UnicornErrorCode =
  /** The architecture given is not a Thumb one: unicorn.js has no Xtensa. */
  | 'ARCHITECTURE'
  /** A run was started in the middle of an instruction. */
  | 'BUSY'
  /** An argument is out of range. */
  | 'BAD_ARGUMENT'
  /** Unicorn itself reported an error; `data.message` is its text. */
  | 'ENGINE';

/** What this package throws. */
export class UnicornError extends Error {
  override readonly name = 'UnicornError';
  readonly code: UnicornErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: UnicornErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
