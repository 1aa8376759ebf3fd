/** Thrown inside a host function when it meets a limit of the board: the guest stops before the function has done anything. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
  readonly limit: 'stack' | 'heap' | 'console';

  constructor(limit: 'stack' | 'heap' | 'console', message: string) {
    super(message);
    this.limit = limit;
  }
}
