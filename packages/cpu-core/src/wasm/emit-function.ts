import type { Architecture } from '../architecture.js';
import { CONST_BASE, ExitKind, isConst, Op } from '../ir.js';
import { type Analysis, analyse, changesMode, isCall } from './analysis.js';
import {
  type Access,
  accessWidth,
  type Check,
  type DirectRange,
  isMemory,
  isStrict,
  type MemoryOracle,
  planAccesses,
} from './checks.js';
import { LocalPool, ValueEmitter } from './emit-value.js';
import { FunctionBody, W } from './encoder.js';
import type { Ending, Graph } from './graph.js';
import { CALL_CACHE_ENTRIES, EXIT, ExitReason, type StateLayout } from './layout.js';
import { type Effect, NodePlan } from './node-plan.js';
import { SlotUse } from './slots.js';
import { type Structure, structureOf, successors } from './structure.js';
import { isConstant, type Value } from './values.js';

/** How a guest call reaches its function. */
export type Callee =
  /** A function of the same module. */
  | { readonly kind: 'direct'; readonly index: number }
  /** A function table slot, which may not hold compiled code yet. */
  | { readonly kind: 'slot'; readonly slot: number }
  /** An address in a trap region. */
  | { readonly kind: 'host' };

/** What the emitter needs from its module and engine. */
export interface EmitContext {
  readonly architecture: Architecture;
  readonly layout: StateLayout;
  readonly oracle: MemoryOracle;
  callee(pc: number, mode: number): Callee;
  /** Indexes of imported functions. */
  readonly imports: {
    /** (pc) -> pc or EXIT: runs the host function there. */
    readonly host: number;
    /** (helper, a, b, c) -> result, for pure helpers. */
    readonly helper: number;
    /** As helper, for one that may stop or change state: everything is left when the reason word is not 0 behind it. */
    readonly action: number;
    /** (pc) -> 1 when the call cache holds it now. */
    readonly resolve: number;
    /** (slot) -> pc or EXIT: calls the function in a slot of the function table. */
    readonly link: number;
  };
}

/** Where control can be sent: labels that are open around the current place, innermost last. */
type Label = { readonly kind: 'loop' | 'block'; readonly node: number } | { readonly kind: 'other' };

/** Writes one graph as a WebAssembly function without parameters that returns the next pc, or EXIT. */
export function emitFunction(graph: Graph, context: EmitContext): FunctionBody {
  return new FunctionEmitter(graph, context).emit();
}

