import { LoaderError } from '../errors.js';
import type { AllocationPurpose, TargetMemory } from '../target-memory.js';
import type { InPlaceFile, Placement } from './options.js';
import type { MemoryBlock, PlannedSection } from './section-plan.js';

/** Blocks taken from the board's heap for one module; gives them all back when the load fails. */
export class BlockAllocator {
  readonly blocks: MemoryBlock[] = [];
  private readonly memory: TargetMemory;
  /** What `free` needs: an over-aligned block starts later than what the heap gave. */
  private readonly origins = new Map<MemoryBlock, number>();

  constructor(memory: TargetMemory) {
    this.memory = memory;
  }

  /** @throws LoaderError OUT_OF_MEMORY */
  allocate(size: number, align: number, purpose: AllocationPurpose): MemoryBlock {
    let origin = this.ask(size, align, purpose);
    let address = origin;
    if (address % align !== 0) {
      // The heap ignores alignment: take enough to align by hand.
      this.memory.free(origin);
      origin = this.ask(size + align - 1, align, purpose);
      address = Math.ceil(origin / align) * align;
    }
    const block: MemoryBlock = { address, size, purpose, allocated: true };
    this.origins.set(block, origin);
    this.blocks.push(block);
    return block;
  }

  private ask(size: number, align: number, purpose: AllocationPurpose): number {
    const address = size > 0xffff_ffff ? undefined : this.memory.allocate({ size, align, purpose });
    if (address === undefined || address === 0) {
      throw new LoaderError('OUT_OF_MEMORY', `the heap has no ${size} bytes for ${purpose}`, { size });
    }
    return address >>> 0;
  }

  /** Gives every block back. */
  freeAll(): void {
    for (const block of this.blocks) this.memory.free(this.origins.get(block) ?? block.address);
    this.blocks.length = 0;
  }
}

function purposeOf(placement: Placement, section: PlannedSection): AllocationPurpose {
  if (typeof placement === 'function') return placement(section);
  if (placement === 'single') return 'module';
  if (section.kind === 'text' || section.kind === 'literal') return 'text';
  return section.kind === 'rodata' ? 'rodata' : 'data';
}

/**
 * Gives every section its address: those that may stay in place first, the rest in one block per purpose.
 * @param staysInPlace whether a section needs no patching
 * @throws LoaderError OUT_OF_MEMORY
 */
export function placeSections(
  ordered: readonly PlannedSection[],
  placement: Placement,
  allocator: BlockAllocator,
  inPlace: InPlaceFile | undefined,
  staysInPlace: (section: PlannedSection) => boolean,
): void {
  const groups = new Map<AllocationPurpose, PlannedSection[]>();
  for (const section of ordered) {
    if (inPlace !== undefined && section.section !== undefined && staysInPlace(section)) {
      const address = inPlace.address + section.section.offset;
      if (address % section.align === 0) {
        section.address = address;
        continue;
      }
    }
    const purpose = purposeOf(placement, section);
    const group = groups.get(purpose);
    if (group === undefined) groups.set(purpose, [section]);
    else group.push(section);
  }
  for (const [purpose, group] of groups) placeGroup(purpose, group, allocator);
}

function placeGroup(purpose: AllocationPurpose, group: readonly PlannedSection[], allocator: BlockAllocator): void {
  let size = 0;
  let align = 4;
  const offsets = group.map((section) => {
    const offset = Math.ceil(size / section.align) * section.align;
    size = offset + section.size;
    align = Math.max(align, section.align);
    return offset;
  });
  if (size === 0) return;
  const block = allocator.allocate(size, align, purpose);
  group.forEach((section, i) => {
    section.address = block.address + offsets[i];
    section.block = block;
  });
}
