import { type Analysis, analyse, restartsFuel } from './analysis.js';
import { CallEmitter } from './emit-calls.js';
import type { EmitContext, EndingOf, FunctionParts } from './emit-context.js';
import { FloatEmitter, isFloat } from './emit-float.js';
import { FrameEmitter } from './emit-frames.js';
import { JumpEmitter } from './emit-jumps.js';
import { MemoryEmitter } from './emit-memory.js';
import { ValueEmitter } from './emit-value.js';
import { FunctionBody, W } from './encoder.js';
import { longestPath, pendingInstructions } from './fuel-plan.js';
import { FunctionState, guestFunctionType } from './function-state.js';
import type { Ending, Graph } from './graph.js';
import { EXIT, ExitReason } from './layout.js';
import { LocalPool } from './local-pool.js';
import { NodeEmitter } from './node-emitter.js';
import type { Effect, Write } from './node-plan.js';
import { type PlannedNode, planTree, type Way } from './node-tree.js';
import { SlotSet, SlotUse } from './slots.js';

/** A graph as a WebAssembly function. */
export interface EmittedFunction {
  readonly body: FunctionBody;
  /** Fuel below which it returns at once. */
  readonly leastFuel: number;
}

/** Writes one graph as a WebAssembly function of the type `guestFunctionType`. */
export function emitFunction(graph: Graph, context: EmitContext): EmittedFunction {
  return new FunctionEmitter(graph, context).emit();
}

class FunctionEmitter implements FunctionParts {
  private readonly body: FunctionBody;
  private readonly planned = new Map<number, PlannedNode>();
  readonly analysis: Analysis;
  readonly use: SlotUse;
  readonly state: FunctionState;
  readonly pool: LocalPool;
  readonly values: ValueEmitter;
  private readonly float: FloatEmitter;
  private readonly calls: CallEmitter;
  private readonly jumps = new JumpEmitter(this);
  private readonly frames = new FrameEmitter(this);
  private readonly result: number;
  readonly keepsMode: boolean;
  readonly nothing: SlotSet;

  constructor(
    readonly graph: Graph,
    readonly context: EmitContext,
  ) {
    const { architecture, layout } = context;
    this.body = new FunctionBody(guestFunctionType(architecture).parameters.length);
    this.pool = new LocalPool(this.body, W.TypeI32);
    this.float = new FloatEmitter(this.pool);
    this.result = this.body.local(W.TypeI32);
    this.use = new SlotUse(architecture);
    this.analysis = analyse(graph, this.use);
    this.state = new FunctionState(
      this.body,
      architecture,
      layout,
      this.use,
      this.analysis,
      pendingInstructions(graph),
      longestPath(graph),
    );
    this.values = new ValueEmitter(this.body, this.pool, (slot) => this.state.slotLocal(slot));
    this.nothing = SlotSet.empty(this.use.count);
    const { modeSlots } = architecture;
    this.calls = new CallEmitter(this);
    // Constants in these slots have been taken into account by `lift`.
    this.keepsMode = modeSlots?.every((slot) => !this.analysis.computed.has(slot)) === true;
  }

  emit(): EmittedFunction {
    const { body, graph, state } = this;
    state.checkFuel(graph.pc, this.nothing);
    state.placeWindow();
    state.loadSlots(this.analysis.liveIn[0]);
    this.tree(0);
    state.exits.finish();
    return { body, leastFuel: state.longest };
  }

  // Structure: Ramsey, Beyond Relooper (ICFP 2022).

  /** A node and all that it dominates. */
  private tree(node: number): void {
    const { structure } = this.graph;
    const merges = structure.children[node].filter((child) => structure.isMerge[child] === 1);
    if (structure.isLoop[node] === 0) {
      this.within(node, merges);
      return;
    }
    this.state.open(W.Loop, node);
    this.within(node, merges);
    this.state.close();
    this.body.op(W.Unreachable);
  }

  /** The node inside of blocks whose ends are the merge nodes, the last in order outermost. */
  private within(node: number, merges: readonly number[]): void {
    for (let i = merges.length - 1; i >= 0; i--) this.state.open(W.Block, merges[i]);
    this.node(node);
    for (const merge of merges) {
      this.state.close();
      this.tree(merge);
    }
  }

