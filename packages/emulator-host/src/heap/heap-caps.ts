import { HostError, hex } from '../error.js';
import { MALLOC_CAP_8BIT, MALLOC_CAP_32BIT, MALLOC_CAP_DEFAULT, MALLOC_CAP_DMA, MALLOC_CAP_EXEC } from './caps.js';
import {
  type AllocationRequest,
  type Heap,
  type HeapBlock,
  type HeapMemory,
  type HeapStats,
  heapStats,
} from './heap.js';
import { BLOCK_OVERHEAD, Tlsf } from './tlsf.js';

/** One heap of the capability allocator, in registration order. */
export interface CapabilityRegion {
  readonly name: string;
  /** First address, a multiple of 4. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** Capability bits offered at each of the three priority levels. */
  readonly capabilities: readonly [number, number, number];
  /**
   * The data view of memory that the instruction bus sees with reversed word order: byte address d appears at
   * `mirror - d - 4` (for the ESP32: 0x400A0000 + 0x40000000 - d - 4).
   */
  readonly mirror?: number;
}

export interface HeapCapsOptions {
  readonly regions: readonly CapabilityRegion[];
  /** `light` puts 8 bytes of canary before and 4 behind each block (Arduino's prebuilt libraries). Default `none`. */
  readonly poisoning?: 'none' | 'light';
}

/** Bytes of multi_heap's `heap_t` before the TLSF control structure. */
const HEAP_INFO = 20;
const CONTROL_HEADER = 36;
const FREE_BYTES = 4;
const MINIMUM_FREE_BYTES = 8;
/** HEAP_SIZE_MAX: larger requests are refused at once (SOC_MAX_CONTIGUOUS_RAM_SIZE). */
const SIZE_MAX = 0x40_0000;
const HEAD_CANARY = 0xabba1234;
const TAIL_CANARY = 0xbaad5678;

/**
 * ESP-IDF's capability allocator over TLSF heaps (components/heap/heap_caps_base.c, multi_heap.c, tlsf from IDF 5): three
 * priority levels, EXEC with 8BIT or DMA refused, EXEC or 32BIT sizes rounded up to words, EXEC blocks of D/IRAM handed out
 * in the instruction view with the data address in the word before.
 */
export class HeapCaps implements Heap {
  readonly name = 'heap_caps';
  readonly #memory: HeapMemory;
  readonly #heaps: readonly MultiHeap[];
  readonly #light: boolean;

  constructor(memory: HeapMemory, options: HeapCapsOptions) {
    this.#memory = memory;
    this.#light = options.poisoning === 'light';
    this.#heaps = options.regions.map((region) => new MultiHeap(memory, region));
  }

  /**
   * `heap_caps_malloc(size, capabilities)`; without capabilities `malloc(size)`, which asks for DEFAULT | 8BIT here (the
   * ESP32's `malloc` without external memory). With `align`: `heap_caps_aligned_alloc`.
   */
  allocate(size: number, request: AllocationRequest = {}): number {
    const { capabilities = MALLOC_CAP_DEFAULT | MALLOC_CAP_8BIT, align = 4 } = request;
    let wanted = capabilities >>> 0;
    if ((wanted & MALLOC_CAP_EXEC) !== 0) {
      if ((wanted & (MALLOC_CAP_8BIT | MALLOC_CAP_DMA)) !== 0) return 0;
      wanted |= MALLOC_CAP_32BIT;
    }
    if (size === 0 || size > SIZE_MAX) return 0;
    const bytes = (wanted & MALLOC_CAP_32BIT) !== 0 ? Math.ceil(size / 4) * 4 : size;
    for (let level = 0; level < 3; level += 1) {
      for (const heap of this.#heaps) {
        if ((heap.region.capabilities[level] & wanted) === 0 || (heap.all & wanted) !== wanted) continue;
        const address = this.#allocateIn(heap, bytes, align, (wanted & MALLOC_CAP_EXEC) !== 0);
        if (address !== 0) return address;
      }
    }
    return 0;
  }

