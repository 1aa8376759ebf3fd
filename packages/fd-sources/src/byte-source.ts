/**
 * Random access to a fixed number of bytes. Synchronous, because the C APIs modelled above it are; only opening a source
 * (an HTTP range, say) may be asynchronous.
 */
export interface ByteSource {
  /** Length in bytes, 0 to 2^53 - 1. */
  readonly size: number;
  /**
   * Copies bytes from `offset` on into `into`, as many as fit and exist.
   * @param offset first byte, 0 to 2^53 - 1; at or past the end nothing is read
   * @returns bytes read, 0 to `into.length`; less than `into.length` only at the end of the source
   * @throws SourceError BAD_ARGUMENT for a negative or fractional offset, CLOSED, IO, HTTP, NOT_CACHED
   */
  read(offset: number, into: Uint8Array): number;
  /** Releases what the source holds (a file descriptor, a cache). Reading afterwards throws SourceError CLOSED. */
  close?(): void;
}

/** A source whose bytes can be changed; its size stays. */
export interface WritableByteSource extends ByteSource {
  /**
   * Replaces bytes from `offset` on.
   * @throws SourceError OUT_OF_RANGE when `offset + from.length` passes the end (nothing is written then), READ_ONLY, CLOSED, IO
   */
  write(offset: number, from: Uint8Array): void;
}
