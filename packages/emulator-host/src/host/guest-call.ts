import type { FunctionType } from '../c/c-type.js';
import type { ExecutorHost } from '../call/executor-host.js';
import type { CallOptions, CallResult } from '../call/result.js';
import { resultValue } from '../call/result.js';
import type { GuestThread } from '../call/thread.js';
import type { GuestAccess } from '../memory/guest-access.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import type { BoundFunction } from './function-table.js';
import { AssignedArguments, type HostCall, type VariableArguments } from './host-call.js';

/** Calls into the guest on a thread. */
export interface ThreadCaller {
  call(
    thread: GuestThread,
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[],
    options: CallOptions,
  ): CallResult;
  callAsync(
    thread: GuestThread,
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<CallResult>;
}

/** One call of a host function: made for every call, so that what is seldom asked for is made when it is. */
export class GuestCall implements HostCall {
  readonly returnAddress: number;
  readonly #bound: BoundFunction;
  readonly #thread: GuestThread;
  readonly #host: ExecutorHost;
  readonly #caller: ThreadCaller;
  #varargs: VariableArguments | undefined;

  constructor(bound: BoundFunction, thread: GuestThread, host: ExecutorHost, caller: ThreadCaller) {
    this.#bound = bound;
    this.#thread = thread;
    this.#host = host;
    this.#caller = caller;
    this.returnAddress = host.convention.returnAddress(host.cpu);
  }

  get name(): string {
    return this.#bound.function.name;
  }

  get type(): FunctionType {
    return this.#bound.function.type;
  }

  get memory(): GuestMemory {
    return this.#host.memory;
  }

  get access(): GuestAccess {
    return this.#host.access;
  }

  get codeBit(): number {
    return this.#host.convention.codeBit;
  }

  get varargs(): VariableArguments {
    if (!this.#varargs) {
      const { cpu, convention, functions } = this.#host;
      const assigner = convention.assigner(this.type);
      for (const { type } of this.type.parameters) assigner.next(type);
      this.#varargs = new AssignedArguments(assigner, (place, word) => functions.word(cpu, place, word));
    }
    return this.#varargs;
  }

  tryCall(
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): CallResult {
    return this.#caller.call(this.#thread, target, prototype, args, options);
  }

  call(
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): unknown {
    return resultValue(this.tryCall(target, prototype, args, options));
  }

  async callAsync(
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<unknown> {
    return resultValue(await this.#caller.callAsync(this.#thread, target, prototype, args, options));
  }
}
