import { CONST_BASE, isConst, Op } from '../ir.js';
import type { Graph, GraphNode } from './graph.js';
import { FlagBit, SlotSet, type SlotUse } from './slots.js';
import { type Structure, successors } from './structure.js';

/** What is known of the slots at the borders of each node. */
export interface Analysis {
  /** Slots whose local must hold their value when the node starts. */
  readonly liveIn: readonly SlotSet[];
  /** Slots whose local must be right when the node is left for a successor. */
  readonly liveOut: readonly SlotSet[];
  /** Named slots whose memory word may be older than their local when the node starts. */
  readonly dirtyIn: readonly SlotSet[];
  /** Flags known to be pending when the node starts (`FlagBit`), -1 when that depends on the way to it. */
  readonly pendingIn: Int32Array;
  /** How many of the first slots a call at the node's end leaves alone: those of the caller's register window. */
  readonly kept: Int32Array;
}

/** Endings that put all state into memory, and behind which locals are loaded anew. */
export function isCall(node: GraphNode): boolean {
  const { kind } = node.ending;
  return kind === 'call' || kind === 'call-to' || kind === 'helper' || kind === 'window-enter';
}

/** Endings behind which the fuel is what the host or another function left. */
export function restartsFuel(node: GraphNode): boolean {
  return isCall(node) && node.ending.kind !== 'window-enter';
}

/** Slots of a register window that a callee cannot reach: four times the caller's increment, when the node sets it. */
function keptSlots({ ops, ending }: GraphNode, increment: number | undefined): number {
  if (increment === undefined || (ending.kind !== 'call' && ending.kind !== 'call-to')) return 0;
  const last = ops.findLast(({ op, d }) => op === Op.Mov && d === increment);
  return last !== undefined && isConst(last.a) ? 4 * ((last.a - CONST_BASE) & 3) : 0;
}

/** Whether a micro-op may leave the compiled code. */
function mayExit(op: Op): boolean {
  return (op >= Op.Load8U && op <= Op.StoreMany) || (op >= Op.FloatAdd && op <= Op.FloatMulSub) || op === Op.Helper;
}

export function analyse(graph: Graph, structure: Structure, use: SlotUse, increment: number | undefined): Analysis {
  const { nodes } = graph;
  const { order, position } = structure;
  const sets = () => nodes.map(() => new SlotSet(use.count));
  const [read, written, killed, dirtyIn, dirtyOut] = [sets(), sets(), sets(), sets(), sets()];
  const [liveIn, liveOut] = [sets(), sets()];
  const exits = new Uint8Array(nodes.length);
  const kept = Int32Array.from(nodes, (node) => keptSlots(node, increment));

  for (const n of order) {
    const node = nodes[n];
    let conditional = false;
    for (const op of node.ops) {
      if (op.op === Op.When) conditional = true;
      else if (op.op === Op.End) conditional = false;
      use.reads(op, (slot) => {
        if (!written[n].has(slot) && !killed[n].has(slot)) read[n].add(slot);
      });
      if (!conditional) {
        use.kills(op, (slot) => {
          written[n].remove(slot);
          killed[n].add(slot);
        });
      }
      use.writes(op, (slot) => {
        // What is written under a condition keeps its old value otherwise.
        if (conditional && !written[n].has(slot) && !killed[n].has(slot)) read[n].add(slot);
        written[n].add(slot);
      });
      if (mayExit(op.op)) exits[n] = 1;
    }
    use.readsOfEnding(node.ending, (slot) => {
      if (!written[n].has(slot) && !killed[n].has(slot)) read[n].add(slot);
    });
    const next = successors(node.ending);
    if (next.length === 0 || isCall(node) || node.ending.kind === 'jump-to' || node.ending.kind === 'poll')
      exits[n] = 1;
    // The fuel is looked at on the way back to a loop's head.
    if (next.some((to) => position[to] <= position[n])) exits[n] = 1;
  }

  for (let changed = true; changed; ) {
    changed = false;
    for (const n of order) {
      const out = dirtyIn[n].copy();
      if (isCall(nodes[n])) out.words.fill(0);
      else {
        out.removeAll(killed[n]);
        written[n].forEach((slot) => {
          if (use.isStored(slot)) out.add(slot);
        });
      }
      dirtyOut[n] = out;
      for (const to of successors(nodes[n].ending)) if (dirtyIn[to].addAll(out)) changed = true;
    }
  }

  for (let changed = true; changed; ) {
    changed = false;
    for (let i = order.length - 1; i >= 0; i--) {
      const n = order[i];
      const next = successors(nodes[n].ending);
      for (const to of next) {
        liveOut[n].addAll(liveIn[to]);
        if (position[to] <= position[n]) liveOut[n].addAll(dirtyOut[n]);
      }
      const live = liveOut[n].copy();
      if (isCall(nodes[n])) {
        for (let slot = kept[n]; slot < use.count; slot++) if (use.isStored(slot)) live.remove(slot);
      }
      live.removeAll(written[n]);
      live.removeAll(killed[n]);
      live.addAll(read[n]);
      if (exits[n] === 1) live.addAll(dirtyIn[n]);
      if (liveIn[n].addAll(live)) changed = true;
    }
  }
  return { liveIn, liveOut, dirtyIn, kept, pendingIn: pendingFlags(graph, structure, use) };
}

/** Which flags are pending at the start of each node. */
function pendingFlags({ nodes }: Graph, { order, predecessors }: Structure, use: SlotUse): Int32Array {
  /** Not reached yet. */
  const UNSEEN = -2;
  const atStart = new Int32Array(nodes.length).fill(UNSEEN);
  const atEnd = new Int32Array(nodes.length).fill(UNSEEN);
  for (let changed = true; changed; ) {
    changed = false;
    for (const n of order) {
      let known = n === order[0] ? -1 : UNSEEN;
      for (const from of predecessors[n]) {
        const end = atEnd[from];
        if (end === UNSEEN) continue;
        known = known === UNSEEN || known === end ? end : -1;
      }
      const end = isCall(nodes[n]) ? -1 : pendingBehind(nodes[n], known, use);
      if (atStart[n] !== known || atEnd[n] !== end) changed = true;
      atStart[n] = known;
      atEnd[n] = end;
    }
  }
  return atStart;
}

/** Which flags are pending at the end of a node that starts with `known`. */
function pendingBehind({ ops }: GraphNode, known: number, use: SlotUse): number {
  let pending = known;
  let conditional = false;
  for (const op of ops) {
    if (op.op === Op.When || op.op === Op.End) {
      conditional = op.op === Op.When;
      continue;
    }
    let after = pending;
    if (op.op === Op.FlagsSub) after = FlagBit.All;
    else if (op.op === Op.FlagsAdd || op.op === Op.FlagsAdc || op.op === Op.FlagsSbc) after = 0;
    else if (pending >= 0) use.writes(op, (slot) => (after &= ~use.flagBit(slot)));
    pending = conditional && after !== pending ? -1 : after;
  }
  return pending;
}

/** Whether the graph writes a slot that decoding depends on, other than a constant that `lift` has taken into account. */
export function changesMode(graph: Graph, use: SlotUse, modeSlots: readonly number[]): boolean {
  for (const { ops } of graph.nodes) {
    for (const op of ops) {
      if (op.op === Op.Mov && isConst(op.a)) continue;
      let changes = false;
      use.writes(op, (slot) => {
        if (modeSlots.includes(slot)) changes = true;
      });
      if (changes) return true;
    }
  }
  return false;
}
