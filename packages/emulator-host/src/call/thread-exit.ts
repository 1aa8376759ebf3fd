/**
 * Thrown by a host function to end the guest thread that called it, as `exit` or `vTaskDelete(NULL)` do: every call of the
 * thread ends, the outermost with status `exited`. No fault.
 */
export class ThreadExit extends Error {
  override readonly name = 'ThreadExit';
  /** What the guest left with: an exit code. */
  readonly value: number;

  constructor(value = 0) {
    super(`the guest ended itself with ${value}`);
    this.value = value;
  }
}

/** Thrown by a host function when the guest gives up: `abort`, a failed assertion. The call ends with a fault of kind `abort`. */
export class GuestAbort extends Error {
  override readonly name = 'GuestAbort';
}
