import { isConst, Op } from '../ir.js';
import type { Ending, Graph, MicroOp } from './graph.js';
import { SlotSet, type SlotUse } from './slots.js';

/** Steps of `NodeEffects.flagSteps` beside sets of `FlagBit`. */
export const ALL_PENDING = 16;
export const CONDITIONAL = 32;

/** What each node does with the slots on its own: sets of `words` words each, by node. */
export class NodeEffects {
  /** Read before the node writes them. */
  readonly read: Uint32Array;
  readonly written: Uint32Array;
  /** Made meaningless. */
  readonly killed: Uint32Array;
  /** 1 for nodes that may leave the compiled code, or look at the fuel. */
  readonly exits: Uint8Array;
  /** What happens to pending flags, in order: the flags that are no longer pending, or `ALL_PENDING`; and `CONDITIONAL`. */
  readonly flagSteps: (readonly number[])[] = [];
  /** Slots that any node writes, other than by a constant. */
  readonly computed: SlotSet;

  private readonly slots: number[] = [];
  private first = 0;

  constructor(
    private readonly graph: Graph,
    private readonly use: SlotUse,
    private readonly words: number,
  ) {
    const { nodes, structure } = graph;
    this.read = new Uint32Array(nodes.length * words);
    this.written = new Uint32Array(nodes.length * words);
    this.killed = new Uint32Array(nodes.length * words);
    this.exits = new Uint8Array(nodes.length);
    this.computed = SlotSet.empty(use.count);
    // Copies of a node have the same micro-ops, but may end otherwise.
    const originals = new Map<readonly MicroOp[], number>();
    for (const number of structure.order) {
      const { ops } = nodes[number];
      const original = originals.get(ops);
      if (original === undefined) {
        originals.set(ops, number);
        this.takeOps(number, ops);
      } else this.copyOps(original, number);
    }
    for (const number of structure.order) this.takeEnding(number, nodes[number].ending);
  }

  private takeOps(number: number, ops: readonly MicroOp[]): void {
    const { use, slots } = this;
    const steps: number[] = [];
    this.first = number * this.words;
    let isConditional = false;
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i];
      if (op.op === Op.When) isConditional = true;
      else if (op.op === Op.End) isConditional = false;
      slots.length = 0;
      use.reads(op, slots);
      this.noteRead();
      if (op.op === Op.FlagsSub && !isConditional) this.kill(use.flags);
      slots.length = 0;
      use.writes(op, slots);
      // What is written under a condition keeps its old value otherwise.
      if (isConditional) this.noteRead();
      const step = this.noteWritten(op);
      if (step !== 0) steps.push(isConditional ? step | CONDITIONAL : step);
      if (mayExit(op.op)) this.exits[number] = 1;
    }
    this.flagSteps[number] = steps;
  }

  private takeEnding(number: number, ending: Ending): void {
    const { use, slots } = this;
    this.first = number * this.words;
    slots.length = 0;
    use.readsOfEnding(ending, slots);
    this.noteRead();
    if (leaves(ending) || this.goesBack(number)) this.exits[number] = 1;
  }

  private copyOps(from: number, to: number): void {
    const { words } = this;
    for (const sets of [this.read, this.written, this.killed]) {
      sets.copyWithin(to * words, from * words, (from + 1) * words);
    }
    this.exits[to] = this.exits[from];
    this.flagSteps[to] = this.flagSteps[from];
  }

  private noteRead(): void {
    const { slots, first, read, written, killed } = this;
    for (let i = 0; i < slots.length; i++) {
      const at = first + (slots[i] >> 5);
      read[at] |= (1 << (slots[i] & 31)) & ~written[at] & ~killed[at];
    }
  }

  private kill(slots: readonly number[]): void {
    for (let i = 0; i < slots.length; i++) {
      const at = this.first + (slots[i] >> 5);
      this.written[at] &= ~(1 << (slots[i] & 31));
      this.killed[at] |= 1 << (slots[i] & 31);
    }
  }

  /** Notes the written slots; returns what that does to pending flags. */
  private noteWritten(op: MicroOp): number {
    const { slots, first, written, use, computed } = this;
    const isComputed = op.op !== Op.Mov || !isConst(op.a);
    let flags = 0;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      written[first + (slot >> 5)] |= 1 << (slot & 31);
      flags |= use.flagBit(slot);
      if (isComputed) computed.add(slot);
    }
    return op.op === Op.FlagsSub ? ALL_PENDING : flags;
  }

  /** Whether a loop's head follows: the fuel is looked at on the way back to it. */
  private goesBack(number: number): boolean {
    const { next, position } = this.graph.structure;
    const to = next[number];
    for (let i = 0; i < to.length; i++) if (position[to[i]] <= position[number]) return true;
    return false;
  }
}

/** Whether an ending leaves the compiled code, or may do so. */
function leaves({ kind }: Ending): boolean {
  return kind !== 'goto' && kind !== 'branch' && kind !== 'route';
}

/** Whether a micro-op may leave the compiled code. */
function mayExit(op: Op): boolean {
  return (op >= Op.Load8U && op <= Op.StoreMany) || (op >= Op.FloatAdd && op <= Op.FloatMulSub) || op === Op.Helper;
}
