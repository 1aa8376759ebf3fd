import type { StopReason } from '@loadstone/cpu-core';
import type { FunctionType } from '../c/c-type.js';
import { typeText } from '../c/c-type.js';
import { byteCount, HostError, hex } from '../error.js';
import { type GuestValue, readValue, valueOfWords } from '../memory/value.js';
import { setUpCall } from './call-setup.js';
import { type Ending, endingOfError, statusOf } from './ending.js';
import type { ExecutorHost } from './executor-host.js';
import { HostCalls } from './host-calls.js';
import { LimitReached } from './limit.js';
import type { CallOptions, CallResult, Limits } from './result.js';
import {
  type CallFrame,
  fuelDetail,
  type GuestThread,
  type SavedState,
  setLimits,
  type ThreadState,
  timeDetail,
} from './thread.js';

/** Instructions between two looks at the clock. */
const TIME_SLICE = 1 << 19;

/** Most calls of one thread inside each other: each takes some of the host's own stack. */
const NESTING_LIMIT = 200;

/** Runs calls of the host into the guest and of the guest into the host. */
export class Executor {
  readonly #host: ExecutorHost;
  /** State words of the CPU. */
  readonly slots: number;
  /** Thread whose registers are in the CPU. */
  #loaded: GuestThread | undefined;
  /** Thread that is running now. */
  #current: GuestThread | undefined;
  readonly #hostCalls: HostCalls;

  constructor(host: ExecutorHost) {
    this.#host = host;
    this.slots = host.cpu.architecture.slots.length;
    this.#hostCalls = new HostCalls(host, this);
    const unwind = (thread: GuestThread, depth: number): void => {
      while (thread.frames.length > depth) this.#drop(thread);
    };
    host.cpu.onTrap = (address) => this.#hostCalls.trap(address, this.#current, unwind);
  }

  get current(): GuestThread | undefined {
    return this.#current;
  }

  call(
    thread: GuestThread,
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[],
    options: CallOptions,
  ): CallResult {
    return this.#runSync(this.#begin(thread, target, prototype, args, options));
  }

