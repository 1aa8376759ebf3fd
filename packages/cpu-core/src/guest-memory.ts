import type { AddressSpace } from './address-space.js';
import { CodeMarks } from './code-marks.js';
import { DeviceFault, hex, MemoryError } from './memory-error.js';
import type { Region } from './region.js';
import { hostOffset, type PlacedRegion, placeRegions } from './region-placement.js';
import type { MemoryFault } from './stop.js';

/** Words before the regions' bytes that hold a CPU's state and the engines' scratch words. */
export const DEFAULT_STATE_WORDS = 1024;

export { CODE_GRANULE_SHIFT } from './code-marks.js';

const WASM_PAGE = 0x1_0000;

/** A watched range of guest addresses, both ends included. */
export interface WatchedRange {
  readonly first: number;
  readonly last: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** The range around an address in which accesses of one kind need no check but this range's: filled by `window`. */
export interface Window {
  /** First guest address of the range. */
  low: number;
  /** Accesses at low + 0 ... low + limit - 1 lie inside with all their bytes. */
  limit: number;
  /** Host offset = (guest address + delta) modulo 2^32. A multiple of 4. */
  delta: number;
  /** Unaligned accesses fault, also those that the CPU would allow. */
  alignedOnly: boolean;
}

/**
 * The one implementation of {@link AddressSpace}. What the interface does not show is for the engines of this package: typed
 * views, direct windows, and the marks that tell where translated code lies.
 */
export class GuestMemory implements AddressSpace {
  readonly memory: WebAssembly.Memory;
  readonly stateBytes: number;
  /** Views of the whole memory; replaced when it grows. */
  u8: Uint8Array;
  u16: Uint16Array;
  i32: Int32Array;
  f32: Float32Array;
  /** The fault of the last refused `loadValue` or `storeValue`. */
  fault: MemoryFault | undefined;
  /** Called after bytes were written in a granule that holds translated code: host offsets, end exclusive. */
  onCodeWrite: ((from: number, to: number) => void) | undefined;
  /** Called when the views were replaced. */
  onGrow: (() => void) | undefined;
  /** Guest ranges that no window may contain: watchpoints. Every access that touches one takes the slow path. */
  watched: readonly WatchedRange[] = [];
  /** Called when a region was added (translations may hold "nothing there"). */
  onMap: (() => void) | undefined;

  /** Sorted by first address. */
  private placed: readonly PlacedRegion[];
  private lastHit: PlacedRegion | undefined;
  private list: Region[] = [];
  /** Host bytes in use. */
  private used: number;
  private readonly codeMarks = new CodeMarks();

  constructor(regions: readonly Region[], stateWords: number) {
    this.stateBytes = stateWords * 4;
    const { placed, used } = placeRegions(regions, { placed: [], used: this.stateBytes });
    this.placed = placed;
    this.used = used;
    this.memory = new WebAssembly.Memory({ initial: pagesFor(this.used), maximum: 0x1_0000 });
    this.u8 = new Uint8Array(this.memory.buffer);
    this.u16 = new Uint16Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
    this.f32 = new Float32Array(this.memory.buffer);
    this.list = [...regions];
  }

  get regions(): readonly Region[] {
    return this.list;
  }

  regionAt(address: number): Region | undefined {
    return this.find(address)?.region;
  }

  map(region: Region): void {
    const { placed, used } = placeRegions([region], { placed: this.placed, used: this.used });
    this.used = used;
    this.grow();
    this.placed = placed;
    this.list = [...this.list, region];
    this.lastHit = undefined;
    this.onMap?.();
  }

  /** Bytes that can be reserved without growing the memory. */
  get slack(): number {
    return Math.max(0, this.memory.buffer.byteLength - this.used - 16);
  }

  /** Takes bytes behind the regions for an engine; returns their host offset, a multiple of 16. Views may be replaced. */
  reserve(bytes: number): number {
    const offset = (this.used + 15) & ~15;
    this.used = offset + bytes;
    this.grow();
    return offset;
  }

