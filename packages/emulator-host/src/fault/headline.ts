import type { Cpu, MemoryFault, StopReason } from '@loadstone/cpu-core';
import { type Ending, overran } from '../call/ending.js';
import type { GuestThread } from '../call/thread.js';
import { byteCount, HostError, hex } from '../error.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { type Locator, locationText } from './locator.js';
import type { FaultKind } from './report.js';

/** What the sentence needs to know. */
export interface HeadlineSource {
  readonly cpu: Cpu;
  readonly memory: GuestMemory;
  readonly locator: Locator;
}

/** Addresses below this are called null pointers. */
export const NULL_PAGE = 0x1000;

/** How far below a stack an access still counts as its overflow. */
const OVERFLOW_REACH = 0x1_0000;

/** The refused access of an ending. */
export function accessOf(ending: Ending): MemoryFault | undefined {
  if (ending.kind === 'host-access') return ending.fault;
  return ending.kind === 'stop' && ending.reason.kind === 'memory-fault' ? ending.reason.fault : undefined;
}

/** Kind and sentence of a report. */
export function headline(
  source: HeadlineSource,
  thread: GuestThread,
  ending: Ending,
): { kind: FaultKind; message: string } {
  switch (ending.kind) {
    case 'limit':
      return { kind: 'limit', message: `the guest was stopped: ${ending.detail}` };
    case 'host-error':
      return {
        kind: 'host-function',
        message: `host function ${ending.bound.function.name} failed: ${errorText(ending.error)}`,
      };
    case 'heap':
      return { kind: 'heap', message: ending.message };
    case 'abort':
      return { kind: 'abort', message: ending.abort.message };
    case 'host-access': {
      const { message } = memoryHeadline(source, thread, ending.fault);
      return { kind: 'memory', message: `${ending.bound.function.name} failed: ${message}` };
    }
    case 'device-error':
      return { kind: 'host-function', message: `a device failed: ${errorText(ending.error)}` };
    case 'imbalance':
      return { kind: 'stack-imbalance', message: imbalanceSentence(source, thread, ending.actual, ending.expected) };
    case 'stop':
      return stopHeadline(source, thread, ending.reason);
    default:
      return { kind: 'stopped', message: 'the guest stopped' };
  }
}

function stopHeadline(
  source: HeadlineSource,
  thread: GuestThread,
  reason: StopReason,
): { kind: FaultKind; message: string } {
  switch (reason.kind) {
    case 'memory-fault': {
      const { kind, message } = memoryHeadline(source, thread, reason.fault);
      return { kind, message: message + windowNote(source, reason.pc, reason.fault) };
    }
    case 'exception':
      return { kind: 'exception', message: exceptionSentence(reason.name, reason.argument) };
    case 'trap':
      return { kind: 'bad-jump', message: `the guest called ${hex(reason.pc)}, where no host function is` };
    case 'watchpoint':
      if (overran(thread, reason)) {
        return {
          kind: 'stack-overflow',
          message: `stack overflow of ${thread.name}: write of ${byteCount(reason.width)} at ${hex(reason.address)}, in the lowest ${thread.guard} bytes of the stack, which are kept free`,
        };
      }
      return {
        kind: 'stopped',
        message: `watchpoint: ${reason.access} of ${byteCount(reason.width)} at ${hex(reason.address)}`,
      };
    case 'breakpoint':
      return { kind: 'stopped', message: `breakpoint at ${hex(reason.pc)}` };
    default:
      return { kind: 'stopped', message: `the host stopped the guest at ${hex(reason.pc)}` };
  }
}

function imbalanceSentence({ locator }: HeadlineSource, thread: GuestThread, actual: number, expected: number): string {
  const frame = thread.frames.at(-1);
  const entry = frame ? (frame.entry & ~frame.convention.codeBit) >>> 0 : 0;
  const name = locationText(locator.locate(entry)) || hex(entry);
  const by = actual < expected ? `${byteCount(expected - actual)} too low` : `${byteCount(actual - expected)} too high`;
  return `${name} returned with the stack pointer ${by}: ${hex(actual)} instead of ${hex(expected)}`;
}