  /** `heap_caps_free`. @throws HostError HEAP_CORRUPT for an address of no heap (the device asserts) */
  free(address: number): void {
    if (address === 0) return;
    const payload = this.#payload(address);
    const heap = this.#heapOf(payload);
    heap.free(payload - (this.#light ? 8 : 0));
  }

  /**
   * `heap_caps_realloc`; without capabilities, with those of the block's heap. In place when the heap offers them and has the
   * room, else a new block.
   */
  reallocate(address: number, size: number, request: AllocationRequest = {}): number {
    if (address === 0) return this.allocate(size, request);
    if (size === 0) {
      this.free(address);
      return 0;
    }
    const payload = this.#payload(address);
    const heap = this.#heapOf(payload);
    const padding = this.#light ? 12 : 0;
    const { capabilities } = request;
    const compatible = capabilities === undefined || (heap.all & capabilities) >>> 0 === capabilities >>> 0;
    if (payload === address && compatible) {
      const resized = heap.reallocate(payload - (this.#light ? 8 : 0), size + padding);
      if (resized !== 0) return this.#light ? this.#canaries(resized, size) : resized;
    }
    const moved = this.allocate(size, {
      capabilities:
        capabilities ?? heap.all & ~(payload === address ? MALLOC_CAP_EXEC : MALLOC_CAP_8BIT | MALLOC_CAP_DMA),
    });
    if (moved === 0) return 0;
    const old = heap.payloadSize(payload - (this.#light ? 8 : 0)) - padding;
    this.#memory.copy(moved, address, Math.min(old, size));
    this.free(address);
    return moved;
  }

  /** `heap_caps_get_free_size`: free bytes of all heaps that offer every capability asked for. */
  freeSize(capabilities: number): number {
    return this.#matching(capabilities).reduce((sum, heap) => sum + heap.freeBytes, 0);
  }

  /** `heap_caps_get_minimum_free_size`. */
  minimumFreeSize(capabilities: number): number {
    return this.#matching(capabilities).reduce((sum, heap) => sum + heap.minimumFreeBytes, 0);
  }

  /** `heap_caps_get_largest_free_block`. */
  largestFreeBlock(capabilities: number): number {
    const padding = this.#light ? 12 : 0;
    const largest = this.#matching(capabilities).reduce(
      (most, heap) => Math.max(most, heapStats(heap.blocks()).largestFree),
      0,
    );
    return Math.max(0, largest - padding);
  }

  /** `heap_caps_get_total_size`. */
  totalSize(capabilities: number): number {
    return this.#matching(capabilities).reduce((sum, heap) => sum + heap.region.size, 0);
  }

  /** `heap_caps_get_info`: blocks and payload bytes of all heaps that offer every capability asked for. */
  info(capabilities: number): HeapStats {
    return heapStats(this.#matching(capabilities).flatMap((heap) => [...heap.blocks()]));
  }

  *blocks(): IterableIterator<HeapBlock> {
    for (const heap of this.#heaps) yield* heap.blocks();
  }

  blockAt(address: number): HeapBlock | undefined {
    const data = this.#dataView(address);
    const heap = this.#heaps.find(({ region }) => data >= region.start && data < region.start + region.size);
    if (!heap) return undefined;
    for (const block of heap.blocks()) {
      if (data >= block.address - BLOCK_OVERHEAD && data < block.address + block.size) return block;
    }
    return undefined;
  }

  stats(): HeapStats {
    return heapStats(this.blocks());
  }

  #matching(capabilities: number): MultiHeap[] {
    return this.#heaps.filter((heap) => (heap.all & capabilities) >>> 0 === capabilities >>> 0);
  }

  #allocateIn(heap: MultiHeap, bytes: number, align: number, executable: boolean): number {
    const { mirror } = heap.region;
    const reversed = executable && mirror !== undefined;
    const asked = bytes + (reversed ? 4 : 0);
    const block = heap.allocate(asked + (this.#light ? 12 : 0), align);
    if (block === 0) return 0;
    const data = this.#light ? this.#canaries(block, asked) : block;
    if (!reversed || mirror === undefined) return data;
    // The instruction view's first word is the data view's last one; it keeps the way back for free().
    this.#memory.write32(data + asked - 4, data);
    return mirror - (data + asked - 4) - 4 + 4;
  }

  #canaries(block: number, size: number): number {
    this.#memory.write32(block, HEAD_CANARY);
    this.#memory.write32(block + 4, size);
    const tail = block + 8 + size;
    if (tail % 4 === 0) this.#memory.write32(tail, TAIL_CANARY);
    else
      for (let index = 0; index < 4; index += 1)
        this.#memory.fill(tail + index, 1, (TAIL_CANARY >>> (8 * index)) & 0xff);
    return block + 8;
  }

  /** Data-view address of an address that may lie in an instruction view. */
  #dataView(address: number): number {
    for (const { region } of this.#heaps) {
      if (region.mirror === undefined) continue;
      const data = region.mirror - address - 4;
      if (data >= region.start && data < region.start + region.size) return data;
    }
    return address;
  }

  /** The data address that `free` and `realloc` mean by a pointer. */
  #payload(address: number): number {
    const data = this.#dataView(address);
    return data === address ? address : this.#memory.read32(data + 4);
  }

  #heapOf(address: number): MultiHeap {
    const heap = this.#heaps.find(({ region }) => address >= region.start && address < region.start + region.size);
    if (heap) return heap;
    throw new HostError(
      'HEAP_CORRUPT',
      `${hex(address)} lies in no heap: "free() target pointer is outside heap areas"`,
      { address },
    );
  }
}

/** multi_heap.c: one TLSF heap with its counters at the start of its own memory. */
class MultiHeap {
  readonly region: CapabilityRegion;
  /** Capabilities over all levels. */
  readonly all: number;
  readonly #memory: HeapMemory;
  readonly #tlsf: Tlsf;
  readonly #pool: number;

  constructor(memory: HeapMemory, region: CapabilityRegion) {
    this.region = region;
    this.all = region.capabilities[0] | region.capabilities[1] | region.capabilities[2];
    this.#memory = memory;
    const bytes = region.size - HEAP_INFO;
    const secondLog2 = bytes <= 16 * 1024 ? 3 : bytes <= 256 * 1024 ? 4 : 5;
    const firstCount = 32 - Math.clz32(bytes) - (secondLog2 + 2) + 1;
    const control = region.start + HEAP_INFO;
    const bitmaps = control + CONTROL_HEADER;
    const heads = bitmaps + 4 * firstCount;
    this.#pool = heads + 4 * (firstCount << secondLog2);
    this.#tlsf = new Tlsf(memory, {
      nullBlock: control,
      firstBitmap: control + 24,
      secondBitmaps: bitmaps,
      heads,
      secondLog2,
      firstCount,
      sizeLimit: 2 ** (firstCount + secondLog2 + 1),
    });
    const payload = this.#tlsf.poolPayload(region.start + region.size - this.#pool);
    if (payload === 0) throw new HostError('BOARD', `heap region ${region.name} is too small`, { region });
    memory.fill(region.start, this.#pool - region.start, 0);
    this.#tlsf.construct();
    this.#tlsf.addPool(this.#pool, payload);
    memory.write32(region.start + 12, bytes);
    memory.write32(region.start + 16, control);
    this.#setFree(payload);
    memory.write32(region.start + MINIMUM_FREE_BYTES, payload);
  }

  get freeBytes(): number {
    return this.#memory.read32(this.region.start + FREE_BYTES);
  }

  get minimumFreeBytes(): number {
    return this.#memory.read32(this.region.start + MINIMUM_FREE_BYTES);
  }

  allocate(size: number, align: number): number {
    const address = align > 4 ? this.#tlsf.allocateAligned(size, align) : this.#tlsf.allocate(size);
    if (address !== 0) this.#setFree(this.freeBytes - this.#tlsf.payloadSize(address) - BLOCK_OVERHEAD);
    return address;
  }

  free(address: number): void {
    const size = this.#tlsf.payloadSize(address);
    this.#tlsf.free(address);
    this.#setFree(this.freeBytes + size + BLOCK_OVERHEAD);
  }

  reallocate(address: number, size: number): number {
    const before = this.#tlsf.payloadSize(address);
    const moved = this.#tlsf.reallocate(address, size);
    if (moved !== 0) this.#setFree(this.freeBytes + before - this.#tlsf.payloadSize(moved));
    return moved;
  }

  payloadSize(address: number): number {
    return this.#tlsf.payloadSize(address);
  }

  *blocks(): IterableIterator<HeapBlock> {
    const { start, size, name } = this.region;
    for (const block of this.#tlsf.walk(this.#pool, start + size - this.#pool)) yield { ...block, pool: name };
  }

  #setFree(bytes: number): void {
    this.#memory.write32(this.region.start + FREE_BYTES, bytes);
    if (bytes < this.minimumFreeBytes) this.#memory.write32(this.region.start + MINIMUM_FREE_BYTES, bytes);
  }
}
