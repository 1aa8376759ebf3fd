import type { AddressSpace, Region } from '@loadstone/cpu-core';
import { hex } from '../error.js';

/** Regions farther away than this are not mentioned. */
const REACH = 0x1_0000;

/** The region an address lies in, or the nearest one, in words; undefined when none is near. */
export function nearbyRegion(space: AddressSpace, address: number): string | undefined {
  const inside = space.regionAt(address);
  if (inside) return `in ${inside.name} (${range(inside)}), offset 0x${(address - inside.start).toString(16)}`;
  let best: { region: Region; distance: number; text: string } | undefined;
  for (const region of space.regions) {
    const end = region.start + region.size;
    const behind = address - end;
    const distance = address < region.start ? region.start - address : behind;
    if (distance >= (best?.distance ?? REACH)) continue;
    const text = address < region.start ? `${distance} bytes before` : `${behind} bytes behind the end of`;
    best = { region, distance, text };
  }
  return best && `${best.text} ${best.region.name} (${range(best.region)})`;
}

function range({ start, size }: Region): string {
  return `${hex(start)}-${hex(start + size - 1)}`;
}
