import type { EndingOf, FunctionParts } from './emit-context.js';
import { canRotate, emitEnter, emitLeave } from './emit-windows.js';
import { W } from './encoder.js';
import { EXIT, ExitReason } from './layout.js';
import type { NodeEmitter } from './node-emitter.js';

/** Writes ENTRY and RETW. */
export class FrameEmitter {
  constructor(private readonly parts: FunctionParts) {}

  /** ENTRY, where the function begins. */
  enter(node: NodeEmitter, ending: EndingOf<'window-enter'>): void {
    const { context, graph, state } = this.parts;
    const { body } = state;
    const { plan, number } = node;
    const { pc, done, mode, next } = ending;
    const { windows } = state;
    const isStart = number === 0 && done === 0 && graph.structure.predecessors[0].length === 0;
    if (!isStart || windows === undefined || !canRotate(windows) || mode !== graph.mode || !this.parts.keepsMode) {
      node.exitAt(plan.end, pc, done, ExitReason.Interpret);
      return;
    }
    const stackPointer = this.parts.pool.take();
    this.parts.values.push(plan.operand(ending.stackPointer));
    body.set(stackPointer);
    state.spill(number, plan.written(plan.end), this.parts.values);
    const n = this.parts.pool.take();
    state.loadWord(windows.increment * 4);
    body.set(n);
    emitEnter(state, n, stackPointer, () => {
      state.storeConstant(context.layout.pc, pc);
      state.storeFuel(0);
      body.call(context.imports.room);
      body.op(W.I32Eqz);
      // The function begins again: nothing is kept across the call of the host, so that V8 need not store it in the common case.
      state.loadFuel();
      state.inside(W.If, () => state.leave(() => body.i32(EXIT), 0));
      body.get(state.fuel);
      state.loadWord(context.layout.windowBase);
      body.call(context.self);
      body.op(W.Return);
    });
    const register = context.architecture.stackPointer;
    this.parts.analysis.liveIn[next].forEach((slot) => {
      if (slot === register) {
        body.get(stackPointer);
        body.set(state.slotLocal(slot));
      } else if (state.use.isStored(slot)) state.loadSlot(slot);
    });
    this.parts.edge(number, next);
  }

  leave(node: NodeEmitter, { pc, done, mode }: EndingOf<'window-leave'>): void {
    const { context, state } = this.parts;
    const { body } = state;
    const { plan, number } = node;
    const { windows } = state;
    if (windows === undefined || !canRotate(windows) || mode !== this.parts.graph.mode || !this.parts.keepsMode) {
      node.exitAt(plan.end, pc, done, ExitReason.Interpret);
      return;
    }
    const a0 = this.parts.pool.take();
    this.parts.values.push(plan.get(0));
    body.set(a0);
    state.spill(number, plan.written(plan.end), this.parts.values);
    const completed = state.pending[number] + done;
    emitLeave(state, a0, this.parts.pool.take(), pc, completed + 1);
    state.storeConstant(context.layout.pc, pc);
    state.storeFuel(completed);
    const next = this.parts.pool.take();
    body.call(context.imports.leave);
    body.set(next);
    state.loadFuel();
    state.leave(() => body.get(next), 0);
  }
}