  /** Goes from one node to another: jumps, or writes the node here when this is its only way in. */
  edge(from: number, to: number): void {
    const { body, state } = this;
    const { nodes, structure } = this.graph;
    const { pending } = state;
    const isBack = structure.position[to] <= structure.position[from];
    const out = restartsFuel(nodes[from]) ? 0 : pending[from] + nodes[from].count;
    state.takeFuel(out - pending[to]);
    // The head of a loop with several ways in has no address of its own.
    const { pc } = nodes[nodes[to].ending.kind === 'route' ? from : to];
    if (isBack) state.checkFuel(pc, this.analysis.dirtyIn[to]);
    else this.save(from, to);
    if (isBack || structure.isMerge[to] === 1) body.br(W.Br, state.depth(to));
    else this.tree(to);
  }

  /** On the way into a loop. */
  private save(from: number, to: number): void {
    const { state, analysis } = this;
    analysis.savedIn[to].forEach((slot) => {
      if (analysis.dirtyOut[from].has(slot)) state.storeSlot(slot, () => this.body.get(state.slotLocal(slot)));
    });
  }

  // Nodes.

  private node(number: number): void {
    const { ending } = this.graph.nodes[number];
    let planned = this.planned.get(number);
    if (planned === undefined) {
      planTree(number, this, this.planned);
      planned = this.planned.get(number);
      if (planned === undefined) throw new RangeError('a node without plan');
      this.values.reset();
    }
    const { plan, accesses, checks } = planned.access;
    const node = new NodeEmitter(this.state, this.values, number, plan);
    const memory = new MemoryEmitter(node, this.pool, this.context.oracle, checks);
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
    this.ending(node, ending, planned);
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

  private ending(node: NodeEmitter, ending: Ending, planned: PlannedNode): void {
    const { final } = planned;
    const { plan, number } = node;
    switch (ending.kind) {
      case 'goto':
      case 'branch':
        this.goOn(node, planned);
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
        this.calls.call(node, ending, final);
        break;
      case 'call-to':
        this.calls.callTo(node, ending, final);
        break;
      case 'jump-to':
        this.jumps.jumpTo(node, ending, final);
        break;
      case 'route':
        this.jumps.route(node, ending);
        break;
      case 'window-enter':
        this.frames.enter(node, ending);
        break;
      case 'window-leave':
        this.frames.leave(node, ending);
        break;
    }
  }

  private goOn({ number }: NodeEmitter, { condition, final, ways }: PlannedNode): void {
    const [first, second] = ways;
    if (second === undefined || condition === undefined) {
      this.assign(final);
      this.take(number, first);
      return;
    }
    // What both ways need is computed once.
    for (const { value } of first.writes.concat(second.writes)) if (value.uses > 1) this.values.prepare(value);
    this.values.push(condition);
    this.assign(final);
    this.state.open(W.If);
    this.values.way(() => this.take(number, first));
    this.body.op(W.Else);
    this.take(number, second);
    this.state.close();
    this.body.op(W.Unreachable);
  }

  private take(from: number, { to, writes }: Way): void {
    this.assign(writes);
    this.edge(from, to);
  }

  private poll(node: NodeEmitter, { pc }: EndingOf<'poll'>): void {
    const { plan, number } = node;
    node.prepareUsed(plan.end);
    this.state.loadWord(this.context.layout.poll);
    this.state.inside(W.If, () => {
      this.values.aside(() => node.exitAt(plan.end, pc, this.graph.nodes[number].count, ExitReason.Host));
    });
  }

  private action({ plan, number }: NodeEmitter, { call, next }: EndingOf<'helper'>, final: readonly Write[]): void {
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
    state.loadFuel();
    state.loadWord(context.layout.reason);
    state.inside(W.If, () => state.leave(() => body.i32(EXIT), 0));
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
    this.edge(number, next);
  }

  /** Puts values into slots' locals, all at once. */
  assign(writes: readonly Write[]): void {
    for (let i = 0; i < writes.length; i++) this.values.push(writes[i].value);
    for (let i = writes.length - 1; i >= 0; i--) this.body.set(this.state.slotLocal(writes[i].slot));
  }
}
