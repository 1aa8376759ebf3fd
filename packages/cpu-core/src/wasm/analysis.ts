import type { Graph, GraphNode } from './graph.js';
import { ALL_PENDING, CONDITIONAL, NodeEffects } from './node-effects.js';
import { FlagBit, SlotSet, type SlotUse, wordsFor } from './slots.js';
import type { Structure } from './structure.js';

/** What is known of the slots at the borders of each node. */
export interface Analysis {
  /** Slots whose local must hold their value when the node starts. */
  readonly liveIn: readonly SlotSet[];
  /** Slots whose local must be right when the node is left for a successor. */
  readonly liveOut: readonly SlotSet[];
  /** Named slots whose memory word may be older than their local when the node starts. */
  readonly dirtyIn: readonly SlotSet[];
  /** The same where the node is left for a successor. */
  readonly dirtyOut: readonly SlotSet[];
  /** Of a loop's head: slots that are put into memory on the way into the loop. A call in the loop would do it each time round. */
  readonly savedIn: readonly SlotSet[];
  /** Flags known to be pending when the node starts (`FlagBit`), -1 when that depends on the way to it. */
  readonly pendingIn: Int32Array;
  /** Slots that any node writes, other than by a constant. */
  readonly computed: SlotSet;
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

export function analyse(graph: Graph, use: SlotUse): Analysis {
  const { nodes, structure } = graph;
  const words = wordsFor(use.count);
  const effects = new NodeEffects(graph, use, words);
  const stored = storedSlots(use, words);
  const saved = new Uint32Array(nodes.length * words);
  let dirty = dirtySlots(graph, effects, stored, saved);
  if (findSaved(graph, effects, dirty, saved)) dirty = dirtySlots(graph, effects, stored, saved);
  const { liveIn, liveOut } = liveSlots(graph, effects, stored, dirty, saved);
  const sets = (all: Uint32Array) => nodes.map((_, n) => new SlotSet(all.subarray(n * words, (n + 1) * words)));
  return {
    liveIn: sets(liveIn),
    liveOut: sets(liveOut),
    dirtyIn: sets(dirty.dirtyIn),
    dirtyOut: sets(dirty.dirtyOut),
    savedIn: sets(saved),
    pendingIn: pendingFlags(structure, nodes, effects.flagSteps),
    computed: effects.computed,
  };
}

/** The set of slots that have a word in memory. */
function storedSlots(use: SlotUse, words: number): Uint32Array {
  const stored = new Uint32Array(words);
  for (let slot = 0; slot < use.count; slot++) if (use.isStored(slot)) stored[slot >> 5] |= 1 << (slot & 31);
  return stored;
}

/** Sets of slots by node. */
interface Dirty {
  readonly dirtyIn: Uint32Array;
  readonly dirtyOut: Uint32Array;
}

/** Forwards: which words in memory are older than their local. */
function dirtySlots(
  { nodes, structure }: Graph,
  { written, killed }: NodeEffects,
  stored: Uint32Array,
  saved: Uint32Array,
): Dirty {
  const words = stored.length;
  const { order, position, next } = structure;
  const dirtyIn = new Uint32Array(nodes.length * words);
  const dirtyOut = new Uint32Array(nodes.length * words);
  const isStale = new Uint8Array(nodes.length).fill(1);
  for (let again = true; again; ) {
    again = false;
    for (let i = 0; i < order.length; i++) {
      const n = order[i];
      if (isStale[n] === 0) continue;
      isStale[n] = 0;
      if (isCall(nodes[n])) continue;
      for (let word = 0, at = n * words; word < words; word++, at++) {
        const out = (dirtyIn[at] & ~killed[at]) | (written[at] & stored[word]);
        if (out === 0) continue;
        dirtyOut[at] = out;
        for (let j = 0; j < next[n].length; j++) {
          const to = next[n][j];
          const into = out & ~saved[to * words + word];
          if ((into & ~dirtyIn[to * words + word]) === 0) continue;
          dirtyIn[to * words + word] |= into;
          isStale[to] = 1;
          if (position[to] <= i) again = true;
        }
      }
    }
  }
  return { dirtyIn, dirtyOut };
}

/**
 * Finds the slots that are dirty when a loop is entered, and clean on each way back to its head: whichever way it goes, a call in the loop puts
 * them into memory. Whether there are any.
 */
function findSaved(
  { nodes, structure }: Graph,
  { killed }: NodeEffects,
  { dirtyIn, dirtyOut }: Dirty,
  saved: Uint32Array,
): boolean {
  const { order, position, predecessors, isLoop } = structure;
  if (!nodes.some(isCall)) return false;
  const words = saved.length / nodes.length;
  let found = false;
  for (let word = 0; word < words; word++) {
    // What a node makes meaningless is clean without having been stored.
    let others = 0;
    for (const n of order) others |= killed[n * words + word];
    for (const head of order) {
      if (isLoop[head] === 0) continue;
      let back = others;
      for (const from of predecessors[head]) {
        if (position[from] >= position[head]) back |= dirtyOut[from * words + word];
      }
      saved[head * words + word] = dirtyIn[head * words + word] & ~back;
      found ||= saved[head * words + word] !== 0;
    }
  }
  return found;
}

/** Backwards: which locals someone reads later. */
function liveSlots(
  { nodes, structure }: Graph,
  { read, written, killed, exits }: NodeEffects,
  stored: Uint32Array,
  { dirtyIn, dirtyOut }: Dirty,
  saved: Uint32Array,
): { readonly liveIn: Uint32Array; readonly liveOut: Uint32Array } {
  const words = stored.length;
  const { order, position, next, predecessors } = structure;
  const liveIn = new Uint32Array(nodes.length * words);
  const liveOut = new Uint32Array(nodes.length * words);
  const isStale = new Uint8Array(nodes.length).fill(1);
  for (let again = true; again; ) {
    again = false;
    for (let i = order.length - 1; i >= 0; i--) {
      const n = order[i];
      if (isStale[n] === 0) continue;
      isStale[n] = 0;
      const reloads = isCall(nodes[n]);
      let changed = false;
      for (let word = 0, at = n * words; word < words; word++, at++) {
        let out = 0;
        for (let j = 0; j < next[n].length; j++) {
          const to = next[n][j];
          out |= liveIn[to * words + word];
          out |= dirtyOut[at] & (position[to] <= i ? -1 : saved[to * words + word]);
        }
        liveOut[at] = out;
        // What has a word in memory is loaded behind a call.
        if (reloads) out &= ~stored[word];
        out = (out & ~written[at] & ~killed[at]) | read[at];
        if (exits[n] === 1) out |= dirtyIn[at];
        if ((out & ~liveIn[at]) === 0) continue;
        liveIn[at] = out;
        changed = true;
      }
      if (!changed) continue;
      for (let j = 0; j < predecessors[n].length; j++) {
        const from = predecessors[n][j];
        isStale[from] = 1;
        if (position[from] >= i) again = true;
      }
    }
  }
  return { liveIn, liveOut };
}

/** Which flags are pending at the start of each node. */
function pendingFlags(
  { order, predecessors }: Structure,
  nodes: readonly GraphNode[],
  steps: readonly (readonly number[])[],
): Int32Array {
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
      const end = isCall(nodes[n]) ? -1 : pendingBehind(steps[n], known);
      if (atStart[n] !== known || atEnd[n] !== end) changed = true;
      atStart[n] = known;
      atEnd[n] = end;
    }
  }
  return atStart;
}

/** Which flags are pending behind the steps when `known` are pending before. */
function pendingBehind(steps: readonly number[], known: number): number {
  let pending = known;
  for (const step of steps) {
    let after = pending;
    if ((step & ALL_PENDING) !== 0) after = FlagBit.All;
    else if ((step & FlagBit.All) === FlagBit.All) after = 0;
    else if (pending >= 0) after &= ~step;
    pending = (step & CONDITIONAL) !== 0 && after !== pending ? -1 : after;
  }
  return pending;
}
