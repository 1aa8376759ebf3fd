import type { Cpu, HelperContext, MemoryFault } from '@loadstone/cpu-core';
import { refreshMode } from './mode.js';
import {
  DEBUGCAUSE,
  DEPC,
  EPC1,
  EPS2,
  EXCCAUSE,
  EXCVADDR,
  PS,
  PS_EXCM,
  PS_INTLEVEL,
  PS_UM,
  readPs,
  VECBASE,
} from './slots.js';

/** Values of EXCCAUSE (Xtensa ISA manual, table of exception causes; esp-idf xtensa/corebits.h). */
export const enum Cause {
  IllegalInstruction = 0,
  Syscall = 1,
  InstructionFetchError = 2,
  LoadStoreError = 3,
  Level1Interrupt = 4,
  Alloca = 5,
  IntegerDivideByZero = 6,
  LoadStoreAlignment = 9,
  LoadStoreAddress = 15,
  FetchProhibited = 20,
  LoadProhibited = 28,
  StoreProhibited = 29,
  Coprocessor0Disabled = 32,
}

/** Exceptions that have no EXCCAUSE, numbered behind those that have one. */
export const enum OtherException {
  /** BREAK and BREAK.N; the argument is the instruction's first number times 16 plus the second. */
  Break = 40,
  /** WAITI; the argument is the interrupt level. PS.INTLEVEL has been set; go on behind the instruction. */
  WaitForInterrupt = 41,
  /** SIMCALL: a call to a simulator, which no chip answers. */
  Simcall = 42,
}

/** Names of exceptions: 0 to 39 by EXCCAUSE, then {@link OtherException}. */
export const EXCEPTION_NAMES: readonly string[] = [
  'illegal-instruction',
  'syscall',
  'instruction-fetch-error',
  'load-store-error',
  'level1-interrupt',
  'alloca',
  'integer-divide-by-zero',
  'illegal-next-pc',
  'privileged',
  'load-store-alignment',
  'external-register-privilege',
  'exclusive-error',
  'instruction-data-error',
  'load-store-data-error',
  'instruction-address-error',
  'load-store-address-error',
  'itlb-miss',
  'itlb-multi-hit',
  'instruction-fetch-privilege',
  'reserved-19',
  'instruction-fetch-prohibited',
  'reserved-21',
  'reserved-22',
  'reserved-23',
  'dtlb-miss',
  'dtlb-multi-hit',
  'load-store-privilege',
  'reserved-27',
  'load-prohibited',
  'store-prohibited',
  'reserved-30',
  'reserved-31',
  'coprocessor0-disabled',
  'coprocessor1-disabled',
  'coprocessor2-disabled',
  'coprocessor3-disabled',
  'coprocessor4-disabled',
  'coprocessor5-disabled',
  'coprocessor6-disabled',
  'coprocessor7-disabled',
  'break',
  'wait-for-interrupt',
  'simcall',
];

/** Offsets of vectors from VECBASE (esp32_v3_49_prod, core-isa.h). */
export const enum Vector {
  WindowOverflow4 = 0x000,
  WindowUnderflow4 = 0x040,
  WindowOverflow8 = 0x080,
  WindowUnderflow8 = 0x0c0,
  WindowOverflow12 = 0x100,
  WindowUnderflow12 = 0x140,
  Level2 = 0x180,
  Level3 = 0x1c0,
  Level4 = 0x200,
  Level5 = 0x240,
  Debug = 0x280,
  Nmi = 0x2c0,
  Kernel = 0x300,
  User = 0x340,
  Double = 0x3c0,
}

/** Level of debug exceptions (XCHAL_DEBUGLEVEL). */
const DEBUG_LEVEL = 6;

/** Address of a vector; the lower ten bits of VECBASE do not exist. */
export function vectorAddress(state: Int32Array, vector: Vector): number {
  return ((state[VECBASE] & ~0x3ff) + vector) >>> 0;
}

/**
 * Address of the guest's own handler for a vector, or -1: the vector lies in no executable memory, or nothing was put there (its
 * first word is 0, which is the instruction ILL).
 */
export function handlerAt(context: Pick<HelperContext, 'state' | 'memory'>, vector: Vector): number {
  const address = vectorAddress(context.state, vector);
  const region = context.memory.regionAt(address);
  if (region === undefined || !region.executable || (region.kind !== 'ram' && region.kind !== 'rom')) return -1;
  if (address + 4 > region.start + region.size) return -1;
  const word = context.memory.load(address, 4);
  return word === 0 || typeof word !== 'number' ? -1 : address;
}

