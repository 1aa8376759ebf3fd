import type { AllocationRequest, TargetMemory } from '@loadstone/module-loader';

/**
 * The memory of the corpus runs: one flat block of RAM; a bump allocator hands out addresses from a given one on, rounding
 * sizes up to 4 and refusing requests above a limit.
 */
export class ArenaMemory implements TargetMemory {
  readonly start: number;
  readonly bytes: Uint8Array;
  next: number;
  /** Bytes asked for in the latest request. */
  requested = 0;
  /** Blocks given back. */
  freed = 0;
  private readonly largest: number;

  /**
   * @param start first address of the RAM
   * @param size bytes of RAM
   * @param firstBlock address the first allocation gets
   * @param largest bytes of the largest request granted
   */
  constructor(start: number, size: number, firstBlock: number, largest: number) {
    this.start = start;
    this.bytes = new Uint8Array(size);
    this.next = firstBlock;
    this.largest = largest;
  }

  allocate(request: AllocationRequest): number | undefined {
    this.requested = request.size;
    if (request.size > this.largest) return undefined;
    const address = Math.ceil(this.next / request.align) * request.align;
    const end = address + Math.ceil(request.size / 4) * 4;
    if (end > this.start + this.bytes.length) return undefined;
    this.next = end;
    return address;
  }

  free(_address: number): void {
    this.freed++;
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.range(address, into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.range(address, from.length).set(from);
  }

  /** The bytes at `address`, not copied. @throws RangeError outside the RAM */
  range(address: number, length: number): Uint8Array {
    const offset = address - this.start;
    if (offset < 0 || offset + length > this.bytes.length) {
      throw new RangeError(`0x${address.toString(16)} + ${length} is not memory`);
    }
    return this.bytes.subarray(offset, offset + length);
  }
}

/** 32-bit FNV-1a, as eight lower-case hexadecimal digits. */
export function fnv1a(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
