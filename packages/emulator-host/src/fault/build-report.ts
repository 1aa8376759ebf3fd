import type { Architecture, Cpu } from '@loadstone/cpu-core';
import type { Ending } from '../call/ending.js';
import type { GuestThread, SavedState } from '../call/thread.js';
import { HostError } from '../error.js';
import type { GuestHeap } from '../heap/guest-heap.js';
import type { FunctionTable } from '../host/function-table.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { type Backtrace, type BacktraceFrame, backtrace, unwinderFor } from './backtrace.js';
import { type CodePlace, disassembleAround } from './disassembly.js';
import { accessOf, headline, NULL_PAGE } from './headline.js';
import type { Locator } from './locator.js';
import { nearbyRegion } from './nearby.js';
import { pointerOrigin } from './pointer-origin.js';
import type { FaultReport, HeapContext, RefusedAllocation } from './report.js';
import { stackUse } from './stack-use.js';

/** The parts of a board a report looks at. */
export interface ReportSource {
  readonly cpu: Cpu;
  readonly memory: GuestMemory;
  readonly functions: FunctionTable;
  readonly guestHeap: GuestHeap;
  readonly locator: Locator;
  readonly firmware: string | undefined;
}

/** A pointer and an access this far apart may belong together: the largest offset of a load or store. */
const OFFSET_REACH = 4096;

const SMASHED = 'a return address on the stack may have been overwritten';

/** Makes the report of an ended run. The CPU still stands where it stopped. */
export function buildReport(source: ReportSource, thread: GuestThread, ending: Ending, state: SavedState): FaultReport {
  const { cpu, memory, locator } = source;
  const { architecture } = cpu;
  const pc = accessingPc(ending) ?? state.pc;
  const fault = accessOf(ending);
  const nowhere = fault?.access === 'fetch';
  const trace = callers(source, thread, state, pc, nowhere);
  const { kind, message } = headline(source, thread, ending);
  const outside = nowhere || memory.space.regionAt(pc)?.kind === 'trap';
  const place: CodePlace =
    outside && trace.frames.length > 1
      ? { address: trace.frames[1].pc, behindCall: true }
      : { address: pc, behindCall: false };
  const registers = registersOf(architecture, state);
  const heap = heapContext(source, fault?.address);
  const refused = refusedAllocation(source, fault?.address);
  const relocation = pointerOrigin(memory, locator.modules, suspects(registers, pc, fault?.address, nowhere));
  const near = fault && nearbyRegion(memory.space, fault.address);
  return {
    kind,
    message: nowhere && !isCalled(thread, trace, pc) ? `${message}, and no call led there: ${SMASHED}` : message,
    ...(source.firmware !== undefined && { firmware: source.firmware }),
    pc,
    location: locator.locate(pc),
    registers,
    disassembly: disassembleAround(architecture, memory, place, (address) => locator.symbolStart(address)),
    backtrace: trace.frames,
    ...(trace.cut && { backtraceCut: true }),
    ...(fault && { access: fault }),
    ...(near !== undefined && { nearby: near }),
    stack: stackUse(memory, thread, state.slots[architecture.stackPointer]),
    ...(heap && { heap }),
    ...(refused && { refused }),
    ...(relocation && { relocation }),
    ...((ending.kind === 'host-error' || ending.kind === 'device-error') && { cause: ending.error }),
  };
}

/** Whether a call is known to have led to `pc`: the host's, or an instruction of the caller. */
function isCalled(thread: GuestThread, { frames }: Backtrace, pc: number): boolean {
  const frame = thread.frames.at(-1);
  const entry = frame && (frame.entry & ~frame.convention.codeBit) >>> 0;
  return entry === pc || frames[1]?.sure === true;
}

/** The instruction whose completed access stopped the guest; the CPU stands behind it. */
function accessingPc(ending: Ending): number | undefined {
  if (ending.kind === 'heap') return ending.pc;
  return ending.kind === 'stop' && ending.reason.kind === 'watchpoint' ? ending.reason.pc : undefined;
}

