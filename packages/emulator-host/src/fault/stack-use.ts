import type { GuestThread } from '../call/thread.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import type { StackUse } from './report.js';

/** How much of a thread's stack is and was used. */
export function stackUse(memory: GuestMemory, thread: GuestThread, pointer: number): StackUse {
  const { start, size } = thread.stack;
  const top = start + size;
  const bytes = memory.bytes(start, size);
  const untouched = bytes.findIndex((byte) => byte !== thread.fill);
  const mark = untouched < 0 ? 0 : size - untouched;
  const used = top - pointer;
  const here = used >= 0 && used <= size ? used : 0;
  return { thread: thread.name, start, size, pointer, used, highWaterMark: Math.max(mark, here) };
}
