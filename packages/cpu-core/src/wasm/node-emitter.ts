import type { ValueEmitter } from './emit-value.js';
import { W } from './encoder.js';
import type { FunctionState } from './function-state.js';
import { EXIT, ExitReason } from './layout.js';
import type { NodePlan, Write } from './node-plan.js';
import type { Value } from './values.js';

/** What the emitters of one node's effects share: its plan, and the side paths that leave in the middle of it. */
export class NodeEmitter {
  constructor(
    readonly state: FunctionState,
    readonly values: ValueEmitter,
    readonly number: number,
    readonly plan: NodePlan,
  ) {}

  /** Leaves with the state at `mark`. */
  exitAt(mark: number, pc: number, done: number, reason: ExitReason): void {
    const { state, values } = this;
    const dirty = state.analysis.dirtyIn[this.number].copy();
    const written = this.writtenAt(mark);
    for (let i = 0; i < written.length; i++) values.push(written[i].value);
    for (let i = written.length - 1; i >= 0; i--) {
      const { slot } = written[i];
      dirty.add(slot);
      state.body.set(state.slotLocal(slot));
    }
    state.exits.leave(dirty, pc, state.pending[this.number] + done, reason);
  }

  /** Leaves everything for a computed address behind the node. `site` is the address of a jump whose targets are worth learning, or 0. */
  leaveFor(target: Value, site: number): void {
    const { plan, number, state, values } = this;
    const { body, layout } = state;
    values.prepare(target);
    state.spill(number, plan.written(plan.end), values);
    state.storeConstant(layout.reason, ExitReason.Computed);
    state.storeConstant(layout.site, site);
    body.i32(0);
    values.push(target);
    body.memory(W.I32Store, layout.pc, 2);
    state.leave(() => body.i32(EXIT), state.pending[number] + plan.node.count);
  }

  /** Stored slots that were written before `mark`, with their values then. */
  private writtenAt(mark: number): readonly Write[] {
    return this.plan.written(mark).filter(({ slot }) => this.state.use.isStored(slot));
  }

  /** Values that the node needs anyway are computed before a side path that needs them too. */
  prepareUsed(mark: number): void {
    for (const { value } of this.writtenAt(mark)) if (value.uses > 0) this.values.prepare(value);
  }

  /** Code with conditions on which everything is left with the state at `mark`; `fail` consumes a condition. */
  guard(conditions: (fail: () => void) => void, mark: number, pc: number, done: number, reason: ExitReason): void {
    const { state } = this;
    const { body, labels, exits } = state;
    if (this.writtenAt(mark).length === 0) {
      exits.note(pc, state.pending[this.number] + done, reason);
      conditions(() => body.br(W.BrIf, exits.depth(state.analysis.dirtyIn[this.number])));
      return;
    }
    state.open(W.Block);
    state.open(W.Block);
    const outside = labels.length;
    const kept = this.values.record(() => conditions(() => body.br(W.BrIf, labels.length - outside)));
    body.br(W.Br, 1);
    state.close();
    this.values.aside(() => this.exitAt(mark, pc, done, reason), kept);
    state.close();
  }
}