  private grow(): void {
    const missing = pagesFor(this.used) - this.memory.buffer.byteLength / WASM_PAGE;
    if (missing <= 0) return;
    this.memory.grow(missing);
    this.u8 = new Uint8Array(this.memory.buffer);
    this.u16 = new Uint16Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
    this.f32 = new Float32Array(this.memory.buffer);
    this.onGrow?.();
  }

  read(address: number, into: Uint8Array): void {
    this.eachPart(address, into.length, (host, at, count) => {
      if (host >= 0) into.set(this.u8.subarray(host, host + count), at);
      else for (let i = 0; i < count; i++) into[at + i] = this.u8[this.hostByte(address + at + i)];
    });
  }

  write(address: number, from: Uint8Array): void {
    this.eachPart(address, from.length, () => {});
    this.eachPart(address, from.length, (host, at, count) => {
      if (host >= 0) {
        this.u8.set(from.subarray(at, at + count), host);
        this.noteWrite(host, host + count);
        return;
      }
      for (let i = 0; i < count; i++) {
        const byte = this.hostByte(address + at + i);
        this.u8[byte] = from[at + i];
        this.noteWrite(byte, byte + 1);
      }
    });
  }

  load(address: number, width: 1 | 2 | 4): number | MemoryFault {
    this.fault = undefined;
    const value = this.loadValue(address, width, false) >>> 0;
    return this.fault ?? value;
  }

  store(address: number, width: 1 | 2 | 4, value: number): MemoryFault | undefined {
    return this.storeValue(address, width, value, false) ? undefined : this.fault;
  }

  loadWords(address: number, into: Int32Array, first: number, count: number): MemoryFault | undefined {
    const host = this.plainWords(address >>> 0, count, 'read');
    if (host >= 0) {
      const { i32 } = this;
      for (let i = 0; i < count; i++) into[first + i] = i32[host + i];
      return undefined;
    }
    for (let i = 0; i < count; i++) {
      const value = this.load(address + 4 * i, 4);
      if (typeof value !== 'number') return value;
      into[first + i] = value;
    }
    return undefined;
  }

