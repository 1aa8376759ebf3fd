import type { GuestMemory } from '../memory/guest-memory.js';
import type { ModuleInfo } from './module-info.js';
import type { PointerOrigin } from './report.js';

/** Most bytes of one section that are searched. */
const SEARCH_LIMIT = 0x10_0000;

/**
 * The relocation that wrote a pointer: a relocated word in one of the modules' sections that holds one of `values`.
 * @param values pointers that may have led to the fault, the likeliest first
 */
export function pointerOrigin(
  memory: GuestMemory,
  modules: Iterable<ModuleInfo>,
  values: readonly number[],
): PointerOrigin | undefined {
  for (const module of modules) {
    if (!module.relocationAt || !module.sections) continue;
    for (const { address, size } of module.sections) {
      const start = Math.ceil(address / 4) * 4;
      const length = Math.min(address + size - start, SEARCH_LIMIT) & ~3;
      const region = memory.space.regionAt(start);
      if (length <= 0 || !region || start + length > region.start + region.size) continue;
      const view = new DataView(memory.bytes(start, length).buffer);
      for (let offset = 0; offset < length; offset += 4) {
        const value = view.getUint32(offset, true);
        if (!values.includes(value)) continue;
        const relocation = module.relocationAt(start + offset);
        if (relocation?.place !== start + offset) continue;
        return {
          module: module.name,
          typeName: relocation.typeName,
          symbol: relocation.symbol,
          place: start + offset,
          value,
        };
      }
    }
  }
  return undefined;
}
