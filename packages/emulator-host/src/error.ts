/** What went wrong on the host's side of a board. */
export type HostErrorCode =
  /** A C prototype or type text cannot be parsed; `data.offset` is the character. */
  | 'PROTOTYPE'
  /** A value does not fit its C type, or the number of arguments is wrong. */
  | 'ARGUMENT'
  /** The feature is known but not offered (a struct passed by value, say). */
  | 'UNSUPPORTED'
  /** A board description contradicts itself or the CPU given to it. */
  | 'BOARD'
  /** A symbol name is already taken or unknown. */
  | 'SYMBOL'
  /** A guest address lies in no memory of the board. */
  | 'MEMORY'
  /** No room: the heap, the firmware's data, its constants or its function window is full. */
  | 'NO_MEMORY'
  /** The heap's own words in guest memory are damaged. */
  | 'HEAP_CORRUPT'
  /** A call cannot start now (a synchronous call into a suspended context, an asynchronous function in a synchronous call). */
  | 'STATE'
  /** A snapshot does not belong to this board, or its bytes are damaged. */
  | 'SNAPSHOT'
  /** DWARF line data are damaged. */
  | 'DEBUG_LINE'
  /** The guest faulted, hit a limit or a host function threw; see `GuestFault.report`. */
  | 'GUEST_FAULT';

/** Every error of this package. */
export class HostError extends Error {
  override readonly name: string = 'HostError';
  readonly code: HostErrorCode;
  /** The facts: addresses, offsets, names, allowed ranges. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: HostErrorCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.data = data;
  }
}

/** `0x` and eight lower-case hex digits. */
export function hex(address: number): string {
  return `0x${(address >>> 0).toString(16).padStart(8, '0')}`;
}

/** `1 byte`, `4 bytes`. */
export function byteCount(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
