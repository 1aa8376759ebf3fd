import { type CallingConvention, stackOffset } from '../abi/convention.js';
import type { FunctionType } from '../c/c-type.js';
import { sizeOf } from '../c/layout.js';
import { type ArgumentRoom, type CopyBack, marshal, promotedType } from './arguments.js';
import type { ExecutorHost } from './executor-host.js';
import type { GuestThread } from './thread.js';

/** What a call that is set up leaves behind. */
export interface CallSetup {
  readonly stackPointer: number;
  /** Where the function stores its result; undefined when it returns it in registers. */
  readonly resultAddress: number | undefined;
  readonly copyBacks: readonly CopyBack[];
  /** Gives temporary copies back. */
  readonly release: () => void;
}

/**
 * Places the arguments of a call and makes the CPU stand at the function's first instruction.
 * @param top end of the stack for a thread's outermost call; undefined for a call on top of the present state
 * @throws HostError ARGUMENT, NO_MEMORY; registers may have changed then
 */
export function setUpCall(
  host: ExecutorHost,
  thread: GuestThread,
  convention: CallingConvention,
  entry: number,
  type: FunctionType,
  args: readonly unknown[],
  top: number | undefined,
): CallSetup {
  const { cpu, memory, functions } = host;
  const mark = host.constantMark();
  const blocks: number[] = [];
  const release = (): void => {
    for (const block of blocks) host.release(block);
    host.constantRelease(mark);
  };
  let cursor = convention.scratchTop(cpu, top);
  const room: ArgumentRoom = {
    writable: (size) => {
      if (size > (cursor - thread.stack.start) / 4) {
        const block = host.allocate(size);
        blocks.push(block);
        return block;
      }
      cursor = (cursor - size) & ~7;
      cursor >>>= 0;
      return cursor;
    },
    constant: (bytes) => {
      const address = host.constant(bytes);
      if (address !== undefined) return address;
      const copy = room.writable(bytes.length);
      memory.write(copy, bytes);
      return copy;
    },
    callback: (implementation, callbackType) => functions.callback(implementation, callbackType),
  };
  try {
    const assigner = convention.assigner(type);
    const copyBacks: CopyBack[] = [];
    const { resultPointer } = assigner;
    const resultAddress = resultPointer && room.writable(sizeOf(type.returns));
    const placed = args.map((value, index) => {
      const argumentType = type.parameters[index]?.type ?? promotedType(value);
      const { words, copyBack } = marshal(memory, room, argumentType, value);
      if (copyBack) copyBacks.push(copyBack);
      return { place: assigner.next(argumentType), words };
    });
    if (resultPointer) placed.push({ place: resultPointer, words: [resultAddress ?? 0] });
    const stackPointer = ((cursor - assigner.stackBytes) & -convention.stackAlign) >>> 0;
    convention.begin(cpu, memory, { entry, returnTo: functions.returnAddress, stackPointer }, top);
    for (const { place, words } of placed) {
      for (let word = 0; word < place.words; word += 1) {
        const onStack = stackOffset(place, word);
        if (onStack !== undefined) memory.write32(stackPointer + onStack, words[word]);
        else if (place.kind === 'core') cpu.set(convention.outgoingSlot(place.at + word), words[word]);
        else cpu.set(convention.floatSlot(place.at + word), words[word]);
      }
    }
    return { stackPointer, resultAddress, copyBacks, release };
  } catch (error) {
    release();
    throw error;
  }
}
