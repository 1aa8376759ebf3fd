/** Why a load in `full` mode, an adaptation or a module registry refused its input. */
export type LoaderErrorCode =
  | 'BAD_FORMAT'
  | 'WRONG_MACHINE'
  | 'WRONG_TYPE'
  | 'TRUNCATED'
  | 'NO_CONTENT'
  | 'OUT_OF_MEMORY'
  | 'UNRESOLVED_SYMBOL'
  | 'DUPLICATE_SYMBOL'
  | 'BAD_SYMBOL'
  | 'BAD_RELOCATION'
  | 'RELOCATION_FAILED'
  | 'READ_ONLY_PLACE'
  | 'UNSUPPORTED'
  | 'LIMIT'
  | 'IN_USE'
  | 'NOT_LOADED'
  | 'CANNOT_ADAPT';

/** What a person needs to find the cause; numbers are bytes or addresses. */
export interface LoaderErrorData {
  readonly offset?: number;
  readonly address?: number;
  readonly size?: number;
  readonly limit?: number;
  readonly section?: string;
  readonly sectionIndex?: number;
  readonly symbol?: string;
  readonly symbolIndex?: number;
  readonly relocation?: string;
  readonly relocationType?: number;
  readonly place?: number;
  readonly value?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly machine?: number;
  readonly module?: string;
  readonly names?: readonly string[];
  readonly cause?: unknown;
}

/** The error class of this package: bad input, or a module that cannot be loaded here. */
export class LoaderError extends Error {
  override readonly name = 'LoaderError';
  readonly code: LoaderErrorCode;
  readonly data: LoaderErrorData;

  constructor(code: LoaderErrorCode, message: string, data: LoaderErrorData = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** Where a device's loader leaves defined behaviour. */
export type LoaderDefectCode =
  /** The export search passed the end of `el_symbols` (tencentos). */
  | 'RUNOFF'
  /** The loader touched an address that is not memory. */
  | 'FAULT'
  /** An entry size from the file is larger than the stack variable it is read into. */
  | 'STACK_OVERRUN'
  /** Section or segment bytes would overwrite what lies behind the allocated block. */
  | 'HEAP_OVERFLOW'
  /** A local variable was used that this file never set. */
  | 'UNINITIALISED'
  /** The search or relocation loop is so long that the board would not come back. */
  | 'ENDLESS'
  /** An unaligned 32-bit load from instruction RAM (gp-iot, size not a multiple of 4). */
  | 'UNALIGNED_METADATA'
  /** The blob is smaller than its metadata, which is then read from before the buffer (gp-iot). */
  | 'METADATA_BEFORE_BUFFER';

export interface LoaderDefectData {
  /** The name looked for (RUNOFF). */
  readonly symbol?: string;
  readonly address?: number;
  readonly size?: number;
  /** The C variable or structure concerned. */
  readonly variable?: string;
  readonly cause?: unknown;
}

/** A device's loader would misbehave at this point; a `parity` load stops here and says how. */
export class LoaderDefect extends Error {
  override readonly name = 'LoaderDefect';
  readonly code: LoaderDefectCode;
  readonly data: LoaderDefectData;

  constructor(code: LoaderDefectCode, message: string, data: LoaderDefectData = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
