import { W } from './encoder.js';
import type { FunctionState } from './function-state.js';
import { EXIT, type ExitReason } from './layout.js';
import type { SlotSet } from './slots.js';

/**
 * The ways out of a compiled function back to the run loop. Exits that put the same slots into memory share a block around the function's
 * body, so that an exit is little more than a branch to it.
 */
export class Exits {
  /** Blocks around the function, the innermost first: behind the end of each its slots go to memory. */
  private readonly blocks: SlotSet[] = [];
  /** Local that holds where the way out leads: pc, instructions completed since the fuel was taken, reason. */
  private readonly place: number;

  constructor(private readonly state: FunctionState) {
    this.place = state.body.local(W.TypeI64);
  }

  /**
   * Notes where a branch to `depth` leads.
   * @param done instructions completed that the fuel does not know of, below 2^16
   */
  note(pc: number, done: number, reason: ExitReason): void {
    const { body } = this.state;
    body.i64(pc, (reason << 16) | done);
    body.set(this.place);
  }

  /** Depth of the block behind which `slots` are stored from their locals and everything is left. */
  depth(slots: SlotSet): number {
    let index = this.blocks.findIndex((block) => block.equals(slots));
    if (index < 0) index = this.blocks.push(slots.copy()) - 1;
    return this.state.labels.length + index;
  }

  leave(slots: SlotSet, pc: number, done: number, reason: ExitReason): void {
    this.note(pc, done, reason);
    this.state.body.br(W.Br, this.depth(slots));
  }

  /** Puts the blocks around the body that was written, and what follows them behind it. */
  finish(): void {
    const { body } = this.state;
    const { blocks } = this;
    body.op(W.Unreachable);
    body.enclose(blocks.length + 1);
    blocks.forEach((slots, index) => {
      body.op(W.End);
      slots.forEach((slot) => {
        this.state.storeSlot(slot, () => body.get(this.state.slotLocal(slot)));
      });
      if (index < blocks.length - 1) body.br(W.Br, blocks.length - 1 - index);
    });
    body.op(W.End);
    this.tellHost();
  }

  /** Pc and reason go to the state; pushes what the function returns. */
  private tellHost(): void {
    const { body, layout, fuel } = this.state;
    const part = (shift: number): void => {
      body.get(this.place);
      if (shift > 0) {
        body.i64(shift);
        body.op(W.I64ShrU);
      }
      body.op(W.I32WrapI64);
    };
    body.i32(0);
    part(0);
    body.memory(W.I32Store, layout.pc, 2);
    body.i32(0);
    part(48);
    body.memory(W.I32Store, layout.reason, 2);
    body.i32(EXIT);
    body.get(fuel);
    part(32);
    body.i32(0xffff);
    body.op(W.I32And);
    body.op(W.I32Sub);
  }
}
