import type { AllocationRequest, TargetMemory } from '../target-memory.js';

/** RAM for tests: a bump allocator over one flat block, or over one block per purpose. */
export class FlatMemory implements TargetMemory {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly requests: AllocationRequest[] = [];
  readonly freed: number[] = [];
  private next: number;

  /**
   * @param start first address
   * @param size bytes of RAM
   * @param first address the first allocation gets (rounded up to its alignment)
   */
  constructor(start: number, size: number, first = start) {
    this.start = start;
    this.bytes = new Uint8Array(size);
    this.next = first;
  }

  allocate(request: AllocationRequest): number | undefined {
    this.requests.push(request);
    const address = Math.ceil(this.next / request.align) * request.align;
    if (address + request.size > this.start + this.bytes.length) return undefined;
    this.next = Math.ceil((address + request.size) / 4) * 4;
    return address;
  }

  free(address: number): void {
    this.freed.push(address);
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.range(address, into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.range(address, from.length).set(from);
  }

  range(address: number, length: number): Uint8Array {
    const offset = address - this.start;
    if (offset < 0 || offset + length > this.bytes.length)
      throw new RangeError(`0x${address.toString(16)} is not memory`);
    return this.bytes.subarray(offset, offset + length);
  }

  u32(address: number): number {
    const bytes = this.range(address, 4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }
}
