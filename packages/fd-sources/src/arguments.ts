import { SourceError } from './error.js';

/** Refuses an offset that no source has: negative, fractional, NaN or above 2^53 - 1. */
export function checkOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new SourceError('BAD_ARGUMENT', `offset ${offset} is not a whole number from 0 to 2^53 - 1`, { offset });
  }
}

/** Refuses a write or a device access that does not lie inside [0, size). */
export function checkRange(offset: number, length: number, size: number, what: string): void {
  checkOffset(offset);
  if (offset + length > size) {
    throw new SourceError(
      'OUT_OF_RANGE',
      `${what} of ${length} bytes at ${offset} passes the end of the ${size} bytes there are`,
      { offset, length, size },
    );
  }
}

/** Refuses a size or count that is not a whole number of at least `least`. */
export function checkCount(value: number, least: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new SourceError('BAD_ARGUMENT', `${name} is ${value}; a whole number of ${least} or more is needed`);
  }
}

/** The error of every access after `close()`. */
export function closedError(what: string): SourceError {
  return new SourceError('CLOSED', `${what} is closed`);
}