  async callAsync(
    thread: GuestThread,
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<CallResult> {
    return this.#runAsync(this.#begin(thread, target, prototype, args, options));
  }

  /** Forgets a thread's unfinished calls. @throws HostError STATE while it runs */
  abandon(thread: GuestThread): void {
    if (thread.running) throw new HostError('STATE', `thread ${thread.name} is running`, { thread: thread.name });
    for (const frame of thread.frames.splice(0).reverse()) {
      this.#release(frame);
      frame.wake?.();
    }
    thread.dirty = true;
  }

  /** A thread as it is now. @throws HostError STATE while another runs */
  threadState(thread: GuestThread): ThreadState {
    this.#load(thread);
    const { dirty, frames, consumed } = thread;
    return { registers: this.saveState(), dirty, frames: [...frames], consumed };
  }

  /** Puts a thread into an earlier state; the memory of its calls is restored elsewhere. @throws HostError STATE while a thread runs */
  restoreThread(thread: GuestThread, state: ThreadState): void {
    this.#load(thread);
    this.restoreState(state.registers);
    thread.dirty = state.dirty;
    thread.consumed = state.consumed;
    thread.frames.splice(0, thread.frames.length, ...state.frames);
    // The arguments' memory is as it was then.
    for (const frame of state.frames) frame.released = false;
  }

  /** All registers and the pc. */
  saveState(): SavedState {
    const { cpu } = this.#host;
    const slots = new Uint32Array(this.slots);
    for (let slot = 0; slot < slots.length; slot += 1) slots[slot] = cpu.get(slot);
    return { slots, pc: cpu.pc };
  }

  restoreState(state: SavedState): void {
    const { cpu } = this.#host;
    for (let slot = 0; slot < state.slots.length; slot += 1) cpu.set(slot, state.slots[slot]);
    cpu.pc = state.pc;
  }

  #consumed(thread: GuestThread): number {
    return thread.consumed + (thread.running ? this.#host.cpu.instructions - thread.sliceStart : 0);
  }

  /** Brings a thread's registers into the CPU. */
  #load(thread: GuestThread): void {
    if (this.#loaded === thread) return;
    if (this.#current)
      throw new HostError('STATE', `thread ${this.#current.name} is running`, { thread: this.#current.name });
    if (this.#loaded) this.#loaded.state = this.saveState();
    if (thread.state) this.restoreState(thread.state);
    else this.#host.cpu.reset();
    thread.state = undefined;
    this.#loaded = thread;
  }

  #begin(
    thread: GuestThread,
    target: number | string,
    prototype: string | FunctionType,
    args: readonly unknown[],
    options: CallOptions,
  ): CallFrame {
    const { cpu } = this.#host;
    const entry = this.#host.resolve(target);
    const type = this.#host.prototype(prototype);
    const convention = this.#host.conventionFor(options);
    if (args.length < type.parameters.length || (args.length > type.parameters.length && !type.variadic)) {
      throw new HostError(
        'ARGUMENT',
        `${typeText(type)} takes ${type.parameters.length} arguments, not ${args.length}`,
        { args },
      );
    }
    if (!thread.running && thread.frames.length > 0 && !thread.frames.some((frame) => frame.wake)) this.abandon(thread);
    if (thread.frames.length >= NESTING_LIMIT) {
      throw new LimitReached('stack', `guest and host functions call each other more than ${NESTING_LIMIT} deep`);
    }
    this.#load(thread);
    const nested = thread.frames.length > 0;
    if (!nested && thread.dirty) {
      cpu.reset();
      thread.dirty = false;
    }
    const outer = nested ? this.saveState() : undefined;
    const top = nested ? undefined : thread.top;

    try {
      const setup = setUpCall(this.#host, thread, convention, entry, type, args, top);
      const name = typeof target === 'string' ? target : hex(entry);
      const now = performance.now();
      const startedAt = this.#consumed(thread);
      const frame: CallFrame = {
        thread,
        name,
        entry,
        type,
        convention,
        ...setup,
        outer,
        startedAt,
        startTime: now,
        fuelEnd: 0,
        timeEnd: 0,
        limits: options,
        stepFirst: false,
        released: false,
        wake: undefined,
      };
      setLimits(frame, options, startedAt, now);
      thread.frames.push(frame);
      return frame;
    } catch (error) {
      if (outer) this.restoreState(outer);
      throw error;
    }
  }

  #runSync(frame: CallFrame): CallResult {
    const ending = this.#slice(frame);
    if (ending.kind !== 'pending') return this.#finish(frame, ending);
    // The promise's outcome no longer matters to anyone.
    ending.promise.then(undefined, () => undefined);
    const { name } = ending.bound.function;
    const error = new HostError('STATE', `${name} returned a Promise; asynchronous host functions need callAsync`, {
      name,
    });
    return this.#finish(frame, { kind: 'host-error', bound: ending.bound, error });
  }

  async #runAsync(frame: CallFrame): Promise<CallResult> {
    for (;;) {
      const ending = this.#slice(frame);
      if (ending.kind !== 'pending') return this.#finish(frame, ending);
      const turn = this.#turn(frame);
      let value: unknown;
      try {
        value = await ending.promise;
      } catch (error) {
        await turn();
        return this.#finish(frame, endingOfError(ending.bound, error));
      }
      await turn();
      try {
        this.#hostCalls.deliver(ending.bound, value);
      } catch (error) {
        return this.#finish(frame, endingOfError(ending.bound, error));
      }
    }
  }

  /** Marks a frame as suspended; the returned function waits until it is the topmost one, with its registers in the CPU. */
  #turn(frame: CallFrame): () => Promise<void> {
    const { thread } = frame;
    frame.wake = () => undefined;
    return async () => {
      while (thread.frames.at(-1) !== frame) {
        if (!thread.frames.includes(frame))
          throw new HostError('STATE', `the call of ${frame.name} was abandoned`, { name: frame.name });
        await new Promise<void>((resolve) => {
          frame.wake = resolve;
        });
      }
      frame.wake = undefined;
      this.#load(thread);
    };
  }

  /** Runs until something other than the passing of time ends it. */
  #slice(frame: CallFrame): Ending {
    const { cpu } = this.#host;
    const { thread } = frame;
    const outermost = !thread.running;
    const before = this.#current;
    if (outermost) {
      this.#load(thread);
      thread.sliceStart = cpu.instructions;
    }
    this.#current = thread;
    try {
      for (;;) {
        const ending = this.#run(frame);
        if (ending) return ending;
      }
    } finally {
      this.#current = before;
      if (outermost) {
        thread.consumed = this.#consumed(thread);
        thread.sliceStart = -1;
      }
    }
  }

  /** One run of the CPU; undefined when it is to go on. */
  #run(frame: CallFrame): Ending | undefined {
    const { cpu, functions } = this.#host;
    const consumed = this.#consumed(frame.thread);
    let fuelEnd = Number.MAX_SAFE_INTEGER;
    let timeEnd = Number.POSITIVE_INFINITY;
    for (const each of frame.thread.frames) {
      fuelEnd = Math.min(fuelEnd, each.fuelEnd);
      timeEnd = Math.min(timeEnd, each.timeEnd);
    }
    if (performance.now() >= timeEnd)
      return { kind: 'limit', limit: 'time', detail: timeDetail(frame.thread, timeEnd) };
    let fuel = fuelEnd - consumed;
    if (fuel <= 0) {
      if (cpu.pc === functions.returnAddress) return this.#returned(frame);
      return { kind: 'limit', limit: 'fuel', detail: fuelDetail(frame.thread, fuelEnd) };
    }
    if (timeEnd !== Number.POSITIVE_INFINITY) fuel = Math.min(fuel, TIME_SLICE);
    if (cpu.pc === frame.entry && (frame.entry & frame.convention.codeBit) !== frame.convention.codeBit) {
      return {
        kind: 'stop',
        reason: { kind: 'exception', pc: frame.entry, name: 'invalid-state', argument: frame.entry },
      };
    }
    this.#hostCalls.takeOutcome();
    let reason: StopReason | undefined;
    try {
      if (frame.stepFirst) {
        frame.stepFirst = false;
        reason = cpu.step();
      } else {
        reason = fuel === Number.MAX_SAFE_INTEGER ? cpu.run() : cpu.run({ fuel });
      }
    } catch (error) {
      return { kind: 'device-error', error };
    }
    if (!reason) return undefined;
    const outcome = this.#hostCalls.takeOutcome();
    if (outcome === 'continue') return undefined;
    if (outcome) return outcome;
    if (reason.kind === 'fuel') return undefined;
    if (reason.kind === 'trap' && reason.pc === functions.returnAddress) return this.#returned(frame);
    if (reason.kind === 'watchpoint') {
      const problem = this.#host.guestHeap.checks && this.#host.guestHeap.explain(reason.address, reason.width);
      if (problem)
        return {
          kind: 'heap',
          pc: reason.pc,
          message: `${reason.access} of ${byteCount(reason.width)} at ${hex(reason.address)}: ${problem}`,
        };
    }
    if (reason.kind === 'breakpoint') frame.stepFirst = true;
    return { kind: 'stop', reason };
  }