  storeWords(address: number, from: Int32Array, first: number, count: number): MemoryFault | undefined {
    const host = this.plainWords(address >>> 0, count, 'write');
    if (host >= 0) {
      const { i32 } = this;
      for (let i = 0; i < count; i++) i32[host + i] = from[first + i];
      this.noteWrite(host << 2, (host + count) << 2);
      return undefined;
    }
    for (let i = 0; i < count; i++) {
      const fault = this.store(address + 4 * i, 4, from[first + i]);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Index in `i32` of aligned words that lie in one region whose rules they keep, else -1. */
  private plainWords(a: number, count: number, access: 'read' | 'write'): number {
    const p = this.find(a);
    if (p === undefined || p.base < 0 || p.reversed || (p.widths & 4) === 0) return -1;
    if (access === 'write' && !p.writable) return -1;
    if ((a & 3) !== 0 || a + 4 * count - 1 > p.last) return -1;
    const host = hostOffset(p, a);
    return (host & 3) === 0 ? host >> 2 : -1;
  }

  /** The region that holds `address`, with its place. */
  find(address: number): PlacedRegion | undefined {
    const a = address >>> 0;
    const hit = this.lastHit;
    if (hit !== undefined && a >= hit.first && a <= hit.last) return hit;
    const placed = this.placed;
    let low = 0;
    let high = placed.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const p = placed[middle];
      if (a < p.first) high = middle - 1;
      else if (a > p.last) low = middle + 1;
      else return (this.lastHit = p);
    }
    return undefined;
  }

  /**
   * A guest load with every rule applied. Returns the zero-extended value, as int32 for words; when refused it returns 0 and
   * sets `fault`, which the caller has cleared.
   */
  loadValue(address: number, width: 1 | 2 | 4, strict: boolean): number {
    const a = address >>> 0;
    const p = this.check(a, width, strict, 'read');
    if (p === undefined) return 0;
    if (p.base < 0) return this.deviceRead(p, a, width);
    if (a + width - 1 > p.last || (a & (width - 1)) !== 0) {
      let value = 0;
      for (let i = 0; i < width; i++) value |= this.u8[this.hostByte(a + i)] << (8 * i);
      return value;
    }
    const host = hostOffset(p, a);
    if (width === 1) return this.u8[host];
    let value = this.u8[host] | (this.u8[host + 1] << 8);
    if (width === 4) value |= (this.u8[host + 2] << 16) | (this.u8[host + 3] << 24);
    return value;
  }

  /** A guest store with every rule applied; false and `fault` when refused (nothing is written then). */
  storeValue(address: number, width: 1 | 2 | 4, value: number, strict: boolean): boolean {
    const a = address >>> 0;
    const p = this.check(a, width, strict, 'write');
    if (p === undefined) return false;
    if (p.base < 0) return this.deviceWrite(p, a, width, value);
    if (a + width - 1 > p.last || (a & (width - 1)) !== 0) {
      for (let i = 0; i < width; i++) {
        const host = this.hostByte(a + i);
        this.u8[host] = value >>> (8 * i);
        this.noteWrite(host, host + 1);
      }
      return true;
    }
    const host = hostOffset(p, a);
    this.u8[host] = value;
    if (width !== 1) this.u8[host + 1] = value >>> 8;
    if (width === 4) {
      this.u8[host + 2] = value >>> 16;
      this.u8[host + 3] = value >>> 24;
    }
    this.noteWrite(host, host + width);
    return true;
  }

  /** The largest range around `address` for direct accesses of `width` bytes; false when there is none. */
  window(address: number, width: 1 | 2 | 4, access: 'read' | 'write', out: Window): boolean {
    const a = address >>> 0;
    const p = this.find(a);
    if (p === undefined || p.base < 0 || p.reversed || (p.widths & width) === 0) return false;
    if (access === 'write' && !p.writable) return false;
    if (((p.base - p.first) & 3) !== 0) return false;
    let first = p.first;
    let last = p.last;
    if (access === 'write') {
      const range = this.codeMarks.freeAround(p.base + (a - p.first), p.base, p.base + (p.last - p.first));
      if (range === undefined) return false;
      first = p.first + (range[0] - p.base);
      last = p.first + (range[1] - p.base);
    }
    for (const watch of this.watched) {
      if (access === 'read' ? !watch.read : !watch.write) continue;
      if (watch.first > a) last = Math.min(last, watch.first - 1);
      else if (watch.last < a) first = Math.max(first, watch.last + 1);
      else return false;
    }
    const limit = last - first + 2 - width;
    if (a - first >= limit) return false;
    out.low = first;
    out.limit = limit;
    out.delta = (p.base - p.first) | 0;
    out.alignedOnly = p.alignedOnly;
    return true;
  }

  /**
   * Host offset of the byte at `address` when it lies in a ram or rom region, else -1. Permissions are not looked at.
   */
  hostByte(address: number): number {
    const p = this.find(address);
    return p === undefined || p.base < 0 ? -1 : hostOffset(p, address >>> 0);
  }

  /** The smallest range of host offsets with all bytes of the guest range, which is mapped; `hostTo` is exclusive. */
  hostRange(from: number, to: number): { hostFrom: number; hostTo: number } {
    const length = (to - from) >>> 0;
    const p = this.find(from);
    if (p !== undefined && !p.reversed && p.last - from >= length - 1) {
      const hostFrom = hostOffset(p, from >>> 0);
      return { hostFrom, hostTo: hostFrom + length };
    }
    let hostFrom = Number.MAX_SAFE_INTEGER;
    let hostTo = 0;
    for (let i = 0; i < length; i++) {
      const host = this.hostByte(from + i);
      hostFrom = Math.min(hostFrom, host);
      hostTo = Math.max(hostTo, host + 1);
    }
    return { hostFrom, hostTo };
  }

  /** Whether host bytes [from, to) belong to an executable region. */
  mayHoldCode(from: number, to: number): boolean {
    return this.placed.some(
      (p) => p.base >= 0 && p.region.executable && p.base < to && p.base + (p.last - p.first) >= from,
    );
  }

  /** Marks host bytes as translated code. Returns whether a granule was marked for the first time. */
  markCode(from: number, to: number): boolean {
    return this.codeMarks.mark(from, to, this.used);
  }

  /** Forgets all code marks. */
  clearCodeMarks(): void {
    this.codeMarks.clear();
  }

  private noteWrite(from: number, to: number): void {
    if (this.codeMarks.isMarked(from, to)) this.onCodeWrite?.(from, to);
  }

  /** The region of the first byte when the whole access is allowed; else undefined, with `fault` set. */
  private check(a: number, width: 1 | 2 | 4, strict: boolean, access: 'read' | 'write'): PlacedRegion | undefined {
    const unaligned = (a & (width - 1)) !== 0;
    const p = this.find(a);
    if (strict && unaligned) return this.refuse('unaligned', access, a, width, p);
    if (p === undefined) return this.refuse('unmapped', access, a, width, this.find(a + width - 1));
    if (!this.allows(p, a, width, access, unaligned)) return undefined;
    if (a + width - 1 > p.last) {
      for (let i = 1; i < width; i++) {
        const q = this.find(a + i);
        if (q === undefined) return this.refuse('unmapped', access, a, width, p);
        if (q !== p && !this.allows(q, a, width, access, true)) return undefined;
      }
    }
    return p;
  }

  private allows(p: PlacedRegion, a: number, width: number, access: 'read' | 'write', unaligned: boolean): boolean {
    const kind = p.region.kind;
    if (kind === 'trap') this.refuse('unmapped', access, a, width, p);
    else if (access === 'write' && !p.writable) this.refuse('read-only', access, a, width, p);
    else if ((p.widths & width) === 0) this.refuse('width', access, a, width, p);
    else if (unaligned && (p.alignedOnly || p.base < 0)) this.refuse('unaligned', access, a, width, p);
    else return true;
    return false;
  }

  private refuse(
    kind: MemoryFault['kind'],
    access: MemoryFault['access'],
    address: number,
    width: number,
    p: PlacedRegion | undefined,
  ): undefined {
    this.fault =
      p === undefined ? { kind, access, address, width } : { kind, access, address, width, region: p.region.name };
    return undefined;
  }

  private deviceRead(p: PlacedRegion, a: number, width: 1 | 2 | 4): number {
    try {
      const value = p.region.device?.read(a - p.first, width) ?? 0;
      return width === 4 ? value | 0 : value & (width === 2 ? 0xffff : 0xff);
    } catch (error) {
      if (!(error instanceof DeviceFault)) throw error;
      this.refuse('device', 'read', a, width, p);
      return 0;
    }
  }

  private deviceWrite(p: PlacedRegion, a: number, width: 1 | 2 | 4, value: number): boolean {
    try {
      const unsigned = width === 4 ? value >>> 0 : value & (width === 2 ? 0xffff : 0xff);
      p.region.device?.write(a - p.first, width, unsigned);
      return true;
    } catch (error) {
      if (!(error instanceof DeviceFault)) throw error;
      this.refuse('device', 'write', a, width, p);
      return false;
    }
  }

  /** Calls `visit` with each run of bytes of a host access; host offset -1 stands for a run without ascending order. */
  private eachPart(address: number, length: number, visit: (host: number, at: number, count: number) => void): void {
    let at = 0;
    while (at < length) {
      const a = (address + at) >>> 0;
      const p = this.find(a);
      if (p === undefined || p.base < 0) {
        throw new MemoryError('UNMAPPED', `no ram or rom at ${hex(a)}`, a, p?.region.name);
      }
      const count = Math.min(length - at, p.last - a + 1);
      visit(p.reversed ? -1 : p.base + (a - p.first), at, count);
      at += count;
    }
  }
}

function pagesFor(bytes: number): number {
  return Math.ceil(bytes / WASM_PAGE);
}
