import type { Cpu } from '@loadstone/cpu-core';
import { GuestThread } from '../call/thread.js';
import { HostError } from '../error.js';
import type { MemoryRange } from './description.js';

/** Byte that unused stack holds, as FreeRTOS fills it. */
export const STACK_FILL = 0xa5;
/** Bytes at the end of a limited stack that are watched. */
const STACK_GUARD = 32;

/**
 * The main program's thread on the whole of its stack, or on the upper part with a watched end.
 * @param limit bytes of stack; undefined: all of it
 * @throws HostError ARGUMENT when the stack cannot be that small or large
 */
export function mainThread(cpu: Cpu, { start, size }: MemoryRange, limit: number | undefined): GuestThread {
  if (limit === undefined) return new GuestThread('main', { start, size }, 0, STACK_FILL);
  if (!(limit >= 4 * STACK_GUARD && limit <= size)) {
    throw new HostError('ARGUMENT', `a stack of ${limit} bytes; ${4 * STACK_GUARD} to ${size} are possible`, {
      limit,
      size,
    });
  }
  const used = Math.floor(limit / 16) * 16;
  const stack = { start: start + size - used, size: used };
  cpu.addWatchpoint(stack.start, STACK_GUARD, 'write');
  return new GuestThread('main', stack, STACK_GUARD, STACK_FILL, true);
}
