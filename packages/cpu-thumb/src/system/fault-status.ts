import type { StopReason } from '@loadstone/cpu-core';
import type { ThumbException } from '../exceptions.js';
import { EXCEPTION } from './exception-numbers.js';

/** How a stop of the CPU shows in the fault status registers (ARMv7-M ARM B3.2.15). */
export interface FaultStatus {
  readonly exception: number;
  /** Bits of CFSR. */
  readonly status: number;
  /** Address for BFAR, when the status says it is valid. */
  readonly address?: number;
}

const IACCVIOL = 1 << 0;
const IBUSERR = 1 << 8;
const PRECISERR = 1 << 9;
const BFARVALID = 1 << 15;
const UNDEFINSTR = 1 << 16;
const INVSTATE = 1 << 17;
export const INVPC = 1 << 18;
const NOCP = 1 << 19;
const UNALIGNED = 1 << 24;
const DIVBYZERO = 1 << 25;

const usage = (status: number): FaultStatus => ({ exception: EXCEPTION.USAGE_FAULT, status });

const usageFaults: Readonly<Partial<Record<ThumbException, FaultStatus>>> = {
  'undefined-instruction': usage(UNDEFINSTR),
  'unpredictable-instruction': usage(UNDEFINSTR),
  'invalid-state': usage(INVSTATE),
  'divide-by-zero': usage(DIVBYZERO),
  'no-coprocessor': usage(NOCP),
};

/** The fault that a stop means, if it is one that the guest's handlers get. */
export function faultOf(stop: StopReason): FaultStatus | undefined {
  if (stop.kind === 'exception') return usageFaults[stop.name as ThumbException];
  if (stop.kind !== 'memory-fault') return undefined;
  const { kind, access, address } = stop.fault;
  if (kind === 'unaligned') return usage(UNALIGNED);
  if (kind === 'not-executable') return { exception: EXCEPTION.MEM_MANAGE, status: IACCVIOL };
  if (access === 'fetch') return { exception: EXCEPTION.BUS_FAULT, status: IBUSERR };
  return { exception: EXCEPTION.BUS_FAULT, status: PRECISERR | BFARVALID, address };
}
