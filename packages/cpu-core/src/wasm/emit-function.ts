import type { Architecture, DecodeMode } from '../architecture.js';
import { ExitKind } from '../ir.js';
import { type Analysis, analyse, changesMode, isCall, restartsFuel } from './analysis.js';
import { type Access, type Check, type MemoryOracle, planAccesses } from './checks.js';
import { FloatEmitter, isFloat } from './emit-float.js';
import { MemoryEmitter } from './emit-memory.js';
import { LocalPool, ValueEmitter } from './emit-value.js';
import { canRotate, emitEnter, emitLeave, emitLeaveOwn, keepFrame, type WindowImports } from './emit-windows.js';
import { FunctionBody, W } from './encoder.js';
import { FunctionState } from './function-state.js';
import type { Ending, Graph } from './graph.js';
import { CALL_CACHE_ENTRIES, EXIT, ExitReason, type StateLayout } from './layout.js';
import { NodeEmitter } from './node-emitter.js';
import { type Effect, NodePlan } from './node-plan.js';
import { SlotSet, SlotUse } from './slots.js';
import { type Structure, structureOf, successors } from './structure.js';
import { isConstant, type Value } from './values.js';

/** How a guest call reaches its function. */
export type Callee =
  /** A function of the same module. */
  | { readonly kind: 'direct'; readonly index: number }
  /** The function table slot that a global holds; it may not have compiled code yet. */
  | { readonly kind: 'slot'; readonly global: number }
  /** An address in a trap region. */
  | { readonly kind: 'host' };

/** Indexes of imported functions. */
export interface EmitImports extends WindowImports {
  /** (pc) -> pc or EXIT: runs the host function there. */
  readonly host: number;
  /** (helper, a, b, c) -> result, for pure helpers. */
  readonly helper: number;
  /** As helper, for one that may stop or change state: everything is left when the reason word is not 0 behind it. */
  readonly action: number;
  /** (pc) -> pc or EXIT: a computed call that the call cache does not hold. */
  readonly resolve: number;
  /** (slot) -> pc or EXIT: calls the function in a slot of the function table. */
  readonly link: number;
}

/** What the emitter needs from its module and engine. */
export interface EmitContext {
  readonly architecture: Architecture;
  readonly layout: StateLayout;
  readonly oracle: MemoryOracle;
  readonly imports: EmitImports;
  callee(pc: number, mode: number): Callee;
}

type EndingOf<K extends Ending['kind']> = Ending & { kind: K };

/** Writes one graph as a WebAssembly function without parameters that returns the next pc, or EXIT. */
export function emitFunction(graph: Graph, context: EmitContext): FunctionBody {
  return new FunctionEmitter(graph, context).emit();
}

