import { type FdRead, SourceError, type SourceErrorCode } from '@loadstone/fd-sources';
import { LoaderDefect } from '../errors.js';

/** Failures of a source that the board's seek or read reports with a negative number; the rest is the caller's affair. */
const FAILED_READS: ReadonlySet<SourceErrorCode> = new Set(['BAD_DESCRIPTOR', 'CLOSED', 'IO', 'HTTP', 'BAD_ARGUMENT']);

/**
 * A C structure or buffer that `elfloader_fd_read` fills. A short read leaves the rest as it was, exactly as in C; bytes
 * never read are 0 here, and `initialised` tells how many were.
 */
export class CBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** How many leading bytes some read has set so far. */
  initialised = 0;
  /** Bytes the latest read gave. */
  lastRead = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  u32(offset: number): number {
    return this.view.getUint32(offset, true);
  }

  u16(offset: number): number {
    return this.view.getUint16(offset, true);
  }

  u8(offset: number): number {
    return this.bytes[offset];
  }
}

/** Reads of one open file, counted so that a file with absurd counts stops instead of keeping a host busy for hours. */
export class FdReader {
  readonly fd: number;
  readonly zeroDivide: ZeroDivide;
  private readonly readFd: FdRead;
  private remaining: number;

  constructor(readFd: FdRead, fd: number, limit: number, zeroDivide: ZeroDivide) {
    this.zeroDivide = zeroDivide;
    this.readFd = readFd;
    this.fd = fd;
    this.remaining = limit;
  }

  /**
   * One `elfloader_fd_read` into the first `size` bytes of `buffer` (more than it holds is an overrun of a stack variable).
   * @returns false where the C function returns ELFLOADER_ERR_FD_READ_FAILED
   */
  fill(offset: number, buffer: CBuffer, size: number = buffer.bytes.length): boolean {
    if (size > buffer.bytes.length) {
      throw new LoaderDefect(
        'STACK_OVERRUN',
        `reading ${size} bytes into a structure of ${buffer.bytes.length} overruns the stack`,
        {
          size,
        },
      );
    }
    const got = this.into(offset, size === buffer.bytes.length ? buffer.bytes : buffer.bytes.subarray(0, size));
    if (got < 0) return false;
    buffer.lastRead = got;
    if (got > buffer.initialised) buffer.initialised = got;
    return true;
  }

  /** One `elfloader_fd_read` into plain memory. @returns bytes read, or a negative number for failure */
  into(offset: number, bytes: Uint8Array): number {
    if (this.remaining-- <= 0) {
      throw new LoaderDefect('ENDLESS', 'the loader reads the file so often that the board would not come back', {});
    }
    try {
      return this.readFd(this.fd, offset >>> 0, bytes);
    } catch (error) {
      if (error instanceof SourceError && FAILED_READS.has(error.code)) return -1;
      throw error;
    }
  }
}

/**
 * What the firmware's unsigned division gives for a divisor of zero. `zero`: the UDIV instruction of Cortex-M3 and later
 * (ARMv7-M ARM, A7.7.195, with CCR.DIV_0_TRP clear). `all-ones`: cores without a divider, where libgcc's `__aeabi_uidiv`
 * returns 0xffffffff for a dividend other than 0.
 */
export type ZeroDivide = 'zero' | 'all-ones';

export function unsignedQuotient(dividend: number, divisor: number, zeroDivide: ZeroDivide): number {
  if (divisor !== 0) return Math.floor(dividend / divisor);
  return zeroDivide === 'all-ones' && dividend !== 0 ? 0xffff_ffff : 0;
}
