import type { TrapResult } from '@loadstone/cpu-core';
import { HostError } from '../error.js';
import type { BoundFunction } from '../host/function-table.js';
import { GuestCall, type ThreadCaller } from '../host/guest-call.js';
import { structBytes } from '../memory/value.js';
import { type ArgumentRoom, marshal } from './arguments.js';
import { type Ending, endingOfError } from './ending.js';
import type { ExecutorHost } from './executor-host.js';
import type { GuestThread } from './thread.js';

/** Calls of the guest into the host. */
export class HostCalls {
  readonly #host: ExecutorHost;
  readonly #caller: ThreadCaller;
  /** What the run that was stopped for a host function means; undefined when it went on. */
  #outcome: Ending | 'continue' | undefined;

  /** @param caller makes the calls that host functions make back into the guest */
  constructor(host: ExecutorHost, caller: ThreadCaller) {
    this.#host = host;
    this.#caller = caller;
  }

  /** The outcome of the run that just ended, asked for once. */
  takeOutcome(): Ending | 'continue' | undefined {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    return outcome;
  }

  /**
   * Runs the host function at `address`.
   * @param unwind takes away the calls that the function began and did not end
   */
  trap(
    address: number,
    thread: GuestThread | undefined,
    unwind: (thread: GuestThread, depth: number) => void,
  ): TrapResult {
    const bound = this.#host.functions.at(address);
    if (!bound || !thread) return 'stop';
    const { cpu } = this.#host;
    const depth = thread.frames.length;
    try {
      const started = cpu.instructions;
      const args = this.#host.functions.arguments(cpu, bound);
      args.push(new GuestCall(bound, thread, this.#host, this.#caller));
      const value = bound.function.implementation(...args);
      if (isPromise(value)) {
        this.#outcome = { kind: 'pending', promise: value, bound };
        return 'stop';
      }
      this.deliver(bound, value);
      // After nested calls fuel is counted anew, after long functions the clock is looked at; otherwise the run simply goes on.
      if (cpu.instructions === started && !isLate(thread)) return 'continue';
      this.#outcome = 'continue';
      return 'stop';
    } catch (error) {
      this.#outcome = endingOfError(bound, error);
      return 'stop';
    } finally {
      unwind(thread, depth);
    }
  }

  /** Stores a host function's result and goes back to the caller. */
  deliver(bound: BoundFunction, value: unknown): void {
    const { cpu, memory, access, functions, convention } = this.#host;
    const { result, resultPointer } = bound;
    const { returns } = bound.function.type;
    const back = convention.returnAddress(cpu);
    if (resultPointer) {
      const address = functions.word(cpu, resultPointer, 0);
      access.write(address, structBytes(returns, value));
      convention.setResult(cpu, result, [address]);
    } else if (result.kind !== 'none') {
      const { words } = marshal(memory, this.#resultRoom(bound), returns, value ?? 0);
      convention.setResult(cpu, result, words);
    }
    cpu.pc = (back & ~convention.codeBit) >>> 0;
  }

  /** Results stay: strings become constants, functions callbacks. */
  #resultRoom(bound: BoundFunction): ArgumentRoom {
    return {
      writable: () => {
        const { name } = bound.function;
        throw new HostError('ARGUMENT', `${name} must return an address, not an object`, { name });
      },
      constant: (bytes) => this.#host.permanentString(new TextDecoder().decode(bytes.subarray(0, -1))),
      callback: (implementation, type) => this.#host.functions.callback(implementation, type),
    };
  }
}

/** Whether a time limit of the thread's calls has passed. */
function isLate({ frames }: GuestThread): boolean {
  for (const { timeEnd } of frames) {
    if (timeEnd !== Number.POSITIVE_INFINITY && performance.now() >= timeEnd) return true;
  }
  return false;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
