import type { Architecture, Cpu } from '@loadstone/cpu-core';
import type { Ending } from '../call/ending.js';
import type { GuestThread, SavedState } from '../call/thread.js';
import { HostError } from '../error.js';
import type { GuestHeap } from '../heap/guest-heap.js';
import type { FunctionTable } from '../host/function-table.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { backtrace, unwinderFor } from './backtrace.js';
import { disassembleAround } from './disassembly.js';
import { accessOf, headline } from './headline.js';
import type { Locator } from './locator.js';
import { nearbyRegion } from './nearby.js';
import { pointerOrigin } from './pointer-origin.js';
import type { FaultReport, HeapContext } from './report.js';
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

/** Makes the report of an ended run. The CPU still stands where it stopped. */
export function buildReport(source: ReportSource, thread: GuestThread, ending: Ending, state: SavedState): FaultReport {
  const { cpu, memory, functions, locator } = source;
  const { architecture } = cpu;
  const { kind, message } = headline(source, thread, ending);
  const { pc } = state;
  const frame = thread.frames.at(-1);
  const fault = accessOf(ending);
  const nowhere = fault?.access === 'fetch';
  const functionStart = (address: number): number | undefined => {
    const symbol = locator.moduleAt(address)?.symbolAt?.(address);
    return symbol && address - symbol.offset;
  };
  const unwinder = unwinderFor(frame?.convention.name ?? '', {
    architecture,
    memory,
    codeBase: functions.returnAddress,
    stackTop: thread.top,
    functionStart,
  });
  const entered = functions.at(pc) === undefined && !nowhere;
  const trace = frame
    ? backtrace(unwinder, architecture.stackPointer, state, entered, thread.frames, functions, locator)
    : [];
  const shown = nowhere || functions.at(pc) ? (trace[1]?.pc ?? pc) : pc;
  const registers = registersOf(architecture, state);
  const heap = heapContext(source, fault?.address);
  const relocation = pointerOrigin(memory, locator.modules, suspects(registers, pc, fault?.address, nowhere));
  const near = fault && nearbyRegion(memory.space, fault.address);
  return {
    kind,
    message,
    ...(source.firmware !== undefined && { firmware: source.firmware }),
    pc,
    location: locator.locate(pc),
    registers,
    disassembly: disassembleAround(architecture, memory, shown, functionStart(shown)),
    backtrace: trace,
    ...(fault && { access: fault }),
    ...(near !== undefined && { nearby: near }),
    stack: stackUse(memory, thread, state.slots[architecture.stackPointer]),
    ...(heap && { heap }),
    ...(relocation && { relocation }),
    ...((ending.kind === 'host-error' || ending.kind === 'device-error') && { cause: ending.error }),
  };
}

/** General registers and status, by name. */
function registersOf(architecture: Architecture, { slots, pc }: SavedState): Record<string, number> {
  const registers: Record<string, number> = {};
  const wanted = /^(r\d+|sp|lr|a\d+|sar|lbeg|lend|lcount|ps|windowbase|windowstart|fpscr)$/;
  architecture.slots.forEach((name, slot) => {
    if (wanted.test(name)) registers[name] = slots[slot];
  });
  registers['pc'] = pc;
  const { flags } = architecture;
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
      ...(near && near.allocation.site !== 0 && { allocatedAt: locator.locate(near.allocation.site) }),
    };
  } catch (error) {
    if (error instanceof HostError) return { address, damage: error.message };
    throw error;
  }
}
