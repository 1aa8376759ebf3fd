export type { AbiName, CallingConvention } from './abi/convention.js';
export { Board, createBoard } from './board/board.js';
export type { AllocationPurpose, BoardDescription, MemoryRange } from './board/description.js';
export { ESP32_HEAP_REGIONS, esp32 } from './board/esp32.js';
export { genericCortexM, genericXtensa } from './board/generic.js';
export type { BoardOptions, GuestFunction, ThreadOptions } from './board/options.js';
export { tencentosEvbMxPlus } from './board/tencentos-evb-mx-plus.js';
export type {
  ArrayType,
  CType,
  FloatType,
  FunctionType,
  IntegerType,
  Parameter,
  PointerType,
  StructField,
  StructLayout,
  StructType,
  VoidType,
} from './c/c-type.js';
export { typeText } from './c/c-type.js';
export { alignOf, sizeOf } from './c/layout.js';
export { type Declaration, parseDeclaration, parsePrototype, parseType, TypeScope } from './c/parser.js';
export { LimitReached } from './call/limit.js';
export type { CallOptions, CallResult, CallStatus, Limits } from './call/result.js';
export { GuestThread, type ThreadState } from './call/thread.js';
export { GuestAbort, ThreadExit } from './call/thread-exit.js';
export type { BoardConsole } from './console.js';
export { type LineSections, LineTable, type SourceLine } from './debug-line/line-table.js';
export { HostError, type HostErrorCode } from './error.js';
export type { BacktraceFrame } from './fault/backtrace.js';
export { type Demangle, loadDemangler } from './fault/demangler.js';
export { type CodeLocation, Locator, locationText } from './fault/locator.js';
export type { ModuleInfo, RelocationInfo, SectionInfo } from './fault/module-info.js';
export {
  type DisassembledLine,
  type FaultKind,
  type FaultReport,
  GuestFault,
  type HeapContext,
  type PointerOrigin,
  type StackUse,
} from './fault/report.js';
export { faultText } from './fault/text.js';
export { ArrayMemory } from './heap/array-memory.js';
export {
  MALLOC_CAP_8BIT,
  MALLOC_CAP_32BIT,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
  MALLOC_CAP_INVALID,
  MALLOC_CAP_IRAM_8BIT,
  MALLOC_CAP_RETENTION,
  MALLOC_CAP_RTCRAM,
  MALLOC_CAP_SPIRAM,
} from './heap/caps.js';
export { type Allocation, GuestHeap, HeapMisuse, type LeakGroup } from './heap/guest-heap.js';
export type { AllocationRequest, Heap, HeapBlock, HeapMemory, HeapStats } from './heap/heap.js';
export { type CapabilityRegion, HeapCaps, type HeapCapsOptions } from './heap/heap-caps.js';
export {
  TOS_MMHEAP_CONTROL_SIZE,
  TOS_MMHEAP_ERRORS,
  TosMmheap,
  type TosMmheapInfo,
  type TosMmheapOptions,
} from './heap/tos-mmheap.js';
export { type HostCall, MemoryArguments, type VariableArguments } from './host/host-call.js';
export {
  type BoardSymbol,
  type HostFunction,
  type HostImplementation,
  type HostOptions,
  host,
  SharedVariable,
  variable,
} from './host/symbol.js';
export { commonImports, type ImportGroup } from './imports/common.js';
export { byteString, bytesOf, formatPrintf } from './imports/printf.js';
export { AccessFault, type GuestAccess } from './memory/guest-access.js';
export { GuestMemory } from './memory/guest-memory.js';
export { type GuestValue, readValue, structView, writeValue } from './memory/value.js';
export { Snapshot, type SnapshotContent } from './snapshot/snapshot.js';
export type { KeptState, StateKeeper } from './snapshot/state-keeper.js';
