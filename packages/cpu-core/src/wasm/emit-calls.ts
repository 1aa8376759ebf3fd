import type { DecodeMode } from '../architecture.js';
import type { EndingOf, FunctionParts } from './emit-context.js';
import { W } from './encoder.js';
import { CALL_CACHE_ENTRIES, ExitReason } from './layout.js';
import type { NodeEmitter } from './node-emitter.js';
import type { Write } from './node-tree.js';

/** Writes guest calls: all state goes to memory, the callee is called, and the caller goes on when it returns behind the call. */
export class CallEmitter {
  /** Local with what the callee returned. */
  private readonly result: number;

  constructor(private readonly parts: FunctionParts) {
    this.result = parts.state.body.local(W.TypeI32);
  }

  call(node: NodeEmitter, ending: EndingOf<'call'>, final: readonly Write[]): void {
    const { context, state } = this.parts;
    const { plan, number } = node;
    const { target, link, mode, next } = ending;
    const { count } = this.parts.graph.nodes[number];
    if (!this.parts.keepsMode || mode !== this.parts.graph.mode) {
      node.exitAt(plan.end, target, count, ExitReason.Code);
      return;
    }
    state.spill(number, plan.written(plan.end), this.parts.values);
    this.parts.assign(final);
    state.storeConstant(context.layout.pc, target);
    state.storeFuel(state.pending[number] + count);
    this.pushCall(target, mode);
    this.returned(number, link, next);
  }

  callTo(node: NodeEmitter, ending: EndingOf<'call-to'>, final: readonly Write[]): void {
    const { context, state } = this.parts;
    const { body } = state;
    const { plan, number } = node;
    const target = plan.operand(ending.target);
    if (!this.parts.keepsMode || ending.mode !== this.parts.graph.mode) {
      node.leaveFor(target, 0);
      return;
    }
    const pc = this.parts.pool.take();
    this.parts.values.push(target);
    body.set(pc);
    state.spill(number, plan.written(plan.end), this.parts.values);
    this.parts.assign(final);
    state.storeFuel(state.pending[number] + this.parts.graph.nodes[number].count);
    body.i32(0);
    body.get(pc);
    body.memory(W.I32Store, context.layout.pc, 2);
    if (ending.likely === undefined) {
      this.pushCachedCall(pc);
    } else {
      body.get(pc);
      body.i32(ending.likely);
      body.op(W.I32Eq);
      body.open(W.If, W.TypeI32);
      this.pushCall(ending.likely, ending.mode);
      body.op(W.Else);
      this.pushCachedCall(pc);
      body.op(W.End);
    }
    this.returned(number, ending.link, ending.next);
  }

  /** Calls the function at a constant address; pushes what it returns. */
  private pushCall(target: number, mode: DecodeMode): void {
    const { context, state } = this.parts;
    const { body } = state;
    const callee = context.callee(target, mode);
    if (callee.kind === 'direct') {
      body.call(callee.index);
    } else if (callee.kind === 'slot') {
      body.pair(W.GlobalGet, callee.global);
      body.call(context.imports.link);
    } else {
      body.i32(target);
      body.call(context.imports.host);
    }
  }

  /** Calls the function at the address in local `pc` by way of the call cache; pushes what it returns. */
  private pushCachedCall(pc: number): void {
    const { context, state } = this.parts;
    const { body } = state;
    // Entry of the call cache: (pc >> 1) modulo its size, 8 bytes each.
    const entry = this.parts.pool.take();
    body.get(pc);
    body.i32(2);
    body.op(W.I32Shl);
    body.i32((CALL_CACHE_ENTRIES - 1) << 3);
    body.op(W.I32And);
    body.tee(entry);
    body.memory(W.I32Load, context.layout.callCache, 2);
    body.get(pc);
    body.op(W.I32Eq);
    body.open(W.If, W.TypeI32);
    body.get(entry);
    body.memory(W.I32Load, context.layout.callCache + 4, 2);
    body.call(context.imports.link);
    body.op(W.Else);
    body.get(pc);
    body.call(context.imports.resolve);
    body.op(W.End);
  }

  /** Behind a call, whose result is on the stack: leaves unless it is `link`, and takes the state up again. */
  private returned(number: number, link: number, next: number): void {
    const { state } = this.parts;
    const { body } = state;
    const kept = this.parts.analysis.kept[number];
    body.tee(this.result);
    body.i32(link);
    body.op(W.I32Ne);
    body.open(W.If);
    body.get(this.result);
    body.op(W.Return);
    body.op(W.End);
    state.loadFuel();
    state.checkFuel(link, this.parts.nothing);
    if (state.windows !== undefined) this.checkWindow(state.windows.base * 4, link, next, kept);
    state.loadSlots(this.parts.analysis.liveIn[next], kept);
    this.parts.edge(number, next);
  }

  /**
   * Behind a call: the window must be the same, and when windows have moved otherwise than by ENTRY and its RETW, kept registers are
   * loaded anew.
   */
  private checkWindow(baseWord: number, link: number, next: number, kept: number): void {
    const { context, state } = this.parts;
    const { body } = state;
    state.loadWord(context.layout.windowChanges);
    body.get(state.changes);
    body.op(W.I32Ne);
    state.inside(W.If, () => {
      state.loadWord(baseWord);
      body.get(state.base);
      body.op(W.I32Ne);
      state.inside(W.If, () => state.exits.leave(this.parts.nothing, link, 0, ExitReason.Stack));
      state.loadWord(context.layout.windowChanges);
      body.set(state.changes);
      body.i32(0);
      body.set(state.frame.size);
      this.parts.analysis.liveIn[next].forEach((slot) => {
        if (slot < kept) state.loadSlot(slot);
      });
    });
  }
}
