import { type Activation, followsCall, instructionAt, type UnwindContext, type Unwinder, wordAt } from './unwind.js';

const CALL = /^blx?$/;
/** Instructions of a function that are looked at. */
const FUNCTION_LIMIT = 8192;
/** Words of stack that are searched when a prologue says nothing. */
const SCAN_LIMIT = 4096;

/** What a prologue did to the stack so far. */
interface Frame {
  /** Bytes between the caller's stack pointer and this one's. */
  size: number;
  /** Register slot -> bytes below the caller's stack pointer where it is saved. */
  readonly saved: Map<number, number>;
  /** A frame pointer that was set: its slot, and bytes between the caller's stack pointer and it. */
  pointer: { readonly slot: number; readonly below: number } | undefined;
}

/**
 * Unwinds Thumb code without unwind tables: reads the function from its start to the pc for what builds its frame, as compilers
 * write it (push, vpush, sub sp, a frame pointer in r7 or r11; behind a first test when the frame is built late). Where no symbol
 * tells the start, or the result is no return address, the stack is searched for one; such callers are marked unsure.
 */
export class ThumbUnwinder implements Unwinder {
  readonly #context: UnwindContext;
  readonly #names: readonly string[];
  readonly #sp: number;
  readonly #lr: number;
  /** Frames by pc: in recursion the same few are asked for again and again. */
  readonly #frames = new Map<number, Frame | undefined>();

  constructor(context: UnwindContext) {
    this.#context = context;
    this.#names = context.architecture.slots;
    this.#sp = context.architecture.stackPointer;
    this.#lr = context.architecture.linkRegister;
  }

  caller({ pc, slots, entered }: Activation): { activation: Activation; sure: boolean } | undefined {
    if (!entered) return this.#accept(slots[this.#lr], slots[this.#sp], slots, new Map(), this.#called(pc, slots));
    const frame = this.#frameAt(pc);
    if (frame) {
      const { pointer, saved } = frame;
      const base = pointer ? slots[pointer.slot] + pointer.below : slots[this.#sp] + frame.size;
      const at = saved.get(this.#lr);
      const back = at === undefined ? slots[this.#lr] : wordAt(this.#context, base - at);
      const found = back === undefined ? undefined : this.#accept(back, base, slots, saved, true);
      if (found) return found;
    }
    return this.#scan(slots);
  }

  /** Whether the call before the address in lr went to `pc`; otherwise lr may be older than this frame. */
  #called(pc: number, slots: Uint32Array): boolean {
    if (this.#context.memory.space.regionAt(pc)?.kind === 'trap') return true;
    const behind = (slots[this.#lr] & ~1) >>> 0;
    const direct = instructionAt(this.#context, behind - 4);
    if (direct?.mnemonic === 'bl' && Number(direct.operands) === pc) return true;
    const computed = instructionAt(this.#context, behind - 2);
    const slot = computed?.mnemonic === 'blx' ? this.#slot(computed.operands) : undefined;
    return slot !== undefined && (slots[slot] & ~1) >>> 0 === pc;
  }

  #accept(
    back: number,
    stackPointer: number,
    slots: Uint32Array,
    saved: ReadonlyMap<number, number>,
    sure: boolean,
  ): { activation: Activation; sure: boolean } | undefined {
    const pc = (back & ~1) >>> 0;
    if ((back & 1) === 0) return undefined;
    const trap = this.#context.memory.space.regionAt(pc)?.kind === 'trap';
    if (!trap && !followsCall(this.#context, pc, CALL)) return undefined;
    const callerSlots = slots.slice();
    for (const [slot, below] of saved)
      callerSlots[slot] = wordAt(this.#context, stackPointer - below) ?? callerSlots[slot];
    callerSlots[this.#sp] = stackPointer;
    return { activation: { pc, slots: callerSlots, entered: true }, sure };
  }

  /** The next word up the stack that looks like a return address. */
  #scan(slots: Uint32Array): { activation: Activation; sure: boolean } | undefined {
    const { stackTop } = this.#context;
    const start = slots[this.#sp] & ~3;
    for (let at = start >>> 0, count = 0; at < stackTop && count < SCAN_LIMIT; at += 4, count += 1) {
      const word = wordAt(this.#context, at);
      if (word === undefined) return undefined;
      const found = this.#accept(word, at + 4, slots, new Map(), false);
      if (found) return found;
    }
    return undefined;
  }

  #frameAt(pc: number): Frame | undefined {
    if (!this.#frames.has(pc)) this.#frames.set(pc, this.#prologue(pc));
    return this.#frames.get(pc);
  }

  /** Follows the prologue up to `pc`; undefined without a symbol. */
  #prologue(pc: number): Frame | undefined {
    const start = this.#context.functionStart(pc);
    if (start === undefined) return undefined;
    const frame: Frame = { size: 0, saved: new Map(), pointer: undefined };
    let at = start;
    for (let count = 0; at < pc && count < FUNCTION_LIMIT; count += 1) {
      const instruction = instructionAt(this.#context, at);
      if (!instruction) break;
      const { mnemonic, operands } = instruction;
      this.#step(frame, mnemonic.replace(/\.[wn]$/, ''), operands);
      at += instruction.length;
    }
    return frame;
  }

  /** Applies one instruction. What returns early leaves the frame to the code behind it, so epilogues are passed over. */
  #step(frame: Frame, mnemonic: string, operands: string): void {
    const list = /\{(.*)\}/.exec(operands)?.[1];
    const amount = Number(/#(-?(?:0x)?[0-9a-f]+)/.exec(operands)?.[1] ?? 0);
    const pushes =
      mnemonic === 'push' || ((mnemonic === 'stmdb' || mnemonic === 'stmfd') && operands.startsWith('sp!'));
    if (pushes && list !== undefined) {
      const slots = this.#registers(list);
      slots.forEach((slot, index) => {
        frame.saved.set(slot, frame.size + 4 * (slots.length - index));
      });
      frame.size += 4 * slots.length;
    } else if (mnemonic === 'vpush' && list !== undefined) {
      frame.size += this.#floatBytes(list);
    } else if (mnemonic === 'str' && /\[sp, #-\d+\]!/.test(operands)) {
      frame.size += Math.abs(amount);
      const slot = this.#slot(operands.split(',')[0]);
      if (slot !== undefined) frame.saved.set(slot, frame.size);
    } else if (/^subw?$/.test(mnemonic) && /^sp(, sp)?, #/.test(operands)) {
      frame.size += amount;
    } else if (/^(add|addw|mov)$/.test(mnemonic) && /^(r7|r11), sp/.test(operands)) {
      const slot = this.#slot(operands.split(',')[0]);
      if (slot !== undefined) frame.pointer = { slot, below: frame.size - amount };
    }
  }

  #registers(list: string): number[] {
    const slots: number[] = [];
    for (const part of list.split(',').map((name) => name.trim())) {
      const [first, last] = part.split('-').map((name) => this.#slot(name));
      if (first === undefined) continue;
      for (let slot = first; slot <= (last ?? first); slot += 1) slots.push(slot);
    }
    return slots;
  }

  #floatBytes(list: string): number {
    let bytes = 0;
    for (const part of list.split(',').map((name) => name.trim())) {
      const match = /^([sd])(\d+)(?:-[sd](\d+))?$/.exec(part);
      if (match) bytes += (Number(match[3] ?? match[2]) - Number(match[2]) + 1) * (match[1] === 'd' ? 8 : 4);
    }
    return bytes;
  }

  #slot(name: string): number | undefined {
    const slot = this.#names.indexOf(name.trim());
    return slot < 0 ? undefined : slot;
  }
}