function callers(
  source: ReportSource,
  thread: GuestThread,
  state: SavedState,
  pc: number,
  nowhere: boolean,
): Backtrace {
  const { cpu, memory, functions, locator } = source;
  const { architecture } = cpu;
  const frame = thread.frames.at(-1);
  if (!frame) return { frames: [], cut: false };
  const unwinder = unwinderFor(frame.convention.name, {
    architecture,
    memory,
    codeBase: functions.returnAddress,
    stackTop: thread.top,
    functionStart: (address) => locator.symbolStart(address),
  });
  const entered = memory.space.regionAt(state.pc)?.kind !== 'trap' && !nowhere;
  const trace = backtrace(unwinder, architecture.stackPointer, state, entered, thread.frames, functions, locator);
  if (pc === state.pc) return trace;
  const start = locator.symbolStart(pc);
  const accessing: BacktraceFrame = { pc, location: locator.locate(pc), sure: true };
  const next = state.pc > pc && state.pc - pc <= architecture.maxLength;
  const inside = next || (start !== undefined && start === locator.symbolStart(state.pc));
  return { ...trace, frames: [accessing, ...trace.frames.slice(inside ? 1 : 0)] };
}

/** General registers and status, by name. */
function registersOf(architecture: Architecture, { slots, pc }: SavedState): Record<string, number> {
  const registers: Record<string, number> = {};
  const wanted = /^(r\d+|sp|lr|a\d+|sar|lbeg|lend|lcount|ps|windowbase|windowstart|fpscr)$/;
  architecture.slots.forEach((name, slot) => {
    if (wanted.test(name)) registers[name] = slots[slot];
  });
  registers['pc'] = pc;
  const { flags, windows } = architecture;
  // Xtensa ISA manual, table of PS fields: CALLINC is bits 16 and 17; it has a slot of its own.
  if (windows) registers['ps'] = (registers['ps'] | (slots[windows.layout.increment] << 16)) >>> 0;
  if (flags) {
    const n = slots[flags.n] & 0x8000_0000;
    const z = slots[flags.z] === 0 ? 0x4000_0000 : 0;
    const c = slots[flags.c] !== 0 ? 0x2000_0000 : 0;
    const v = slots[flags.v] & 0x8000_0000 ? 0x1000_0000 : 0;
    registers['apsr'] = (n | z | c | v) >>> 0;
  }
  return registers;
}

/** Pointers the fault may have come from: the address itself, then registers within a load's offset of it. */
function suspects(
  registers: Readonly<Record<string, number>>,
  pc: number,
  address: number | undefined,
  nowhere: boolean,
): number[] {
  if (address === undefined) return [];
  if (nowhere) return [pc, pc + 1];
  const near = Object.entries(registers)
    .filter(([name, value]) => /^[ra]\d+$/.test(name) && Math.abs(value - address) < OFFSET_REACH)
    .map(([, value]) => value);
  return [address, ...near].filter((value) => value !== 0 || address < OFFSET_REACH);
}

function heapContext({ guestHeap, locator }: ReportSource, address: number | undefined): HeapContext | undefined {
  if (address === undefined) return undefined;
  try {
    const block = guestHeap.heap.blockAt(address);
    if (!block) return undefined;
    const near = guestHeap.near(address);
    return {
      address,
      block,
      ...(near && near.allocation.site !== 0 && { allocatedAt: locator.locateCaller(near.allocation.site) }),
    };
  } catch (error) {
    if (error instanceof HostError) return { address, damage: error.message };
    throw error;
  }
}

/** What the heap refused last, when the access is one through a null pointer. */
function refusedAllocation(
  { guestHeap, locator }: ReportSource,
  address: number | undefined,
): RefusedAllocation | undefined {
  const { refused } = guestHeap;
  if (address === undefined || address >= NULL_PAGE || !refused) return undefined;
  try {
    const { largestFree } = guestHeap.heap.stats();
    return { size: refused.size, by: locator.locateCaller(refused.site), largestFree };
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
