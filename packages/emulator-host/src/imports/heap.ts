import type { Board } from '../board/board.js';
import { HeapCaps } from '../heap/heap-caps.js';
import { TosMmheap } from '../heap/tos-mmheap.js';
import type { HostCall } from '../host/host-call.js';
import { type HostFunction, host } from '../host/symbol.js';

/** The malloc family on the board's heap, under the names of C, FreeRTOS and the board's own heap. */
export function heapImports(board: Board): HostFunction[] {
  const { guestHeap } = board;
  const allocate = (size: number, call: HostCall): number => guestHeap.allocate(size, {}, siteOf(board, call));
  const free = (address: number, call: HostCall): void => guestHeap.free(address, siteOf(board, call));
  const reallocate = (address: number, size: number, call: HostCall): number =>
    guestHeap.reallocate(address, size, siteOf(board, call));
  const callocate = (count: number, size: number, call: HostCall): number => {
    const bytes = Math.imul(count, size) >>> 0;
    const address = allocate(bytes, call);
    if (address !== 0) board.memory.fill(address, bytes, 0);
    return address;
  };
  const aligned = (align: number, size: number, call: HostCall): number =>
    guestHeap.allocate(size, { align }, siteOf(board, call));
  const common = [
    host('void *malloc(size_t size)', allocate),
    host('void *calloc(size_t count, size_t size)', (count: number, size: number, call: HostCall) =>
      count * size > 0xffff_ffff ? 0 : callocate(count, size, call),
    ),
    host('void *realloc(void *block, size_t size)', reallocate),
    host('void free(void *block)', free),
    host('void *memalign(size_t align, size_t size)', aligned),
    host('void *aligned_alloc(size_t align, size_t size)', aligned),
    host('void *pvPortMalloc(size_t size)', allocate),
    host('void vPortFree(void *block)', free),
  ];
  if (board.heap instanceof TosMmheap) return [...common, ...tosImports(board, allocate, callocate, reallocate, free)];
  if (board.heap instanceof HeapCaps) return [...common, ...capsImports(board, board.heap, free)];
  return common;
}

/** The allocating code's address, without Thumb bit; 0 when the host called. */
function siteOf(board: Board, call: HostCall): number {
  const site = (call.returnAddress & ~call.codeBit) >>> 0;
  return site === board.functions.returnAddress ? 0 : site;
}

type Allocate = (size: number, call: HostCall) => number;
type Reallocate = (address: number, size: number, call: HostCall) => number;
type Free = (address: number, call: HostCall) => void;

function tosImports(
  board: Board,
  allocate: Allocate,
  callocate: Reallocate,
  reallocate: Reallocate,
  free: Free,
): HostFunction[] {
  const { guestHeap } = board;
  return [
    host('void *tos_mmheap_alloc(size_t size)', allocate),
    host('void *tos_mmheap_calloc(size_t count, size_t size)', callocate),
    host('void *tos_mmheap_realloc(void *block, size_t size)', reallocate),
    host('void *tos_mmheap_aligned_alloc(size_t size, size_t align)', (size: number, align: number, call: HostCall) =>
      guestHeap.allocate(size, { align }, siteOf(board, call)),
    ),
    host('void tos_mmheap_free(void *block)', free),
  ];
}

function capsImports(board: Board, heap: HeapCaps, free: Free): HostFunction[] {
  const { guestHeap } = board;
  return [
    host('void *heap_caps_malloc(size_t size, uint32_t caps)', (size: number, capabilities: number, call: HostCall) =>
      guestHeap.allocate(size, { capabilities }, siteOf(board, call)),
    ),
    host(
      'void *heap_caps_calloc(size_t n, size_t size, uint32_t caps)',
      (n: number, size: number, capabilities: number, call: HostCall) => {
        const bytes = n * size;
        if (bytes > 0xffff_ffff) return 0;
        const address = guestHeap.allocate(bytes, { capabilities }, siteOf(board, call));
        if (address !== 0) board.memory.fill(address, bytes, 0);
        return address;
      },
    ),
    host('void heap_caps_free(void *block)', free),
    host('size_t heap_caps_get_free_size(uint32_t caps)', (caps: number) => heap.freeSize(caps)),
    host('size_t heap_caps_get_minimum_free_size(uint32_t caps)', (caps: number) => heap.minimumFreeSize(caps)),
    host('size_t heap_caps_get_largest_free_block(uint32_t caps)', (caps: number) => heap.largestFreeBlock(caps)),
    host('size_t heap_caps_get_total_size(uint32_t caps)', (caps: number) => heap.totalSize(caps)),
  ];
}
