/** Ends a command whose printed result already says what failed; exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code = 'FAILED';
}
