import type { WindowLayout } from '@loadstone/cpu-core';
import { type Activation, followsCall, instructionAt, type UnwindContext, type Unwinder, wordAt } from './unwind.js';

/**
 * Unwinds the windowed ABI exactly: a0 holds the return address and how far the window rotates back; the caller's registers are in
 * the register file while its bit in WINDOWSTART is set, otherwise a0 to a3 lie 16 bytes below this frame's stack pointer.
 */
export class WindowedUnwinder implements Unwinder {
  readonly #context: UnwindContext;
  readonly #layout: WindowLayout;
  readonly #a0: number;

  constructor(context: UnwindContext, layout: WindowLayout) {
    this.#context = context;
    this.#layout = layout;
    this.#a0 = context.architecture.slots.indexOf('a0');
  }

  caller({ pc, slots, entered }: Activation): { activation: Activation; sure: boolean } | undefined {
    const { increment } = this.#layout;
    const rotated = entered && instructionAt(this.#context, pc)?.mnemonic !== 'entry';
    const back = rotated ? slots[this.#a0] : slots[this.#a0 + 4 * slots[increment]];
    const size = back >>> 30;
    if (back === 0 || size === 0) return undefined;
    const quarter = this.#context.memory.space.regionAt(pc)?.executable ? pc : this.#context.codeBase;
    const callerPc = ((quarter & 0xc000_0000) | (back & 0x3fff_ffff)) >>> 0;
    const trap = this.#context.memory.space.regionAt(callerPc)?.kind === 'trap';
    if (!trap && !followsCall(this.#context, callerPc, /^callx?(4|8|12)$/)) return undefined;
    const callerSlots = rotated ? this.#rotateBack(slots, size) : slots.slice();
    const sure = rotated || this.#called(pc, callerPc, slots);
    return callerSlots && { activation: { pc: callerPc, slots: callerSlots, entered: true }, sure };
  }

  /** Whether the call before `callerPc` went to `pc`, where no ENTRY was run; otherwise the return address may be an older one. */
  #called(pc: number, callerPc: number, slots: Uint32Array): boolean {
    const region = this.#context.memory.space.regionAt(pc);
    if (region?.kind === 'trap' || region?.executable) return true;
    const { mnemonic, operands } = instructionAt(this.#context, callerPc - 3) ?? { mnemonic: '', operands: '' };
    if (!mnemonic.startsWith('call')) return false;
    return mnemonic.startsWith('callx') ? slots[this.#a0 + Number(operands.slice(1))] === pc : Number(operands) === pc;
  }

  #rotateBack(slots: Uint32Array, size: number): Uint32Array | undefined {
    const { base, start, physical, physicalCount } = this.#layout;
    const caller = slots.slice();
    const windows = physicalCount / 4;
    // The visible registers are current, their places in the register file are not.
    for (let register = 0; register < 16; register += 1) {
      caller[physical + ((slots[base] * 4 + register) % physicalCount)] = slots[this.#a0 + register];
    }
    const callerBase = (slots[base] - size + windows) % windows;
    const live = ((slots[start] >>> callerBase) & 1) === 1;
    if (!live) {
      const save = slots[this.#a0 + 1] - 16;
      for (let register = 0; register < 4; register += 1) {
        const word = wordAt(this.#context, save + 4 * register);
        if (word === undefined) return undefined;
        caller[physical + ((callerBase * 4 + register) % physicalCount)] = word;
      }
    }
    for (let register = 0; register < 16; register += 1) {
      caller[this.#a0 + register] = caller[physical + ((callerBase * 4 + register) % physicalCount)];
    }
    caller[base] = callerBase;
    caller[start] = slots[start] & ~(1 << slots[base]);
    return caller;
  }
}

/** Unwinds the call0 ABI: a0 at function entry, else the stack is searched for return addresses (unsure). */
export class Call0Unwinder implements Unwinder {
  readonly #context: UnwindContext;
  readonly #a0: number;

  constructor(context: UnwindContext) {
    this.#context = context;
    this.#a0 = context.architecture.slots.indexOf('a0');
  }

  caller({ slots, entered }: Activation): { activation: Activation; sure: boolean } | undefined {
    if (!entered) return this.#accept(slots, slots[this.#a0], slots[this.#a0 + 1], true);
    const { stackTop } = this.#context;
    for (let at = slots[this.#a0 + 1], count = 0; at + 4 <= stackTop && count < 4096; at += 4, count += 1) {
      const word = wordAt(this.#context, at);
      if (word === undefined) break;
      const found = this.#accept(slots, word, at + 4, false);
      if (found) return found;
    }
    return this.#accept(slots, slots[this.#a0], slots[this.#a0 + 1], false);
  }

  #accept(
    slots: Uint32Array,
    back: number,
    stackPointer: number,
    sure: boolean,
  ): { activation: Activation; sure: boolean } | undefined {
    const trap = this.#context.memory.space.regionAt(back)?.kind === 'trap';
    if (!trap && !followsCall(this.#context, back, /^callx?0$/)) return undefined;
    const caller = slots.slice();
    // Found once, a return address in a0 must not be found again.
    caller[this.#a0] = 0;
    caller[this.#a0 + 1] = stackPointer;
    return { activation: { pc: back, slots: caller, entered: true }, sure };
  }
}
