import type { Region } from '@loadstone/cpu-core';
import { HostError, hex } from '../error.js';
import type { MemoryRange } from './description.js';

/**
 * Cuts `window` out of a memory map: regions that overlap it lose that part, and so do aliases of their bytes.
 * @throws HostError BOARD when an alias would be cut in the middle
 */
export function cutWindow(regions: readonly Region[], window: MemoryRange): Region[] {
  const end = window.start + window.size;
  const result: Region[] = [];
  for (const region of regions) {
    const source = region.alias ? regions.find(({ name }) => name === region.alias?.of) : region;
    const hidden = overlap(source ?? region, window);
    if (!hidden || region.alias) {
      result.push(region.alias && hidden && source ? cutAlias(region, source, window) : region);
      if (region.alias && overlap(region, window))
        throw new HostError('BOARD', `the function window overlaps alias ${region.name}`);
      continue;
    }
    const before = window.start - region.start;
    const after = region.start + region.size - end;
    if (before > 0) result.push({ ...region, size: before });
    if (after > 0)
      result.push({
        ...region,
        start: end,
        size: after,
        name: before > 0 ? `${region.name} (upper part)` : region.name,
      });
  }
  return result;
}

function overlap(region: Region, window: MemoryRange): boolean {
  return region.start < window.start + window.size && window.start < region.start + region.size;
}

function cutAlias(alias: Region, source: Region, window: MemoryRange): Region {
  const offset = alias.alias?.offset ?? 0;
  const kept = window.start - source.start - offset;
  if (alias.alias?.reversedWords || window.start + window.size < source.start + source.size || kept <= 0) {
    throw new HostError('BOARD', `alias ${alias.name} cannot do without ${hex(window.start)}`, { alias: alias.name });
  }
  return { ...alias, size: Math.min(alias.size, kept) };
}