/** Xtensa instructions that access memory themselves. */
const ACCESSES = /^(l8|l16|l32|s8|s16|s32|lsi|lsx|ssi|ssx|lsip|lsxp|ssip|ssxp|ld|.*\.ld|lddr|sddr)/;

/** Any other instruction moves the register window: the CPU itself stores and loads the registers of callers then. */
function windowNote({ cpu, memory }: HeadlineSource, pc: number, { access }: MemoryFault): string {
  const { architecture } = cpu;
  const region = memory.space.regionAt(pc);
  if (!architecture.windows || access === 'fetch' || !region?.executable || region.kind === 'trap') return '';
  const length = Math.min(architecture.maxLength, region.start + region.size - pc);
  if (ACCESSES.test(architecture.disassemble(pc, memory.bytes(pc, length)).mnemonic)) return '';
  return access === 'write'
    ? ' (the CPU spills the register window of a caller)'
    : ' (the CPU reloads the register window of a caller)';
}

function memoryHeadline(
  source: HeadlineSource,
  thread: GuestThread,
  fault: MemoryFault,
): { kind: FaultKind; message: string } {
  const { stack } = thread;
  const sp = source.cpu.get(source.cpu.architecture.stackPointer);
  const below = stack.start - fault.address;
  if (fault.access !== 'fetch' && below > 0 && below <= OVERFLOW_REACH && sp < stack.start + 0x100) {
    return {
      kind: 'stack-overflow',
      message: `stack overflow of ${thread.name}: ${fault.access} of ${byteCount(fault.width)} at ${hex(fault.address)}, ${byteCount(below)} below the lowest address of the stack`,
    };
  }
  return { kind: fault.access === 'fetch' ? 'bad-jump' : 'memory', message: sentence(fault) };
}

/** CPU exceptions in words, by name; the argument is what the architecture says it is. */
const EXCEPTION_SENTENCES: Readonly<Record<string, (argument: number) => string>> = {
  'undefined-instruction': (code) => `undefined instruction 0x${code.toString(16)}`,
  'unpredictable-instruction': (code) =>
    `instruction 0x${code.toString(16)}, whose effect the architecture leaves open`,
  'invalid-state': (address) => `jump to ${addressText(address)}, which has bit 0 clear: this CPU runs Thumb code only`,
  'divide-by-zero': () => 'integer division by zero',
  'integer-divide-by-zero': () => 'integer division by zero',
  'supervisor-call': (number) => `supervisor call #${number}, which nobody handles`,
  breakpoint: (number) => `breakpoint instruction #${number}`,
  'no-coprocessor': (number) => `instruction for coprocessor ${number}, which this CPU does not have`,
  'illegal-instruction': () => 'illegal instruction',
  syscall: () => 'system call, which nobody handles',
  break: () => 'break instruction',
  'wait-for-interrupt': () => 'the guest waits for an interrupt, and none will come',
};

function exceptionSentence(name: string, argument: number): string {
  return EXCEPTION_SENTENCES[name]?.(argument) ?? `CPU exception ${name} (${hex(argument)})`;
}

function addressText(address: number): string {
  return address >>> 0 < NULL_PAGE ? `${hex(address)} (a null pointer)` : hex(address);
}

/** The access in words. */
export function sentence(fault: MemoryFault): string {
  const what = fault.access === 'fetch' ? 'execution' : `${fault.access} of ${byteCount(fault.width)}`;
  const where = fault.region === undefined ? '' : ` in ${fault.region}`;
  const why: Record<MemoryFault['kind'], string> = {
    unmapped: 'no memory is there',
    'read-only': 'the memory is read-only',
    'write-only': 'the memory is write-only',
    'not-executable': 'the memory is not executable',
    width: `the memory does not take accesses of ${byteCount(fault.width)}`,
    unaligned: `the address is no multiple of ${fault.width}`,
    device: 'the device refused it',
  };
  return `${what} at ${addressText(fault.address)}${where}: ${why[fault.kind]}`;
}

export function errorText(error: unknown): string {
  if (error instanceof HostError || error instanceof Error) return error.message;
  return String(error);
}