class FunctionEmitter {
  private readonly body = new FunctionBody(0);
  private readonly structure: Structure;
  private readonly analysis: Analysis;
  private readonly use: SlotUse;
  private readonly pool: LocalPool;
  private readonly values: ValueEmitter;
  private readonly slotLocals: Int32Array;
  private readonly fuel: number;
  /** Instructions completed but not yet taken from the fuel when a node starts. */
  private readonly pending: Int32Array;
  private readonly labels: Label[] = [];
  /** Set by an exit that shares the common end. */
  private readonly exitPc: number;
  private readonly exitDone: number;
  private readonly exitReason: number;
  private readonly result: number;
  private readonly returns: boolean;
  /** Most instructions between two looks at the fuel. */
  private readonly longest: number;
  private readonly state: number | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly context: EmitContext,
  ) {
    const { architecture } = context;
    const { body } = this;
    this.structure = structureOf(graph);
    this.use = new SlotUse(architecture);
    this.analysis = analyse(graph, this.structure, this.use);
    this.slotLocals = new Int32Array(this.use.count).fill(-1);
    this.pool = new LocalPool(body);
    this.values = new ValueEmitter(body, this.pool, (slot) => this.slotLocal(slot));
    this.fuel = body.local(W.TypeI32);
    this.exitPc = body.local(W.TypeI32);
    this.exitDone = body.local(W.TypeI32);
    this.exitReason = body.local(W.TypeI32);
    this.result = body.local(W.TypeI32);
    this.state = this.structure.isReducible ? undefined : body.local(W.TypeI32);
    this.pending = this.pendingInstructions();
    this.longest = longestPath(graph, this.structure);
    const { modeSlots } = architecture;
    this.returns = modeSlots !== undefined && !changesMode(graph, this.use, modeSlots);
  }

  emit(): FunctionBody {
    const { body, context, graph } = this;
    body.i32(0);
    body.memory(W.I32Load, context.layout.fuel, 2);
    body.set(this.fuel);
    body.open(W.Block);
    this.labels.push({ kind: 'other' });
    this.checkFuel(graph.pc, () => {});
    this.loadSlots(0);
    if (this.state === undefined) this.tree(0);
    else this.dispatcher(this.state);
    body.op(W.End);
    this.labels.pop();
    this.commonExit();
    return body;
  }

  /** The end of all exits: pc, reason and fuel go to the state. */
  private commonExit(): void {
    const { body, context } = this;
    const { pc, fuel, reason } = context.layout;
    body.i32(0);
    body.get(this.exitPc);
    body.memory(W.I32Store, pc, 2);
    body.i32(0);
    body.get(this.exitReason);
    body.memory(W.I32Store, reason, 2);
    body.i32(0);
    body.get(this.fuel);
    body.get(this.exitDone);
    body.op(W.I32Sub);
    body.memory(W.I32Store, fuel, 2);
    body.i32(EXIT);
  }

  // Structure: Ramsey, Beyond Relooper (ICFP 2022).

  /** A node and all that it dominates. */
  private tree(node: number): void {
    const { structure } = this;
    const merges = structure.children[node].filter((child) => structure.isMerge[child] === 1);
    if (structure.isLoop[node] === 0) return this.within(node, merges);
    this.body.open(W.Loop);
    this.labels.push({ kind: 'loop', node });
    this.within(node, merges);
    this.labels.pop();
    this.body.op(W.End);
    this.body.op(W.Unreachable);
  }

  /** The node inside of blocks whose ends are the merge nodes, the last in order outermost. */
  private within(node: number, merges: readonly number[]): void {
    for (let i = merges.length - 1; i >= 0; i--) {
      this.body.open(W.Block);
      this.labels.push({ kind: 'block', node: merges[i] });
    }
    this.node(node);
    for (const merge of merges) {
      this.labels.pop();
      this.body.op(W.End);
      this.tree(merge);
    }
  }

  /** Goes from one node to another: jumps, or writes the node here when this is its only way in. */
  private edge(from: number, to: number): void {
    const { structure, body } = this;
    const isBack = structure.position[to] <= structure.position[from];
    const out = isCall(this.graph.nodes[from]) ? 0 : this.pending[from] + this.graph.nodes[from].count;
    this.takeFuel(out - this.pending[to]);
    if (isBack) this.checkFuel(this.graph.nodes[to].pc, () => this.spillDirty(to));
    if (this.state !== undefined) {
      body.i32(structure.position[to]);
      body.set(this.state);
      body.br(
        W.Br,
        this.depth((label) => label.kind === 'loop'),
      );
    } else if (isBack) {
      body.br(
        W.Br,
        this.depth((label) => label.kind === 'loop' && label.node === to),
      );
    } else if (structure.isMerge[to] === 1) {
      body.br(
        W.Br,
        this.depth((label) => label.kind === 'block' && label.node === to),
      );
    } else {
      this.tree(to);
    }
  }

  private depth(matches: (label: Label) => boolean): number {
    for (let i = this.labels.length - 1; i >= 0; i--) if (matches(this.labels[i])) return this.labels.length - 1 - i;
    throw new RangeError('no such label');
  }

  /** For graphs with a loop that has several ways in: a loop around a table of all nodes. */
  private dispatcher(state: number): void {
    const { body, structure } = this;
    const { order } = structure;
    body.open(W.Loop);
    this.labels.push({ kind: 'loop', node: -1 });
    for (let i = order.length - 1; i >= 0; i--) {
      body.open(W.Block);
      this.labels.push({ kind: 'block', node: order[i] });
    }
    body.get(state);
    body.op(W.BrTable);
    body.code.u32(order.length - 1);
    for (let i = 0; i < order.length; i++) body.code.u32(i);
    for (const node of order) {
      this.labels.pop();
      body.op(W.End);
      this.node(node);
    }
    this.labels.pop();
    body.op(W.End);
    body.op(W.Unreachable);
  }

  // Nodes.

  private node(number: number): void {
    const node = this.graph.nodes[number];
    const plan = new NodePlan(this.context.architecture, node);
    this.pool.reset();
    const accesses = planAccesses(plan, this.context.oracle);
    const final = this.finalWrites(plan, number);
    this.countUses(plan, accesses, final, node.ending);
    for (let i = 0; i < plan.effects.length; i++) {
      const effect = plan.effects[i];
      const access = accesses[i];
      if (access?.kind === 'interpret') {
        this.exitAt(number, plan, effect.mark, effect.micro.pc, effect.micro.done, ExitReason.Memory);
        return;
      }
      this.checksAt(number, plan, accesses, i);
      if (access !== undefined) this.memoryEffect(number, plan, effect, access);
      else if (effect.micro.op === Op.Helper) this.pureHelper(number, plan, effect);
      else this.floatEffect(number, plan, effect);
    }
    this.ending(number, plan, final);
  }

  /** Slots whose locals change at the end of the node. */
  private finalWrites(plan: NodePlan, number: number): [number, Value][] {
    const { nodes } = this.graph;
    if (isCall(nodes[number])) {
      return [...plan.written(plan.end)].filter(
        ([slot]) => slot >= this.use.named && this.analysis.liveOut[number].has(slot),
      );
    }
    if (successors(nodes[number].ending).length === 0) return [];
    return [...plan.written(plan.end)].filter(([slot]) => this.analysis.liveOut[number].has(slot));
  }

  private countUses(
    plan: NodePlan,
    accesses: readonly (Access | undefined)[],
    final: readonly [number, Value][],
    ending: Ending,
  ): void {
    const seen = new Set<Value>();
    const useValue = (value: Value | undefined): void => {
      if (value === undefined) return;
      value.uses++;
      if (seen.has(value)) return;
      seen.add(value);
      useValue(value.a);
      useValue(value.b);
      useValue(value.c);
    };
    const checks = new Set<Check>();
    plan.effects.forEach((effect, i) => {
      const access = accesses[i];
      if (access?.kind === 'checked') {
        if (!checks.has(access.check)) useValue(effect.base);
        checks.add(access.check);
      } else if (access?.kind === 'ranges') {
        useValue(effect.base);
      } else if (access === undefined) {
        useValue(effect.base);
      }
      for (const value of effect.operands) useValue(value);
    });
    for (const [, value] of final) useValue(value);
    if (successors(ending).length === 0 || ending.kind === 'jump-to' || isCallEnding(ending)) {
      for (const [slot, value] of plan.written(plan.end)) if (slot < this.use.named) useValue(value);
    }
    this.use.readsOfEnding(ending, (slot) => useValue(plan.get(slot)));
  }

  /** The checks that stand before effect `at`, with one way out for all. */
  private checksAt(number: number, plan: NodePlan, accesses: readonly (Access | undefined)[], at: number): void {
    const checks = new Set<Check>();
    for (const access of accesses) if (access?.kind === 'checked' && access.check.at === at) checks.add(access.check);
    if (checks.size === 0) return;
    const { body } = this;
    const hoisted = at === plan.boundary;
    const { micro, mark } = plan.effects[at];
    const exitMark = hoisted ? plan.boundaryMark : mark;
    const pc = hoisted ? plan.boundaryPc : micro.pc;
    const done = hoisted ? plan.boundaryDone : micro.done;
    this.prepareUsed(plan, exitMark);
    this.guard(
      (fail) => {
        for (const check of checks) {
          const { range, min, max, aligned } = check;
          check.local = this.pool.take();
          this.values.push(check.base);
          this.addConstant(min);
          this.pushOutside(range, max - min, aligned, check.local);
          fail();
          this.toHost(range, check.local);
        }
      },
      () => this.exitAt(number, plan, exitMark, pc, done, ExitReason.Memory),
    );
  }

  private addConstant(value: number): void {
    if (value === 0) return;
    this.body.i32(value);
    this.body.op(W.I32Add);
  }

  /**
   * With a guest address on the stack: leaves it in `local` and pushes whether `bytes` bytes from there leave the range. For a range
   * with fixed bounds `local` gets the distance from its start.
   */
  private pushOutside(range: DirectRange, bytes: number, aligned: boolean, local: number): void {
    const { body } = this;
    if (range.isVolatile) {
      const guard = this.context.oracle.guard(range, bytes, aligned);
      body.tee(local);
      body.i32(0);
      body.memory(W.I32Load, guard, 2);
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
      body.i32(0);
      body.memory(W.I32Load, this.context.oracle.guard(range, bytes, aligned) + 4, 2);
      body.op(W.I32GeU);
    } else {
      const last = range.size - bytes;
      body.i32(aligned ? last >> 2 : last);
      body.op(W.I32GtU);
    }
  }

  /** Behind `pushOutside`: makes the local hold a number to which `hostOffset` is added in an access. */
  private toHost(range: DirectRange, local: number): void {
    if (!range.isVolatile) return;
    const { body } = this;
    body.get(local);
    this.addConstant((range.host - range.low) | 0);
    body.set(local);
  }

  /** Code with conditions that lead to a side path, and the side path. `fail` consumes a condition. */
  private guard(conditions: (fail: () => void) => void, otherwise: () => void): void {
    const { body } = this;
    body.open(W.Block);
    body.open(W.Block);
    this.labels.push({ kind: 'other' }, { kind: 'other' });
    conditions(() => body.br(W.BrIf, 0));
    body.br(W.Br, 1);
    this.labels.pop();
    body.op(W.End);
    this.values.aside(otherwise);
    this.labels.pop();
    body.op(W.End);
  }

  /** Values that the node needs anyway are computed before a side path that needs them too. */
  private prepareUsed(plan: NodePlan, mark: number): void {
    for (const [slot, value] of plan.written(mark)) {
      if (slot < this.use.named && value.uses > 0) this.values.prepare(value);
    }
  }

  private memoryEffect(number: number, plan: NodePlan, effect: Effect, access: Access): void {
    const { body } = this;
    const { micro } = effect;
    const width = accessWidth(micro.op);
    let pushAddress: () => void;
    let offset: number;
    if (access.kind === 'constant') {
      pushAddress = () => body.i32(0);
      offset = access.host;
    } else if (access.kind === 'checked') {
      const { check } = access;
      pushAddress = () => body.get(check.local);
      offset = (check.range.isVolatile ? 0 : check.range.host) + (effect.offset - check.min);
    } else if (access.kind === 'ranges') {
      const host = this.findRange(number, plan, effect, access.ranges);
      pushAddress = () => body.get(host);
      offset = 0;
    } else {
      return;
    }
    switch (micro.op) {
      case Op.LoadMany:
        effect.results.forEach((result, i) => {
          pushAddress();
          body.memory(W.I32Load, offset + 4 * i, 2);
          this.setResult(result);
        });
        return;
      case Op.StoreMany:
        effect.operands.forEach((value, i) => {
          pushAddress();
          this.values.push(value);
          body.memory(W.I32Store, offset + 4 * i, 2);
        });
        return;
      case Op.Store8:
      case Op.Store16:
      case Op.Store32:
        pushAddress();
        this.values.push(effect.operands[0]);
        body.memory(width === 1 ? W.I32Store8 : width === 2 ? W.I32Store16 : W.I32Store, offset, 0);
        return;
      default:
        pushAddress();
        body.memory(LOADS[micro.op], offset, 0);
        this.setResult(effect.results[0]);
    }
  }

  private setResult(result: Value): void {
    result.local = this.pool.take();
    this.body.set(result.local);
  }

  /** A local with the host address of an access that may lie in several ranges; leaves when it lies in none. */
  private findRange(number: number, plan: NodePlan, effect: Effect, ranges: readonly DirectRange[]): number {
    const { body } = this;
    const width = accessWidth(effect.micro.op);
    this.prepareUsed(plan, effect.mark);
    const address = this.pool.take();
    const host = this.pool.take();
    this.values.push(effect.base);
    if (effect.offset !== 0) {
      body.i32(effect.offset);
      body.op(W.I32Add);
    }
    body.set(address);
    body.open(W.Block);
    this.labels.push({ kind: 'other' });
    if (isStrict(effect) && width > 1) {
      body.open(W.Block);
      this.labels.push({ kind: 'other' });
      body.get(address);
      body.i32(width - 1);
      body.op(W.I32And);
      body.br(W.BrIf, 0);
    }
    for (const range of ranges) {
      body.get(address);
      this.pushOutside(range, width, false, host);
      body.op(W.I32Eqz);
      body.get(address);
      this.addConstant((range.host - range.low) | 0);
      body.set(host);
      body.br(W.BrIf, isStrict(effect) && width > 1 ? 1 : 0);
    }
    if (isStrict(effect) && width > 1) {
      this.labels.pop();
      body.op(W.End);
    }
    this.values.aside(() => {
      this.exitAt(number, plan, effect.mark, effect.micro.pc, effect.micro.done, ExitReason.Memory);
    });
    this.labels.pop();
    body.op(W.End);
    return host;
  }

  private floatEffect(number: number, plan: NodePlan, effect: Effect): void {
    const { body, values } = this;
    const { micro, operands } = effect;
    const float = this.context.architecture.float;
    if (float === undefined) throw new RangeError('float micro-op without a FloatUnit');
    const { mask, value } = float.plain;
    this.prepareUsed(plan, effect.mark);
    for (const operand of operands) values.prepare(operand);
    const result = this.pool.take();
    this.guard(
      (fail) => {
        values.push(effect.base);
        body.i32(mask);
        body.op(W.I32And);
        body.i32(value);
        body.op(W.I32Ne);
        fail();
        this.floatOperation(micro.op, operands, result, fail);
        // Zero, subnormal, infinite or no number.
        body.get(result);
        body.i32(0x7fff_ffff);
        body.op(W.I32And);
        body.i32(0x0080_0000);
        body.op(W.I32Sub);
        body.i32(0x7f00_0000);
        body.op(W.I32GeU);
        body.open(W.If);
        this.labels.push({ kind: 'other' });
        this.pushInexactZero(micro.op, operands, result);
        body.br(W.BrIf, 1);
        this.labels.pop();
        body.op(W.End);
      },
      () => this.exitAt(number, plan, effect.mark, micro.pc, micro.done, ExitReason.Float),
    );
    effect.results[0].local = result;
  }

  /** Computes into `result`; operands are in locals or constants. */
  private floatOperation(op: Op, operands: readonly Value[], result: number, fail: () => void): void {
    const { body, values } = this;
    const push32 = (value: Value) => {
      values.push(value);
      body.op(W.F32ReinterpretI32);
    };
    if (op === Op.FloatMulAdd || op === Op.FloatMulSub) {
      // The product is exact in 64 bits; rounding the sum twice is right unless it lies halfway between two results.
      const push64 = (value: Value) => {
        push32(value);
        body.op(W.F64PromoteF32);
      };
      const sum = this.sum64();
      push64(operands[2]);
      push64(operands[0]);
      push64(operands[1]);
      body.op(W.F64Mul);
      body.op(op === Op.FloatMulAdd ? W.F64Add : W.F64Sub);
      body.tee(sum);
      body.op(W.I64ReinterpretF64);
      body.op(W.I32WrapI64);
      body.i32(0x1fff_ffff);
      body.op(W.I32And);
      body.i32(0x1000_0000);
      body.op(W.I32Eq);
      fail();
      body.get(sum);
      body.op(W.F32DemoteF64);
    } else if (op === Op.FloatSqrt) {
      push32(operands[0]);
      body.op(W.F32Sqrt);
    } else {
      push32(operands[0]);
      push32(operands[1]);
      body.op(op === Op.FloatAdd ? W.F32Add : op === Op.FloatSub ? W.F32Sub : op === Op.FloatMul ? W.F32Mul : W.F32Div);
    }
    body.op(W.I32ReinterpretF32);
    body.set(result);
  }

  private sum64(): number {
    this.sumLocal ??= this.body.local(W.TypeF64);
    return this.sumLocal;
  }
  private sumLocal: number | undefined;

  /** For a result that is not a normal number: pushes 0 when it is an exact zero. */
  private pushInexactZero(op: Op, operands: readonly Value[], result: number): void {
    const { body, values } = this;
    const magnitude = (push: () => void) => {
      push();
      body.i32(1);
      body.op(W.I32Shl);
    };
    magnitude(() => body.get(result));
    switch (op) {
      case Op.FloatAdd:
      case Op.FloatSub:
      case Op.FloatSqrt:
        return;
      case Op.FloatMul:
        // result | (a and b both not 0)
        magnitude(() => values.push(operands[0]));
        body.op(W.I32Eqz);
        magnitude(() => values.push(operands[1]));
        body.op(W.I32Eqz);
        body.op(W.I32Or);
        body.op(W.I32Eqz);
        body.op(W.I32Or);
        return;
      case Op.FloatDiv:
        magnitude(() => values.push(operands[0]));
        body.op(W.I32Or);
        return;
      default:
        // The sum in 64 bits is zero only when it is exact.
        body.get(this.sum64());
        body.op(W.I64ReinterpretF64);
        body.op(W.I64Const);
        body.code.s32(1);
        body.op(W.I64Shl);
        body.op(W.I64Eqz);
        body.op(W.I32Eqz);
        body.op(W.I32Or);
    }
  }

  private pureHelper(number: number, plan: NodePlan, effect: Effect): void {
    const { body, context } = this;
    const { micro } = effect;
    for (const operand of effect.operands) this.values.prepare(operand);
    this.prepareUsed(plan, effect.mark);
    // The state is put into memory because the host's stack may end in the call.
    this.spill(number, plan.written(effect.mark));
    this.storeConstant(context.layout.pc, micro.pc);
    this.storeFuel(this.pending[number] + micro.done);
    body.i32(micro.detail);
    for (const operand of effect.operands) this.values.push(operand);
    body.call(context.imports.helper);
    this.setResult(effect.results[0]);
  }

  // Endings.

  private ending(number: number, plan: NodePlan, final: [number, Value][]): void {
    const { body } = this;
    const node = this.graph.nodes[number];
    const { ending } = node;
    const done = this.pending[number] + node.count;
    switch (ending.kind) {
      case 'goto':
        this.assign(final);
        return this.edge(number, ending.to);
      case 'branch': {
        const condition = plan.values.compare(ending.cc, plan.operand(ending.a), plan.operand(ending.b));
        if (isConstant(condition)) {
          this.assign(final);
          return this.edge(number, condition.detail !== 0 ? ending.then : ending.else);
        }
        this.values.push(condition);
        this.assign(final);
        this.body.open(W.If);
        this.labels.push({ kind: 'other' });
        this.edge(number, ending.then);
        this.body.op(W.Else);
        this.edge(number, ending.else);
        this.labels.pop();
        this.body.op(W.End);
        this.body.op(W.Unreachable);
        return;
      }
      case 'leave':
        return this.exitAt(number, plan, plan.end, ending.pc, node.count, ExitReason.Code);
      case 'interpret':
        return this.exitAt(number, plan, plan.end, ending.pc, ending.done, ExitReason.Interpret);
      case 'window-enter':
      case 'window-leave':
        return this.exitAt(number, plan, plan.end, ending.pc, ending.done, ExitReason.Interpret);
      case 'poll': {
        const { pc, next } = ending;
        this.prepareUsed(plan, plan.end);
        body.i32(0);
        body.memory(W.I32Load, this.context.layout.poll, 2);
        body.open(W.If);
        this.labels.push({ kind: 'other' });
        this.values.aside(() => this.exitAt(number, plan, plan.end, pc, node.count, ExitReason.Host));
        this.labels.pop();
        body.op(W.End);
        this.assign(final);
        return this.edge(number, next);
      }
      case 'helper':
        return this.action(number, plan, final, ending);
      case 'call':
        return this.call(number, plan, done, ending.target, ending.link, ending.next, ending.mode);
      case 'call-to':
        return this.callTo(number, plan, done, ending);
      case 'jump-to':
        return this.jumpTo(number, plan, final, done, ending);
    }
  }

  private action(number: number, plan: NodePlan, final: [number, Value][], ending: Ending & { kind: 'helper' }): void {
    const { body, context } = this;
    const { call, next } = ending;
    const operands = [plan.operand(call.a), plan.operand(call.b), plan.operand(call.c)];
    for (const operand of operands) this.values.prepare(operand);
    this.spill(number, plan.written(plan.end));
    this.storeConstant(context.layout.pc, call.pc);
    this.storeFuel(this.pending[number] + call.done);
    this.storeConstant(context.layout.reason, 0);
    const temporaries = final.filter(([slot]) => slot >= this.use.named);
    // The slot's word takes the result, or the result's local when it is a temporary.
    const isNamed = call.d < this.use.named;
    if (isNamed) body.i32(0);
    body.i32(call.detail);
    for (const operand of operands) this.values.push(operand);
    body.call(context.imports.action);
    if (isNamed) {
      body.set(this.result);
      this.reasonExit();
      body.get(this.result);
      body.memory(W.I32Store, call.d * 4, 2);
    } else {
      body.set(this.result);
      this.reasonExit();
    }
    this.assign(temporaries);
    if (!isNamed && this.analysis.liveIn[next].has(call.d)) {
      body.get(this.result);
      body.set(this.slotLocal(call.d));
    }
    this.loadSlots(next);
    this.loadFuel();
    this.edge(number, next);
  }

  /** Leaves when the host has written a reason. */
  private reasonExit(): void {
    const { body, context } = this;
    body.i32(0);
    body.memory(W.I32Load, context.layout.reason, 2);
    body.open(W.If);
    body.i32(EXIT);
    body.op(W.Return);
    body.op(W.End);
  }

  private call(
    number: number,
    plan: NodePlan,
    done: number,
    target: number,
    link: number,
    next: number,
    mode: number,
  ): void {
    const { body, context } = this;
    if (!this.returns || mode !== this.graph.mode) {
      return this.exitAt(number, plan, plan.end, target, this.graph.nodes[number].count, ExitReason.Code);
    }
    const callee = context.callee(target, mode);
    this.spill(number, plan.written(plan.end));
    this.storeConstant(context.layout.pc, target);
    this.storeFuel(done);
    if (callee.kind === 'direct') {
      body.call(callee.index);
    } else if (callee.kind === 'slot') {
      body.i32(callee.slot);
      body.call(context.imports.link);
    } else {
      body.i32(target);
      body.call(context.imports.host);
    }
    this.returned(number, link, next);
  }

  /** Behind a call, whose result is on the stack. */
  private returned(number: number, link: number, next: number): void {
    const { body } = this;
    body.tee(this.result);
    body.i32(link);
    body.op(W.I32Ne);
    body.open(W.If);
    body.get(this.result);
    body.op(W.Return);
    body.op(W.End);
    this.loadFuel();
    this.checkFuel(link, () => {});
    this.loadSlots(next);
    this.edge(number, next);
  }

  private callTo(number: number, plan: NodePlan, done: number, ending: Ending & { kind: 'call-to' }): void {
    const { body, context } = this;
    const target = plan.operand(ending.target);
    if (!this.returns || ending.mode !== this.graph.mode) return this.leaveTo(number, plan, done, target);
    this.values.prepare(target);
    this.spill(number, plan.written(plan.end));
    this.storeFuel(done);
    body.i32(0);
    this.values.push(target);
    body.memory(W.I32Store, context.layout.pc, 2);
    // Entry of the call cache: (pc >> 1) modulo its size.
    const entry = this.pool.take();
    this.values.push(target);
    body.i32(2);
    body.op(W.I32Shl);
    body.i32((CALL_CACHE_ENTRIES - 1) << 3);
    body.op(W.I32And);
    body.tee(entry);
    body.memory(W.I32Load, context.layout.callCache, 2);
    this.values.push(target);
    body.op(W.I32Eq);
    body.open(W.If, W.TypeI32);
    body.get(entry);
    body.memory(W.I32Load, context.layout.callCache + 4, 2);
    body.call(context.imports.link);
    body.op(W.Else);
    this.values.push(target);
    body.call(context.imports.resolve);
    body.op(W.End);
    this.returned(number, ending.link, ending.next);
  }

  private jumpTo(
    number: number,
    plan: NodePlan,
    final: [number, Value][],
    done: number,
    ending: Ending & { kind: 'jump-to' },
  ): void {
    const { body } = this;
    const target = plan.operand(ending.target);
    const { cases } = ending;
    if (cases.length > 0 && !isConstant(target)) {
      const targets = [...new Set(cases.map(({ to }) => to))];
      const odd = cases.some(({ pc }) => (pc & 1) !== 0);
      const lowest = Math.min(...cases.map(({ pc }) => pc));
      const highest = Math.max(...cases.map(({ pc }) => pc));
      const slots = odd ? highest - lowest : (highest - lowest) / 2;
      if (slots < 1024) {
        this.values.prepare(target);
        for (const [, value] of final) this.values.prepare(value);
        body.open(W.Block);
        this.labels.push({ kind: 'other' });
        for (let i = targets.length - 1; i >= 0; i--) {
          body.open(W.Block);
          this.labels.push({ kind: 'other' });
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
          this.labels.pop();
          body.op(W.End);
          this.assign(final);
          this.edge(number, to);
        }
        this.labels.pop();
        body.op(W.End);
      }
    }
    if (ending.exit === ExitKind.Return && this.returns && ending.mode === this.graph.mode) {
      this.spill(number, plan.written(plan.end));
      this.storeFuel(done);
      // A return to the sentinel's value must not find an old pc.
      body.i32(0);
      this.values.push(target);
      body.memory(W.I32Store, this.context.layout.pc, 2);
      this.values.push(target);
      body.op(W.Return);
      return;
    }
    this.leaveTo(number, plan, done, target);
  }

  /** Leaves everything for a computed address. */
  private leaveTo(number: number, plan: NodePlan, done: number, target: Value): void {
    const { body, context } = this;
    this.values.prepare(target);
    this.spill(number, plan.written(plan.end));
    this.storeFuel(done);
    this.storeConstant(context.layout.reason, ExitReason.Computed);
    body.i32(0);
    this.values.push(target);
    body.memory(W.I32Store, context.layout.pc, 2);
    body.i32(EXIT);
    body.op(W.Return);
  }

  /** Puts values into slots' locals, all at once. */
  private assign(writes: readonly [number, Value][]): void {
    for (const [, value] of writes) this.values.push(value);
    for (let i = writes.length - 1; i >= 0; i--) this.body.set(this.slotLocal(writes[i][0]));
  }

  // State, fuel and exits.

  private slotLocal(slot: number): number {
    if (this.slotLocals[slot] < 0) this.slotLocals[slot] = this.body.local(W.TypeI32);
    return this.slotLocals[slot];
  }

  /** Loads the named slots that a node expects in locals. */
  private loadSlots(node: number): void {
    this.analysis.liveIn[node].forEach((slot) => {
      if (slot >= this.use.named) return;
      this.body.i32(0);
      this.body.memory(W.I32Load, slot * 4, 2);
      this.body.set(this.slotLocal(slot));
    });
  }

  /** Stores all state that memory does not hold: what was dirty at the node's start and what `written` holds. */
  private spill(node: number, written: Map<number, Value>): void {
    const { body } = this;
    this.analysis.dirtyIn[node].forEach((slot) => {
      if (written.has(slot)) return;
      body.i32(0);
      body.get(this.slotLocal(slot));
      body.memory(W.I32Store, slot * 4, 2);
    });
    for (const [slot, value] of written) {
      if (slot >= this.use.named) continue;
      body.i32(0);
      this.values.push(value);
      body.memory(W.I32Store, slot * 4, 2);
    }
  }

  /** Stores the slots that are dirty at the start of `node`, from their locals. */
  private spillDirty(node: number): void {
    this.spill(node, new Map());
  }

  /** Leaves with the state at `mark`. */
  private exitAt(node: number, plan: NodePlan, mark: number, pc: number, done: number, reason: ExitReason): void {
    this.spill(node, plan.written(mark));
    this.leave(pc, this.pending[node] + done, reason);
  }

  /** Leaves; all slots are in memory. */
  private leave(pc: number, done: number, reason: ExitReason): void {
    const { body } = this;
    body.i32(pc);
    body.set(this.exitPc);
    body.i32(done);
    body.set(this.exitDone);
    body.i32(reason);
    body.set(this.exitReason);
    body.br(W.Br, this.labels.length - 1);
  }

  /** Leaves at `pc` when the fuel might not last until the next look. */
  private checkFuel(pc: number, spill: () => void): void {
    const { body } = this;
    body.get(this.fuel);
    body.i32(this.longest);
    body.op(W.I32LtS);
    body.open(W.If);
    this.labels.push({ kind: 'other' });
    spill();
    this.leave(pc, 0, ExitReason.Fuel);
    this.labels.pop();
    body.op(W.End);
  }

  private takeFuel(instructions: number): void {
    if (instructions === 0) return;
    const { body } = this;
    body.get(this.fuel);
    body.i32(instructions);
    body.op(W.I32Sub);
    body.set(this.fuel);
  }

  private storeFuel(done: number): void {
    const { body } = this;
    body.i32(0);
    body.get(this.fuel);
    if (done !== 0) {
      body.i32(done);
      body.op(W.I32Sub);
    }
    body.memory(W.I32Store, this.context.layout.fuel, 2);
  }

  private loadFuel(): void {
    this.body.i32(0);
    this.body.memory(W.I32Load, this.context.layout.fuel, 2);
    this.body.set(this.fuel);
  }

  private storeConstant(offset: number, value: number): void {
    this.body.i32(0);
    this.body.i32(value);
    this.body.memory(W.I32Store, offset, 2);
  }

  /**
   * The plan of fuel: what each node has pending at its start. It is 0 at the entry, behind calls and at loop heads; elsewhere
   * the most that any way in has, so that the longest way costs nothing.
   */
  private pendingInstructions(): Int32Array {
    const { nodes } = this.graph;
    const { order, position, predecessors, isLoop, isReducible } = this.structure;
    const pending = new Int32Array(nodes.length);
    if (!isReducible) return pending;
    for (const node of order) {
      if (isLoop[node] === 1) continue;
      let most = 0;
      for (const from of predecessors[node]) {
        if (position[from] >= position[node] || isCall(nodes[from])) continue;
        most = Math.max(most, pending[from] + nodes[from].count);
      }
      pending[node] = most;
    }
    return pending;
  }
}

const LOADS: { readonly [op: number]: W } = {
  [Op.Load8U]: W.I32Load8U,
  [Op.Load8S]: W.I32Load8S,
  [Op.Load16U]: W.I32Load16U,
  [Op.Load16S]: W.I32Load16S,
  [Op.Load32]: W.I32Load,
};

function isCallEnding(ending: Ending): boolean {
  return (
    ending.kind === 'call' || ending.kind === 'call-to' || ending.kind === 'helper' || ending.kind === 'window-enter'
  );
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