class FunctionEmitter {
  private readonly body = new FunctionBody(0);
  private readonly structure: Structure;
  private readonly analysis: Analysis;
  private readonly use: SlotUse;
  private readonly state: FunctionState;
  private readonly pool = new LocalPool(this.body, W.TypeI32);
  private readonly values: ValueEmitter;
  private readonly float = new FloatEmitter(this.pool);
  private readonly result = this.body.local(W.TypeI32);
  /** Whether calls and returns of this graph stay in its mode. */
  private readonly keepsMode: boolean;
  /** The empty set: memory holds all state. */
  private readonly nothing: SlotSet;
  /** Number of the node to go to next, when a loop has several ways in. */
  private readonly next: number | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly context: EmitContext,
  ) {
    const { architecture, layout } = context;
    this.structure = structureOf(graph);
    this.use = new SlotUse(architecture);
    this.analysis = analyse(graph, this.structure, this.use, architecture.windows?.layout.increment);
    this.state = new FunctionState(
      this.body,
      architecture,
      layout,
      this.use,
      this.structure,
      this.analysis,
      pendingInstructions(graph, this.structure),
      longestPath(graph, this.structure),
    );
    this.values = new ValueEmitter(this.body, this.pool, (slot) => this.state.slotLocal(slot));
    this.nothing = new SlotSet(this.use.count);
    this.next = this.structure.isReducible ? undefined : this.body.local(W.TypeI32);
    const { modeSlots } = architecture;
    this.keepsMode = modeSlots !== undefined && !changesMode(graph, this.use, modeSlots);
  }

  emit(): FunctionBody {
    const { body, graph, state } = this;
    state.loadFuel();
    state.checkFuel(graph.pc, this.nothing);
    state.loadWindow();
    state.loadSlots(this.analysis.liveIn[0]);
    if (this.next === undefined) this.tree(0);
    else this.dispatcher(this.next);
    state.exits.finish();
    return body;
  }

  // Structure: Ramsey, Beyond Relooper (ICFP 2022).

  /** A node and all that it dominates. */
  private tree(node: number): void {
    const { structure } = this;
    const merges = structure.children[node].filter((child) => structure.isMerge[child] === 1);
    if (structure.isLoop[node] === 0) {
      this.within(node, merges);
      return;
    }
    this.state.inside(W.Loop, () => this.within(node, merges), { kind: 'loop', node });
    this.body.op(W.Unreachable);
  }

  /** The node inside of blocks whose ends are the merge nodes, the last in order outermost. */
  private within(node: number, merges: readonly number[]): void {
    const { labels } = this.state;
    for (let i = merges.length - 1; i >= 0; i--) {
      this.body.open(W.Block);
      labels.push({ kind: 'block', node: merges[i] });
    }
    this.node(node);
    for (const merge of merges) {
      labels.pop();
      this.body.op(W.End);
      this.tree(merge);
    }
  }

  /** Goes from one node to another: jumps, or writes the node here when this is its only way in. */
  private edge(from: number, to: number): void {
    const { structure, body, state } = this;
    const { pending } = state;
    const isBack = structure.position[to] <= structure.position[from];
    const out = restartsFuel(this.graph.nodes[from]) ? 0 : pending[from] + this.graph.nodes[from].count;
    state.takeFuel(out - pending[to]);
    if (isBack) state.checkFuel(this.graph.nodes[to].pc, this.analysis.dirtyIn[to]);
    const jump = (kind: 'loop' | 'block', node: number) => {
      const depth = state.depth((label) => label.kind === kind && label.node === node);
      body.br(W.Br, depth);
    };
    if (this.next !== undefined) {
      body.i32(structure.position[to]);
      body.set(this.next);
      jump('loop', -1);
    } else if (isBack) {
      jump('loop', to);
    } else if (structure.isMerge[to] === 1) {
      jump('block', to);
    } else {
      this.tree(to);
    }
  }

  /** For graphs with a loop that has several ways in: a loop around a table of all nodes. */
  private dispatcher(next: number): void {
    const { body, structure, state } = this;
    const { order } = structure;
    const loop = () => {
      for (const node of order) {
        body.open(W.Block);
        state.labels.push({ kind: 'block', node });
      }
      body.get(next);
      body.op(W.BrTable);
      body.code.u32(order.length - 1);
      for (let i = 0; i < order.length; i++) body.code.u32(i);
      for (const node of order) {
        state.labels.pop();
        body.op(W.End);
        this.node(node);
      }
    };
    state.inside(W.Loop, loop, { kind: 'loop', node: -1 });
    body.op(W.Unreachable);
  }

  // Nodes.

  private node(number: number): void {
    const { ending } = this.graph.nodes[number];
    const plan = new NodePlan(
      this.context.architecture,
      this.use,
      this.graph.nodes[number],
      this.analysis.pendingIn[number],
    );
    const accesses = planAccesses(plan, this.context.oracle);
    const final = this.finalWrites(plan, number);
    countUses(plan, accesses, final, ending, this.use);
    const node = new NodeEmitter(this.state, this.values, number, plan);
    const memory = new MemoryEmitter(node, this.pool, this.context.oracle, accesses);
    this.values.reset();
    for (let i = 0; i < plan.effects.length; i++) {
      const effect = plan.effects[i];
      const access = accesses[i];
      if (access?.kind === 'interpret') {
        node.exitAt(effect.mark, effect.micro.pc, effect.micro.done, ExitReason.Memory);
        return;
      }
      memory.checksAt(i);
      if (access !== undefined) memory.access(effect, access);
      else if (isFloat(effect.micro.op)) {
        const behind = plan.effects.findIndex((e, at) => at > i && !(isFloat(e.micro.op) && e.base === effect.base));
        const row = plan.effects.slice(i, behind < 0 ? undefined : behind);
        this.float.operations(node, row);
        i += row.length - 1;
      } else this.pureHelper(node, effect);
    }
    this.ending(node, ending, final);
  }

  /** Slots whose locals change at the end of the node. */
  private finalWrites(plan: NodePlan, number: number): [number, Value][] {
    const node = this.graph.nodes[number];
    if (successors(node.ending).length === 0) return [];
    const live = this.analysis.liveOut[number];
    const kept = this.analysis.kept[number];
    return [...plan.written(plan.end)].filter(
      ([slot]) => live.has(slot) && (!isCall(node) || slot < kept || !this.use.isStored(slot)),
    );
  }

  private pureHelper(node: NodeEmitter, effect: Effect): void {
    const { body, context, state } = this;
    const { micro, mark } = effect;
    for (const operand of effect.operands) this.values.prepare(operand);
    node.prepareUsed(mark);
    // The state is put into memory because the host's stack may end in the call.
    state.spill(node.number, node.plan.written(mark), this.values);
    state.storeConstant(context.layout.pc, micro.pc);
    state.storeFuel(state.pending[node.number] + micro.done);
    body.i32(micro.detail);
    for (const operand of effect.operands) this.values.push(operand);
    body.call(context.imports.helper);
    effect.results[0].local = this.pool.take();
    body.set(effect.results[0].local);
  }

  // Endings.

  private ending(node: NodeEmitter, ending: Ending, final: [number, Value][]): void {
    const { plan, number } = node;
    switch (ending.kind) {
      case 'goto':
        this.assign(final);
        this.edge(number, ending.to);
        break;
      case 'branch':
        this.branch(node, ending, final);
        break;
      case 'poll':
        this.poll(node, ending);
        this.assign(final);
        this.edge(number, ending.next);
        break;
      case 'leave':
        node.exitAt(plan.end, ending.pc, this.graph.nodes[number].count, ExitReason.Code);
        break;
      case 'interpret':
        node.exitAt(plan.end, ending.pc, ending.done, ExitReason.Interpret);
        break;
      case 'helper':
        this.action(node, ending, final);
        break;
      case 'call':
        this.call(node, ending, final);
        break;
      case 'call-to':
        this.callTo(node, ending, final);
        break;
      case 'jump-to':
        this.jumpTo(node, ending, final);
        break;
      case 'window-enter':
        this.windowEnter(node, ending);
        break;
      case 'window-leave':
        this.windowLeave(node, ending);
        break;
    }
  }

  private branch({ plan, number }: NodeEmitter, ending: EndingOf<'branch'>, final: [number, Value][]): void {
    const condition = plan.values.compare(ending.cc, plan.operand(ending.a), plan.operand(ending.b));
    if (isConstant(condition)) {
      this.assign(final);
      this.edge(number, condition.detail !== 0 ? ending.taken : ending.other);
      return;
    }
    this.values.push(condition);
    this.assign(final);
    this.state.inside(W.If, () => {
      this.edge(number, ending.taken);
      this.body.op(W.Else);
      this.edge(number, ending.other);
    });
    this.body.op(W.Unreachable);
  }

  private poll(node: NodeEmitter, { pc }: EndingOf<'poll'>): void {
    const { plan, number } = node;
    node.prepareUsed(plan.end);
    this.state.loadWord(this.context.layout.poll);
    this.state.inside(W.If, () => {
      this.values.aside(() => node.exitAt(plan.end, pc, this.graph.nodes[number].count, ExitReason.Host));
    });
  }

  private action({ plan, number }: NodeEmitter, { call, next }: EndingOf<'helper'>, final: [number, Value][]): void {
    const { body, context, state } = this;
    const operands = [plan.operand(call.a), plan.operand(call.b), plan.operand(call.c)];
    for (const operand of operands) this.values.prepare(operand);
    state.spill(number, plan.written(plan.end), this.values);
    state.storeConstant(context.layout.pc, call.pc);
    state.storeFuel(state.pending[number] + call.done);
    state.storeConstant(context.layout.reason, 0);
    body.i32(call.detail);
    for (const operand of operands) this.values.push(operand);
    body.call(context.imports.action);
    body.set(this.result);
    state.loadWord(context.layout.reason);
    body.open(W.If);
    body.i32(EXIT);
    body.op(W.Return);
    body.op(W.End);
    this.assign(final);
    state.loadWindow();
    // The slot's word takes the result, or the slot's local when it is a temporary.
    if (call.d < this.use.named) {
      state.storeSlot(call.d, () => body.get(this.result));
    } else if (this.analysis.liveIn[next].has(call.d)) {
      body.get(this.result);
      body.set(state.slotLocal(call.d));
    }
    state.loadSlots(this.analysis.liveIn[next]);
    state.loadFuel();
    this.edge(number, next);
  }

  private call(node: NodeEmitter, ending: EndingOf<'call'>, final: [number, Value][]): void {
    const { context, state } = this;
    const { plan, number } = node;
    const { target, link, mode, next } = ending;
    const { count } = this.graph.nodes[number];
    if (!this.keepsMode || mode !== this.graph.mode) {
      node.exitAt(plan.end, target, count, ExitReason.Code);
      return;
    }
    state.spill(number, plan.written(plan.end), this.values);
    this.assign(final);
    state.storeConstant(context.layout.pc, target);
    state.storeFuel(state.pending[number] + count);
    this.pushCall(target, mode);
    this.returned(number, link, next);
  }

  private callTo(node: NodeEmitter, ending: EndingOf<'call-to'>, final: [number, Value][]): void {
    const { body, context, state } = this;
    const { plan, number } = node;
    const target = plan.operand(ending.target);
    if (!this.keepsMode || ending.mode !== this.graph.mode) {
      this.leaveTo(node, target, 0);
      return;
    }
    const pc = this.pool.take();
    this.values.push(target);
    body.set(pc);
    state.spill(number, plan.written(plan.end), this.values);
    this.assign(final);
    state.storeFuel(state.pending[number] + this.graph.nodes[number].count);
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
    const { body, context } = this;
    const callee = context.callee(target, mode);
    if (callee.kind === 'direct') {
      body.call(callee.index);
    } else if (callee.kind === 'slot') {
      body.op(W.GlobalGet);
      body.code.u32(callee.global);
      body.call(context.imports.link);
    } else {
      body.i32(target);
      body.call(context.imports.host);
    }
  }

  /** Calls the function at the address in local `pc` by way of the call cache; pushes what it returns. */
  private pushCachedCall(pc: number): void {
    const { body, context } = this;
    // Entry of the call cache: (pc >> 1) modulo its size, 8 bytes each.
    const entry = this.pool.take();
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
    const { body, state } = this;
    const kept = this.analysis.kept[number];
    body.tee(this.result);
    body.i32(link);
    body.op(W.I32Ne);
    body.open(W.If);
    body.get(this.result);
    body.op(W.Return);
    body.op(W.End);
    state.loadFuel();
    state.checkFuel(link, this.nothing);
    if (state.windows !== undefined) this.checkWindow(state.windows.base * 4, link, next, kept);
    state.loadSlots(this.analysis.liveIn[next], kept);
    this.edge(number, next);
  }

  /**
   * Behind a call: the window must be the same, and when windows have moved otherwise than by ENTRY and its RETW, kept registers are
   * loaded anew.
   */
  private checkWindow(baseWord: number, link: number, next: number, kept: number): void {
    const { body, state, context } = this;
    state.loadWord(context.layout.windowChanges);
    body.get(state.changes);
    body.op(W.I32Ne);
    state.inside(W.If, () => {
      state.loadWord(baseWord);
      body.get(state.base);
      body.op(W.I32Ne);
      state.inside(W.If, () => state.exits.leave(this.nothing, link, 0, ExitReason.Stack));
      state.loadWord(context.layout.windowChanges);
      body.set(state.changes);
      body.i32(0);
      body.set(state.frame.size);
      this.analysis.liveIn[next].forEach((slot) => {
        if (slot < kept) state.loadSlot(slot);
      });
    });
  }

  private jumpTo(node: NodeEmitter, ending: EndingOf<'jump-to'>, final: [number, Value][]): void {
    const { body, state } = this;
    const { plan, number } = node;
    const target = plan.operand(ending.target);
    if (!isConstant(target)) this.jumpTable(node, ending, target, final);
    if (ending.exit !== ExitKind.Return || !this.keepsMode || ending.mode !== this.graph.mode) {
      this.leaveTo(node, target, ending.exit === ExitKind.Jump ? ending.pc : 0);
      return;
    }
    this.values.prepare(target);
    state.spill(number, plan.written(plan.end), this.values);
    state.storeFuel(state.pending[number] + this.graph.nodes[number].count);
    if (state.windows !== undefined) keepFrame(state);
    // A return to the sentinel's value must not find an old pc.
    body.i32(0);
    this.values.push(target);
    body.memory(W.I32Store, this.context.layout.pc, 2);
    this.values.push(target);
    body.op(W.Return);
  }

  /** The targets that were seen at a computed jump, as a table; any other target goes on behind it. */
  private jumpTable(
    { number }: NodeEmitter,
    { cases }: EndingOf<'jump-to'>,
    target: Value,
    final: [number, Value][],
  ): void {
    if (cases.length === 0) return;
    const { body, state } = this;
    const targets = [...new Set(cases.map(({ to }) => to))];
    const odd = cases.some(({ pc }) => (pc & 1) !== 0);
    const lowest = Math.min(...cases.map(({ pc }) => pc));
    const highest = Math.max(...cases.map(({ pc }) => pc));
    const slots = odd ? highest - lowest : (highest - lowest) / 2;
    if (slots >= 1024) return;
    this.values.prepare(target);
    for (const [, value] of final) this.values.prepare(value);
    state.inside(W.Block, () => {
      for (const _ of targets) {
        body.open(W.Block);
        state.labels.push({ kind: 'other' });
      }
      this.values.push(target);
      body.i32(lowest);
      body.op(W.I32Sub);
      if (!odd) {
        body.i32(1);
        body.op(W.I32Rotr);
      }
      body.op(W.BrTable);
      body.code.u32(slots + 1);
      const table = new Int32Array(slots + 2).fill(targets.length);
      for (const { pc, to } of cases) table[odd ? pc - lowest : (pc - lowest) / 2] = targets.indexOf(to);
      for (const label of table) body.code.u32(label);
      for (const to of targets) {
        state.labels.pop();
        body.op(W.End);
        this.assign(final);
        this.edge(number, to);
      }
    });
  }

  /** Leaves everything for a computed address. `site` is the address of a jump whose targets are worth learning, or 0. */
  private leaveTo({ plan, number }: NodeEmitter, target: Value, site: number): void {
    const { body, context, state } = this;
    this.values.prepare(target);
    state.spill(number, plan.written(plan.end), this.values);
    state.storeFuel(state.pending[number] + this.graph.nodes[number].count);
    state.storeConstant(context.layout.reason, ExitReason.Computed);
    state.storeConstant(context.layout.site, site);
    body.i32(0);
    this.values.push(target);
    body.memory(W.I32Store, context.layout.pc, 2);
    body.i32(EXIT);
    body.op(W.Return);
  }

  private windowEnter(node: NodeEmitter, ending: EndingOf<'window-enter'>): void {
    const { body, context, state } = this;
    const { plan, number } = node;
    const { pc, done, mode, link, next } = ending;
    const { windows } = state;
    if (windows === undefined || !canRotate(windows) || mode !== this.graph.mode || !this.keepsMode) {
      node.exitAt(plan.end, pc, done, ExitReason.Interpret);
      return;
    }
    const stackPointer = this.pool.take();
    this.values.push(plan.operand(ending.stackPointer));
    body.set(stackPointer);
    state.spill(number, plan.written(plan.end), this.values);
    const n = this.pool.take();
    state.loadWord(windows.increment * 4);
    body.set(n);
    const completed = state.pending[number] + done;
    const call = () => {
      state.storeConstant(context.layout.pc, pc);
      state.storeFuel(completed);
      body.get(stackPointer);
      body.i32(link);
      body.i32(mode);
      body.call(context.imports.enter);
      body.op(W.I32Eqz);
      body.open(W.If);
      body.i32(EXIT);
      body.op(W.Return);
      body.op(W.End);
      state.loadFuel();
      state.takeFuel(-completed);
      state.loadWindow();
    };
    emitEnter(state, windows, n, stackPointer, call);
    state.loadSlots(this.analysis.liveIn[next]);
    this.edge(number, next);
  }

  private windowLeave(node: NodeEmitter, { pc, done, mode }: EndingOf<'window-leave'>): void {
    const { body, context, state } = this;
    const { plan, number } = node;
    const { windows } = state;
    if (windows === undefined || !canRotate(windows) || mode !== this.graph.mode || !this.keepsMode) {
      node.exitAt(plan.end, pc, done, ExitReason.Interpret);
      return;
    }
    const a0 = this.pool.take();
    this.values.push(plan.get(0));
    body.set(a0);
    state.spill(number, plan.written(plan.end), this.values);
    const completed = state.pending[number] + done;
    const storeFuel = () => state.storeFuel(completed + 1);
    emitLeaveOwn(state, windows, a0, pc, storeFuel);
    emitLeave(state, windows, a0, this.pool.take(), pc, storeFuel);
    state.storeConstant(context.layout.pc, pc);
    state.storeFuel(completed);
    body.i32(mode);
    body.call(context.imports.leave);
    body.op(W.Return);
  }

  /** Puts values into slots' locals, all at once. */
  private assign(writes: readonly [number, Value][]): void {
    for (const [, value] of writes) this.values.push(value);
    for (let i = writes.length - 1; i >= 0; i--) this.body.set(this.state.slotLocal(writes[i][0]));
  }
}

