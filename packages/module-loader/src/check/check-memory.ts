import type { AllocationRequest, TargetMemory } from '../target-memory.js';

/** A board's heap and RAM for a trial load: flat, handing out addresses upwards. */
export class TrialMemory implements TargetMemory {
  readonly bytes: Uint8Array;
  private readonly start: number;
  private readonly first: number;
  private next: number;

  /**
   * @param base address of the first block
   * @param size bytes of heap
   */
  constructor(base: number, size: number) {
    this.start = base;
    this.first = base;
    this.next = base;
    this.bytes = new Uint8Array(size);
  }

  /** Bytes handed out so far. */
  get used(): number {
    return this.next - this.first;
  }

  allocate({ size, align }: AllocationRequest): number | undefined {
    const address = Math.ceil(this.next / align) * align;
    const end = address + Math.ceil(size / 4) * 4;
    if (end > this.start + this.bytes.length) return undefined;
    this.next = end;
    return address;
  }

  free(): void {}

  read(address: number, into: Uint8Array): void {
    into.set(this.range(address, into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.range(address, from.length).set(from);
  }

  range(address: number, length: number): Uint8Array {
    const offset = address - this.start;
    if (offset < 0 || offset + length > this.bytes.length) throw new RangeError(`0x${address.toString(16)} is not RAM`);
    return this.bytes.subarray(offset, offset + length);
  }
}

/** 32-bit FNV-1a as eight lower-case hexadecimal digits. */
export function fnv1a(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
