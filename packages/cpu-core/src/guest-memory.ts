import type { AddressSpace } from './address-space.js';
import { DeviceFault, hex, MemoryError } from './memory-error.js';
import type { Region } from './region.js';
import type { MemoryFault } from './stop.js';

/** Words before the regions' bytes that hold a CPU's state and the engines' scratch words. */
export const DEFAULT_STATE_WORDS = 1024;

/** Bytes per granule in which code is marked, as a shift. */
export const CODE_GRANULE_SHIFT = 8;

const WASM_PAGE = 0x1_0000;
/** Host offsets stay below this, so that they are non-negative int32 numbers. */
const MOST_BYTES = 0x7fff_0000;

/** A region with its place in the linear memory. */
export interface PlacedRegion {
  readonly region: Region;
  /** First and last guest address, unsigned. */
  readonly first: number;
  readonly last: number;
  /** Host offset of byte 0 (of the lowest byte when `reversed`); -1 without bytes (mmio, trap). */
  readonly base: number;
  readonly reversed: boolean;
  readonly widths: number;
  readonly alignedOnly: boolean;
  readonly writable: boolean;
}

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
  private placed: PlacedRegion[] = [];
  private lastHit: PlacedRegion | undefined;
  private list: Region[] = [];
  /** Host bytes in use. */
  private used: number;
  /** 1 per host granule with translated code; shorter than the memory when no code lies behind it. */
  private codeMarks = new Uint8Array(0);

  constructor(regions: readonly Region[], stateWords: number) {
    this.stateBytes = stateWords * 4;
    this.used = this.stateBytes;
    const plan = this.plan(regions);
    this.memory = new WebAssembly.Memory({ initial: pagesFor(this.used), maximum: 0x1_0000 });
    this.u8 = new Uint8Array(this.memory.buffer);
    this.u16 = new Uint16Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
    this.f32 = new Float32Array(this.memory.buffer);
    this.placed = plan;
    this.list = [...regions];
  }

  get regions(): readonly Region[] {
    return this.list;
  }

  regionAt(address: number): Region | undefined {
    return this.find(address)?.region;
  }

  map(region: Region): void {
    const used = this.used;
    let plan: PlacedRegion[];
    try {
      plan = this.plan([region]);
    } catch (error) {
      this.used = used;
      throw error;
    }
    this.grow();
    this.placed = plan;
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
      const marks = this.codeMarks;
      const host = p.base + (a - p.first);
      let granule = host >> CODE_GRANULE_SHIFT;
      if (marks[granule] === 1) return false;
      const lowest = p.base >> CODE_GRANULE_SHIFT;
      while (granule > lowest && marks[granule - 1] !== 1) granule--;
      if (granule > lowest) first = p.first + ((granule << CODE_GRANULE_SHIFT) - p.base);
      granule = host >> CODE_GRANULE_SHIFT;
      const highest = Math.min((p.base + (p.last - p.first)) >> CODE_GRANULE_SHIFT, marks.length - 1);
      while (granule < highest && marks[granule + 1] !== 1) granule++;
      if (granule < highest) last = p.first + (((granule + 1) << CODE_GRANULE_SHIFT) - 1 - p.base);
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
    const last = (to - 1) >> CODE_GRANULE_SHIFT;
    if (last >= this.codeMarks.length) {
      const grown = new Uint8Array(Math.min((last + 64) & ~63, (this.used >> CODE_GRANULE_SHIFT) + 1));
      grown.set(this.codeMarks);
      this.codeMarks = grown;
    }
    let fresh = false;
    for (let granule = from >> CODE_GRANULE_SHIFT; granule <= last; granule++) {
      if (this.codeMarks[granule] === 0) {
        this.codeMarks[granule] = 1;
        fresh = true;
      }
    }
    return fresh;
  }

  /** Forgets all code marks. */
  clearCodeMarks(): void {
    this.codeMarks.fill(0);
  }

  private noteWrite(from: number, to: number): void {
    const last = Math.min((to - 1) >> CODE_GRANULE_SHIFT, this.codeMarks.length - 1);
    for (let granule = from >> CODE_GRANULE_SHIFT; granule <= last; granule++) {
      if (this.codeMarks[granule] === 1) {
        this.onCodeWrite?.(from, to);
        return;
      }
    }
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

  /** Checks and places `regions` beside those there are; advances `used`. */
  private plan(regions: readonly Region[]): PlacedRegion[] {
    const placed = [...this.placed];
    const pending = [...regions];
    while (pending.length > 0) {
      const ready = pending.findIndex(
        (r) => r.alias === undefined || placed.some((p) => p.region.name === r.alias?.of),
      );
      if (ready < 0) {
        const region = pending[0];
        throw bad(region, `is an alias of '${region.alias?.of}', which does not exist`);
      }
      const [region] = pending.splice(ready, 1);
      placed.push(this.place(region, placed));
    }
    placed.sort((p, q) => p.first - q.first);
    for (let i = 1; i < placed.length; i++) {
      if (placed[i].first > placed[i - 1].last) continue;
      const [name, other] = [placed[i].region.name, placed[i - 1].region.name];
      throw new MemoryError('OVERLAP', `regions '${other}' and '${name}' overlap`, placed[i].first, name);
    }
    return placed;
  }

  private place(region: Region, others: readonly PlacedRegion[]): PlacedRegion {
    const { start, size, kind, alias, widths = 7, alignedOnly = false } = region;
    if (!Number.isInteger(start) || start < 0 || start > 0xffff_ffff) throw bad(region, 'does not start in 32 bits');
    if (!Number.isInteger(size) || size <= 0) throw bad(region, 'has no positive whole size');
    if (start + size > 2 ** 32) throw bad(region, 'ends behind 2^32');
    if (!Number.isInteger(widths) || widths < 0 || widths > 7)
      throw bad(region, 'has widths other than a sum of 1, 2, 4');
    if (others.some((p) => p.region.name === region.name)) throw bad(region, 'has the name of another region');
    if ((kind === 'mmio') !== (region.device !== undefined)) {
      throw bad(region, kind === 'mmio' ? 'needs a device' : 'has a device but is not mmio');
    }
    const common = {
      region,
      first: start,
      last: start + size - 1,
      widths,
      alignedOnly,
      writable: kind === 'ram' || kind === 'mmio',
      reversed: alias?.reversedWords === true,
    };
    if (kind === 'mmio' || kind === 'trap') {
      if (alias !== undefined) throw bad(region, 'is an alias but has no bytes');
      return { ...common, base: -1 };
    }
    if (alias !== undefined) {
      const of = others.find((p) => p.region.name === alias.of);
      if (of === undefined || of.base < 0 || of.reversed) throw bad(region, `cannot be an alias of '${alias.of}'`);
      if (!Number.isInteger(alias.offset) || alias.offset < 0 || alias.offset + size > of.last - of.first + 1) {
        throw bad(region, `reaches outside of '${alias.of}'`);
      }
      if (alias.reversedWords && ((start | size | alias.offset) & 3) !== 0) throw bad(region, 'is not made of words');
      return { ...common, base: of.base + alias.offset };
    }
    const base = ((this.used + 15) & ~15) + (start & 15);
    if (base + size > MOST_BYTES) {
      throw new MemoryError('TOO_LARGE', `region '${region.name}' does not fit into memory`, start, region.name);
    }
    this.used = base + size;
    return { ...common, base };
  }
}

/** Host offset of the byte at `a` (unsigned), which lies in `p`. */
function hostOffset(p: PlacedRegion, a: number): number {
  const offset = a - p.first;
  if (!p.reversed) return p.base + offset;
  return p.base + (p.last - p.first + 1) - 4 - offset + 2 * (offset & 3);
}

function pagesFor(bytes: number): number {
  return Math.ceil(bytes / WASM_PAGE);
}

function bad(region: Region, what: string): MemoryError {
  return new MemoryError('BAD_REGION', `region '${region.name}' ${what}`, region.start, region.name);
}
