import type { MemoryFault, Region } from '@loadstone/cpu-core';
import { HostError, hex } from '../error.js';
import type { GuestMemory } from './guest-memory.js';

/** An access that the guest's own code could not have made either; becomes a memory fault of the calling guest. */
export class AccessFault extends HostError {
  override readonly name = 'AccessFault';
  readonly fault: MemoryFault;

  constructor(fault: MemoryFault) {
    super('MEMORY', `${fault.access} at ${hex(fault.address)} is refused: ${fault.kind}`, { ...fault });
    this.fault = fault;
  }
}

/** Refuses accesses for reasons of its own. */
export type AccessGuard = (address: number, length: number, access: 'read' | 'write') => void;

/** Longest string and block that is believed to be one. */
const LIMIT = 0x100_0000;

/**
 * Reads and writes of firmware functions that the host plays: the rules for the guest apply (read-only memory, memory that
 * takes only words, devices). Blocks at word addresses of whole words count as word accesses, as memcpy makes them.
 * Every function throws AccessFault.
 */
export class GuestAccess {
  readonly #memory: GuestMemory;
  readonly #guard: AccessGuard | undefined;

  /** @param guard called before each access to a block or string; throws when heap checks object */
  constructor(memory: GuestMemory, guard?: AccessGuard) {
    this.#memory = memory;
    this.#guard = guard;
  }

  load(address: number, width: 1 | 2 | 4): number {
    const value = this.#memory.space.load(address >>> 0, width);
    if (typeof value !== 'number') throw new AccessFault(value);
    return value;
  }

  store(address: number, width: 1 | 2 | 4, value: number): void {
    const fault = this.#memory.space.store(address >>> 0, width, value);
    if (fault) throw new AccessFault(fault);
  }

  bytes(address: number, length: number): Uint8Array {
    this.check(address, length, 'read');
    const bytes = new Uint8Array(length);
    this.#eachPart(address, length, 'read', (region, at, count, width) => {
      if (region.kind !== 'mmio') this.#memory.read(address + at, bytes.subarray(at, at + count));
      else
        for (let index = 0; index < count; index += width)
          this.#put(bytes, at + index, width, this.load(address + at + index, width));
    });
    return bytes;
  }

  write(address: number, bytes: Uint8Array): void {
    this.check(address, bytes.length, 'write');
    this.#eachPart(address, bytes.length, 'write', (region, at, count, width) => {
      if (region.kind !== 'mmio') this.#memory.write(address + at, bytes.subarray(at, at + count));
      else
        for (let index = 0; index < count; index += width)
          this.store(address + at + index, width, this.#get(bytes, at + index, width));
    });
  }

  /** memset. */
  fill(address: number, length: number, value: number): void {
    this.check(address, length, 'write');
    this.write(address, new Uint8Array(length).fill(value));
  }

  /** Refuses what reading or writing these bytes would refuse, without touching them. */
  check(address: number, length: number, access: 'read' | 'write'): void {
    this.#checkedLength(address, length, access);
    this.#eachPart(address, length, access, () => undefined);
  }

  /** Bytes up to the first NUL, read one by one as strlen does. */
  cStringBytes(address: number, limit = LIMIT): Uint8Array {
    const bytes = this.#memory.tryCString(address, limit);
    const region = this.#memory.space.regionAt(address);
    const end = region && region.start + region.size;
    const plain = region && region.kind !== 'mmio' && ((region.widths ?? 7) & 1) !== 0;
    if (bytes && plain && end !== undefined && address + bytes.length < end) {
      this.#guard?.(address, Math.min(bytes.length + 1, limit), 'read');
      return bytes;
    }
    const read: number[] = [];
    while (read.length < limit) {
      const byte = this.load(address + read.length, 1);
      if (byte === 0) break;
      read.push(byte);
    }
    return Uint8Array.from(read);
  }

  #checkedLength(address: number, length: number, access: 'read' | 'write'): void {
    this.#guard?.(address, length, access);
    if (length <= LIMIT) return;
    throw new AccessFault({ kind: 'unmapped', access, address: (address + LIMIT) >>> 0, width: 1 });
  }

  #put(bytes: Uint8Array, at: number, width: 1 | 4, value: number): void {
    for (let index = 0; index < width; index += 1) bytes[at + index] = value >>> (8 * index);
  }

  #get(bytes: Uint8Array, at: number, width: 1 | 4): number {
    let value = 0;
    for (let index = 0; index < width; index += 1) value |= bytes[at + index] << (8 * index);
    return value >>> 0;
  }

  /** Calls `visit` for the part in each region, after checking that the part may be accessed. */
  #eachPart(
    address: number,
    length: number,
    access: 'read' | 'write',
    visit: (region: Region, at: number, count: number, width: 1 | 4) => void,
  ): void {
    const width = ((address | length) & 3) === 0 ? 4 : 1;
    for (let at = 0; at < length; ) {
      const here = (address + at) >>> 0;
      const region = this.#memory.space.regionAt(here);
      if (!region || region.kind === 'trap')
        throw new AccessFault({ kind: 'unmapped', access, address: here, width: 1 });
      const count = Math.min(length - at, region.start + region.size - here);
      const common = { access, address: here, width, region: region.name };
      if (access === 'write' && region.kind === 'rom') throw new AccessFault({ kind: 'read-only', ...common });
      if (((region.widths ?? 7) & width) === 0) throw new AccessFault({ kind: 'width', ...common });
      visit(region, at, count, width);
      at += count;
    }
  }
}