/** Address of the guest's handler that a general exception would enter now, or -1. */
export function generalHandler(context: Pick<HelperContext, 'state' | 'memory'>): number {
  return handlerAt(context, generalVector(context.state[PS]));
}

/**
 * Takes a general exception at the current instruction (ISA manual, 4.4.1.10, procedure Exception).
 * @returns the address of the guest's handler; -1 when there is none: the run stops naming the cause
 */
export function takeException(context: HelperContext, cause: number, argument = 0): number {
  const { state } = context;
  const handler = generalHandler(context);
  if (handler === -1) {
    context.raise(cause, argument);
    return -1;
  }
  recordException(state, context.pc, cause);
  refreshMode(state);
  return handler;
}

/**
 * Takes a debug exception for BREAK.
 * @param debugCause bit for DEBUGCAUSE: 8 break, 16 break.n
 * @returns the address to go on at, -1 when the run stops
 */
export function takeBreak(context: HelperContext, debugCause: number, argument: number, next: number): number {
  const { state } = context;
  const handler = handlerAt(context, Vector.Debug);
  if (handler === -1) {
    context.raise(OtherException.Break, argument);
    return -1;
  }
  if ((state[PS] & PS_INTLEVEL) >= DEBUG_LEVEL) return next;
  state[EPC1 + DEBUG_LEVEL - 1] = context.pc | 0;
  state[EPS2 + DEBUG_LEVEL - 2] = readPs(state);
  state[DEBUGCAUSE] = debugCause;
  state[PS] = (state[PS] & ~PS_INTLEVEL) | DEBUG_LEVEL | PS_EXCM;
  refreshMode(state);
  return handler;
}

function generalVector(ps: number): Vector {
  if ((ps & PS_EXCM) !== 0) return Vector.Double;
  return (ps & PS_UM) !== 0 ? Vector.User : Vector.Kernel;
}

function recordException(state: Int32Array, pc: number, cause: number): void {
  state[(state[PS] & PS_EXCM) !== 0 ? DEPC : EPC1] = pc | 0;
  state[EXCCAUSE] = cause;
  state[PS] |= PS_EXCM;
}

/**
 * EXCCAUSE of a refused access as an ESP32 reports it: the region protection forbids 00000000-1fffffff and everything from 80000000
 * up, and execution below 40000000 (esp-idf cpu_region_protect.c); on the instruction bus (from 40000000) what is no aligned
 * word access is a LoadStoreError, as is a write to flash.
 */
export function faultCause(fault: MemoryFault): number {
  const { address, access } = fault;
  const forbidden = address < 0x2000_0000 || address >= 0x8000_0000;
  if (access === 'fetch') {
    return forbidden || address < 0x4000_0000 || fault.kind === 'not-executable'
      ? Cause.FetchProhibited
      : Cause.InstructionFetchError;
  }
  if (forbidden) return access === 'read' ? Cause.LoadProhibited : Cause.StoreProhibited;
  if (fault.kind === 'unaligned' && address < 0x4000_0000) return Cause.LoadStoreAlignment;
  if (fault.kind === 'unmapped') return Cause.LoadStoreAddress;
  return Cause.LoadStoreError;
}

/**
 * Enters the guest's own handler for an exception that stopped a run, such as a memory fault: EPC1, EXCCAUSE, EXCVADDR and PS are
 * set and the pc goes to the user, kernel or double exception vector.
 * @param cause EXCCAUSE, 0 to 63 ({@link faultCause} of a memory fault)
 * @param address value for EXCVADDR; absent: it stays
 * @returns false, with nothing changed, when VECBASE points at no handler
 */
export function enterExceptionHandler(cpu: Cpu, cause: number, address?: number): boolean {
  const state = new Int32Array(EXCVADDR + 1);
  for (const slot of [PS, VECBASE, EPC1, DEPC, EXCCAUSE]) state[slot] = cpu.get(slot);
  const handler = generalHandler({ state, memory: cpu.memory });
  if (handler === -1) return false;
  recordException(state, cpu.pc, cause);
  for (const slot of [PS, EPC1, DEPC, EXCCAUSE]) cpu.set(slot, state[slot]);
  if (address !== undefined) cpu.set(EXCVADDR, address);
  cpu.pc = handler;
  return true;
}