/** Counts how often each value of a node is used by what always runs. */
function countUses(
  plan: NodePlan,
  accesses: readonly (Access | undefined)[],
  final: readonly [number, Value][],
  ending: Ending,
  use: SlotUse,
): void {
  const seen = new Set<Value>();
  const count = (value: Value | undefined): void => {
    if (value === undefined) return;
    value.uses++;
    if (seen.has(value)) return;
    seen.add(value);
    count(value.a);
    count(value.b);
    count(value.c);
  };
  const checks = new Set<Check>();
  plan.effects.forEach((effect, i) => {
    const access = accesses[i];
    if (access?.kind !== 'checked' || !checks.has(access.check)) count(effect.base);
    if (access?.kind === 'checked') checks.add(access.check);
    for (const value of effect.operands) count(value);
  });
  for (const [, value] of final) count(value);
  if (ending.kind !== 'goto' && ending.kind !== 'branch' && ending.kind !== 'poll') {
    for (const [slot, value] of plan.written(plan.end)) if (use.isStored(slot)) count(value);
  }
  use.readsOfEnding(ending, (slot) => count(plan.get(slot)));
}

/**
 * The plan of fuel: what each node has pending at its start. It is 0 at the entry, behind calls and at loop heads; elsewhere the most
 * that any way in has, so that the longest way costs nothing.
 */
function pendingInstructions(graph: Graph, structure: Structure): Int32Array {
  const { nodes } = graph;
  const { order, position, predecessors, isLoop, isReducible } = structure;
  const pending = new Int32Array(nodes.length);
  if (!isReducible) return pending;
  for (const node of order) {
    if (isLoop[node] === 1) continue;
    let most = 0;
    for (const from of predecessors[node]) {
      if (position[from] >= position[node] || restartsFuel(nodes[from])) continue;
      most = Math.max(most, pending[from] + nodes[from].count);
    }
    pending[node] = most;
  }
  return pending;
}

/** Most instructions on a way without a back edge or a call: between two looks at the fuel no more are run. */
export function longestPath(graph: Graph, structure: Structure): number {
  const { order, position } = structure;
  const longest = new Int32Array(graph.nodes.length);
  let most = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const n = order[i];
    const { count, ending } = graph.nodes[n];
    let behind = 0;
    if (ending.kind !== 'call' && ending.kind !== 'call-to') {
      for (const to of successors(ending)) if (position[to] > position[n]) behind = Math.max(behind, longest[to]);
    }
    longest[n] = count + behind;
    most = Math.max(most, longest[n]);
  }
  return most;
}
