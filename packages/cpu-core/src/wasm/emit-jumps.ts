import { ExitKind, Op } from '../ir.js';
import type { EndingOf, FunctionParts } from './emit-context.js';
import { W } from './encoder.js';
import type { NodeEmitter } from './node-emitter.js';
import type { NodePlan, Write } from './node-plan.js';
import { isConstant, type Value } from './values.js';

/** Most places of a table. */
const MOST_PLACES = 1024;

/** Writes computed jumps: returns, tables of targets that were seen, and what leaves. */
export class JumpEmitter {
  constructor(private readonly parts: FunctionParts) {}

  jumpTo(node: NodeEmitter, ending: EndingOf<'jump-to'>, final: readonly Write[]): void {
    const { state } = this.parts;
    const { body } = state;
    const { plan, number } = node;
    const target = plan.operand(ending.target);
    if (!isConstant(target) && ending.cases.length > 0) this.jumpTable(node, ending, target, final);
    if (ending.exit !== ExitKind.Return || !this.parts.keepsMode || ending.mode !== this.parts.graph.mode) {
      node.leaveFor(target, ending.exit === ExitKind.Jump ? ending.pc : 0);
      return;
    }
    this.parts.values.prepare(target);
    state.spill(number, plan.written(plan.end), this.parts.values);
    // A return to the sentinel's value must not find an old pc.
    body.i32(0);
    this.parts.values.push(target);
    body.memory(W.I32Store, this.parts.context.layout.pc, 2);
    const done = state.pending[number] + this.parts.graph.nodes[number].count;
    state.leave(() => this.parts.values.push(target), done);
  }

  /** The head of a loop with several ways in. */
  route({ plan, number }: NodeEmitter, { targets }: EndingOf<'route'>): void {
    const { state, use, values } = this.parts;
    const { body } = state;
    for (const _ of targets) state.open(W.Block);
    values.push(plan.get(use.route));
    body.op(W.BrTable);
    body.u32(targets.length - 1);
    for (let i = 0; i < targets.length; i++) body.u32(i);
    for (const to of targets) {
      state.close();
      this.parts.edge(number, to);
    }
  }

  /** The targets that were seen at a computed jump, as a table; any other target goes on behind it. */
  private jumpTable(
    { number, plan }: NodeEmitter,
    { cases }: EndingOf<'jump-to'>,
    target: Value,
    final: readonly Write[],
  ): void {
    const { state, values } = this.parts;
    const { body } = state;
    const targets = [...new Set(cases.map(({ to }) => to))];
    const lowest = Math.min(...cases.map(({ pc }) => pc));
    const highest = Math.max(...cases.map(({ pc }) => pc));
    const isEven = cases.every(({ pc }) => (pc & 1) === 0);
    const entry = isEven ? tableEntry(plan, target) : undefined;
    const isByEntry = entry !== undefined && entry.origin <= lowest;
    const origin = isByEntry ? entry.origin : lowest;
    const shift = isEven ? 1 : 0;
    const places = ((highest - origin) >> shift) + 1;
    if (places > MOST_PLACES) return;
    if (!isByEntry) values.prepare(target);
    for (const { value } of final) values.prepare(value);
    state.inside(W.Block, () => {
      for (const _ of targets) state.open(W.Block);
      if (isByEntry) {
        values.push(entry.value);
      } else {
        values.push(target);
        body.i32(origin);
        body.op(W.I32Sub);
        if (isEven) {
          body.i32(1);
          body.op(W.I32Rotr);
        }
      }
      body.op(W.BrTable);
      body.u32(places);
      const table = new Int32Array(places + 1).fill(targets.length);
      for (const { pc, to } of cases) table[(pc - origin) >> shift] = targets.indexOf(to);
      for (const label of table) body.u32(label);
      for (const to of targets) {
        state.close();
        this.parts.assign(final);
        this.parts.edge(number, to);
      }
    });
  }
}

/** The halfword or byte that was loaded, when `target` is an address plus twice that. */
function tableEntry({ effects }: NodePlan, { op, a, b }: Value): { value: Value; origin: number } | undefined {
  if (op !== Op.Add || a?.op !== Op.Shl || b === undefined || !isConstant(b)) return undefined;
  const { a: value, b: by } = a;
  if (value === undefined || by === undefined || !isConstant(by) || by.detail !== 1) return undefined;
  const load = effects.find(({ results }) => results.includes(value));
  const isSmall = load !== undefined && (load.micro.op === Op.Load8U || load.micro.op === Op.Load16U);
  return isSmall ? { value, origin: b.detail >>> 0 } : undefined;
}
