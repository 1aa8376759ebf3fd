/** Why an access to bytes failed. */
export type SourceErrorCode =
  | 'OUT_OF_RANGE'
  | 'READ_ONLY'
  | 'CLOSED'
  | 'BAD_ARGUMENT'
  | 'SHORT_READ'
  | 'BAD_DESCRIPTOR'
  | 'NOT_CACHED'
  | 'HTTP'
  | 'IO'
  | 'POWER_LOST';

/** What a person needs to find the failed access; numbers are bytes. */
export interface SourceErrorData {
  readonly offset?: number;
  readonly length?: number;
  readonly size?: number;
  readonly fd?: number;
  readonly url?: string;
  readonly status?: number;
  readonly cause?: unknown;
}

/** The one error class of this package. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: SourceErrorCode;
  readonly data: SourceErrorData;

  constructor(code: SourceErrorCode, message: string, data: SourceErrorData = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
