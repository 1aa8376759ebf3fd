import type { ValueEmitter } from './emit-value.js';
import { W } from './encoder.js';
import type { FunctionState } from './function-state.js';
import type { ExitReason } from './layout.js';
import type { NodePlan } from './node-plan.js';

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
    this.state.spill(this.number, this.plan.written(mark), this.values);
    this.state.leave(pc, this.state.pending[this.number] + done, reason);
  }

  /** Values that the node needs anyway are computed before a side path that needs them too. */
  prepareUsed(mark: number): void {
    for (const [slot, value] of this.plan.written(mark)) {
      if (this.state.use.isStored(slot) && value.uses > 0) this.values.prepare(value);
    }
  }

  /** Code with conditions that lead to a side path, and the side path. `fail` consumes a condition. */
  guard(conditions: (fail: () => void) => void, otherwise: () => void): void {
    const { body } = this.state;
    this.state.inside(W.Block, () => {
      this.state.inside(W.Block, () => {
        conditions(() => body.br(W.BrIf, 0));
        body.br(W.Br, 1);
      });
      this.values.aside(otherwise);
    });
  }
}
