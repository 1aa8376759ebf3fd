import { MemoryError } from './memory-error.js';
import type { Region } from './region.js';

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

/** Host offset of the byte at `a` (unsigned), which lies in `p`. */
export function hostOffset(p: PlacedRegion, a: number): number {
  const offset = a - p.first;
  if (!p.reversed) return p.base + offset;
  return p.base + (p.last - p.first + 1) - 4 - offset + 2 * (offset & 3);
}

/** All regions with their places, sorted by first address, and the host bytes in use. */
export interface Placement {
  readonly placed: readonly PlacedRegion[];
  readonly used: number;
}

/**
 * Checks `regions` and places them beside those there are.
 * @throws MemoryError BAD_REGION, OVERLAP or TOO_LARGE
 */
export function placeRegions(regions: readonly Region[], before: Placement): Placement {
  const placed = [...before.placed];
  let { used } = before;
  const pending = [...regions];
  while (pending.length > 0) {
    const ready = pending.findIndex((r) => r.alias === undefined || placed.some((p) => p.region.name === r.alias?.of));
    if (ready < 0) {
      const region = pending[0];
      throw bad(region, `is an alias of '${region.alias?.of}', which does not exist`);
    }
    const [region] = pending.splice(ready, 1);
    const place = placeRegion(region, placed, used);
    placed.push(place);
    if (place.base >= used) used = place.base + region.size;
  }
  placed.sort((p, q) => p.first - q.first);
  for (let i = 1; i < placed.length; i++) {
    if (placed[i].first > placed[i - 1].last) continue;
    const [name, other] = [placed[i].region.name, placed[i - 1].region.name];
    throw new MemoryError('OVERLAP', `regions '${other}' and '${name}' overlap`, placed[i].first, name);
  }
  return { placed, used };
}

function placeRegion(region: Region, others: readonly PlacedRegion[], used: number): PlacedRegion {
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
  const base = ((used + 15) & ~15) + (start & 15);
  if (base + size > MOST_BYTES) {
    throw new MemoryError('TOO_LARGE', `region '${region.name}' does not fit into memory`, start, region.name);
  }
  return { ...common, base };
}

function bad(region: Region, what: string): MemoryError {
  return new MemoryError('BAD_REGION', `region '${region.name}' ${what}`, region.start, region.name);
}