  /** The guest reached the return address. */
  #returned(frame: CallFrame): Ending {
    const actual = frame.convention.stackPointer(this.#host.cpu);
    const expected = frame.stackPointer;
    return actual === expected ? { kind: 'returned' } : { kind: 'imbalance', expected, actual };
  }

  /** Ends a frame, or keeps it when it can be resumed. */
  #finish(frame: CallFrame, ending: Ending): CallResult {
    const { thread } = frame;
    const { cpu } = this.#host;
    const common = {
      instructions: this.#consumed(thread) - frame.startedAt,
      seconds: (performance.now() - frame.startTime) / 1000,
      engine: cpu.engine,
    };
    if (ending.kind === 'returned') {
      const returnValue = this.#returnValue(frame);
      for (const copyBack of frame.copyBacks) copyBack();
      const damage = this.#release(frame);
      if (damage !== undefined) return this.#finish(frame, { kind: 'heap', message: damage });
      this.#drop(thread);
      return returnValue === undefined
        ? { status: 'returned', ...common }
        : { status: 'returned', returnValue, ...common };
    }
    if (ending.kind === 'exited') {
      this.#drop(thread);
      thread.dirty = true;
      return { status: 'exited', returnValue: ending.exit.value, exit: ending.exit, ...common };
    }
    const fault = ending.kind === 'report' ? ending.report : this.#host.describe(thread, ending);
    const status = statusOf(thread, ending);
    const resumable =
      frame.outer === undefined && (ending.kind === 'limit' || (ending.kind === 'stop' && status !== 'fault'));
    if (!resumable) {
      this.#drop(thread);
      thread.dirty ||= frame.outer === undefined;
      return { status, fault, ...common };
    }
    return {
      status,
      fault,
      ...common,
      resume: (limits = {}) => this.#runSync(this.#again(frame, limits)),
      resumeAsync: async (limits = {}) => this.#runAsync(this.#again(frame, limits)),
    };
  }

  #again(frame: CallFrame, limits: Limits): CallFrame {
    const { thread } = frame;
    if (thread.frames.at(-1) !== frame || thread.running) {
      throw new HostError('STATE', `the call of ${frame.name} cannot be resumed any more`, { name: frame.name });
    }
    setLimits(frame, limits, this.#consumed(thread), performance.now());
    return frame;
  }

  #returnValue(frame: CallFrame): GuestValue | undefined {
    const { cpu } = this.#host;
    const { type, convention, resultAddress } = frame;
    if (type.returns.kind === 'void') return undefined;
    if (resultAddress !== undefined) return readValue(this.#host.memory, resultAddress, type.returns);
    return valueOfWords(type.returns, convention.result(cpu, convention.resultPlace(type)));
  }

  /** Takes the topmost frame away and puts the registers back into what they were before it. */
  #drop(thread: GuestThread): void {
    const frame = thread.frames.pop();
    if (!frame) return;
    this.#release(frame);
    if (frame.outer) this.restoreState(frame.outer);
    thread.frames.at(-1)?.wake?.();
  }

  /** Gives a call's copies of arguments back; in words what is wrong with a heap that the guest has damaged. */
  #release(frame: CallFrame): string | undefined {
    if (frame.released) return undefined;
    frame.released = true;
    try {
      frame.release();
      return undefined;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return `the heap is damaged: an argument's memory cannot be given back: ${error.message}`;
    }
  }
}
