import { Op } from '../ir.js';
import { type Access, accessWidth, type Check, type DirectRange, isStrict, type MemoryOracle } from './checks.js';
import { W } from './encoder.js';
import { ExitReason } from './layout.js';
import type { LocalPool } from './local-pool.js';
import type { NodeEmitter } from './node-emitter.js';
import type { Effect } from './node-plan.js';
import type { Value } from './values.js';

const LOADS: { readonly [op: number]: W } = {
  [Op.Load8U]: W.I32Load8U,
  [Op.Load8S]: W.I32Load8S,
  [Op.Load16U]: W.I32Load16U,
  [Op.Load16S]: W.I32Load16S,
  [Op.Load32]: W.I32Load,
};

const STORES: { readonly [op: number]: W } = {
  [Op.Store8]: W.I32Store8,
  [Op.Store16]: W.I32Store16,
  [Op.Store32]: W.I32Store,
};

/** Writes the loads and stores of one node, and the checks before them. */
export class MemoryEmitter {
  constructor(
    private readonly node: NodeEmitter,
    private readonly pool: LocalPool,
    private readonly oracle: MemoryOracle,
    private readonly checks: readonly Check[],
  ) {}

  /** The checks that stand before effect `at`, with one way out for all. */
  checksAt(at: number): void {
    const checks = this.checks.filter((check) => check.at === at);
    if (checks.length === 0) return;
    const { node } = this;
    const { plan } = node;
    const hoisted = at === plan.boundary;
    const { micro, mark } = plan.effects[at];
    const exitMark = hoisted ? plan.boundaryMark : mark;
    const pc = hoisted ? plan.boundaryPc : micro.pc;
    const done = hoisted ? plan.boundaryDone : micro.done;
    node.prepareUsed(exitMark);
    node.guard(
      (fail) => {
        for (const check of checks) {
          const { range, min, max, aligned } = check;
          check.local = this.pool.take();
          node.values.push(check.base);
          this.addConstant(min);
          this.pushOutside(range, max - min, aligned, check.local, true);
          fail();
          this.toHost(range, check.local);
        }
      },
      exitMark,
      pc,
      done,
      ExitReason.Memory,
    );
  }

  /** One load or store; its checks have been written. */
  access(effect: Effect, access: Exclude<Access, { kind: 'interpret' }>): void {
    const { body } = this.node.state;
    const { micro } = effect;
    let push: () => void;
    let offset = 0;
    if (access.kind === 'constant') {
      push = () => body.i32(0);
      offset = access.host;
    } else if (access.kind === 'checked') {
      const { check } = access;
      push = () => body.get(check.local);
      offset = (check.range.isVolatile ? 0 : check.range.host) + (effect.offset - check.min);
    } else {
      const host = this.findRange(effect, access.ranges);
      push = () => body.get(host);
    }
    if (micro.op === Op.LoadMany) {
      effect.results.forEach((result, i) => {
        push();
        body.memory(W.I32Load, offset + 4 * i, 2);
        this.setResult(result);
      });
    } else if (micro.op === Op.StoreMany) {
      effect.operands.forEach((value, i) => {
        push();
        this.node.values.push(value);
        body.memory(W.I32Store, offset + 4 * i, 2);
      });
    } else if (STORES[micro.op] !== undefined) {
      push();
      this.node.values.push(effect.operands[0]);
      body.memory(STORES[micro.op], offset, 0);
    } else {
      push();
      body.memory(LOADS[micro.op], offset, 0);
      this.setResult(effect.results[0]);
    }
  }

  private setResult(result: Value): void {
    result.local = this.pool.take();
    this.node.state.body.set(result.local);
  }

  private addConstant(value: number): void {
    if (value === 0) return;
    this.node.state.body.i32(value);
    this.node.state.body.op(W.I32Add);
  }

  /**
   * With a guest address on the stack: leaves it in `local` and pushes whether `bytes` bytes from there leave the range. For a range
   * with fixed bounds `local` gets the distance from its start.
   * @param always whether this runs whenever the node does
   */
  private pushOutside(range: DirectRange, bytes: number, aligned: boolean, local: number, always: boolean): void {
    const { body } = this.node.state;
    const guard = range.isVolatile ? this.oracle.guard(range, bytes, aligned) : 0;
    if (range.isVolatile) {
      body.tee(local);
      this.pushWord(guard, always);
      body.op(W.I32Sub);
    } else {
      this.addConstant(-range.low | 0);
      body.tee(local);
    }
    if (aligned) {
      // Rotated by 2, an unaligned distance becomes a large number.
      body.i32(2);
      body.op(W.I32Rotr);
    }
    if (range.isVolatile) {
      this.pushWord(guard + 4, always);
      body.op(W.I32GeU);
    } else {
      const last = range.size - bytes;
      body.i32(aligned ? last >> 2 : last);
      body.op(W.I32GtU);
    }
  }

  /** Pushes a word of the guards, which change in calls only. */
  private pushWord(place: number, always: boolean): void {
    if (always) this.node.values.push(this.node.plan.values.word(place));
    else this.node.state.loadWord(place);
  }

  /** Behind `pushOutside`: makes `local` hold the host address, or the distance from the range's start. */
  private toHost(range: DirectRange, local: number): void {
    if (!range.isVolatile) return;
    const { body } = this.node.state;
    body.get(local);
    this.addConstant((range.host - range.low) | 0);
    body.set(local);
  }

  /** A local with the host address of an access that may lie in several ranges; leaves when it lies in none. */
  private findRange(effect: Effect, ranges: readonly DirectRange[]): number {
    const { node } = this;
    const { state, values } = node;
    const { body } = state;
    const width = accessWidth(effect.micro.op);
    const needsAligned = isStrict(effect, ranges) && width > 1;
    node.prepareUsed(effect.mark);
    const address = this.pool.take();
    const host = this.pool.take();
    values.push(effect.base);
    this.addConstant(effect.offset);
    body.set(address);
    state.inside(W.Block, () => {
      const look = (found: number) => {
        for (const range of ranges) {
          body.get(address);
          this.pushOutside(range, width, false, host, false);
          body.op(W.I32Eqz);
          body.get(address);
          this.addConstant((range.host - range.low) | 0);
          body.set(host);
          body.br(W.BrIf, found);
        }
      };
      if (needsAligned) {
        state.inside(W.Block, () => {
          body.get(address);
          body.i32(width - 1);
          body.op(W.I32And);
          body.br(W.BrIf, 0);
          look(1);
        });
      } else {
        look(0);
      }
      values.aside(() => node.exitAt(effect.mark, effect.micro.pc, effect.micro.done, ExitReason.Memory));
    });
    return host;
  }
}
