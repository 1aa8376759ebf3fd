/** Why a location, an image or a run could not be used. */
export type LoadstoneErrorCode =
  /** A location's text cannot be read. */
  | 'BAD_LOCATION'
  /** Nothing recognisable lies at the location. */
  | 'UNKNOWN_FORMAT'
  /** A path inside an image leads nowhere. */
  | 'NOT_FOUND'
  /** An image cannot be changed as it is. */
  | 'READ_ONLY'
  /** A name inside an image cannot be a file's path outside. */
  | 'BAD_NAME'
  /** The module has no symbol of that name. */
  | 'SYMBOL_NOT_FOUND'
  /** The module is for another machine than the board's. */
  | 'WRONG_MACHINE'
  /** An option's value cannot be used. */
  | 'BAD_OPTION'
  /** The board has no room for what was asked. */
  | 'OUT_OF_MEMORY'
  /** A part that needs WebAssembly or a file beside it, where the host forbids or lacks these. */
  | 'UNAVAILABLE';

/** The one error class of this package. */
export class LoadstoneError extends Error {
  override readonly name = 'LoadstoneError';
  readonly code: LoadstoneErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: LoadstoneErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
