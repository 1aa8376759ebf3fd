import type { DecodeMode } from '../architecture.js';
import type { EndingOf, FunctionParts } from './emit-context.js';
import { W } from './encoder.js';
import { CALL_CACHE_ENTRIES, ExitReason } from './layout.js';
import type { NodeEmitter } from './node-emitter.js';
import type { Write } from './node-plan.js';

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
    this.handFuel(number);
    this.callDirectly(target, mode);
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
    this.handFuel(number);
    body.i32(0);
    body.get(pc);
    body.memory(W.I32Store, context.layout.pc, 2);
    if (ending.likely === undefined) {
      this.callByCache(pc);
    } else {
      body.get(pc);
      body.i32(ending.likely);
      body.op(W.I32Eq);
      body.open(W.If);
      this.callDirectly(ending.likely, ending.mode);
      body.op(W.Else);
      this.callByCache(pc);
      body.op(W.End);
    }
    this.returned(number, ending.link, ending.next);
  }

  /** The fuel behind the call instruction, for the callee and in memory. */
  private handFuel(number: number): void {
    const { state } = this.parts;
    state.takeFuel(state.pending[number] + this.parts.graph.nodes[number].count);
    state.storeFuel(0);
  }

  /** Calls the function at a constant address. As the other ways to call, it sets the locals of the result and of the fuel. */
  private callDirectly(target: number, mode: DecodeMode): void {
    const { context, state } = this.parts;
    const { body } = state;
    const callee = context.callee(target, mode);
    if (callee.kind === 'host') {
      body.i32(target);
      this.callHost(context.imports.host);
      return;
    }
    this.pushArguments();
    if (callee.kind === 'direct') {
      body.call(callee.index);
    } else {
      body.pair(W.GlobalGet, callee.global);
      body.call(context.imports.link);
    }
    this.takeResults();
  }

  /** Calls the function at the address in local `pc` by way of the call cache. */
  private callByCache(pc: number): void {
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
    body.open(W.If);
    this.pushArguments();
    body.get(entry);
    body.memory(W.I32Load, context.layout.callCache + 4, 2);
    body.call(context.imports.link);
    this.takeResults();
    body.op(W.Else);
    body.get(pc);
    this.callHost(context.imports.resolve);
    body.op(W.End);
  }

  private pushArguments(): void {
    const { state } = this.parts;
    state.body.get(state.fuel);
    if (state.windows !== undefined) state.body.get(state.base);
  }

  private takeResults(): void {
    const { state } = this.parts;
    state.body.set(state.fuel);
    state.body.set(this.result);
  }

  /** Calls an imported function of the host that takes the pc from the stack. */
  private callHost(index: number): void {
    const { state } = this.parts;
    state.body.call(index);
    state.body.set(this.result);
    state.loadFuel();
  }

  /** Behind a call: leaves unless its result is `link`, and takes the state up again. */
  private returned(number: number, link: number, next: number): void {
    const { state } = this.parts;
    const { body } = state;
    body.get(this.result);
    body.i32(link);
    body.op(W.I32Ne);
    state.inside(W.If, () => state.leave(() => body.get(this.result), 0));
    state.checkFuel(link, this.parts.nothing);
    if (state.windows !== undefined) this.checkWindow(link);
    state.loadSlots(this.parts.analysis.liveIn[next]);
    this.parts.edge(number, next);
  }

  /** Behind a call: the window must be where it was. */
  private checkWindow(link: number): void {
    const { context, state } = this.parts;
    const { body, exits } = state;
    exits.note(link, 0, ExitReason.Stack);
    state.loadWord(context.layout.windowBase);
    body.get(state.base);
    body.op(W.I32Ne);
    body.br(W.BrIf, exits.depth(this.parts.nothing));
  }
}
